// Single changes of the kernel's links, addresses and routes: see link.h.
#include "control/link.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/ethtool.h>
#include <linux/if_tun.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <netlink/route/addr.h>
#include <netlink/route/link.h>
#include <netlink/route/link/vlan.h>
#include <netlink/route/route.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "control/netlink.h"

static void name_request(struct ifreq *ifr, const char *ifname)
{
	*ifr = (struct ifreq){0};
	strncpy(ifr->ifr_name, ifname, IFNAMSIZ - 1);
}

static void write_sysctl(const char *family, const char *table, const char *ifname,
        const char *name, const char *value)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "/proc/sys/net/%s/%s/%s/%s", family, table, ifname, name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return; // a kernel without IPv6
	(void)!write(fd, value, strlen(value));
	close(fd);
}

// How a twin differs from other interfaces: its addresses are usable at once, since an appliance's
// address is its own; and an unanswered question for a neighbour is asked again after 100 ms, not
// after a second, since calls wait for it (the first one is easily lost when a port comes up).
static void tune(const char *ifname)
{
	static const char *const families[] = {"ipv4", "ipv6"};

	write_sysctl("ipv6", "conf", ifname, "accept_dad", "0");
	for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++) {
		write_sysctl(families[i], "neigh", ifname, "retrans_time_ms", "100");
		write_sysctl(families[i], "neigh", ifname, "mcast_solicit", "10");
	}
}

static int bring_up(const char *ifname, struct error *e)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), rc = -1;
	struct ifreq ifr;

	tune(ifname);
	name_request(&ifr, ifname);
	if (fd >= 0 && ioctl(fd, SIOCGIFFLAGS, &ifr) == 0) {
		ifr.ifr_flags = (short)(ifr.ifr_flags | IFF_UP);
		rc = ioctl(fd, SIOCSIFFLAGS, &ifr);
	}
	if (rc != 0)
		error_set(e, "%s: cannot bring it up: %s", ifname, strerror(errno));
	if (fd >= 0)
		close(fd);
	return rc;
}

// Is the interface that has the name a TAP? -1 no such interface.
static int is_tap(const char *ifname)
{
	struct ethtool_drvinfo d = {.cmd = ETHTOOL_GDRVINFO};
	struct ifreq ifr;
	int fd, rc;

	if (if_nametoindex(ifname) == 0)
		return -1;
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return 0;
	name_request(&ifr, ifname);
	ifr.ifr_data = (char *)&d;
	rc = ioctl(fd, SIOCETHTOOL, &ifr);
	close(fd);
	return rc == 0 && strcmp(d.driver, "tun") == 0;
}

int link_add_tap(const char *ifname, struct error *e)
{
	int there = is_tap(ifname), fd, saved;
	struct ifreq ifr;

	if (there == 0)
		return error_set(e, "%s: an interface of that name is there and is no TAP", ifname);
	if (there == 1)
		return bring_up(ifname, e);
	fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return error_set(e, "/dev/net/tun: %s", strerror(errno));
	name_request(&ifr, ifname);
	ifr.ifr_flags = IFF_TAP | IFF_NO_PI;
	if (ioctl(fd, TUNSETIFF, &ifr) != 0 || ioctl(fd, TUNSETPERSIST, 1) != 0) {
		saved = errno;
		close(fd);
		return error_set(e, "%s: cannot make the TAP: %s", ifname, strerror(saved));
	}
	close(fd);
	return bring_up(ifname, e);
}

int link_add_vlan(struct nl_sock *sk, const struct plan_item *i, struct error *e)
{
	struct rtnl_link *l = rtnl_link_vlan_alloc();
	int rc;

	if (l == NULL)
		return error_set(e, "out of memory");
	rtnl_link_set_name(l, i->ifname);
	rtnl_link_set_link(l, (int)if_nametoindex(i->parent));
	rtnl_link_vlan_set_id(l, i->vlan);
	rc = rtnl_link_add(sk, l, NLM_F_CREATE | NLM_F_EXCL);
	rtnl_link_put(l);
	if (rc != 0 && rc != -NLE_EXIST)
		return error_set(e, "%s: cannot make the VLAN interface: %s%s", i->ifname,
		        nl_geterror(rc),
		        rc == -NLE_OPNOTSUPP ? " (this kernel has no module 8021q)" : "");
	return bring_up(i->ifname, e);
}

