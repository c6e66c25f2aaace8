// The row that says how to authenticate.
#include "dataplane/table/auth.h"
#include "tests/unit/table/image.h"

static const struct auth good = {.n_algorithms = 2,
        .algorithm = {DIGEST_SHA256, DIGEST_MD5},
        .lifetime_s = 300,
        .wrong_per_s = 1000};

static void it_comes_back(void **state)
{
	struct table_builder b;
	struct error e;

	(void)state;
	table_begin(&b, image_key);
	assert_int_equal(auth_set(&b, &good, STR("example.com"), &e), 0);
	assert_int_equal(auth_set(&b, &good, STR("example.com"), &e), -1);
	struct image image = image_of(&b, ROOT_CONFIG);
	assert_int_equal(auth_get(&image.view)->lifetime_s, 300);
	assert_int_equal(auth_get(&image.view)->algorithm[1], DIGEST_MD5);
	assert_true(str_eq(auth_realm(&image.view), STR("example.com")));
	image_free(&image);
	table_begin(&b, image_key);
	assert_int_equal(auth_set(&b, &good, STR_NONE, &e), 0);
	image = image_of(&b, ROOT_CONFIG);
	assert_int_equal(auth_realm(&image.view).len, 0);
	image_free(&image);
	table_begin(&b, image_key);
	image = image_of(&b, ROOT_CONFIG);
	assert_null(auth_get(&image.view));
	assert_int_equal(auth_realm(&image.view).len, 0);
	image_free(&image);
}

static void what_is_out_of_range_is_refused(void **state)
{
	struct error e;

	(void)state;
	for (unsigned fault = 0; fault < 8; fault++) {
		struct auth bad = good;
		struct table_builder b;

		if (fault == 0)
			bad.n_algorithms = 0;
		if (fault == 1)
			bad.n_algorithms = DIGEST_ALGORITHMS + 1;
		if (fault == 2)
			bad.algorithm[1] = DIGEST_ALGORITHMS;
		if (fault == 3)
			bad.lifetime_s = 0;
		if (fault == 4)
			bad.lifetime_s = AUTH_LIFETIME_MAX + 1;
		if (fault == 5)
			bad.realm_len = 2;
		if (fault == 6)
			bad.wrong_per_s = 0;
		if (fault == 7)
			bad.wrong_per_s = AUTH_WRONG_MAX + 1;
		table_begin(&b, image_key);
		if (fault != 5)
			assert_int_equal(auth_set(&b, &bad, STR_NONE, &e), -1);
		table_append(&b, TABLE_AUTH, &bad, 1, sizeof(bad));
		image_refused(&b, ROOT_CONFIG, "auth");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(it_comes_back),
	        cmocka_unit_test(what_is_out_of_range_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
