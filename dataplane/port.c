// Ports: from the configuration's words to a started ethdev with one queue pair per worker. Errors
// say which port, which device, and what to do. Main lcore only.
#include "dataplane/port.h"

#include <limits.h>
#include <net/if.h>
#include <rte_dev.h>
#include <rte_ethdev.h>
#include <rte_pci.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "dataplane/base/log.h"
#include "dataplane/dataplane.h"

enum {
	PORT_DESCRIPTORS = 512,
	PORT_DEVARGS_MAX = 256,
	// net_af_packet joins a fanout group with PACKET_FANOUT_FLAG_DEFRAG: the kernel puts IPv4
	// fragments together before we see them, and a datagram larger than a ring frame would be
	// cut off. So frames are as large as the largest datagram reassembly takes (8 fragments of
	// 1500).
	PORT_AF_PACKET_FRAME = 16384,
	PORT_AF_PACKET_BLOCK = 65536,
	PORT_AF_PACKET_FRAMES = 512,
};

static const char *const port_pci_drivers[] = {
        "vfio-pci", "uio_pci_generic", "igb_uio", "mlx4_core", "mlx5_core", "mana", NULL};

// "0000:3b:00.1" of either form.
static bool port_pci_name(const char *device, char *name, size_t room)
{
	struct rte_pci_addr a;

	if (rte_pci_addr_parse(device, &a) != 0)
		return false;
	rte_pci_device_name(&a, name, room);
	return true;
}

bool port_is_pci(const char *device)
{
	char name[PCI_PRI_STR_SIZE + 1];

	return port_pci_name(device, name, sizeof(name));
}

// Value of key= in devargs.
static struct str port_devarg(const char *device, const char *key)
{
	struct str rest = str_of(device);
	const struct str k = str_of(key);

	for (;;) {
		rest = str_skip(rest, str_find(rest, ',') + 1);
		if (rest.len == 0)
			return STR_NONE;
		const struct str word = str_head(rest, str_find(rest, ','));
		if (word.len > k.len && str_eq(str_head(word, k.len), k) && word.p[k.len] == '=')
			return str_skip(word, k.len + 1);
	}
}

static bool port_is_af_packet(const char *device)
{
	return strncmp(device, "net_af_packet", strlen("net_af_packet")) == 0 ||
	       strncmp(device, "eth_af_packet", strlen("eth_af_packet")) == 0;
}

static int port_check_pci(const struct setup_port *sp, const char *name, struct error *e)
{
	char path[PATH_MAX], link[PATH_MAX];

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s", name);
	if (access(path, F_OK) != 0)
		return error_set(e,
		        "port %s: there is no PCI device %s; list them with dpdk-devbind.py -s",
		        sp->name, name);
	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/driver", name);
	const ssize_t n = readlink(path, link, sizeof(link) - 1);
	link[n > 0 ? n : 0] = '\0';
	const char *driver = strrchr(link, '/') != NULL ? strrchr(link, '/') + 1 : "no driver";
	for (const char *const *d = port_pci_drivers; *d != NULL; d++)
		if (strcmp(driver, *d) == 0)
			return 0;
	return error_set(e,
	        "port %s: %s is bound to %s, which DPDK can't use; bind it: modprobe vfio-pci; "
	        "dpdk-devbind.py -b vfio-pci %s",
	        sp->name, name, driver, name);
}

int port_check(const struct setup_port *sp, struct error *e)
{
	char name[PCI_PRI_STR_SIZE + 1], ifname[IFNAMSIZ];

	if (port_pci_name(sp->device, name, sizeof(name)))
		return port_check_pci(sp, name, e);
	const struct str iface = port_devarg(sp->device, "iface");
	// net_tap makes its interface itself
	if (iface.p == NULL || strncmp(sp->device, "net_tap", strlen("net_tap")) == 0)
		return 0;
	// not by /sys/class/net, which may show another network namespace's interfaces
	snprintf(ifname, sizeof(ifname), "%.*s", STR_ARG(iface));
	if (iface.len == 0 || iface.len >= IFNAMSIZ || if_nametoindex(ifname) == 0)
		return error_set(e,
		        "port %s: there is no kernel interface %.*s (device %s); see: ip link",
		        sp->name, STR_ARG(iface), sp->device);
	return 0;
}

