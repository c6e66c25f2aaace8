// frag: datagrams from fragments in any order; overlaps, duplicates, tiny ones, floods and time.
#include "tests/unit/unit.h"
#include "tests/unit/net/frames.h"

#include <rte_eal.h>
#include <rte_mbuf.h>

#include "dataplane/net/eth.h"
#include "dataplane/net/frag.h"

enum { PIECE = 1000, PIECES = 4, HZ = 1000000 };

static const uint8_t mac[6] = {2, 0, 0, 0, 0, 1};
static struct rte_mempool *pool, *large;
static struct frag_state *frag;
static uint64_t now = 1;

static int start(void **state)
{
	char *argv[] = {"test", "--no-huge", "--no-shconf", "-m", "96", "--no-pci",
	        "--no-telemetry", "--lcores", "0", "--log-level=lib.eal:4"};

	(void)state;
	if (rte_eal_init(10, argv) < 0)
		return -1;
	pool = rte_pktmbuf_pool_create("small", 4095, 0, 0, RTE_MBUF_DEFAULT_BUF_SIZE, 0);
	large = rte_pktmbuf_pool_create("large", 15, 0, 0, UINT16_MAX, 0);
	return pool != NULL && large != NULL ? 0 : -1;
}

static int fresh(void **state)
{
	(void)state;
	frag = frag_create(HZ, 0);
	return frag != NULL ? 0 : -1;
}

// Every buffer is back when the table is gone.
static int gone(void **state)
{
	(void)state;
	frag_destroy(frag);
	return rte_mempool_avail_count(pool) == 4095 && rte_mempool_avail_count(large) == 15 ? 0
	                                                                                     : -1;
}

// The datagram all of these tests send: the byte at i.
static uint8_t content(size_t i)
{
	return (uint8_t)(i * 7 + i / 256);
}

// A fragment of it with n bytes from offset on, of datagram `id`.
static struct rte_mbuf *fragment(bool v6, unsigned id, unsigned offset, unsigned n, bool more)
{
	const struct addr a = frame_addr(v6 ? "[2001:db8::1]" : "192.0.2.1"),
	                  b = frame_addr(v6 ? "[2001:db8::2]" : "192.0.2.2");
	struct frame f = {0};

	frame_ethernet(&f, mac, mac, 0, v6 ? ETH_IPV6 : ETH_IPV4);
	if (v6) {
		frame_ipv6(&f, &a, &b, n + 8, 44);
		frame_put16(&f, IP_UDP << 8);
		frame_put16(&f, offset | more);
		frame_put16(&f, 0);
		frame_put16(&f, id);
	} else {
		frame_ipv4(&f, &a, &b, n, (more ? 0x2000u : 0) | offset / 8);
		f.byte[ETH_HEADER + 4] = (uint8_t)(id >> 8);
		f.byte[ETH_HEADER + 5] = (uint8_t)id;
	}
	for (unsigned i = 0; i < n; i++)
		f.byte[f.len++] = content(offset + i);
	struct rte_mbuf *m = rte_pktmbuf_alloc(pool);
	assert_non_null(m);
	memcpy(rte_pktmbuf_append(m, (uint16_t)f.len), f.byte, f.len);
	return m;
}

static enum frag_result add(struct rte_mbuf **m)
{
	const uint8_t *p = rte_pktmbuf_mtod_offset(*m, const uint8_t *, ETH_HEADER);
	struct ip_header h;

	assert_int_equal(ip_parse(p, (*m)->data_len - (size_t)ETH_HEADER, true, &h), IP_OK);
	assert_true(h.fragment);
	return frag_add(frag, m, ETH_HEADER, &h, now, large);
}

static enum frag_result add_one(bool v6, unsigned id, unsigned offset, unsigned n, bool more)
{
	struct rte_mbuf *m = fragment(v6, id, offset, n, more);
	const enum frag_result r = add(&m);

	if (r == FRAG_WHOLE)
		rte_pktmbuf_free(m);
	return r;
}

// All pieces in that order make the datagram, as an ordinary packet.
static void in_order(bool v6, const unsigned *order)
{
	struct rte_mbuf *m = NULL;
	struct ip_header h;

	for (unsigned i = 0; i < PIECES; i++) {
		m = fragment(v6, 5, order[i] * PIECE, PIECE, order[i] + 1 < PIECES);
		assert_int_equal(add(&m), i + 1 < PIECES ? FRAG_KEPT : FRAG_WHOLE);
		assert_int_equal(frag_held(frag), i + 1 < PIECES ? i + 1 : 0);
	}
	assert_int_equal(m->nb_segs, 1);
	const uint8_t *p = rte_pktmbuf_mtod_offset(m, const uint8_t *, ETH_HEADER);
	assert_int_equal(ip_parse(p, m->data_len - (size_t)ETH_HEADER, false, &h), IP_OK);
	assert_false(h.fragment);
	assert_int_equal(h.payload_len, PIECES * PIECE);
	assert_int_equal(h.protocol, IP_UDP);
	for (unsigned i = 0; i < PIECES * PIECE; i++)
		assert_int_equal(p[h.header_len + i], content(i));
	rte_pktmbuf_free(m);
}

static void any_order(void **state)
{
	static const unsigned orders[][PIECES] = {
	        {0, 1, 2, 3}, {3, 2, 1, 0}, {2, 0, 3, 1}, {1, 3, 0, 2}};

	(void)state;
	for (unsigned i = 0; i < 8; i++)
		in_order(i & 1, orders[i / 2]);
}

