// Kernel twins by TAP file descriptors of our own, carried by the main lcore. Not DPDK's net_tap:
// it raises a realtime signal for every frame, and closing it sets the link down, which makes the
// kernel drop the operator's routes. A persistent TAP whose descriptor is closed keeps address and
// routes and only loses its carrier until the next spry-dp comes.
#include "dataplane/twin.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <rte_mbuf.h>
#include <rte_ring.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "dataplane/base/log.h"
#include "dataplane/dataplane.h"
#include "dataplane/net/eth.h"

enum { TWIN_BURST = 64, TWIN_BUFFERS = 2048 - 1 };

struct twin_set {
	int epoll;
	unsigned n;
	int fd[SETUP_PORTS_MAX];
	size_t frame;  // bytes of the largest frame
	uint64_t lost; // frames a twin did not take (link down)
};

static int twin_ioctl(
        int fd, unsigned long request, struct ifreq *r, const char *what, struct error *e)
{
	if (ioctl(fd, request, r) == 0)
		return 0;
	return error_set(e, "kernel twin %s: can't %s: %s", r->ifr_name, what, strerror(errno));
}

// MAC and MTU of the port, unless it has them: a change would flush what the kernel learned.
static int twin_adapt(int control, struct ifreq *r, const struct port *p, struct error *e)
{
	if (twin_ioctl(control, SIOCGIFHWADDR, r, "read its MAC address", e) < 0)
		return -1;
	if (memcmp(r->ifr_hwaddr.sa_data, p->mac, 6) != 0) {
		r->ifr_hwaddr.sa_family = ARPHRD_ETHER;
		memcpy(r->ifr_hwaddr.sa_data, p->mac, 6);
		if (twin_ioctl(control, SIOCSIFHWADDR, r, "set its MAC address", e) < 0)
			return -1;
	}
	if (twin_ioctl(control, SIOCGIFMTU, r, "read its MTU", e) < 0)
		return -1;
	if (r->ifr_mtu == p->mtu)
		return 0;
	r->ifr_mtu = p->mtu;
	return twin_ioctl(control, SIOCSIFMTU, r, "set its MTU", e);
}

static int twin_open_one(struct twin_set *t, const struct port *p, int control, struct error *e)
{
	struct ifreq r = {.ifr_flags = IFF_TAP | IFF_NO_PI};
	const int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);

	snprintf(r.ifr_name, sizeof(r.ifr_name), "spry-%.10s", p->name);
	if (fd < 0)
		return error_set(e, "kernel twin %s: can't open /dev/net/tun: %s (modprobe tun?)",
		        r.ifr_name, strerror(errno));
	t->fd[t->n] = fd;
	struct epoll_event ev = {.events = EPOLLIN, .data.u32 = t->n++};

	if (ioctl(fd, TUNSETIFF, &r) != 0) {
		// one that control made is multi-queue or not, and must be opened as such
		r.ifr_flags = IFF_TAP | IFF_NO_PI | IFF_MULTI_QUEUE;
		if (twin_ioctl(fd, TUNSETIFF, &r, "attach", e) < 0)
			return -1;
	}
	ioctl(fd, TUNSETOFFLOAD, 0UL); // complete checksums, no frames over the MTU
	if (twin_adapt(control, &r, p, e) < 0)
		return -1;
	if (twin_ioctl(control, SIOCGIFFLAGS, &r, "read its flags", e) < 0)
		return -1;
	r.ifr_flags |= IFF_UP;
	if (twin_ioctl(control, SIOCSIFFLAGS, &r, "set it up", e) < 0)
		return -1;
	if (epoll_ctl(t->epoll, EPOLL_CTL_ADD, fd, &ev) != 0)
		return error_set(e, "kernel twin %s: epoll: %s", r.ifr_name, strerror(errno));
	return 0;
}

