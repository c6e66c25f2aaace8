// registrar: what becomes of the table and the journal when the one is full, the other still being
// loaded, a worker's refresh lost, a message broken. What REGISTERs are answered otherwise:
// tests/pipeline/register*.test.
#include "tests/unit/config/trees.h"

#include "config/check.h"
#include "control/build.h"
#include "control/registrar.h"
#include "dataplane/base/log.h"
#include "dataplane/sip/branch.h"
#include "dataplane/sip/message.h"
#include "dataplane/sip/via.h"
#include "dataplane/table/binding.h"
#include "dataplane/table/verdict.h"
#include "tests/unit/table/location_fixture.h"

enum { SLOTS = 128, TURNS = 2000 };

static const char config[] = "set port a device net_null0\n"
                             "set port a address 192.0.2.1/24\n"
                             "set leg a port a udp 192.0.2.1:5060\n"
                             "set domain example.com registrar\n";

static struct location_fixture fixture;
static struct event_base *loop;
static struct publish publish;
static struct registrar *registrar;
static void *image;
static char answer[65000], request[4096];
static struct {
	unsigned puts, last_n;
	bool loading;
	char last[64];
} kept;

static void keep(void *arg, struct str aor, const struct location_contact *c, unsigned n)
{
	(void)arg, (void)c;
	kept.puts++;
	kept.last_n = n;
	snprintf(kept.last, sizeof(kept.last), "%.*s", STR_ARG(aor));
}

static bool is_loading(void *arg)
{
	(void)arg;
	return kept.loading;
}

static void make_tables(void)
{
	static const struct token_key key = {.epoch = 1, .usable = 1, .mac = {1, 2}};
	struct tree *t = tree_of(config);
	struct table_builder b;
	struct error e = {0};
	size_t len;

	assert_int_equal(check(t, &e), 0);
	table_begin(&b, (struct hash_key){1, 2});
	assert_int_equal(build_config(t, &key, 1, &b, &e), 0);
	image = table_finish(&b, ROOT_CONFIG, 1, &len, &e);
	assert_non_null(image);
	assert_int_equal(
	        table_open(&publish.chain[ROOT_CONFIG].view, image, len, ROOT_CONFIG, &e), 0);
	publish.chain[ROOT_CONFIG].image = image;
	tree_destroy(t);
}

static int setup(void **state)
{
	struct error e = {0};

	(void)state;
	log_init("test", 0); // full tables are what is tested here
	memset(&kept, 0, sizeof(kept));
	memset(&publish, 0, sizeof(publish));
	if (location_fixture_init(&fixture, SLOTS) != 0)
		return -1;
	make_tables();
	loop = event_base_new();
	registrar = registrar_create(loop, fixture.writer, fixture.region.root, &publish, NULL, &e);
	if (registrar == NULL)
		return -1;
	registrar_journal(registrar, (struct registrar_journal){keep, is_loading, NULL});
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	registrar_destroy(registrar);
	event_base_free(loop);
	free(image);
	return location_fixture_fini(&fixture);
}

// What comes back for these bytes; "" = nothing.
static const char *take(const char *bytes, size_t len, uint16_t port)
{
	struct ring_message head = {.leg = leg_id(STR("a")), .len = (uint32_t)len};
	struct addr to;
	char *exact = malloc(len + 1);

	assert_true(addr_parse(STR("192.0.2.10"), &head.src));
	head.src.port = port;
	memcpy(exact, bytes, len);
	len = registrar_take(
	        registrar, &head, (struct str){exact, len}, answer, sizeof(answer) - 1, &to);
	free(exact);
	answer[len] = '\0';
	return answer;
}

// The status of a REGISTER of user<n>.
static int enrol(unsigned n, unsigned cseq, const char *expires, uint16_t port)
{
	int len = snprintf(request, sizeof(request),
	        "REGISTER sip:example.com SIP/2.0\r\n"
	        "Via: SIP/2.0/UDP 192.0.2.10:5060;branch=z9hG4bK%u-%u\r\n"
	        "From: <sip:user%u@example.com>;tag=1\r\n"
	        "To: <sip:user%u@example.com>\r\n"
	        "Call-ID: c%u\r\nCSeq: %u REGISTER\r\n"
	        "Contact: <sip:user%u@10.0.0.1>;expires=%s\r\n"
	        "User-Agent: a phone that says much about itself\r\n"
	        "Content-Length: 0\r\n\r\n",
	        n, cseq, n, n, n, cseq, n, expires);
	int status = 0;

	sscanf(take(request, (size_t)len, port), "SIP/2.0 %d", &status);
	return status;
}

