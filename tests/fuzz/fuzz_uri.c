// Any bytes as a URI and as a name-addr: what is accepted lies inside the input, is made of its own
// parts, and equals itself.
#include "dataplane/sip/nameaddr.h"
#include "dataplane/sip/uri.h"
#include "tests/fuzz/oracle.h"

static size_t inside(struct str view, struct str in)
{
	oracle(oracle_inside(view, in));
	return view.len;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str in = {(const char *)data, size};
	struct uri u, again;
	struct nameaddr n;
	size_t len;

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
