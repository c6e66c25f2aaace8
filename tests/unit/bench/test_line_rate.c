// Frames a second on Ethernet, against figures everybody knows.
#include "tools/bench/line_rate.h"

#include <math.h>

#include "tests/unit/unit.h"

static void the_well_known_ones(void **state)
{
	(void)state;
	// 64-byte frames with their check sequence
	assert_int_equal(lround(line_rate(10, 60)), 14880952);
	assert_int_equal(lround(line_rate(100, 60)), 148809524);
	// 1518
	assert_int_equal(lround(line_rate(10, 1514)), 812744);
}

static void short_frames_are_padded(void **state)
{
	(void)state;
	assert_true(line_rate(25, 10) == line_rate(25, 60));
	assert_true(line_rate(25, 61) < line_rate(25, 60));
}

// 600 bytes of SIP: 42 of headers, 24 of framing (PERFORMANCE §1: 1.88 M).
static void a_sip_message(void **state)
{
	(void)state;
	assert_in_range(lround(line_rate(10, 642) / 1e4), 187, 188);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(the_well_known_ones),
	        cmocka_unit_test(short_frames_are_padded),
	        cmocka_unit_test(a_sip_message),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
