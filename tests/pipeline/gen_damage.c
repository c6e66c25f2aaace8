// Messages altered on a cable between the load generator's caller and callee: each part that can be
// wrong is found by its own name.
#include "tests/pipeline/gen_bed.h"

static struct gen_bed bed;

static int start(void **state)
{
	(void)state;
	gen_bed_start(&bed, gen_bed_unused, SETUP_GENERATOR);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	gen_bed_stop(&bed);
	return 0;
}

static uint64_t count(enum bench_count c)
{
	return gen_bed_count(&bed, c);
}

static void set_lengths(uint8_t *frame, size_t payload)
{
	const size_t udp = payload + UDP_HEADER, ip = udp + IP_V4_HEADER;

	frame[16] = (uint8_t)(ip >> 8);
	frame[17] = (uint8_t)ip;
	frame[38] = (uint8_t)(udp >> 8);
	frame[39] = (uint8_t)udp;
}

static void set_sums(uint8_t *frame, size_t payload)
{
	struct addr src = {.family = ADDR_IPV4}, dst = src;
	uint16_t sum;

	memcpy(src.ip, frame + 26, 4);
	memcpy(dst.ip, frame + 30, 4);
	memset(frame + 24, 0, 2);
	sum = (uint16_t)~ip_sum_fold(ip_sum(frame + ETH_HEADER, IP_V4_HEADER, 0));
	memcpy(frame + 24, &sum, 2);
	memset(frame + 40, 0, 2);
	sum = udp_checksum(&src, &dst, frame + 34, payload + UDP_HEADER);
	memcpy(frame + 40, &sum, 2);
}

struct damage {
	enum bench_kind kind;
	enum bench_side_id from;
	const char *find, *replace;
	enum bench_fault fault;
	unsigned done;
};

static bool damage_text(void *arg, enum bench_side_id from, struct rte_mbuf *m)
{
	struct damage *d = arg;
	const size_t find = strlen(d->find), replace = strlen(d->replace);
	uint8_t *frame = rte_pktmbuf_mtod(m, uint8_t *);
	char *hit = memmem(frame + 42, m->data_len - 42u, d->find, find);
	const size_t behind = hit != NULL ? (size_t)((char *)frame + m->data_len - hit) - find : 0;

	if (from != d->from || hit == NULL)
		return false;
	memmove(hit + replace, hit + find, behind);
	memcpy(hit, d->replace, replace);
	m->data_len = (uint16_t)(m->data_len + replace - find);
	m->pkt_len = m->data_len;
	set_lengths(frame, m->data_len - 42u);
	set_sums(frame, m->data_len - 42u);
	d->done++;
	return false;
}

static void assert_fault(enum bench_fault f, const char *what)
{
	const struct bench_stats *s = gen_bed_stats(&bed);

	for (unsigned i = 0; i < BENCH_FAULTS; i++)
		if (s->fault[i] != (i == f))
			fail_msg("%s: %llu of fault %s, wanted %s", what,
			        (unsigned long long)s->fault[i], bench_fault_row[i].name,
			        bench_fault_row[f].name);
	assert_int_equal(count(BENCH_N_CORRUPT), 1);
}

#define FROM_CALLER BENCH_INVITE, BENCH_CALLER
#define FROM_CALLEE BENCH_OPTIONS, BENCH_CALLEE

