// Users: what was added is found by name and realm, and nobody else is told apart by anything but
// a wrong hash.
#include "dataplane/table/user.h"
#include "tests/unit/table/image.h"

static const struct hash_key nobody = {5, 6};

static struct user_secret secret_of(unsigned i, uint8_t known)
{
	struct user_secret s = {.known = known};

	for (unsigned a = 0; a < DIGEST_ALGORITHMS; a++)
		memset(s.ha1[a], (int)(i * 3 + a + 1), digest_bytes((enum digest_algorithm)a));
	return s;
}

static struct str name_of(unsigned i, char *room)
{
	return (struct str){room, (size_t)sprintf(room, "user%u", i)};
}

static void all_are_found(void **state)
{
	enum { USERS = 3000 };
	struct table_builder b;
	uint8_t ha1[DIGEST_BYTES_MAX];
	struct error e;
	char room[32];

	(void)state;
	table_begin(&b, image_key);
	for (unsigned i = 0; i < USERS; i++) {
		struct user_secret s = secret_of(i % 80, (uint8_t)(i % 7 + 1));

		assert_int_equal(user_add(&b, name_of(i, room), STR("example.com"), &s, &e), 0);
		assert_int_equal(user_add(&b, name_of(i, room), STR("EXAMPLE.com"), &s, &e), 1);
	}
	struct image image = image_of(&b, ROOT_USERS);
	for (unsigned i = 0; i < USERS; i++) {
		struct user_secret s = secret_of(i % 80, (uint8_t)(i % 7 + 1));
		struct str who[2] = {name_of(i, room), STR("Example.COM")};

		for (unsigned a = 0; a < DIGEST_ALGORITHMS; a++) {
			bool known = (s.known & 1u << a) != 0;
			size_t len = digest_bytes((enum digest_algorithm)a);

			assert_int_equal(
			        user_ha1(&image.view, nobody, who, (enum digest_algorithm)a, ha1),
			        known);
			assert_int_equal(memcmp(ha1, s.ha1[a], len) == 0, known);
		}
	}
	assert_true(user_known(&image.view, STR("user0"), STR("example.com")));
	assert_false(user_known(&image.view, STR("User0"), STR("example.com")));
	assert_false(user_known(&image.view, STR("user0"), STR("example.org")));
	assert_false(user_known(&image.view, STR("user0e"), STR("xample.com")));
	image_free(&image);
}

// Whatever the key, each is in one place only and nobody else is found; the index grows as it must.
static void every_index_is_good(void **state)
{
	(void)state;
	for (unsigned users = 1; users < 400; users += 7) {
		const struct hash_key key = {users, 3};
		struct user_secret s = secret_of(users, 1);
		struct table_builder b;
		uint8_t ha1[DIGEST_BYTES_MAX];
		struct error e;
		char room[32];

		table_begin(&b, key);
		for (unsigned i = 0; i < users; i++)
			assert_int_equal(user_add(&b, name_of(i, room), STR("a"), &s, &e), 0);
		struct image image = image_of(&b, ROOT_USERS);
		for (unsigned i = 0; i < 2 * users; i++) {
			const struct str who[2] = {name_of(i, room), STR("A")};

			assert_int_equal(
			        user_ha1(&image.view, nobody, who, DIGEST_MD5, ha1), i < users);
			assert_int_equal(user_known(&image.view, who[0], who[1]), i < users);
		}
		image_free(&image);
	}
}

// With a table, without one, with an empty one.
static void nobody_gets_the_same_hash_each_time(void **state)
{
	struct str who[2] = {STR("mallory"), STR("example.com")};
	uint8_t first[DIGEST_BYTES_MAX], again[DIGEST_BYTES_MAX];
	struct user_secret s = secret_of(1, 7);
	struct table_builder b;
	struct error e;

	(void)state;
	assert_false(user_ha1(NULL, nobody, who, DIGEST_MD5, first));
	table_begin(&b, image_key);
	struct image empty = image_of(&b, ROOT_USERS);
	assert_false(user_ha1(&empty.view, nobody, who, DIGEST_MD5, again));
	assert_memory_equal(first, again, sizeof(first));
	table_begin(&b, image_key);
	assert_int_equal(user_add(&b, STR("alice"), STR("example.com"), &s, &e), 0);
	struct image one = image_of(&b, ROOT_USERS);
	assert_false(user_ha1(&one.view, nobody, who, DIGEST_MD5, again));
	assert_memory_equal(first, again, sizeof(first));
	assert_false(user_ha1(&one.view, (struct hash_key){5, 7}, who, DIGEST_MD5, again));
	assert_memory_not_equal(first, again, sizeof(first));
	image_free(&empty);
	image_free(&one);
}

static void damage_is_refused(void **state)
{
	struct user_secret s = secret_of(1, 7);
	struct error e;

	(void)state;
	for (unsigned fault = 0; fault < 6; fault++) {
		struct table_builder b;

		table_begin(&b, image_key);
		assert_int_equal(user_add(&b, STR("alice"), STR("example.com"), &s, &e), 0);
		struct user *u = b.section[TABLE_USERS].rows;
		const struct user twice = *u;
		if (fault == 0)
			u->ha1 = 1; // its last hash would end behind the section
		if (fault == 1)
			u->known = 8;
		if (fault == 2)
			u->known = 0;
		struct user_bucket *bucket = b.section[TABLE_USER_INDEX].rows;
		const unsigned at = bucket[0].row[0] != 0 ? 0 : 1;
		if (fault == 3)
			bucket[at].row[0] = 2;
		if (fault == 4)
			b.section[TABLE_USER_INDEX].count = 0;
		if (fault == 5) { // two with one tag: which of them is it?
			bucket[at].tag[1] = bucket[at].tag[0];
			bucket[at].row[1] = 1;
			table_append(&b, TABLE_USERS, &twice, 1, sizeof(twice));
		}
		image_refused(&b, ROOT_USERS, "users");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(all_are_found),
	        cmocka_unit_test(every_index_is_good),
	        cmocka_unit_test(nobody_gets_the_same_hash_each_time),
	        cmocka_unit_test(damage_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
