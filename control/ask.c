// Neighbours the dataplane wants: see ask.h.
#include "control/ask.h"

#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <sys/socket.h>

#include "dataplane/base/log.h"

#define SECOND_NS 1000000000ull
#define AGAIN_NS (20 * SECOND_NS)  // before the kernel's base_reachable_time makes it stale
#define FORGET_NS (60 * SECOND_NS) // unresolved and unwanted for so long

// RTM_NEWNEIGH with NTF_USE: "somebody sends there". Gateways also with NTF_EXT_MANAGED
// (Linux 5.16; older kernels refuse the attribute and are asked without it).
static int kernel_ask(struct nl_sock *sk, const struct ask_row *r, bool managed)
{
	struct ndmsg nd = {
	        .ndm_family = r->addr.family == ADDR_IPV4 ? AF_INET : AF_INET6,
	        .ndm_ifindex = (int)r->ifindex,
	        .ndm_flags = NTF_USE,
	};
	struct nl_msg *m = nlmsg_alloc_simple(RTM_NEWNEIGH, NLM_F_CREATE);
	int rc = -NLE_NOMEM;

	if (m == NULL)
		return rc;
	if (nlmsg_append(m, &nd, sizeof(nd), NLMSG_ALIGNTO) == 0 &&
	        nla_put(m, NDA_DST, (int)addr_ip_len(&r->addr), r->addr.ip) == 0 &&
	        (!managed || nla_put_u32(m, NDA_FLAGS_EXT, NTF_EXT_MANAGED) == 0))
		return nl_send_sync(sk, m); // frees m
	nlmsg_free(m);
	return rc;
}

static void ask_now(struct ask *a, struct ask_row *r, uint64_t at_ns)
{
	int rc = kernel_ask(a->netlink, r, r->gateway);

	if (rc != 0 && r->gateway)
		rc = kernel_ask(a->netlink, r, false);
	if (rc != 0)
		log_debug("the kernel does not resolve a neighbour: %s", nl_geterror(rc));
	r->asked_ns = at_ns;
}

static struct ask_row *find(struct ask *a, uint32_t ifindex, const struct addr *addr)
{
	for (unsigned i = 0; i < a->n; i++)
		if (a->row[i].ifindex == ifindex && addr_eq_ip(&a->row[i].addr, addr))
			return &a->row[i];
	return NULL;
}

// A row for a new one; a full table gives the unresolved one nobody wanted for longest.
static struct ask_row *make_room(struct ask *a)
{
	struct ask_row *oldest = NULL;

	if (a->n < ASK_MAX)
		return &a->row[a->n++];
	for (unsigned i = 0; i < a->n; i++)
		if (a->row[i].resolved_ns < a->row[i].wanted_ns && !a->row[i].gateway &&
		        (oldest == NULL || a->row[i].wanted_ns < oldest->wanted_ns))
			oldest = &a->row[i];
	return oldest;
}

void ask_wanted(
        struct ask *a, uint32_t ifindex, const struct addr *addr, bool gateway, uint64_t at_ns)
{
	struct ask_row *r = find(a, ifindex, addr);

	if (r == NULL) {
		r = make_room(a);
		if (r == NULL) {
			a->refused++;
			return;
		}
		*r = (struct ask_row){.addr = *addr, .ifindex = ifindex};
		r->addr.port = 0;
	}
	r->wanted_ns = at_ns;
	if (r->asked_ns == 0 || gateway != r->gateway || at_ns - r->asked_ns >= SECOND_NS) {
		r->gateway = gateway || r->gateway;
		ask_now(a, r, at_ns);
	}
}

void ask_resolved(struct ask *a, uint32_t ifindex, const struct addr *addr, uint64_t at_ns)
{
	struct ask_row *r = find(a, ifindex, addr);

	if (r != NULL)
		r->resolved_ns = at_ns;
}

void ask_tick(struct ask *a, uint64_t at_ns)
{
	for (unsigned i = 0; i < a->n;) {
		struct ask_row *r = &a->row[i];
		uint64_t last = r->resolved_ns > r->wanted_ns ? r->resolved_ns : r->wanted_ns;

		if (at_ns - last > FORGET_NS) {
			*r = a->row[--a->n];
			continue;
		}
		if (at_ns - r->asked_ns >= AGAIN_NS)
			ask_now(a, r, at_ns);
		i++;
	}
}
