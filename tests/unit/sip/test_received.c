// received: what a Via becomes, whether its parameters stand together, apart or not at all.
#include "dataplane/sip/received.h"
#include "tests/unit/sip/view.h"

static const struct {
	const char *via, *want; // of a packet from 192.0.2.9:40000; NULL = as it is
} rows[] = {
        {"SIP/2.0/UDP 192.0.2.9", NULL},
        {"SIP/2.0/UDP 192.0.2.9:5070;branch=b", NULL},
        {"SIP/2.0/UDP 192.0.2.8;branch=b", "SIP/2.0/UDP 192.0.2.8;branch=b;received=192.0.2.9"},
        {"SIP/2.0/UDP host", "SIP/2.0/UDP host;received=192.0.2.9"},
        {"SIP/2.0/UDP h;received=1.2.3.4;branch=b", "SIP/2.0/UDP h;received=192.0.2.9;branch=b"},
        {"SIP/2.0/UDP 192.0.2.9;received=1.2.3.4", "SIP/2.0/UDP 192.0.2.9;received=192.0.2.9"},
        {"SIP/2.0/UDP h;branch=b;rport", "SIP/2.0/UDP h;branch=b;rport=40000;received=192.0.2.9"},
        {"SIP/2.0/UDP h;rport=5;branch=b", "SIP/2.0/UDP h;rport=40000;branch=b;received=192.0.2.9"},
        {"SIP/2.0/UDP h;rport;received=1.1.1.1;x",
                "SIP/2.0/UDP h;rport=40000;received=192.0.2.9;x"},
        {"SIP/2.0/UDP h;received=1.1.1.1;rport", "SIP/2.0/UDP h;received=192.0.2.9;rport=40000"},
        {"SIP/2.0/UDP h;received=1.1.1.1;x;rport=1;y",
                "SIP/2.0/UDP h;received=192.0.2.9;x;rport=40000;y"},
        {"SIP/2.0/UDP 192.0.2.9;rport;branch=b ; x",
                "SIP/2.0/UDP 192.0.2.9;rport=40000;branch=b ; x;received=192.0.2.9"},
};

static void tells_the_source(void **state)
{
	static struct edit_list l;
	struct addr src;
	char out[256];

	(void)state;
	assert_true(addr_parse(STR("192.0.2.9:40000"), &src));
	for (size_t i = 0; i < unit_rows(rows); i++) {
		const struct str value = view_at_edge(0, str_of(rows[i].via));
		struct via v;

		assert_true(via_parse(value, &v));
		edit_start(&l);
		received_edit(&l, value.p, &v, &src);
		const size_t n = edit_apply(&l, value, out, sizeof(out));
		unit_str(((struct str){out, n}), rows[i].want != NULL ? rows[i].want : rows[i].via);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(tells_the_source),
	};

	return cmocka_run_group_tests_name("received", tests, NULL, NULL);
}
