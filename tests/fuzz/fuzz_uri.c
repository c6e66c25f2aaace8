// Any bytes as a URI, as a name-addr and as parameters: what is accepted lies inside the input, is
// made of its own parts, and equals itself; parameters are the same by a look and by the grammar
// alone.
#include "dataplane/sip/nameaddr.h"
#include "dataplane/sip/uri.h"
#include "tests/fuzz/oracle.h"

static size_t inside(struct str view, struct str in)
{
	oracle(oracle_inside(view, in));
	return view.len;
}

static void check_params(struct str in, enum params_kind kind)
{
	struct params_iter it = params_start(in, kind), plain = it;
	struct param p, q;
	bool more;

	do {
		more = params_next(&it, &p);
		oracle(params_next_plain(&plain, &q) == more && it.bad == plain.bad);
		oracle(it.rest.p == plain.rest.p && it.rest.len == plain.rest.len);
		oracle(!more || (p.name.p == q.name.p && p.name.len == q.name.len &&
		                        p.value.p == q.value.p && p.value.len == q.value.len &&
		                        p.all.p == q.all.p && p.all.len == q.all.len));
	} while (more);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str in = {(const char *)data, size};
	struct uri u, again;
	struct nameaddr n;
	size_t len;

	check_params(in, PARAMS_HEADER);
	check_params(in, PARAMS_URI);
	if (nameaddr_parse(in, &n))
		oracle(inside(n.display, in) + inside(n.uri, in) + inside(n.params, in) <= size);
	if (!uri_parse(in, &u))
		return 0;
	for (size_t i = 0; i < size; i++)
		oracle(data[i] > ' ' && data[i] < 0x7f && memchr("<>\"", data[i], 3) == NULL);
	len = inside(u.userinfo, in) + (u.userinfo.p != NULL) + inside(u.hostport, in) +
	      inside(u.params, in) + inside(u.headers, in);
	if (u.scheme == URI_SIP || u.scheme == URI_SIPS)
		oracle(len + (u.scheme == URI_SIP ? 4 : 5) == size &&
		        inside(u.host, u.hostport) > 0);
	oracle(inside(u.user, in) <= size && inside(u.password, in) <= size);
	oracle(uri_parse(in, &again) && uri_eq(&u, &again));
	uri_transport(&u);
	return 0;
}
