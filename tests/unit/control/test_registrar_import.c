// registrar_import: a binding from elsewhere joins those that are there, unless they last longer,
// and is journalled.
#include "tests/unit/unit.h"

#include "control/registrar.h"
#include "dataplane/table/root.h"
#include "tests/unit/table/location_fixture.h"

static struct location_fixture fixture;
static struct event_base *base;
static struct registrar *registrar;
static unsigned journalled, journalled_n;

static void put(void *arg, struct str aor, const struct location_contact *c, unsigned n)
{
	(void)arg, (void)c;
	unit_str(aor, "alice@example.com");
	journalled++;
	journalled_n = n;
}

static int setup(void **state)
{
	struct error e = {0};

	(void)state;
	journalled = 0;
	base = event_base_new();
	if (base == NULL || location_fixture_init(&fixture, 1000) != 0)
		return -1;
	registrar = registrar_create(base, fixture.writer, fixture.region.root, NULL, NULL, &e);
	if (registrar == NULL)
		return -1;
	registrar_journal(registrar, (struct registrar_journal){.put = put});
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	registrar_destroy(registrar);
	event_base_free(base);
	return location_fixture_fini(&fixture);
}

static int import(const char *uri, uint32_t seconds, const char *instance, uint32_t reg_id)
{
	struct error e = {0};
	struct location_contact c = {
	        .aor = STR("alice@example.com"),
	        .uri = str_of(uri),
	        .instance = str_of(instance),
	        .call_id = STR("1"),
	        .expires_s = now_boot_s() + seconds,
	        .reg_id = reg_id,
	        .q = 1000,
	};
	const int rc = registrar_import(registrar, &c, &e);

	assert_true((rc == 0) == (e.text[0] == '\0'));
	return rc;
}

static int found(struct location_contact *out)
{
	static char scratch[FIXTURE_SCRATCH];
	struct location_key key;

	location_make_key(fixture.writer, STR("alice@example.com"), &key);
	return location_lookup(
	        fixture.writer, &key, now_boot_s(), out, LOCATION_CONTACTS_MAX, scratch);
}

static void joins(void **state)
{
	struct location_contact c[LOCATION_CONTACTS_MAX];

	(void)state;
	assert_int_equal(import("sip:alice@192.0.2.1", 600, "", 0), 0);
	assert_int_equal(import("sip:alice@192.0.2.2", 600, "", 0), 0);
	assert_int_equal(found(c), 2);
	assert_int_equal(journalled, 2);
	assert_int_equal(journalled_n, 2);
	assert_int_equal(
	        import("sip:alice@192.0.2.2", 500, "", 0), 0); // what is there lasts longer
	assert_int_equal(journalled, 2);
	assert_int_equal(import("sip:alice@192.0.2.2", 900, "", 0), 0);
	assert_int_equal(journalled, 3);
	assert_int_equal(found(c), 2);
	assert_true(c[0].expires_s > now_boot_s() + 800 || c[1].expires_s > now_boot_s() + 800);
}

// RFC 5626: of the same instance and reg-id, whatever the URI.
static void same_flow(void **state)
{
	struct location_contact c[LOCATION_CONTACTS_MAX];

	(void)state;
	assert_int_equal(import("sip:alice@192.0.2.1", 600, "<urn:uuid:1>", 1), 0);
	assert_int_equal(import("sip:alice@192.0.2.2", 700, "<urn:uuid:1>", 1), 0);
	assert_int_equal(import("sip:alice@192.0.2.3", 700, "<urn:uuid:1>", 2), 0);
	assert_int_equal(found(c), 2);
}

static void refused(void **state)
{
	struct location_contact c[LOCATION_CONTACTS_MAX];
	char uri[60];

	(void)state;
	assert_int_equal(import("sip:alice@192.0.2.1", 0, "", 0), -1);
	assert_int_equal(found(c), -1);
	for (unsigned i = 0; i < LOCATION_CONTACTS_MAX; i++) {
		snprintf(uri, sizeof(uri), "sip:alice@192.0.2.%u", i + 1);
		assert_int_equal(import(uri, 600, "", 0), 0);
	}
	assert_int_equal(import("sip:alice@192.0.2.200", 600, "", 0), -1);
	assert_int_equal(found(c), LOCATION_CONTACTS_MAX);
	assert_int_equal(journalled, LOCATION_CONTACTS_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup_teardown(joins, setup, teardown),
	        cmocka_unit_test_setup_teardown(same_flow, setup, teardown),
	        cmocka_unit_test_setup_teardown(refused, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
