#include "tests/unit/unit.h"

#include "dataplane/generator/mark.h"
#include "dataplane/generator/template.h"
#include "dataplane/net/ip.h"
#include "dataplane/sip/message.h"
#include "dataplane/sip/scan.h"

static struct bench_order order;
static struct template t;

static int start(void **state)
{
	(void)state;
	order = (struct bench_order){.domain = "b.test", .user = "u"};
	addr_parse(STR("10.0.0.2:5060"), &order.side[BENCH_CALLER].local);
	addr_parse(STR("10.0.1.2:5060"), &order.side[BENCH_CALLEE].local);
	return scan_init() != NULL ? 0 : -1;
}

static void make(enum template_id id, uint16_t size)
{
	const struct template_plan plan = {.order = &order, .run = 0xcafe};

	order.size = size;
	template_make(&t, id, &plan);
}

static const struct template_words words = {
        .mark = {0x4141414141414141, 0x4242424242424242, 0x4343434343434343, 0x4444444444444444,
                0x4545454545454545},
        .call = 0xabc,
        .callee = 1234567,
        .caller = 89,
        .cseq = 7};

static void every_size_is_met(void **state)
{
	(void)state;
	for (unsigned id = 0; id < TEMPLATES; id++) {
		for (uint16_t size = 420; size <= BENCH_SIZE_MAX; size++) {
			make((enum template_id)id, size);
			if (t.len > size || t.len + 6 < size) // no field is that short
				fail_msg("template %u of %u has %u bytes", id, size, t.len);
		}
	}
	make(TEMPLATE_INVITE, BENCH_SIZE_MIN);
	assert_in_range(t.len, 280, BENCH_SIZE_MIN);
}

// A message that the proxy's parser takes, and a checksum that needs no second look at it.
static void messages_are_sound(void **state)
{
	static const uint16_t sizes[] = {1, 300, 550, 800, 801, 1400};
	char out[TEMPLATE_ROOM];

	(void)state;
	for (unsigned id = 0; id < TEMPLATES; id++) {
		for (size_t i = 0; i < unit_rows(sizes); i++) {
			struct message m;
			uint16_t at;

			make((enum template_id)id, sizes[i]);
			const uint64_t sum = template_write(&t, &words, out);

			assert_int_equal(
			        message_parse((struct str){out, t.len}, &m, &at), MESSAGE_NONE);
			assert_int_equal(template_fold(sum), ip_sum_fold(ip_sum(out, t.len, 0)));
			assert_int_equal(t.text[t.head_len - 1], '\n');
		}
	}
}

static bool holds(const char *text, const char *what)
{
	return strstr(text, what) != NULL;
}

static void words_are_put_in(void **state)
{
	char out[TEMPLATE_ROOM + 1];

	(void)state;
	make(TEMPLATE_INVITE, 550);
	template_write(&t, &words, out);
	out[t.len] = '\0';
	assert_true(holds(out, "INVITE sip:u1234567@b.test SIP/2.0\r\n"));
	assert_true(holds(out, ";branch=z9hG4bK~AAAAAAAABBBBBBBBCCCCCCCCDDDDDDDDEEEEEEEE;rport"));
	assert_true(holds(out, "\r\nFrom: <sip:u0000089@b.test>;tag=00000abc\r\n"));
	assert_true(holds(out, "\r\nTo: <sip:u1234567@b.test>\r\n"));
	assert_true(holds(out, "\r\nCall-ID: 00000abc-0000cafe\r\n"));
	assert_true(holds(out, "\r\nCSeq: 1007 INVITE\r\n"));
	assert_true(holds(out, "\r\nContact: <sip:u0000089@10.0.0.2:5060>\r\n"));
	make(TEMPLATE_BYE, 550);
	template_write(&t, &words, out);
	out[t.len] = '\0';
	assert_true(holds(out, "BYE sip:u1234567@10.0.1.2:5060 SIP/2.0\r\n"));
	assert_true(holds(out, "\r\nTo: <sip:u1234567@b.test>;tag=u00000abc\r\n"));
}

static void one_that_was_taken(void **state)
{
	static const char text[] = "SIP/2.0 200 OK\r\nVia: x;branch=z9hG4bK~"
	                           "0000000000000000000000000000000000000000\r\n\r\n";
	const struct str s = {text, sizeof(text) - 1};
	char out[TEMPLATE_ROOM];

	(void)state;
	template_take(&t, s, (uint16_t)(mark_find(s) + 1 - text));
	const uint64_t sum = template_write(&t, &words, out);

	assert_int_equal(t.len, s.len);
	assert_non_null(memmem(out, t.len, "~AAAAAAAABBBBBBBB", 17));
	assert_int_equal(template_fold(sum), ip_sum_fold(ip_sum(out, t.len, 0)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(every_size_is_met),
	        cmocka_unit_test(messages_are_sound),
	        cmocka_unit_test(words_are_put_in),
	        cmocka_unit_test(one_that_was_taken),
	};

	return cmocka_run_group_tests(tests, start, NULL);
}