int twin_open(struct dataplane *dp, struct error *e)
{
	struct twin_set *t = calloc(1, sizeof(*t));
	const int control = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int failed = 0;

	dp->twins = t;
	if (t == NULL || control < 0 || (t->epoll = epoll_create1(EPOLL_CLOEXEC)) < 0)
		failed = error_set(e, "kernel twins: %s", strerror(errno));
	for (unsigned i = 0; i < dp->n_ports && failed == 0; i++)
		t->frame = RTE_MAX(t->frame, dp->port[i].mtu + (size_t)ETH_HEADER_MAX);
	if (failed == 0)
		dp->twin_pool = rte_pktmbuf_pool_create("twin", TWIN_BUFFERS, 128, 0,
		        (uint16_t)(RTE_PKTMBUF_HEADROOM + t->frame), SOCKET_ID_ANY);
	if (failed == 0 && dp->twin_pool == NULL)
		failed = error_set(e, "kernel twins: not enough packet memory");
	// a load generator has no kernel behind it
	const unsigned n = dp->setup.engine == SETUP_PROXY ? dp->n_ports : 0;
	for (unsigned i = 0; i < n && failed == 0; i++)
		failed = twin_open_one(t, &dp->port[i], control, e);
	if (control >= 0)
		close(control);
	return failed;
}

void twin_close(struct dataplane *dp)
{
	struct twin_set *t = dp->twins;

	if (t != NULL) {
		for (unsigned i = 0; i < t->n; i++)
			close(t->fd[i]);
		if (t->epoll > 0)
			close(t->epoll);
		free(t);
	}
	rte_mempool_free(dp->twin_pool);
	dp->twins = NULL;
	dp->twin_pool = NULL;
}

// From one twin to worker 0; stops at the bound or when its ring is full.
static unsigned twin_read(struct dataplane *dp, unsigned i)
{
	struct rte_ring *ring = dp->worker[0]->from_kernel;
	unsigned n;

	for (n = 0; n < TWIN_BURST; n++) {
		struct rte_mbuf *m = rte_ring_full(ring) ? NULL : rte_pktmbuf_alloc(dp->twin_pool);
		if (m == NULL)
			break;
		const ssize_t len =
		        read(dp->twins->fd[i], rte_pktmbuf_mtod(m, void *), dp->twins->frame);
		if (len < ETH_HEADER) {
			rte_pktmbuf_free(m);
			if (len < 0)
				break;
			continue;
		}
		m->data_len = (uint16_t)len;
		m->pkt_len = (uint32_t)len;
		m->port = (uint16_t)i;
		if (rte_ring_sp_enqueue(ring, m) != 0)
			rte_pktmbuf_free(m); // not reached: it had room
	}
	return n;
}

// From one worker to the twins.
static unsigned twin_write(struct dataplane *dp, struct worker *w)
{
	struct rte_mbuf *frame[TWIN_BURST];
	const unsigned n =
	        rte_ring_sc_dequeue_burst(w->to_kernel, (void **)frame, TWIN_BURST, NULL);

	for (unsigned i = 0; i < n; i++) {
		const struct rte_mbuf *m = frame[i];

		if (m->port < dp->twins->n &&
		        write(dp->twins->fd[m->port], rte_pktmbuf_mtod(m, const void *),
		                m->data_len) < 0)
			dp->twins->lost++;
	}
	rte_pktmbuf_free_bulk(frame, n);
	return n;
}

unsigned twin_turn(struct dataplane *dp, unsigned wait_us)
{
	struct epoll_event ev[SETUP_PORTS_MAX];
	const struct timespec wait = {.tv_nsec = (long)wait_us * 1000};
	unsigned carried = 0;

	for (unsigned i = 0; i < dp->n_workers; i++)
		carried += twin_write(dp, dp->worker[i]);
	const struct timespec now = {0};
	const int n = epoll_pwait2(
	        dp->twins->epoll, ev, SETUP_PORTS_MAX, carried > 0 ? &now : &wait, NULL);
	for (int i = 0; i < n; i++)
		carried += twin_read(dp, ev[i].data.u32);
	return carried;
}
