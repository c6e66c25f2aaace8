#include "tests/unit/table/image.h"

#include "dataplane/table/domain.h"
#include "dataplane/table/setup.h"

static void *image_bytes(size_t *len)
{
	struct token_key key = {.epoch = 3, .usable = 1, .mac = {1, 2}};
	struct table_builder b;
	struct error e = {0};

	table_begin(&b, image_key);
	table_append(&b, TABLE_KEYS, &key, 1, sizeof(key));
	assert_int_equal(domain_add(&b, STR("example.com"), DOMAIN_FORWARD, 0, 0, &e), 0);
	domain_index(&b);
	void *image = table_finish(&b, ROOT_CONFIG, 42, len, &e);
	assert_non_null(image);
	return image;
}

static void what_was_built_is_read(void **state)
{
	struct table_view v;
	struct error e;
	size_t len;
	void *image = image_bytes(&len);

	(void)state;
	assert_int_equal(table_open(&v, image, len, ROOT_CONFIG, &e), 0);
	assert_int_equal(v.header->generation, 42);
	assert_int_equal(v.header->hash_key.k0, image_key.k0);
	assert_int_equal(v.count[TABLE_KEYS], 1);
	assert_int_equal(((const struct token_key *)v.rows[TABLE_KEYS])->epoch, 3);
	assert_int_equal(v.count[TABLE_LEGS], 0);
	assert_null(v.rows[TABLE_LEGS]);
	for (unsigned s = 0; s < TABLE_SECTIONS; s++)
		assert_int_equal((uintptr_t)v.rows[s] % 64, 0);
	assert_int_equal(table_open(&v, image, len, ROOT_NEXTHOP, &e), -1);
	assert_int_equal(table_open(&v, (char *)image + 8, len - 8, ROOT_CONFIG, &e), -1);
	free(image);
}

static void every_changed_byte_is_noticed(void **state)
{
	struct table_view v;
	struct error e;
	size_t len;
	uint8_t *image = image_bytes(&len);

	(void)state;
	for (size_t i = 0; i < len; i++) {
		image[i] ^= 0x10;
		assert_int_equal(table_open(&v, image, len, ROOT_CONFIG, &e), -1);
		image[i] ^= 0x10;
	}
	for (size_t cut = 0; cut < len; cut++)
		assert_int_equal(table_open(&v, image, cut, ROOT_CONFIG, &e), -1);
	assert_int_equal(table_open(&v, image, len, ROOT_CONFIG, &e), 0);
	free(image);
}

static uint64_t checksum(const void *image, size_t len)
{
	struct table_header h;
	struct hash_state s;

	memcpy(&h, image, sizeof(h));
	h.checksum = 0;
	hash_start_24(&s, (struct hash_key){0, 0});
	hash_add(&s, &h, sizeof(h));
	hash_add(&s, (const char *)image + sizeof(h), len - sizeof(h));
	return hash_end(&s);
}

static void sections_stay_inside(void **state)
{
	(void)state;
	for (unsigned damage = 0; damage < 6; damage++) {
		struct table_view v;
		struct error e = {0};
		size_t len;
		void *image = image_bytes(&len);
		struct table_header *h = image;

		if (damage == 0)
			h->section[TABLE_KEYS].offset = len;
		else if (damage == 1)
			h->section[TABLE_KEYS].offset = UINT64_MAX - 63;
		else if (damage == 2)
			h->section[TABLE_KEYS].count = UINT64_MAX / sizeof(struct token_key) + 2;
		else if (damage == 3)
			h->section[TABLE_KEYS].row = 1;
		else if (damage == 4)
			h->section[TABLE_KEYS].offset += 8;
		else
			h->section[TABLE_TEXT].count += 64;
		h->checksum = checksum(image, len);
		assert_int_equal(table_open(&v, image, len, ROOT_CONFIG, &e), -1);
		assert_non_null(strstr(e.text, "section"));
		free(image);
	}
}

static void wrong_rows_fail_at_the_end(void **state)
{
	struct table_builder b;
	struct error e;
	size_t len;

	(void)state;
	table_begin(&b, image_key);
	table_append(&b, TABLE_SETUP, NULL, 1, 7);
	assert_true(b.failed);
	assert_null(table_finish(&b, ROOT_CONFIG, 1, &len, &e));
	table_begin(&b, image_key);
	struct token_key key = {.epoch = 16};
	table_append(&b, TABLE_KEYS, &key, 1, sizeof(key));
	image_refused(&b, ROOT_CONFIG, "epoch");
	table_begin(&b, image_key);
	table_append(&b, TABLE_KEYS, NULL, TOKEN_KEYS_MAX + 1, sizeof(key));
	image_refused(&b, ROOT_CONFIG, "keys");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(what_was_built_is_read),
	        cmocka_unit_test(every_changed_byte_is_noticed),
	        cmocka_unit_test(sections_stay_inside),
	        cmocka_unit_test(wrong_rows_fail_at_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
