// status: reason phrases, and the class's phrase for the rest.
#include "tests/unit/unit.h"

#include "dataplane/sip/status.h"

static void phrases(void **state)
{
	(void)state;
	unit_str(status_reason(100), "Trying");
	unit_str(status_reason(404), "Not Found");
	unit_str(status_reason(483), "Too Many Hops");
	unit_str(status_reason(606), "Not Acceptable");
	unit_str(status_reason(299), "Success");
	unit_str(status_reason(499), "Client Error");
	unit_str(status_reason(699), "Global Failure");
	unit_str(status_reason(99), "Unknown");
	unit_str(status_reason(700), "Unknown");
	unit_str(status_reason(65535), "Unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(phrases)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
