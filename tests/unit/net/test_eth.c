// eth: headers with and without a tag, cut short, written.
#include "tests/unit/unit.h"
#include "tests/unit/net/frames.h"

#include "dataplane/net/eth.h"

static const uint8_t mac_a[6] = {2, 0, 0, 0, 0, 1}, mac_b[6] = {2, 0, 0, 0, 0, 2};

static void reads(void **state)
{
	struct frame f = {0};
	struct eth e;

	(void)state;
	frame_ethernet(&f, mac_a, mac_b, 0, 0x0800);
	assert_true(eth_parse(f.byte, f.len, &e));
	assert_memory_equal(e.dst, mac_a, 6);
	assert_memory_equal(e.src, mac_b, 6);
	assert_int_equal(e.type, ETH_IPV4);
	assert_int_equal(e.vlan, 0);
	assert_int_equal(e.header_len, 14);
	for (size_t n = 0; n < f.len; n++)
		assert_false(eth_parse(f.byte, n, &e));
}

static void reads_tags(void **state)
{
	struct frame f = {0}, priority = {0}, two = {0};
	struct eth e;

	(void)state;
	frame_ethernet(&f, mac_a, mac_b, 0xa064, 0x86dd); // priority 5, VLAN 100
	assert_true(eth_parse(f.byte, f.len, &e));
	assert_int_equal(e.type, ETH_IPV6);
	assert_int_equal(e.vlan, 100);
	assert_int_equal(e.header_len, 18);
	for (size_t n = 0; n < f.len; n++)
		assert_false(eth_parse(f.byte, n, &e));

	frame_ethernet(&priority, mac_a, mac_b, 0xe000, 0x0800);
	assert_true(eth_parse(priority.byte, priority.len, &e));
	assert_int_equal(e.vlan, 0);
	assert_int_equal(e.type, ETH_IPV4);

	frame_ethernet(&two, mac_a, mac_b, 7, 0x8100);
	frame_put16(&two, 8);
	frame_put16(&two, 0x0800);
	assert_true(eth_parse(two.byte, two.len, &e));
	assert_int_equal(e.type, ETH_8021Q);
}

static void writes(void **state)
{
	static const unsigned vlans[] = {0, 1, 100, 4094};

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		uint8_t room[ETH_HEADER_MAX + 1] = {0};
		uint8_t *end = room + ETH_HEADER_MAX;
		struct frame f = {0};

		frame_ethernet(&f, mac_a, mac_b, vlans[i], 0x86dd);
		uint8_t *p = eth_write(end, mac_a, mac_b, (uint16_t)vlans[i], ETH_IPV6);
		assert_int_equal(end - p, f.len);
		assert_memory_equal(p, f.byte, f.len);
		assert_int_equal(*end, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(reads),
	        cmocka_unit_test(reads_tags),
	        cmocka_unit_test(writes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