size_t port_frame_room(const struct setup_port *sp)
{
	const size_t mtu = sp->mtu != 0 ? sp->mtu : 1500;
	uint64_t frame = mtu + RTE_ETHER_HDR_LEN + RTE_ETHER_CRC_LEN + 2 * RTE_VLAN_HLEN;

	if (port_is_af_packet(sp->device) &&
	        !str_decimal(port_devarg(sp->device, "framesz"), 32768, &frame))
		frame = PORT_AF_PACKET_FRAME;
	return frame;
}

// Devargs as the device gets them: what follows from the number of workers is filled in.
static void port_devargs(const struct setup_port *sp, unsigned n_queues, char *out, size_t room)
{
	int n = snprintf(out, room, "%s", sp->device);

	if (!port_is_af_packet(sp->device))
		return;
	if (port_devarg(sp->device, "qpairs").p == NULL)
		n += snprintf(out + n, room - (size_t)n, ",qpairs=%u", n_queues);
	if (port_devarg(sp->device, "framesz").p == NULL &&
	        port_devarg(sp->device, "blocksz").p == NULL &&
	        port_devarg(sp->device, "framecnt").p == NULL)
		snprintf(out + n, room - (size_t)n, ",blocksz=%d,framesz=%d,framecnt=%d",
		        PORT_AF_PACKET_BLOCK, PORT_AF_PACKET_FRAME, PORT_AF_PACKET_FRAMES);
}

// The ethdev of the device; virtual ones are made now.
static int port_probe(
        struct port *p, const struct setup_port *sp, unsigned n_queues, struct error *e)
{
	char args[PORT_DEVARGS_MAX], name[RTE_DEV_NAME_MAX_LEN];

	if (port_pci_name(sp->device, name, sizeof(name))) {
		if (rte_eth_dev_get_port_by_name(name, &p->id) != 0)
			return error_set(e,
			        "port %s: no DPDK driver took PCI device %s; is it a network card "
			        "that DPDK knows (dpdk-devbind.py -s)?",
			        sp->name, name);
		return 0;
	}
	port_devargs(sp, n_queues, args, sizeof(args));
	snprintf(name, sizeof(name), "%.*s",
	        STR_ARG(str_head(str_of(args), str_find(str_of(args), ','))));
	if (rte_eth_dev_get_port_by_name(name, &p->id) == 0)
		return error_set(
		        e, "port %s: device name %s is in use by another port", sp->name, name);
	const int failed = rte_dev_probe(args);
	if (failed != 0 || rte_eth_dev_get_port_by_name(name, &p->id) != 0)
		return error_set(e, "port %s: can't make device %s: %s; see the log of spry-dp",
		        sp->name, args,
		        failed != 0 ? strerror(-failed) : "it is no network device");
	return 0;
}

static void port_offloads(struct port *p, const struct rte_eth_dev_info *dev, unsigned n_queues,
        struct rte_eth_conf *conf)
{
	const uint64_t rx = RTE_ETH_RX_OFFLOAD_IPV4_CKSUM | RTE_ETH_RX_OFFLOAD_UDP_CKSUM;
	const uint64_t udp = RTE_ETH_RSS_NONFRAG_IPV4_UDP | RTE_ETH_RSS_NONFRAG_IPV6_UDP |
	                     RTE_ETH_RSS_IPV4 | RTE_ETH_RSS_IPV6 | RTE_ETH_RSS_FRAG_IPV4 |
	                     RTE_ETH_RSS_FRAG_IPV6;

