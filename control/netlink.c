// A libnl route socket, and addresses to and from libnl: see netlink.h.
#include "control/netlink.h"

#include <netlink/addr.h>
#include <sys/socket.h>

struct nl_sock *netlink_open(struct error *e)
{
	struct nl_sock *sk = nl_socket_alloc();
	int rc;

	if (sk == NULL) {
		error_set(e, "out of memory");
		return NULL;
	}
	rc = nl_connect(sk, NETLINK_ROUTE);
	if (rc != 0) {
		error_set(e, "rtnetlink: %s", nl_geterror(rc));
		nl_socket_free(sk);
		return NULL;
	}
	return sk;
}

struct nl_addr *netlink_addr(const struct addr *a, unsigned prefix_len)
{
	struct nl_addr *out =
	        nl_addr_build(a->family == ADDR_IPV4 ? AF_INET : AF_INET6, a->ip, addr_ip_len(a));

	if (out != NULL)
		nl_addr_set_prefixlen(out, (int)prefix_len);
	return out;
}

bool netlink_addr_get(const struct nl_addr *a, struct addr *out)
{
	int family = nl_addr_get_family(a);
	unsigned len = nl_addr_get_len(a);

	if (family != AF_INET && family != AF_INET6)
		return false;
	*out = (struct addr){.family = family == AF_INET ? ADDR_IPV4 : ADDR_IPV6};
	if (len > addr_ip_len(out))
		return false;
	memcpy(out->ip, nl_addr_get_binary_addr(a), len);
	return true;
}