static int bindings_of(unsigned n, struct location_contact *out)
{
	static char scratch[FIXTURE_SCRATCH];
	struct location_key key;
	char aor[64];

	snprintf(aor, sizeof(aor), "user%u@example.com", n);
	location_make_key(fixture.writer, str_of(aor), &key);
	return location_lookup(
	        fixture.writer, &key, now_boot_s(), out, LOCATION_CONTACTS_MAX, scratch);
}

static void a_full_table_serves_those_who_are_in_it(void **state)
{
	struct location_contact found[LOCATION_CONTACTS_MAX];
	unsigned n = 0;

	(void)state;
	while (n < 2 * SLOTS && enrol(n, 1, "600", 5060) == 200)
		n++;
	assert_in_range(n, SLOTS / 2, SLOTS - 1);
	assert_non_null(strstr(answer, "SIP/2.0 503 "));
	assert_non_null(strstr(answer, "\r\nRetry-After: "));
	assert_true(registrar_counters(registrar)->full > 0);
	assert_int_equal(bindings_of(n, found), -1);
	assert_int_equal(kept.puts, n);
	// more time, and another port
	assert_int_equal(enrol(0, 2, "900", 5060), 200);
	assert_int_equal(enrol(1, 2, "600", 5099), 200);
	assert_int_equal(bindings_of(0, found), 1);
	assert_in_range(found[0].expires_s - now_boot_s(), 898, 900);
	assert_int_equal(found[0].cseq, 2);
	assert_int_equal(bindings_of(1, found), 1);
	assert_int_equal(found[0].received.port, 5099);
	// who leaves makes room
	for (unsigned i = 0; i < 8; i++)
		assert_int_equal(enrol(i, 3, "0", 5060), 200);
	assert_int_equal(enrol(n, 1, "600", 5060), 200);
}

static void the_journal_is_told(void **state)
{
	(void)state;
	assert_int_equal(enrol(7, 1, "600", 5060), 200);
	assert_int_equal(kept.puts, 1);
	assert_int_equal(kept.last_n, 1);
	assert_string_equal(kept.last, "user7@example.com");
	assert_int_equal(enrol(7, 1, "600", 5060), 200); // the same again
	assert_int_equal(kept.puts, 1);
	assert_int_equal(enrol(7, 2, "600", 5060), 200);
	assert_int_equal(kept.puts, 2);
	assert_int_equal(enrol(7, 3, "10", 5060), 423);
	assert_int_equal(kept.puts, 2);
	assert_int_equal(enrol(7, 3, "0", 5060), 200);
	assert_int_equal(kept.puts, 3);
	assert_int_equal(kept.last_n, 0);
}

static void nobody_is_forgotten_while_it_loads(void **state)
{
	(void)state;
	assert_int_equal(enrol(1, 1, "600", 5060), 200);
	kept.loading = true;
	assert_int_equal(enrol(2, 1, "600", 5060), 503);
	assert_non_null(strstr(answer, "\r\nRetry-After: "));
	assert_int_equal(enrol(1, 2, "600", 5060), 200);
	kept.loading = false;
	assert_int_equal(enrol(2, 1, "600", 5060), 200);
}

// The worker wrote into a record that was replaced at that moment.
static void a_lost_refresh_is_put_right(void **state)
{
	struct location_contact found[LOCATION_CONTACTS_MAX];
	struct ring_event event = {.kind = EVENT_REFRESHED, .cseq = 9};
	struct location_key key;

	(void)state;
	assert_int_equal(enrol(3, 1, "600", 5060), 200);
	assert_int_equal(bindings_of(3, found), 1);
	location_make_key(fixture.writer, STR("user3@example.com"), &key);
	event.key[0] = key.h[0];
	event.key[1] = key.h[1];
	event.contact = binding_id(&found[0]) + 1; // another binding: nothing
	event.expires_s = now_boot_s() + 1000;
	registrar_refreshed(registrar, &event);
	assert_int_equal(bindings_of(3, found), 1);
	assert_int_equal(found[0].cseq, 1);
	event.contact = binding_id(&found[0]);
	registrar_refreshed(registrar, &event);
	assert_int_equal(bindings_of(3, found), 1);
	assert_int_equal(found[0].cseq, 9);
	assert_int_equal(found[0].expires_s, event.expires_s);
	assert_int_equal(kept.puts, 2);
	assert_int_equal(enrol(3, 8, "600", 5060), 500); // older than the refresh
}