	p->rx_checksum = (dev->rx_offload_capa & rx) == rx;
	if (p->rx_checksum)
		conf->rxmode.offloads |= rx;
	p->tx_ip_checksum = (dev->tx_offload_capa & RTE_ETH_TX_OFFLOAD_IPV4_CKSUM) != 0;
	if (p->tx_ip_checksum)
		conf->txmode.offloads |= RTE_ETH_TX_OFFLOAD_IPV4_CKSUM;
	p->tx_udp_checksum = (dev->tx_offload_capa & RTE_ETH_TX_OFFLOAD_UDP_CKSUM) != 0;
	if (p->tx_udp_checksum)
		conf->txmode.offloads |= RTE_ETH_TX_OFFLOAD_UDP_CKSUM;
	if (n_queues > 1 && (dev->flow_type_rss_offloads & udp) != 0) {
		conf->rxmode.mq_mode = RTE_ETH_MQ_RX_RSS;
		conf->rx_adv_conf.rss_conf.rss_hf = dev->flow_type_rss_offloads & udp;
		p->rss = (dev->flow_type_rss_offloads & RTE_ETH_RSS_NONFRAG_IPV4_UDP) != 0
		                 ? ROOT_RSS_PORTS
		                 : ROOT_RSS_ADDRESSES;
	}
}

static int port_queues(struct port *p, const struct setup_port *sp, struct rte_mempool **pools,
        unsigned n_queues, struct error *e)
{
	uint16_t rx = PORT_DESCRIPTORS, tx = PORT_DESCRIPTORS;
	int failed = rte_eth_dev_adjust_nb_rx_tx_desc(p->id, &rx, &tx);

	for (uint16_t q = 0; q < n_queues && failed == 0; q++) {
		const unsigned socket = rte_lcore_to_socket_id(q + 1u);

		failed = rte_eth_rx_queue_setup(p->id, q, rx, socket, NULL, pools[q]);
		if (failed == 0)
			failed = rte_eth_tx_queue_setup(p->id, q, tx, socket, NULL);
	}
	if (failed != 0)
		return error_set(e, "port %s: can't set up queues of %s: %s", sp->name, sp->device,
		        strerror(-failed));
	return 0;
}

// MTU of a kernel interface, 0 when it can't be had.
static unsigned port_kernel_mtu(struct str iface)
{
	const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq r = {0};

	snprintf(r.ifr_name, sizeof(r.ifr_name), "%.*s", STR_ARG(iface));
	const bool known = fd >= 0 && ioctl(fd, SIOCGIFMTU, &r) == 0;
	if (fd >= 0)
		close(fd);
	return known && r.ifr_mtu > 0 ? (unsigned)r.ifr_mtu : 0;
}

static int port_set_mtu(struct port *p, const struct setup_port *sp, struct error *e)
{
	const struct str iface = port_devarg(sp->device, "iface");

	if (sp->mtu != 0) {
		const int failed = rte_eth_dev_set_mtu(p->id, sp->mtu);
		if (failed != 0 && failed != -ENOTSUP)
			return error_set(e, "port %s: device %s can't have an MTU of %u: %s",
			        sp->name, sp->device, sp->mtu, strerror(-failed));
		p->mtu = sp->mtu;
		return 0;
	}
	if (rte_eth_dev_get_mtu(p->id, &p->mtu) != 0 || p->mtu == 0)
		p->mtu = RTE_ETHER_MTU;
	// Drivers on a kernel interface say 1500 whatever the interface has.
	const unsigned kernel = iface.len > 0 ? port_kernel_mtu(iface) : 0;
	if (kernel >= RTE_ETHER_MIN_MTU && kernel <= UINT16_MAX)
		p->mtu = (uint16_t)kernel;
	return 0;
}

