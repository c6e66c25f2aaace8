// Fragments as they come from a hostile network through the real worker: overlaps, holes, twins,
// tiny and too many ones have their verdict; a flood of them fills a bounded room, beside which
// calls go on.
#include "tests/pipeline/hostile.h"

#include "dataplane/net/frag.h"

// The bytes from..to of the datagram in a fragment of its own; `more` follow.
static struct frame piece(bool v6, unsigned id, unsigned from, unsigned to, bool more)
{
	const struct frame whole = frame_of(v6, phone[v6], own[v6]);
	const struct addr a = frame_addr(phone[v6]), b = frame_addr(own[v6]);
	struct frame f = {0};

	frame_ethernet(&f, mac, mac, 0, v6 ? ETH_IPV6 : ETH_IPV4);
	if (v6) {
		frame_ipv6(&f, &a, &b, to - from + IP_V6_FRAGMENT, 44);
		frame_put16(&f, IP_UDP << 8);
		frame_put16(&f, from | more);
		frame_put16(&f, 0);
		frame_put16(&f, id);
	} else {
		frame_ipv4(&f, &a, &b, to - from, (more ? 0x2000u : 0) | from / 8);
		set16(&f, IP + 4, id);
		sum_ip(&f);
	}
	// Beyond the datagram's end anything will do.
	frame_put(&f, whole.byte + (v6 ? UDP6 : UDP4) + (from < whole.len ? from : 0), to - from);
	return f;
}

enum { ALL = HEAD + UDP_HEADER, PIECES_MAX = 12 };

static const struct {
	const char *name;
	unsigned n;
	struct {
		unsigned from, to;
		bool more;
		const char *verdict;
	} piece[PIECES_MAX];
} trains[] = {
        {"in order", 3,
                {{0, 160, true, "fragment"}, {160, 320, true, "fragment"},
                        {320, ALL, false, "forwarded"}}},
        {"reversed", 3,
                {{320, ALL, false, "fragment"}, {160, 320, true, "fragment"},
                        {0, 160, true, "forwarded"}}},
        {"overlap", 2, {{0, 160, true, "fragment"}, {152, ALL, false, "bad-fragment"}}},
        {"overlap inside", 2, {{0, 160, true, "fragment"}, {8, 16, true, "fragment"}}},
        {"twice", 2, {{0, 160, true, "fragment"}, {0, 160, true, "bad-fragment"}}},
        {"two ends", 2, {{160, 320, false, "fragment"}, {320, ALL, false, "bad-fragment"}}},
        {"hole", 3,
                {{0, 160, true, "fragment"}, {8, 168, true, "fragment"},
                        {320, 480, false, "bad-fragment"}}},
        {"UDP header cut", 1, {{0, 4, false, "bad-udp"}}},
        {"tiny", 1, {{0, 0, true, "bad-fragment"}}},
        {"no multiple of 8", 1, {{0, 161, true, "bad-fragment"}}},
        {"beyond the end", 1, {{65528, 65728, false, "bad-fragment"}}},
        {"empty end", 1, {{160, 160, false, "bad-fragment"}}},
        {"too many pieces", 8,
                {{0, 8, true, "fragment"}, {8, 16, true, "fragment"}, {16, 24, true, "fragment"},
                        {24, 32, true, "fragment"}, {32, 40, true, "fragment"},
                        {40, 48, true, "fragment"}, {48, 56, true, "fragment"},
                        {56, 64, true, "bad-fragment"}}},
};

static void each_train(void **state)
{
	(void)state;
	for (size_t i = 0; i < unit_rows(trains) * 2; i++) {
		const unsigned t = (unsigned)i / 2;

		for (unsigned k = 0; k < trains[t].n; k++) {
			const struct frame f = piece(i & 1, 100 + t, trains[t].piece[k].from,
			        trains[t].piece[k].to, trains[t].piece[k].more);
			const char *verdict = take("access", &f);

			if (strcmp(verdict, trains[t].piece[k].verdict) != 0)
				fail_msg("%s, piece %u (IPv%u): %s instead of %s", trains[t].name,
				        k, i & 1 ? 6 : 4, verdict, trains[t].piece[k].verdict);
		}
	}
}

// What the pieces make is judged as if it had come whole.
static void whole_is_judged(void **state)
{
	struct frame f = piece(false, 200, 0, 160, true);

	(void)state;
	f.byte[UDP4 + 6] ^= 1; // UDP checksum
	assert_string_equal(take("access", &f), "fragment");
	f = piece(false, 200, 160, ALL, false);
	assert_string_equal(take("access", &f), "bad-udp");
	f = piece(false, 201, 0, 160, true);
	set16(&f, UDP4 + 2, 5061); // nobody's port
	assert_string_equal(take("access", &f), "fragment");
	f = piece(false, 201, 160, ALL, false);
	assert_string_equal(take("access", &f), "to-kernel");
	f = piece(false, 202, 0, 160, true);
	set16(&f, UDP4, 53);
	assert_string_equal(take("access", &f), "fragment");
	f = piece(false, 202, 160, ALL, false);
	assert_string_equal(take("access", &f), "bad-udp"); // the checksum sees it first
}

// First fragments of ever new datagrams: a bounded number is kept, and calls are none the worse.
static void flood(void **state)
{
	unsigned kept = 0, calls = 0;

	(void)state;
	for (unsigned i = 0; i < 6000; i++) {
		const struct frame f = piece(i & 1, 1000 + i / 2, 0, 160, true);

		kept += strcmp(take("access", &f), "fragment") == 0;
		if (i % 10 == 0) {
			const struct frame call = frame_of(false, phone[0], own[0]);

			calls += strcmp(take("access", &call), "forwarded") == 0;
		}
	}
	assert_in_range(kept, FRAG_HELD_MAX / 2, FRAG_HELD_MAX);
	assert_int_equal(calls, 600);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(each_train),
	        cmocka_unit_test(whole_is_judged),
	        cmocka_unit_test(flood),
	};
	return cmocka_run_group_tests(tests, start, stop);
}