static const struct damage texts[] = {
        {FROM_CALLER, "INVITE sip:", "INVICE sip:", BENCH_BAD_METHOD, 0},
        {FROM_CALLER, " SIP/2.0\r\n", " SIP/2.1\r\n", BENCH_BAD_METHOD, 0},
        {FROM_CALLER, "INVITE sip:user0", "INVITE sip:user1", BENCH_BAD_REQUEST_URI, 0},
        {FROM_CALLER, "\r\nVia: ", "\r\nVia: SIP/2.0/UDP 192.0.2.77;branch=z9hG4bKx\r\nVia: ",
                BENCH_BAD_VIA_COUNT, 0},
        {FROM_CALLER, ";rport\r\n", ";xport\r\n", BENCH_BAD_VIA_OURS, 0},
        {FROM_CALLER, "Via: SIP/2.0/UDP 192.0.2.100", "Via: SIP/2.0/UDP 192.0.2.101",
                BENCH_BAD_VIA_OURS, 0},
        {FROM_CALLER, ";rport\r\n", ";rport=5061\r\n", BENCH_BAD_RECEIVED, 0},
        {FROM_CALLER, ";rport\r\n", ";rport;received=192.0.2.1\r\n", BENCH_BAD_RECEIVED, 0},
        {FROM_CALLER, "Max-Forwards: 70", "Max-Forwards: 69", BENCH_BAD_MAX_FORWARDS, 0},
        {FROM_CALLER, "Max-Forwards: 70\r\n", "", BENCH_BAD_MAX_FORWARDS, 0},
        {FROM_CALLER, "Max-Forwards", "Record-Route: <sip:198.51.100.10:5060;lr>\r\nMax-Forwards",
                BENCH_BAD_RECORD_ROUTE, 0},
        {FROM_CALLER, "Max-Forwards", "Record-Route: <sip:203.0.113.9;lr>\r\nMax-Forwards",
                BENCH_BAD_RECORD_ROUTE, 0},
        {FROM_CALLER, "Max-Forwards", "Route: <sip:203.0.113.9;lr>\r\nMax-Forwards",
                BENCH_BAD_ROUTE, 0},
        {FROM_CALLER, "@192.0.2.100:5060>", "@192.0.2.100:5061>", BENCH_BAD_CONTACT, 0},
        {FROM_CALLER, "From: <sip:", "From: <sis:", BENCH_BAD_FROM, 0},
        {FROM_CALLER, ";tag=0", ";tag=1", BENCH_BAD_FROM, 0},
        {FROM_CALLER, "\r\nTo: ", "\r\nTo: x ", BENCH_BAD_TO, 0},
        {FROM_CALLER, "\r\nCSeq", "x\r\nCSeq", BENCH_BAD_CALL_ID, 0},
        {FROM_CALLER, "CSeq: 1000", "CSeq: 1001", BENCH_BAD_CSEQ, 0},
        {FROM_CALLER, "CSeq: ", "CSeq: 1000 INVITE\r\nCSeq: ", BENCH_BAD_CSEQ, 0},
        {FROM_CALLER, "Content-Length: ", "Content-Length: 9", BENCH_BAD_LENGTH, 0},
        {FROM_CALLER, "User-Agent: spry", "User-Agent: spri", BENCH_BAD_HEADER, 0},
        {FROM_CALLER, "Supported: replaces, timer\r\n", "", BENCH_BAD_HEADER, 0},
        {FROM_CALLER, "Content-Length", "X: y\r\nContent-Length", BENCH_BAD_HEADER, 0},
        {FROM_CALLER, "a=sendrecv", "a=sendonly", BENCH_BAD_BODY, 0},
        {FROM_CALLER, "branch=z9hG4bK~0", "branch=z9hG4bK~1", BENCH_BAD_MARK, 0},
        {FROM_CALLER, "branch=z9hG4bK~", "branch=z9hG4bK.", BENCH_BAD_MARK, 0},
        {FROM_CALLER, "\r\nMax-Forwards", "\nMax-Forwards", BENCH_BAD_NOT_SIP, 0},
        {FROM_CALLER, "\r\nMax-Forwards:", "\r\nMax-Forwards ", BENCH_BAD_NOT_SIP, 0},
        {FROM_CALLEE, "SIP/2.0 200", "SIP/2.0 2xx", BENCH_BAD_NOT_SIP, 0},
        {FROM_CALLEE, "\r\nVia: ", "\r\nVia: SIP/2.0/UDP h;branch=z9hG4bKx\r\nVia: ",
                BENCH_BAD_VIA_COUNT, 0},
        {FROM_CALLEE, ";rport\r\n", ";rport=1\r\n", BENCH_BAD_RECEIVED, 0},
        {FROM_CALLEE, ";tag=0", ";tag=1", BENCH_BAD_FROM, 0},
        {FROM_CALLEE, "To: <sip:user", "To: <sip:uses", BENCH_BAD_TO, 0},
        {FROM_CALLEE, "CSeq: 1000", "CSeq: 1001", BENCH_BAD_CSEQ, 0},
        {FROM_CALLEE, "Content-Length: 0", "Content-Length: 1", BENCH_BAD_LENGTH, 0},
};

