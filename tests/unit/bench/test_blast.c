// Sender, forwarder and sink for a moment, in a network of their own: what goes in comes out, is
// counted, and belongs to the process that did it.
#include "tools/bench/blast.h"

#include "tests/unit/unit.h"
#include "tools/bench/blast_message.h"
#include "tools/bench/kernel_forward.h"
#include "tools/bench/loopback.h"
#include "tools/bench/peer.h"

static const struct peer_plan plan = {
        .load_core = -1,
        .peer_core = -1,
        .warm_s = 0.05,
        .measure_s = 0.2,
        .bindings = 100,
        .files = "/nonexistent",
        .scratch = "/tmp",
};

static void need_network(void)
{
	if (loopback_enter() < 0) {
		print_message("skipped: no network namespace without root\n");
		skip();
	}
}

static void kernel_forwarder(void **state)
{
	(void)state;
	const struct peer *kernel = peer_find(STR("kernel"));
	struct figure f = {0};
	struct error e = {0};

	need_network();
	assert_non_null(kernel);
	if (peer_socket(kernel, &plan, &f, &e) < 0)
		fail_msg("%s", e.text);
	assert_true(f.rate > 100);
	assert_true(f.per_core > 100);
	assert_true(f.ns > 50 && f.ns < 1e7);
	assert_true(f.lost >= 0 && f.lost <= 1);
}

// It forwards bytes as they are, which is wrong of a proxy.
static void wrong_is_said(void **state)
{
	(void)state;
	struct peer proxy = *peer_find(STR("kernel"));
	struct figure f = {0};
	struct error e = {0};

	need_network();
	proxy.expect = BLAST_FORWARDED;
	assert_int_equal(peer_socket(&proxy, &plan, &f, &e), -1);
	assert_non_null(strstr(e.text, "came through wrong: there are not two Vias"));
}

static unsigned marks;

static void mark(void *arg, bool begin)
{
	(void)arg;
	marks = marks * 10 + (begin ? 1 : 2);
}

static void rate_is_kept(void **state)
{
	(void)state;
	const struct blast_plan slow = {
	        .rate = 1000, .warm_s = 0.05, .measure_s = 0.5, .mark = mark};
	struct blast_result r;
	struct error e = {0};
	struct blast *b;

	need_network();
	b = blast_create(100, &e);
	if (b == NULL)
		fail_msg("%s", e.text);
	assert_false(blast_wait(b, 0.1)); // there is nobody
	blast_run(b, &slow, &r);
	assert_int_equal(marks, 12);
	assert_int_equal(r.received, 0);
	assert_true(r.sent <= 1000); // half of that, and what the machine held back
	blast_stop = 1;
	assert_false(blast_register_all(b, 10)); // ends at once
	blast_stop = 0;
	blast_destroy(b);
}

static void taken_port(void **state)
{
	(void)state;
	struct error e = {0};
	struct blast *b, *again;

	need_network();
	b = blast_create(1, &e);
	again = blast_create(1, &e);
	assert_non_null(b);
	assert_null(again);
	assert_string_equal(e.text, "127.0.0.1:5070: Address already in use");
	blast_destroy(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(kernel_forwarder),
	        cmocka_unit_test(wrong_is_said),
	        cmocka_unit_test(rate_is_kept),
	        cmocka_unit_test(taken_port),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
