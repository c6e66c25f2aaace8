// response: dates.
#include "tests/unit/unit.h"

#include "dataplane/sip/response.h"

#include <time.h>

static struct str date(uint64_t unix_s, char *text, size_t room)
{
	struct writer out = {text, text + room, false};

	response_write_date(&out, unix_s);
	assert_false(out.full);
	return str_from(text, out.at);
}

static void dates(void **state)
{
	char text[64];

	(void)state;
	unit_str(date(0, text, sizeof(text)), "Date: Thu, 01 Jan 1970 00:00:00 GMT\r\n");
	unit_str(date(951782399, text, sizeof(text)), "Date: Mon, 28 Feb 2000 23:59:59 GMT\r\n");
	unit_str(date(951782400, text, sizeof(text)), "Date: Tue, 29 Feb 2000 00:00:00 GMT\r\n");
	unit_str(date(2147483648, text, sizeof(text)), "Date: Tue, 19 Jan 2038 03:14:08 GMT\r\n");
	unit_str(date(4923072000, text, sizeof(text)), "Date: Thu, 03 Jan 2126 00:00:00 GMT\r\n");
}

static void like_libc(void **state)
{
	char text[64], want[64];

	(void)state;
	for (uint64_t t = 0; t < 6000000000u; t += 86400 * 3 + 4321) {
		const time_t at = (time_t)t;
		struct tm tm;

		gmtime_r(&at, &tm);
		strftime(want, sizeof(want), "Date: %a, %d %b %Y %H:%M:%S GMT\r\n", &tm);
		unit_str(date(t, text, sizeof(text)), want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(dates), cmocka_unit_test(like_libc)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