int port_open(struct port *p, const struct setup_port *sp, struct rte_mempool **pools,
        unsigned n_queues, struct error *e)
{
	struct rte_eth_conf conf = {0};
	struct rte_eth_dev_info dev;
	struct rte_ether_addr mac;

	*p = (struct port){.id = RTE_MAX_ETHPORTS};
	snprintf(p->name, sizeof(p->name), "%s", sp->name);
	if (port_probe(p, sp, n_queues, e) < 0)
		return -1;
	int failed = rte_eth_dev_info_get(p->id, &dev);

	if (failed == 0 && (dev.max_rx_queues < n_queues || dev.max_tx_queues < n_queues))
		return error_set(e,
		        "port %s: %s has %u receive and %u send queues, the %u workers need one "
		        "of each; give it more, or fewer worker cores",
		        sp->name, sp->device, dev.max_rx_queues, dev.max_tx_queues, n_queues);
	if (failed == 0) {
		port_offloads(p, &dev, n_queues, &conf);
		failed =
		        rte_eth_dev_configure(p->id, (uint16_t)n_queues, (uint16_t)n_queues, &conf);
	}
	if (failed == 0)
		failed = rte_eth_macaddr_get(p->id, &mac);
	if (failed != 0)
		return error_set(e, "port %s: can't configure %s: %s", sp->name, sp->device,
		        strerror(-failed));
	memcpy(p->mac, mac.addr_bytes, sizeof(p->mac));
	if (port_set_mtu(p, sp, e) < 0 || port_queues(p, sp, pools, n_queues, e) < 0)
		return -1;
	if (sp->promiscuous && (failed = rte_eth_promiscuous_enable(p->id)) != 0)
		log_warning("port %s: %s has no promiscuous mode: %s", sp->name, sp->device,
		        strerror(-failed));
	return 0;
}

int port_start(struct port *p, struct error *e)
{
	const int failed = rte_eth_dev_start(p->id);

	if (failed != 0)
		return error_set(e, "port %s: does not start: %s", p->name, strerror(-failed));
	p->started = true;
	// IPv6 neighbour discovery of the twin; devices without it let multicast through anyway
	rte_eth_allmulticast_enable(p->id);
	return 0;
}

void port_close(struct port *p)
{
	if (p->started)
		rte_eth_dev_stop(p->id);
	if (rte_eth_dev_is_valid_port(p->id))
		rte_eth_dev_close(p->id);
	*p = (struct port){.id = RTE_MAX_ETHPORTS};
}

static void port_report_one(struct port *p, struct root_port *to, unsigned n_queues)
{
	struct rte_eth_link link = {0};
	struct rte_eth_stats stats = {0};
	struct rte_eth_dev_info dev;

	// Only a change is written: every worker reads that line for every message it sends.
	if (rte_eth_link_get_nowait(p->id, &link) == 0 &&
	        atomic_load(&p->link_up) != (link.link_status == RTE_ETH_LINK_UP))
		atomic_store(&p->link_up, link.link_status == RTE_ETH_LINK_UP);
	if (to == NULL)
		return;
	if (to->driver[0] == '\0' && rte_eth_dev_info_get(p->id, &dev) == 0)
		snprintf(to->driver, sizeof(to->driver), "%s", dev.driver_name);
	rte_eth_stats_get(p->id, &stats);
	memcpy(to->mac, p->mac, sizeof(to->mac));
	to->mtu = p->mtu;
	to->speed_mbps = link.link_speed == RTE_ETH_SPEED_NUM_UNKNOWN ? 0 : link.link_speed;
	to->link_up = link.link_status == RTE_ETH_LINK_UP;
	to->started = p->started;
	to->n_queues = (uint16_t)n_queues;
	to->rss = p->rss;
	to->missed = stats.imissed;
	to->errors = stats.ierrors;
	to->no_buffer = stats.rx_nombuf;
	to->rx_packets = stats.ipackets;
	to->tx_packets = stats.opackets;
	to->rx_bytes = stats.ibytes;
	to->tx_bytes = stats.obytes;
}

void port_report(struct dataplane *dp)
{
	struct root *root = dp->region.root;

	for (unsigned i = 0; i < dp->n_ports; i++)
		port_report_one(&dp->port[i], root != NULL ? &root->port[i] : NULL, dp->n_workers);
}
