// What dpdk-testpmd prints, and talking to a program that has its prompt.
#include "tools/bench/testpmd.h"

#include <unistd.h>

#include "tests/unit/unit.h"

static const char stats[] =
        "  ######################## NIC statistics for port 0  ########################\r\n"
        "  RX-packets: 235264     RX-missed: 0          RX-bytes:  129395200\r\n"
        "  TX-packets: 235200     TX-errors: 0          TX-bytes:  129395200\r\n"
        "  ######################## NIC statistics for port 0  ########################\r\n"
        "  RX-packets: 776032     RX-missed: 0          RX-bytes:  426817600\r\n"
        "  TX-packets: 776000     TX-errors: 0          TX-bytes:  426817600\r\n"
        "testpmd> ";

static void numbers(void **state)
{
	(void)state;
	double n = -1;

	assert_true(testpmd_number(STR(stats), "TX-packets:", &n));
	assert_int_equal((long)n, 776000); // the last one
	assert_true(testpmd_number(STR(stats), "RX-missed:", &n));
	assert_int_equal((long)n, 0);
	assert_false(testpmd_number(STR(stats), "Tx-pps:", &n));
	assert_false(testpmd_number(STR("TX-packets: none"), "TX-packets:", &n));
	assert_false(testpmd_number(STR("TX-packets:"), "TX-packets:", &n));
	assert_false(testpmd_number(STR_NONE, "TX-packets:", &n));
	// it ends where the text ends, not where the digits do
	assert_true(testpmd_number(str_head(STR("TX-packets: 123456"), 15), "TX-packets:", &n));
	assert_int_equal((long)n, 123);
}

static void cost(void **state)
{
	(void)state;
	double ns = -1;

	assert_true(
	        testpmd_cost(STR("  CPU cycles/packet=122.50 (total cycles=7321596107 / total io "
	                         "packets=796320) at 2450 MHz Clock\r\n"),
	                &ns));
	assert_in_range((long)(ns * 1000), 49999, 50001);
	assert_false(testpmd_cost(STR("  CPU cycles/packet=122.50 (total"), &ns));
	assert_false(testpmd_cost(STR("  CPU cycles/packet=122.50 (x) at 0 MHz"), &ns));
	assert_false(testpmd_cost(STR(stats), &ns));
}

static void link_state(void **state)
{
	(void)state;
	assert_true(testpmd_link_up(STR("Link status: down\r\nLink status: up\r\n")));
	assert_false(testpmd_link_up(STR("Link status: up\r\nLink status: down\r\n")));
	assert_false(testpmd_link_up(STR("Link status: u")));
	assert_false(testpmd_link_up(STR_NONE));
}

static struct testpmd t;

static void talks(void **state)
{
	(void)state;
	static const char script[] = "printf 'boot\\ntestpmd> '\n"
	                             "while read -r line; do\n"
	                             "	[ \"$line\" != flood ] || seq 20000\n"
	                             "	[ \"$line\" != quit ] || exit 0\n"
	                             "	printf 'said %s: 5\\ntestpmd> ' \"$line\"\n"
	                             "done\n";
	static const char *const words[] = {"sh", "-c", script, NULL};
	const struct child_plan plan = {.argv = words, .core = -1, .talks = true};
	double n = 0;

	assert_int_equal(child_start(&t.child, &plan, NULL), 0);
	assert_true(testpmd_prompt(&t, 10));
	assert_true(testpmd_say(&t, "show it"));
	assert_true(testpmd_number((struct str){t.text, t.len}, "said show it:", &n));
	assert_int_equal((long)n, 5);
	// more than there is room for: the end is kept
	assert_true(testpmd_say(&t, "flood"));
	assert_true(testpmd_number((struct str){t.text, t.len}, "said flood:", &n));
	assert_false(testpmd_say(&t, "quit")); // no prompt any more
	child_end(&t.child, 1000);
	assert_int_equal(t.child.pid, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(numbers),
	        cmocka_unit_test(cost),
	        cmocka_unit_test(link_state),
	        cmocka_unit_test(talks),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