static void what_has_expired_is_swept(void **state)
{
	const struct location_contact old = {.aor = STR("user5@example.com"),
	        .uri = STR("sip:a@192.0.2.9"),
	        .call_id = STR("x"),
	        .expires_s = 1};
	struct location_contact found[LOCATION_CONTACTS_MAX];
	struct location_key key;
	struct error e = {0};

	(void)state;
	assert_int_equal(enrol(4, 1, "600", 5060), 200);
	location_make_key(fixture.writer, old.aor, &key);
	assert_int_equal(location_put(fixture.writer, &key, &old, 1, &e), 0);
	assert_int_equal(bindings_of(5, found), 0);
	for (unsigned i = 0; i < TURNS && registrar_counters(registrar)->expired == 0; i++)
		event_base_loop(loop, EVLOOP_ONCE);
	assert_int_equal(registrar_counters(registrar)->expired, 1);
	assert_int_equal(bindings_of(5, found), -1);
	assert_int_equal(bindings_of(4, found), 1);
	assert_string_equal(kept.last, "user5@example.com");
	assert_int_equal(kept.last_n, 0);
}

static void cleared(void **state)
{
	struct location_contact found[LOCATION_CONTACTS_MAX];

	(void)state;
	assert_int_equal(enrol(6, 1, "600", 5060), 200);
	assert_false(registrar_clear(registrar, STR("user66@example.com")));
	assert_true(registrar_clear(registrar, STR("user6@example.com")));
	assert_int_equal(bindings_of(6, found), -1);
	assert_int_equal(kept.last_n, 0);
}

// Cut anywhere, and with any byte another one: the ring is shared memory, nothing in it is trusted.
static void broken_messages_break_nothing(void **state)
{
	char whole[sizeof(request)];
	size_t len;

	(void)state;
	assert_int_equal(enrol(8, 1, "600", 5060), 200);
	len = strlen(request);
	memcpy(whole, request, len);
	for (size_t n = 0; n < len; n++)
		(void)take(whole, n, 5060);
	for (size_t at = 0; at < len; at++) {
		for (unsigned c = 0; c < 256; c += 5) {
			memcpy(request, whole, len);
			request[at] = (char)c;
			(void)take(request, len, 5060);
		}
	}
	assert_int_equal(enrol(8, 1000, "600", 5060), 200);
}

// What keeps a NAT open: a sound request, whose answer only the phone can give.
static void a_ping_is_sealed(void **state)
{
	static const struct token_key key = {.epoch = 1, .usable = 1, .mac = {1, 2}};
	struct token_ring *ring = token_ring_create(&key, 1);
	const struct table_view *v = &publish.chain[ROOT_CONFIG].view;
	struct location_contact found[LOCATION_CONTACTS_MAX];
	char text[PING_BYTES_MAX];
	struct branch_context context;
	struct message m;
	struct via via;
	struct token t;
	struct str id;
	size_t len;

	(void)state;
	assert_int_equal(enrol(9, 1, "600", 5060), 200);
	assert_int_equal(bindings_of(9, found), 1);
	assert_true(found[0].flags & LOCATION_NAT);
	len = ping_write(&found[0], leg_by_id(v, leg_id(STR("a"))), ring, 7, text);
	assert_int_equal(message_parse((struct str){text, len}, &m, NULL), MESSAGE_NONE);
	unit_str(m.request_uri, "sip:user9@10.0.0.1");
	assert_true(via_parse(message_value(&m, HEADER_VIA), &via));
	id = message_value(&m, HEADER_CALL_ID);
	assert_true(token_open(ring, TOKEN_VIA, str_skip(via.branch, 7),
	        branch_context(&context, &found[0].received, 1, id, id), &t));
	assert_int_equal(t.leg_in, LEG_NONE);
	found[0].received.ip[3]++;
	assert_false(token_open(ring, TOKEN_VIA, str_skip(via.branch, 7),
	        branch_context(&context, &found[0].received, 1, id, id), &t));
	assert_int_equal(verdict_row[VERDICT_PONG].way, WAY_ABSORBED);
	token_ring_destroy(ring);
}

int main(void)
{
#define ONE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
	        ONE(a_full_table_serves_those_who_are_in_it),
	        ONE(the_journal_is_told),
	        ONE(nobody_is_forgotten_while_it_loads),
	        ONE(a_lost_refresh_is_put_right),
	        ONE(what_has_expired_is_swept),
	        ONE(cleared),
	        ONE(broken_messages_break_nothing),
	        ONE(a_ping_is_sealed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
