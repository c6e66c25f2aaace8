#include "tests/unit/table/image.h"

#include "dataplane/base/now.h"
#include "dataplane/table/domain.h"

static void add(struct table_builder *b, const char *name, uint16_t status)
{
	struct error e;

	if (domain_add(b, str_of(name), DOMAIN_REJECT, 0, status, &e) != 0)
		fail_msg("%s: %s", name, e.text);
}

static void names_and_wildcards(void **state)
{
	static const struct {
		const char *host;
		uint16_t status; // 0 = no row
	} row[] = {
	        {"example.com", 401},
	        {"EXAMPLE.Com", 401},
	        {"example.com.", 401},
	        {"example.com..", 0},
	        {"www.example.com", 402},
	        {"a.b.example.com", 402},
	        {"a.voip.example.com", 403},
	        {"voip.example.com", 402},
	        {"special.voip.example.com", 404},
	        {".example.com", 0}, // no label below
	        {"xexample.com", 0},
	        {"com", 0},
	        {"example.org", 0},
	        {"sub.example.org", 405},
	        {"*.example.org", 405},
	        {"192.0.2.1", 406},
	        {"", 0},
	        {".", 0},
	        {"..", 0},
	};
	struct table_builder b;

	(void)state;
	table_begin(&b, image_key);
	add(&b, "Example.COM", 401);
	add(&b, "*.example.com", 402);
	add(&b, "*.voip.example.com", 403);
	add(&b, "special.voip.example.com.", 404);
	add(&b, "*.example.org", 405);
	add(&b, "192.0.2.1", 406);
	domain_index(&b);
	struct image image = image_of(&b, ROOT_CONFIG);
	for (unsigned i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		const struct domain *d = domain_lookup(&image.view, str_of(row[i].host));
		uint16_t status = d != NULL ? d->status : 0;

		if (status != row[i].status)
			fail_msg("\"%s\" -> %u, not %u", row[i].host, status, row[i].status);
	}
	assert_null(domain_default(&image.view));
	image_free(&image);
}

static void hosts_of_any_length(void **state)
{
	char host[4096];
	struct table_builder b;

	(void)state;
	table_begin(&b, image_key);
	add(&b, "default", 404);
	add(&b, "*.a", 480);
	domain_index(&b);
	struct image image = image_of(&b, ROOT_CONFIG);
	assert_int_equal(domain_default(&image.view)->status, 404);
	for (size_t i = 0; i < sizeof(host); i++)
		host[i] = i % 2 == 0 ? 'a' : '.';
	for (size_t len = 0; len < sizeof(host); len++) {
		const struct domain *d = domain_lookup(&image.view, (struct str){host, len});
		size_t name = len > 1 && len % 2 == 0 ? len - 1 : len;

		assert_int_equal(d != NULL, name >= 3 && name <= 255);
	}
	image_free(&image);
}

static void deepest_wildcard(void **state)
{
	struct table_builder b;
	struct error e;

	(void)state;
	table_begin(&b, image_key);
	add(&b, "*.1.2.3.4.5.6.7.8.9.10.11.12.13.14.15.16", 404);
	assert_int_equal(domain_add(&b, STR("*.0.1.2.3.4.5.6.7.8.9.10.11.12.13.14.15.16"),
	                         DOMAIN_FORWARD, 0, 0, &e),
	        -1);
	struct image image = image_of(&b, ROOT_CONFIG);
	assert_non_null(
	        domain_lookup(&image.view, STR("x.y.z.1.2.3.4.5.6.7.8.9.10.11.12.13.14.15.16")));
	image_free(&image);
}

static void many_domains(void **state)
{
	enum { N = 50000 };
	struct table_builder b;
	char name[32];
	struct error e;

	(void)state;
	table_begin(&b, image_key);
	uint64_t start = now_ns();
	for (unsigned i = 0; i < N; i++) {
		snprintf(name, sizeof(name), "%sd%u.example", i % 2 == 0 ? "*." : "", i);
		add(&b, name, (uint16_t)(300 + i % 400));
	}
	assert_int_equal(domain_add(&b, STR("D777.EXAMPLE"), DOMAIN_FORWARD, 0, 0, &e), -1);
	assert_non_null(strstr(e.text, "there already"));
	struct image image = image_of(&b, ROOT_CONFIG);
	assert_true(now_ns() - start < 2000000000u);
	for (unsigned i = 0; i < N; i++) {
		snprintf(name, sizeof(name), "%sd%u.example", i % 2 == 0 ? "x.y." : "", i);
		const struct domain *d = domain_lookup(&image.view, str_of(name));
		assert_non_null(d);
		assert_int_equal(d->status, 300 + i % 400);
	}
	assert_null(domain_lookup(&image.view, STR("d50001.example")));
	image_free(&image);
}

static void refused_names(void **state)
{
	static const char *const name[] = {"", "*", "*.", "*example.com", "a.*.com", "a*"};
	char longer[300];
	struct table_builder b;
	struct error e;

	(void)state;
	memset(longer, 'a', sizeof(longer));
	table_begin(&b, image_key);
	for (unsigned i = 0; i < sizeof(name) / sizeof(name[0]); i++)
		assert_int_equal(domain_add(&b, str_of(name[i]), DOMAIN_FORWARD, 0, 0, &e), -1);
	assert_int_equal(domain_add(&b, (struct str){longer, 256}, DOMAIN_FORWARD, 0, 0, &e), -1);
	assert_int_equal(domain_add(&b, (struct str){longer, 255}, DOMAIN_FORWARD, 0, 0, &e), 0);
	table_abandon(&b);
}

static void damaged_tables_do_not_open(void **state)
{
	(void)state;
	for (unsigned damage = 0; damage < 6; damage++) {
		struct table_builder b;

		table_begin(&b, image_key);
		add(&b, "example.com", 404);
		add(&b, "example.org", 404);
		domain_index(&b);
		struct domain *d = b.section[TABLE_DOMAINS].rows;
		uint32_t *slot = b.section[TABLE_DOMAIN_INDEX].rows;
		size_t slots = b.section[TABLE_DOMAIN_INDEX].count;
		if (damage == 0)
			d[1].name = 12; // one byte over the end
		else if (damage == 1)
			d[1].action = DOMAIN_GROUP;
		else if (damage == 2)
			d[0].status = 200;
		else if (damage == 3)
			d[0].name_len = 0;
		else if (damage == 4)
			b.section[TABLE_DOMAIN_INDEX].count--;
		else
			for (size_t i = 0; i < slots; i++)
				slot[i] = 1; // no empty slot: a probe would not end
		image_refused(&b, ROOT_CONFIG, "domain");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(names_and_wildcards),
	        cmocka_unit_test(hosts_of_any_length),
	        cmocka_unit_test(deepest_wildcard),
	        cmocka_unit_test(many_domains),
	        cmocka_unit_test(refused_names),
	        cmocka_unit_test(damaged_tables_do_not_open),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
