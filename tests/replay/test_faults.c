// Ways out that no message alone leads to: the machine lacks something. Each is named, counted once
// and gives every buffer back.
#include "tests/unit/unit.h"

#include "tools/replay/rig_inner.h"

static const char config[] =
        "set port net device net_null0\n"
        "set port net address 198.51.100.1/24\n"
        "set leg open port net udp 198.51.100.1:5060\n"
        "set leg door port net udp 198.51.100.1:5070 auth all\n"
        "set group uas member 198.51.100.20:5060 weight 1\n"
        "set domain default group uas\n"
        "set domain home.example.com registrar\n"
        "set user alice@example.com ha1-md5 b1726872c344b6dc8365b774f8fd6412\n";
static const char request[] = "MESSAGE sip:bob@example.com SIP/2.0\r\n"
                              "Via: SIP/2.0/UDP 198.51.100.99;branch=z9hG4bK1\r\n"
                              "From: <sip:alice@example.com>;tag=1\r\n"
                              "To: <sip:bob@example.com>\r\n"
                              "Call-ID: c1\r\n"
                              "CSeq: 1 MESSAGE\r\n"
                              "Subject: long enough for an answer with challenges, that is all\r\n"
                              "\r\n";
static const char enroll[] = "REGISTER sip:home.example.com SIP/2.0\r\n"
                             "Via: SIP/2.0/UDP 198.51.100.99;branch=z9hG4bK1\r\n"
                             "From: <sip:bob@home.example.com>;tag=1\r\n"
                             "To: <sip:bob@home.example.com>\r\n"
                             "Contact: <sip:bob@198.51.100.99>\r\n"
                             "Call-ID: c1\r\n"
                             "CSeq: 1 REGISTER\r\n"
                             "\r\n";
static const char broadcast[] = "\xff\xff\xff\xff\xff\xff\x02\x00\x00\x00\x00\x09\x08\x06"
                                "an ARP request, as far as anybody looks";

static struct rig_result result;

static const char *send_to(struct rig *r, const char *leg, const char *text)
{
	struct addr from;

	assert_true(addr_parse(STR("198.51.100.99:5060"), &from));
	if (!rig_send(r, str_of(leg), &from, str_of(text), &result))
		fail_msg("%s", result.fault);
	return result.verdict;
}

static int setup(void **state)
{
	struct error e = {0};

	*state = rig_create(STR(config), "faults", &e);
	if (*state == NULL)
		print_message("%s\n", e.text);
	return *state != NULL ? 0 : -1;
}

static int teardown(void **state)
{
	rig_destroy(*state);
	return 0;
}

static void no_tables(void **state)
{
	struct rig *r = *state;
	struct generation *g = atomic_load(&r->dp.running[ROOT_CONFIG]);
	const struct leg *l = rig_leg(r, STR("open"));
	struct stats before, now;
	struct rte_mbuf *m;

	m = rig_frame_copy(r->frames, r, l, (struct str){broadcast, sizeof(broadcast) - 1});
	assert_non_null(m);
	rig_stats(r, &before);
	atomic_store(&r->dp.running[ROOT_CONFIG], NULL);
	assert_int_equal(rte_ring_enqueue(r->to_port[0], m), 0);
	worker_turn(r->dp.worker[0]);
	atomic_store(&r->dp.running[ROOT_CONFIG], g);
	rig_stats(r, &now);
	assert_int_equal(now.way[WAY_DROPPED][VERDICT_NO_TABLES],
	        before.way[WAY_DROPPED][VERDICT_NO_TABLES] + 1);
	assert_int_equal(rte_mempool_in_use_count(r->frames), 0);
	assert_string_equal(send_to(r, "open", request), "forwarded");
}

static void no_buffer(void **state)
{
	struct rig *r = *state;
	struct rte_mempool *pool = r->dp.worker[0]->pool;
	const struct leg *l = rig_leg(r, STR("open"));
	struct stats before, now;
	struct rte_mbuf *m, *first = NULL, *taken;
	struct addr from;

	assert_true(addr_parse(STR("198.51.100.99:5060"), &from));
	m = rig_frame_make(r->frames, r, l, &from, STR(request));
	assert_non_null(m);
	while ((taken = rte_pktmbuf_alloc(pool)) != NULL) {
		taken->next = first; // all there are, in one chain
		first = taken;
	}
	rig_stats(r, &before);
	assert_int_equal(rte_ring_enqueue(r->to_port[0], m), 0);
	worker_turn(r->dp.worker[0]);
	rig_stats(r, &now);
	while ((taken = first) != NULL) {
		first = taken->next;
		taken->next = NULL;
		rte_pktmbuf_free(taken);
	}
	assert_int_equal(now.way[WAY_DROPPED][VERDICT_NO_BUFFER],
	        before.way[WAY_DROPPED][VERDICT_NO_BUFFER] + 1);
	assert_string_equal(send_to(r, "open", request), "forwarded");
}

static void kernel_full(void **state)
{
	struct rig *r = *state;
	struct rte_ring *ring = r->dp.worker[0]->to_kernel;
	const struct leg *l = rig_leg(r, STR("open"));
	struct stats before, now;
	void *filler = NULL;
	struct rte_mbuf *m;

	m = rig_frame_copy(r->frames, r, l, (struct str){broadcast, sizeof(broadcast) - 1});
	assert_non_null(m);
	while (rte_ring_enqueue(ring, r) == 0)
		;
	rig_stats(r, &before);
	assert_int_equal(rte_ring_enqueue(r->to_port[0], m), 0);
	worker_turn(r->dp.worker[0]);
	rig_stats(r, &now);
	while (rte_ring_dequeue(ring, &filler) == 0)
		assert_ptr_equal(filler, r);
	assert_int_equal(now.way[WAY_DROPPED][VERDICT_KERNEL_FULL],
	        before.way[WAY_DROPPED][VERDICT_KERNEL_FULL] + 1);
	assert_int_equal(rte_mempool_in_use_count(r->frames), 0);
}

static void registrar_busy(void **state)
{
	struct rig *r = *state;
	struct worker *w = r->dp.worker[0];
	struct ring *punt = w->punt;

	w->punt = NULL;
	assert_string_equal(send_to(r, "open", enroll), "registrar-busy");
	w->punt = punt;
	assert_non_null(strstr(result.bytes, "SIP/2.0 503 "));
	assert_non_null(strstr(result.bytes, "\r\nRetry-After: "));
	assert_string_equal(send_to(r, "open", enroll), "register");
	assert_non_null(strstr(result.bytes, "SIP/2.0 200 OK"));
}

static void auth_unready(void **state)
{
	struct rig *r = *state;
	struct generation *g = atomic_load(&r->dp.running[ROOT_USERS]);

	atomic_store(&r->dp.running[ROOT_USERS], NULL);
	assert_string_equal(send_to(r, "door", request), "auth-unready");
	atomic_store(&r->dp.running[ROOT_USERS], g);
	assert_non_null(strstr(result.bytes, "SIP/2.0 503 "));
	assert_string_equal(send_to(r, "door", request), "auth-required");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(no_tables),
	        cmocka_unit_test(no_buffer),
	        cmocka_unit_test(kernel_full),
	        cmocka_unit_test(registrar_busy),
	        cmocka_unit_test(auth_unready),
	};

	return cmocka_run_group_tests_name("faults", tests, setup, teardown);
}