static void padding_is_cut(void **state)
{
	struct rte_mbuf *m = fragment(false, 9, 0, 8, true);

	(void)state;
	memset(rte_pktmbuf_append(m, 18), 0xee, 18); // to Ethernet's 60 bytes
	assert_int_equal(add(&m), FRAG_KEPT);
	m = fragment(false, 9, 8, 8, false);
	memset(rte_pktmbuf_append(m, 18), 0xee, 18);
	assert_int_equal(add(&m), FRAG_WHOLE);
	assert_int_equal(m->pkt_len, ETH_HEADER + 20 + 16);
	for (unsigned i = 0; i < 16; i++)
		assert_int_equal(rte_pktmbuf_mtod(m, uint8_t *)[ETH_HEADER + 20 + i], content(i));
	rte_pktmbuf_free(m);
}

// Nothing of a datagram with an overlap, a gap filled twice or a duplicate comes through.
static void overlaps(void **state)
{
	(void)state;
	for (unsigned v6 = 0; v6 < 2; v6++) {
		assert_int_equal(add_one(v6, 20, 0, PIECE, true), FRAG_KEPT);
		assert_int_equal(add_one(v6, 20, PIECE - 8, 16, false), FRAG_BAD);
		assert_int_equal(frag_held(frag), 0);
		assert_int_equal(add_one(v6, 21, 0, PIECE, true), FRAG_KEPT);
		assert_int_equal(add_one(v6, 21, 0, PIECE, true), FRAG_BAD);
		assert_int_equal(add_one(v6, 22, 0, 16, true), FRAG_KEPT);
		assert_int_equal(add_one(v6, 22, 8, 16, true), FRAG_KEPT);
		assert_int_equal(
		        add_one(v6, 22, 24, 8, false), FRAG_BAD); // more bytes than there are
		assert_int_equal(add_one(v6, 23, 0, 16, true), FRAG_KEPT);
		assert_int_equal(add_one(v6, 23, 8, 16, true), FRAG_KEPT);
		assert_int_equal(
		        add_one(v6, 23, 32, 8, false), FRAG_BAD); // as many, but with a hole
		assert_int_equal(frag_held(frag), 0);
	}
}

static void refused_at_once(void **state)
{
	(void)state;
	assert_int_equal(add_one(false, 30, 0, 4, true), FRAG_BAD);       // tiny
	assert_int_equal(add_one(false, 31, 0, 1001, true), FRAG_BAD);    // no multiple of 8
	assert_int_equal(add_one(false, 32, 65520, 64, false), FRAG_BAD); // ends beyond 65535
	assert_int_equal(add_one(false, 33, 8, 0, false), FRAG_BAD);      // empty
	assert_int_equal(frag_held(frag), 0);
}

// More pieces than the library holds for one datagram: all gone.
static void too_many_pieces(void **state)
{
	unsigned kept = 0;

	(void)state;
	while (add_one(false, 40, kept * 8, 8, true) == FRAG_KEPT)
		assert_in_range(++kept, 1, RTE_LIBRTE_IP_FRAG_MAX_FRAG);
	assert_int_equal(frag_held(frag), 0);
}

static void time_is_up(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 5; i++)
		assert_int_equal(add_one(false, 50 + i, 0, 8, true), FRAG_KEPT);
	now += HZ * (FRAG_TIMEOUT_MS - 1) / 1000;
	assert_int_equal(frag_expire(frag, now), 0);
	assert_int_equal(frag_held(frag), 5);
	now += HZ / 100;
	assert_int_equal(frag_expire(frag, now), 5);
	assert_int_equal(frag_held(frag), 0);
	assert_int_equal(add_one(false, 50, 8, 8, false), FRAG_KEPT); // its first half is gone
	now += HZ * 3;
	assert_int_equal(frag_expire(frag, now), 1);
}

// A flood fills no more than its budget, and is over when its time is.
static void flood(void **state)
{
	unsigned kept = 0;

	(void)state;
	for (unsigned i = 0; i < 3 * FRAG_HELD_MAX; i++)
		kept += add_one(false, i, 0, 8, true) == FRAG_KEPT;
	assert_in_range(kept, FRAG_HELD_MAX / 2, FRAG_HELD_MAX);
	assert_int_equal(frag_held(frag), kept);
	now += HZ * 3;
	for (unsigned i = 0; i < 2 * FRAG_HELD_MAX && frag_held(frag) > 0; i++)
		frag_expire(frag, now);
	assert_int_equal(frag_held(frag), 0);
	in_order(false, (const unsigned[]){0, 1, 2, 3});
}

static void no_large_buffer(void **state)
{
	struct rte_mbuf *taken[15];

	(void)state;
	assert_int_equal(rte_pktmbuf_alloc_bulk(large, taken, 15), 0);
	assert_int_equal(add_one(false, 60, 0, 8, true), FRAG_KEPT);
	assert_int_equal(add_one(false, 60, 8, 8, false), FRAG_NO_BUFFER);
	assert_int_equal(frag_held(frag), 0);
	rte_pktmbuf_free_bulk(taken, 15);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup_teardown(any_order, fresh, gone),
	        cmocka_unit_test_setup_teardown(padding_is_cut, fresh, gone),
	        cmocka_unit_test_setup_teardown(overlaps, fresh, gone),
	        cmocka_unit_test_setup_teardown(refused_at_once, fresh, gone),
	        cmocka_unit_test_setup_teardown(too_many_pieces, fresh, gone),
	        cmocka_unit_test_setup_teardown(time_is_up, fresh, gone),
	        cmocka_unit_test_setup_teardown(flood, fresh, gone),
	        cmocka_unit_test_setup_teardown(no_large_buffer, fresh, gone),
	};
	return cmocka_run_group_tests(tests, start, NULL);
}