static void each_damage_has_its_name(void **state)
{
	(void)state;
	for (size_t i = 0; i < unit_rows(texts); i++) {
		struct damage d = texts[i];
		struct bench_order o = gen_bed_order(d.kind);

		o.limit = 1;
		o.ringing = 0;
		o.size = 900;
		o.expect.contact = BENCH_CONTACT_SENT;
		o.expect.uri = BENCH_URI_SENT;
		gen_bed_give(&bed, &o);
		gen_bed_cable(&bed, 8, damage_text, &d);
		assert_int_equal(d.done, 1);
		assert_fault(d.fault, d.replace);
	}
}

// Topmost Via of a proxy that is not the one asked.
static void another_proxy(void **state)
{
	struct damage d = {FROM_CALLER, "\r\nVia: ",
	        "\r\nVia: SIP/2.0/UDP 203.0.113.9:5060;branch=z9hG4bKx\r\nVia: ", BENCH_BAD_VIA_TOP,
	        0};
	struct bench_order o = gen_bed_order(BENCH_INVITE);

	(void)state;
	o.limit = 1;
	o.expect.vias = 1;
	gen_bed_give(&bed, &o);
	gen_bed_cable(&bed, 8, damage_text, &d);
	assert_fault(BENCH_BAD_VIA_TOP, "another proxy");
}

static bool damage_headers(void *arg, enum bench_side_id from, struct rte_mbuf *m)
{
	const enum bench_fault *f = arg;
	uint8_t *frame = rte_pktmbuf_mtod(m, uint8_t *);

	(void)from;
	switch (*f) {
	case BENCH_BAD_FRAME:
		frame[24] ^= 1; // IP checksum
		break;
	case BENCH_BAD_CHECKSUM:
		frame[m->data_len - 200] ^= 1;
		break;
	default:
		frame[35] ^= 1; // source port
		set_sums(frame, m->data_len - 42u);
	}
	return false;
}

static void damaged_headers(void **state)
{
	static const enum bench_fault faults[] = {
	        BENCH_BAD_FRAME, BENCH_BAD_CHECKSUM, BENCH_BAD_ADDRESS};

	(void)state;
	for (size_t i = 0; i < unit_rows(faults); i++) {
		struct bench_order o = gen_bed_order(BENCH_INVITE);
		enum bench_fault f = faults[i];

		o.limit = 1;
		gen_bed_give(&bed, &o);
		gen_bed_cable(&bed, 8, damage_headers, &f);
		assert_fault(f, "headers");
	}
}

// Also when only one message in many has everything checked: the end of each is looked at.
static void damaged_ends_are_seen_in_all(void **state)
{
	struct damage d = {FROM_CALLER, "a=sendrecv", "a=sendonly", BENCH_BAD_BODY, 0};
	struct bench_order o = gen_bed_order(BENCH_INVITE);

	(void)state;
	o.size = 900;
	o.check_every = 1000000;
	gen_bed_give(&bed, &o);
	gen_bed_cable(&bed, 8, damage_text, &d);
	assert_int_equal(d.done, 64);
	assert_int_equal(gen_bed_stats(&bed)->fault[BENCH_BAD_BODY], 64);
}

// The callee's Contact: the ACK and the BYE go where it says, which is found too.
static void contact_of_an_answer(void **state)
{
	struct damage d = {BENCH_DIALOG, BENCH_CALLEE, "Contact: <sip:user0000000@198.51.100.10",
	        "Contact: <sip:user0000000@198.51.100.11", BENCH_BAD_CONTACT, 0};
	struct bench_order o = gen_bed_order(BENCH_DIALOG);

	(void)state;
	o.limit = 1;
	o.ringing = 0;
	o.expect.contact = BENCH_CONTACT_SENT;
	o.expect.uri = BENCH_URI_SENT;
	gen_bed_give(&bed, &o);
	gen_bed_cable(&bed, 12, damage_text, &d);
	assert_int_equal(gen_bed_stats(&bed)->fault[BENCH_BAD_CONTACT], 1);
	assert_int_equal(gen_bed_stats(&bed)->fault[BENCH_BAD_REQUEST_URI], 2);
	assert_int_equal(count(BENCH_N_CORRUPT), 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(each_damage_has_its_name),
	        cmocka_unit_test(another_proxy),
	        cmocka_unit_test(damaged_headers),
	        cmocka_unit_test(damaged_ends_are_seen_in_all),
	        cmocka_unit_test(contact_of_an_answer),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