int link_delete(struct nl_sock *sk, const char *ifname, struct error *e)
{
	struct rtnl_link *l;
	int rc;

	if (if_nametoindex(ifname) == 0)
		return 0;
	l = rtnl_link_alloc();
	if (l == NULL)
		return error_set(e, "out of memory");
	rtnl_link_set_name(l, ifname);
	rc = rtnl_link_delete(sk, l);
	rtnl_link_put(l);
	if (rc == 0 || rc == -NLE_NODEV || rc == -NLE_OBJ_NOTFOUND)
		return 0;
	return error_set(e, "%s: cannot remove it: %s", ifname, nl_geterror(rc));
}

int link_address(struct nl_sock *sk, const struct plan_item *i, bool add, struct error *e)
{
	struct rtnl_addr *a = rtnl_addr_alloc();
	struct nl_addr *local = netlink_addr(&i->addr, i->prefix_len);
	char what[96];
	int rc = -NLE_NOMEM;

	if (a != NULL && local != NULL) {
		rtnl_addr_set_ifindex(a, (int)if_nametoindex(i->ifname));
		rtnl_addr_set_local(a, local);
		if (i->addr.family == ADDR_IPV6 && add)
			rtnl_addr_set_flags(a, IFA_F_NODAD);
		rc = add ? rtnl_addr_add(sk, a, 0) : rtnl_addr_delete(sk, a, 0);
	}
	nl_addr_put(local);
	rtnl_addr_put(a);
	if (rc == 0 || (add && rc == -NLE_EXIST) ||
	        (!add && (rc == -NLE_NOADDR || rc == -NLE_NODEV || rc == -NLE_OBJ_NOTFOUND)))
		return 0;
	plan_describe(i, what, sizeof(what));
	return error_set(e, "%s: %s", what, nl_geterror(rc));
}

static struct rtnl_route *gateway_route(const struct plan_item *i)
{
	struct rtnl_route *r = rtnl_route_alloc();
	struct rtnl_nexthop *nh = rtnl_route_nh_alloc();
	struct nl_addr *dst = nl_addr_alloc(16),
	               *via = netlink_addr(&i->addr, i->addr.family == ADDR_IPV4 ? 32 : 128);

	if (r != NULL && nh != NULL && dst != NULL && via != NULL) {
		nl_addr_set_family(dst, nl_addr_get_family(via));
		nl_addr_set_prefixlen(dst, 0);
		rtnl_route_set_family(r, (uint8_t)nl_addr_get_family(via));
		rtnl_route_set_dst(r, dst);
		rtnl_route_set_table(r, RT_TABLE_MAIN);
		rtnl_route_set_scope(r, RT_SCOPE_UNIVERSE);
		rtnl_route_set_protocol(r, RTPROT_STATIC);
		rtnl_route_set_priority(r, i->metric);
		rtnl_route_nh_set_ifindex(nh, (int)if_nametoindex(i->ifname));
		rtnl_route_nh_set_gateway(nh, via);
		rtnl_route_add_nexthop(r, nh);
		nh = NULL; // the route's now
	} else {
		rtnl_route_put(r);
		r = NULL;
	}
	if (nh != NULL)
		rtnl_route_nh_free(nh);
	nl_addr_put(dst);
	nl_addr_put(via);
	return r;
}

int link_gateway(struct nl_sock *sk, const struct plan_item *i, bool add, struct error *e)
{
	struct rtnl_route *r = gateway_route(i);
	char what[96];
	int rc;

	if (r == NULL)
		return error_set(e, "out of memory");
	rc = add ? rtnl_route_add(sk, r, NLM_F_CREATE | NLM_F_APPEND) : rtnl_route_delete(sk, r, 0);
	rtnl_route_put(r);
	if (rc == 0 || (add && rc == -NLE_EXIST) ||
	        (!add && (rc == -NLE_OBJ_NOTFOUND || rc == -NLE_NODEV)))
		return 0;
	plan_describe(i, what, sizeof(what));
	return error_set(e, "%s: %s%s", what, nl_geterror(rc),
	        add ? " (is it in the network of one of the port's addresses?)" : "");
}
