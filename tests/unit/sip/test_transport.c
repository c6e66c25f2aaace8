// transport: names in any case, default ports.
#include "tests/unit/unit.h"

#include "dataplane/sip/transport.h"

static void names(void **state)
{
	(void)state;
	for (int i = TRANSPORT_UDP; i < TRANSPORT_OTHER; i++)
		assert_int_equal(transport_parse(transport_name((enum transport)i)), i);
	assert_int_equal(transport_parse(STR("udp")), TRANSPORT_UDP);
	assert_int_equal(transport_parse(STR("wSs")), TRANSPORT_WSS);
	assert_int_equal(transport_parse(STR("")), TRANSPORT_NONE);
	assert_int_equal(transport_parse(STR("UDP ")), TRANSPORT_OTHER);
	assert_int_equal(transport_parse(STR("TLS-SCTP")), TRANSPORT_OTHER);
}

static void ports(void **state)
{
	(void)state;
	assert_int_equal(transport_port(TRANSPORT_UDP), 5060);
	assert_int_equal(transport_port(TRANSPORT_TLS), 5061);
	assert_int_equal(transport_port(TRANSPORT_OTHER), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(names), cmocka_unit_test(ports)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
