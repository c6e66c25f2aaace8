// worker: frames in, frames out, through whole turns of the proxy engine on ring ports. No root, no
// huge pages. After each test every frame is accounted for and every buffer is back.
#include "tests/unit/unit.h"
#include "tests/unit/net/frames.h"

#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_eth_ring.h>
#include <rte_ethdev.h>
#include <rte_ring.h>

#include "config/check.h"
#include "config/text.h"
#include "control/build.h"
#include "dataplane/dataplane.h"
#include "dataplane/generation.h"
#include "dataplane/net/eth.h"
#include "dataplane/net/udp.h"
#include "dataplane/sip/scan.h"

enum { PORTS = 2, ROOM = 1600, RING = 256 };

static const char config[] = "set port a device net_ring0\n"
                             "set port a address 192.0.2.1/24\n"
                             "set port b device net_ring1\n"
                             "set port b address 198.51.100.1/24\n"
                             "set port b vlan 7 address 203.0.113.1/24\n"
                             "set leg a port a udp 192.0.2.1:5060 max-breadth 0\n"
                             "set leg b port b udp 198.51.100.1:5060 max-breadth 0\n"
                             "set leg v port b vlan 7 udp 203.0.113.1:5060 max-breadth 0\n"
                             "set group g member 198.51.100.10:5060\n"
                             "set group cold member 198.51.100.99:5060\n"
                             "set domain example.com group g\n"
                             "set domain cold.example group cold\n"
                             "set domain default reject 404\n";

static const uint8_t client_mac[6] = {2, 0, 0, 0, 0, 0x64}, server_mac[6] = {2, 0, 0, 0, 0, 0x10};
static struct dataplane dp;
static struct worker *w;
static struct rte_ring *wire_in[PORTS], *wire_out[PORTS];
static struct rte_mempool *pool;             // of the frames the test makes
static struct ring punted, injected, events; // control's ends
static uint64_t left_at_start[3];

// --- tables and ports
// -----------------------------------------------------------------------------

static struct generation *generation_of(
        struct table_builder *b, enum root_chain chain, struct error *e)
{
	size_t len;
	void *image = table_finish(b, chain, 1, &len, e);

	return image != NULL ? generation_create(image, len, chain, 1, e) : NULL;
}

static struct generation *tables_of(const char *text, struct error *e)
{
	const struct token_key key = {.epoch = 1, .usable = 1, .mac = {1, 2}};
	struct table_builder b;
	struct tree *t = tree_create();

	table_begin(&b, (struct hash_key){3, 4});
	if (text_read(t, str_of(text), "test", e) != 0 || check(t, e) != 0 ||
	        build_config(t, &key, 1, &b, e) != 0)
		return NULL;
	tree_destroy(t);
	return generation_of(&b, ROOT_CONFIG, e);
}

static struct generation *config_tables(struct error *e)
{
	return tables_of(config, e);
}

static struct generation *nexthop_tables(struct error *e)
{
	static const char *const nets[] = {"192.0.2.0", "198.51.100.0"};
	static const char *const hosts[] = {"192.0.2.100", "198.51.100.10"};
	static const uint8_t *const macs[] = {client_mac, server_mac};
	struct nexthop_route route[PORTS] = {0};
	struct table_builder b;

	table_begin(&b, (struct hash_key){3, 4});
	for (unsigned i = 0; i < PORTS; i++) {
		const struct link_row l = {
		        .ifindex = i + 1, .port = (uint8_t)i, .up = 1, .mtu = 1500};
		struct neighbour n = {.addr = frame_addr(hosts[i])};

		nexthop_add_link(&b, &l);
		n.link = route[i].hop.link = i;
		memcpy(n.mac, macs[i], 6);
		route[i].prefix = frame_addr(nets[i]);
		route[i].prefix_len = 24;
		if (nexthop_add_neighbour(&b, &n, e) != 0)
			return NULL;
	}
	if (nexthop_add_routes(&b, route, PORTS, e) != 0)
		return NULL;
	nexthop_index(&b);
	return generation_of(&b, ROOT_NEXTHOP, e);
}

static int ring_port(unsigned i)
{
	const struct rte_eth_conf conf = {0};
	char name[16];

	snprintf(name, sizeof(name), "in%u", i);
	wire_in[i] = rte_ring_create(name, RING, 0, 0);
	snprintf(name, sizeof(name), "out%u", i);
	wire_out[i] = rte_ring_create(name, RING, 0, 0);
	snprintf(name, sizeof(name), "t%u", i);
	const int id = rte_eth_from_rings(name, &wire_in[i], 1, &wire_out[i], 1, 0);
	if (id < 0 || rte_eth_dev_configure((uint16_t)id, 1, 1, &conf) != 0 ||
	        rte_eth_rx_queue_setup((uint16_t)id, 0, RING, 0, NULL, w->pool) != 0 ||
	        rte_eth_tx_queue_setup((uint16_t)id, 0, RING, 0, NULL) != 0 ||
	        rte_eth_dev_start((uint16_t)id) != 0)
		return -1;
	dp.port[i].id = (uint16_t)id;
	dp.port[i].mtu = 1500;
	memcpy(dp.port[i].mac, (const uint8_t[]){2, 0, 0, 0, 1, (uint8_t)i}, 6);
	atomic_store(&dp.port[i].link_up, true);
	return 0;
}

static void take_ring(struct ring *ours, struct ring *theirs, void *memory, uint32_t bytes)
{
	ring_init(memory, bytes);
	assert_true(ring_attach(ours, memory, bytes));
	assert_true(ring_attach(theirs, memory, bytes));
}

static int start(void **state)
{
	char *argv[] = {"test", "--no-huge", "--no-shconf", "-m", "128", "--no-pci",
	        "--no-telemetry", "--lcores", "0", "--log-level=5"};
	struct error e = {0};

	(void)state;
	if (rte_eal_init(10, argv) < 0 || scan_init() == NULL)
		return -1;
	dp.n_ports = dp.setup.n_ports = PORTS;
	dp.setup.n_cores = 1;
	dp.n_workers = 1;
	w = dp.worker[0] = worker_create(&dp, 0, ROOM, &e);
	pool = rte_pktmbuf_pool_create("wire", 1023, 0, 0, UINT16_MAX / 4, 0);
	if (w == NULL || pool == NULL || ring_port(0) < 0 || ring_port(1) < 0)
		return -1;
	w->area = aligned_alloc(64, sizeof(*w->area));
	memset(w->area, 0, sizeof(*w->area));
	take_ring(w->punt = &w->ring[0], &punted, w->area->punt, ROOT_PUNT_BYTES);
	take_ring(w->inject = &w->ring[1], &injected, w->area->inject, ROOT_INJECT_BYTES);
	take_ring(w->event = &w->ring[2], &events, w->area->event, ROOT_EVENT_BYTES);
	atomic_store(&dp.running[ROOT_CONFIG], config_tables(&e));
	atomic_store(&dp.running[ROOT_NEXTHOP], nexthop_tables(&e));
	if (dp.running[ROOT_CONFIG] == NULL || dp.running[ROOT_NEXTHOP] == NULL)
		print_error("%s\n", e.text);
	left_at_start[0] = rte_mempool_avail_count(w->pool);
	left_at_start[1] = rte_mempool_avail_count(w->pool_large);
	left_at_start[2] = rte_mempool_avail_count(pool);
	return dp.running[ROOT_CONFIG] != NULL && dp.running[ROOT_NEXTHOP] != NULL ? 0 : -1;
}

static int stop(void **state)
{
	(void)state;
	if (w != NULL) {
		free(w->area);
		w->area = NULL; // not of a region
		worker_destroy(w);
	}
	return 0;
}

// --- frames
// ---------------------------------------------------------------------------------------

static struct stats before;

static int mark(void **state)
{
	(void)state;
	before = w->area->stats;
	return 0;
}

static uint64_t counted(enum verdict v)
{
	uint64_t n = 0;

	for (unsigned way = 0; way < WAY_COUNT; way++)
		n += w->area->stats.way[way][v] - before.way[way][v];
	return n;
}

static int settled(void **state)
{
	const struct stats *s = &w->area->stats;
	uint64_t sum = 0;

	(void)state;
	for (unsigned way = 0; way < WAY_COUNT; way++)
		for (unsigned v = 0; v < VERDICT_COUNT; v++)
			sum += s->way[way][v];
	assert_int_equal(s->received, sum);
	assert_int_equal(counted(VERDICT_NONE), 0);
	assert_int_equal(rte_mempool_avail_count(w->pool), left_at_start[0]);
	assert_int_equal(rte_mempool_avail_count(w->pool_large), left_at_start[1]);
	assert_int_equal(rte_mempool_avail_count(pool), left_at_start[2]);
	return 0;
}

static void arrive(unsigned port, const struct frame *f)
{
	struct rte_mbuf *m = rte_pktmbuf_alloc(pool);

	assert_non_null(m);
	memcpy(rte_pktmbuf_append(m, (uint16_t)f->len), f->byte, f->len);
	assert_int_equal(rte_ring_enqueue(wire_in[port], m), 0);
}

// The next frame sent on a port; false when there is none.
static bool sent(unsigned port, struct frame *f)
{
	struct rte_mbuf *m;

	f->len = 0;
	if (rte_ring_dequeue(wire_out[port], (void **)&m) != 0)
		return false;
	assert_int_equal(m->nb_segs, 1);
	frame_put(f, rte_pktmbuf_mtod(m, const void *), m->data_len);
	rte_pktmbuf_free(m);
	return true;
}

static struct frame udp_frame(unsigned port, const char *src, const char *dst, const char *text)
{
	const struct addr a = frame_addr(src), b = frame_addr(dst);
	const unsigned n = (unsigned)strlen(text);
	struct frame f = {0};

	frame_ethernet(&f, dp.port[port].mac, client_mac, 0, ETH_IPV4);
	frame_ipv4(&f, &a, &b, n + 8, 0);
	frame_udp(&f, &a, &b, text, n);
	return f;
}

static const char *invite(const char *host, unsigned pad)
{
	static char text[8192];

	snprintf(text, sizeof(text),
	        "INVITE sip:1@%s SIP/2.0\r\n"
	        "Via: SIP/2.0/UDP 192.0.2.100:5060;branch=z9hG4bKa\r\n"
	        "From: <sip:a@example.net>;tag=1\r\n"
	        "To: <sip:1@%s>\r\n"
	        "Call-ID: one\r\n"
	        "CSeq: 1 INVITE\r\n"
	        "Max-Forwards: 70\r\n"
	        "X-Pad: %0*d\r\n"
	        "Content-Length: 0\r\n\r\n",
	        host, host, (int)pad, 0);
	return text;
}

static void arrive_udp(const char *src, const char *dst, const char *text)
{
	const struct frame f = udp_frame(0, src, dst, text);

	arrive(0, &f);
}

// What a sent frame carries, checked down to the UDP checksum.
static struct str payload(const struct frame *f, const uint8_t *to_mac, struct ip_header *ip)
{
	struct eth eth;
	struct udp u;

	assert_true(eth_parse(f->byte, f->len, &eth));
	assert_memory_equal(eth.dst, to_mac, 6);
	const uint8_t *at = f->byte + eth.header_len;
	assert_int_equal(ip_parse(at, f->len - eth.header_len, false, ip), IP_OK);
	if (ip->fragment)
		return (struct str){(const char *)at + ip->header_len, ip->payload_len};
	at += ip->header_len;
	assert_true(udp_parse(at, ip->payload_len, &u));
	assert_true(udp_checksum_ok(&ip->src, &ip->dst, at, u.payload_len + UDP_HEADER));
	ip->src.port = u.src_port;
	ip->dst.port = u.dst_port;
	return (struct str){(const char *)at + UDP_HEADER, u.payload_len};
}

// --- tests
// ----------------------------------------------------------------------------------------

static void forwards(void **state)
{
	const struct addr leg = frame_addr("198.51.100.1:5060"),
	                  to = frame_addr("198.51.100.10:5060");
	struct ip_header ip;
	struct frame f;

	(void)state;
	arrive_udp("192.0.2.100:5060", "192.0.2.1:5060", invite("example.com", 1));
	assert_int_equal(worker_turn(w), 1);
	assert_true(sent(1, &f));
	const struct str text = payload(&f, server_mac, &ip);
	assert_true(addr_eq(&ip.src, &leg) && addr_eq(&ip.dst, &to));
	assert_memory_equal(text.p, "INVITE sip:1@example.com SIP/2.0\r\n", 34);
	assert_int_equal(counted(VERDICT_FORWARDED), 1);
	assert_false(sent(0, &f) || sent(1, &f));
}

static void replies(void **state)
{
	struct ip_header ip;
	struct frame f;

	(void)state;
	arrive_udp("192.0.2.100:5060", "192.0.2.1:5060", invite("example.net", 1));
	worker_turn(w);
	assert_true(sent(0, &f));
	const struct str text = payload(&f, client_mac, &ip);
	assert_memory_equal(text.p, "SIP/2.0 404 ", 12);
	assert_int_equal(w->area->stats.way[WAY_REPLIED][VERDICT_REJECTED] -
	                         before.way[WAY_REPLIED][VERDICT_REJECTED],
	        1);
}

static void fragments_when_larger(void **state)
{
	char whole[8192];
	struct ip_header ip;
	struct frame f;
	size_t n = 0, at = 0;

	(void)state;
	for (unsigned i = 0; i < 3; i++) { // comes in fragments as well
		const struct addr a = frame_addr("192.0.2.100:5060"),
		                  b = frame_addr("192.0.2.1:5060");
		const char *text = invite("example.com", 4096);
		struct frame datagram = {0}, piece = {0};

		frame_udp(&datagram, &a, &b, text, (unsigned)strlen(text));
		const unsigned rest = (unsigned)datagram.len - i * 1480;
		const unsigned size = i < 2 ? 1480 : rest;
		frame_ethernet(&piece, dp.port[0].mac, client_mac, 0, ETH_IPV4);
		frame_ipv4(&piece, &a, &b, size, i * 185 | (i < 2 ? 0x2000u : 0));
		frame_put(&piece, datagram.byte + i * 1480, size);
		arrive(0, &piece);
	}
	worker_turn(w);
	assert_int_equal(counted(VERDICT_FRAGMENT), 2);
	assert_int_equal(counted(VERDICT_FORWARDED), 1);
	for (; sent(1, &f); n++) {
		assert_in_range(f.len, ETH_HEADER + 28, ETH_HEADER + 1500);
		const struct str part = payload(&f, server_mac, &ip);
		assert_true(ip.fragment);
		assert_int_equal(ip.fragment_offset, at);
		memcpy(whole + at, part.p, part.len);
		at += part.len;
	}
	assert_false(ip.fragment_more);
	assert_int_equal(
	        n, w->area->stats.count[STATS_FRAGMENTS_SENT] - before.count[STATS_FRAGMENTS_SENT]);
	assert_true(udp_checksum_ok(&ip.src, &ip.dst, (const uint8_t *)whole, at));
}

static struct rte_mbuf *kernel_frame(void)
{
	struct rte_mbuf *m;

	return rte_ring_dequeue(w->to_kernel, (void **)&m) == 0 ? m : NULL;
}

static void others_are_the_kernels(void **state)
{
	struct frame f[5] = {0};

	(void)state;
	frame_ethernet(&f[0], dp.port[0].mac, client_mac, 0, 0x0806); // ARP
	frame_put(&f[0], "whatever", 8);
	f[1] = udp_frame(0, "192.0.2.100:5060", "192.0.2.1:53", "not a leg's port");
	f[2] = udp_frame(0, "192.0.2.100:5060", "192.0.2.77:5060", "not a leg's address");
	f[2].byte[ETH_HEADER + 10] ^= 1; // and broken, which is not for us to judge
	f[3] = udp_frame(0, "192.0.2.100:5060", "198.51.100.1:5060", "another port's leg");
	f[4] = udp_frame(0, "192.0.2.100:5060", "192.0.2.1:5060", "broadcast");
	memset(f[4].byte, 0xff, 6);
	for (unsigned i = 0; i < 5; i++)
		arrive(0, &f[i]);
	worker_turn(w);
	assert_int_equal(counted(VERDICT_TO_KERNEL), 5);
	for (unsigned i = 0; i < 5; i++) {
		struct rte_mbuf *m = kernel_frame();
		assert_non_null(m);
		assert_int_equal(m->port, 0);
		assert_int_equal(m->data_len, f[i].len);
		assert_memory_equal(rte_pktmbuf_mtod(m, void *), f[i].byte, f[i].len);
		rte_pktmbuf_free(m);
	}
}

static void faults(void **state)
{
	struct frame f[5], cut = {0};

	(void)state;
	for (unsigned i = 0; i < 5; i++)
		f[i] = udp_frame(0, i == 3 ? "192.0.2.100:53" : "192.0.2.100:5060",
		        "192.0.2.1:5060", invite("example.com", 1));
	f[0].byte[60] ^= 1;              // UDP checksum
	f[1].byte[ETH_HEADER + 11] ^= 1; // IP checksum
	f[2].byte[5] ^= 1;               // another station's
	f[4] = udp_frame(0, "192.0.2.1:5060", "192.0.2.1:5060", "from ourselves");
	frame_put(&cut, f[0].byte, 13);
	for (unsigned i = 0; i < 5; i++)
		arrive(0, &f[i]);
	arrive(0, &cut);
	worker_turn(w);
	assert_int_equal(counted(VERDICT_BAD_UDP), 1);
	assert_int_equal(counted(VERDICT_BAD_IP), 1);
	assert_int_equal(counted(VERDICT_BAD_ETHERNET), 2);
	assert_int_equal(counted(VERDICT_BAD_SOURCE), 2);
	assert_int_equal(w->area->stats.way[WAY_DROPPED][VERDICT_BAD_UDP] -
	                         before.way[WAY_DROPPED][VERDICT_BAD_UDP],
	        1);
}

static void tag_picks_the_leg(void **state)
{
	const struct addr a = frame_addr("203.0.113.10:5060"), b = frame_addr("203.0.113.1:5060");
	struct frame f = {0};
	const char *text = "\r\n\r\n"; // keepalive

	(void)state;
	for (unsigned vlan = 0; vlan < 14; vlan += 7) {
		f.len = 0;
		frame_ethernet(&f, dp.port[1].mac, server_mac, vlan, ETH_IPV4);
		frame_ipv4(&f, &a, &b, 12, 0);
		frame_udp(&f, &a, &b, text, 4);
		arrive(1, &f);
	}
	worker_turn(w);
	assert_int_equal(counted(VERDICT_KEEPALIVE), 1);
	assert_int_equal(counted(VERDICT_TO_KERNEL), 1);
	struct rte_mbuf *m = kernel_frame();
	assert_non_null(m);
	assert_int_equal(m->port, 1);
	rte_pktmbuf_free(m);
	while (sent(1, &f)) // a pong, if it is answered
		;
}

static void inject(const struct ring_message *head, uint32_t record, const char *text, uint32_t len)
{
	char *r = ring_reserve(&injected, record);

	assert_non_null(r);
	memcpy(r, head, record < sizeof(*head) ? record : sizeof(*head));
	if (record > sizeof(*head))
		memcpy(r + sizeof(*head), text, len);
	ring_publish(&injected, record);
}

// An unknown link address: control gets the finished message, and hands it back when it knows.
static void resolves_by_control(void **state)
{
	const struct addr target = frame_addr("198.51.100.99:5060");
	struct ring_message head;
	struct ip_header ip;
	struct frame f;
	char text[2048];
	uint32_t len;

	(void)state;
	arrive_udp("192.0.2.100:5060", "192.0.2.1:5060", invite("cold.example", 1));
	worker_turn(w);
	assert_int_equal(w->area->stats.way[WAY_PUNTED][VERDICT_RESOLVING] -
	                         before.way[WAY_PUNTED][VERDICT_RESOLVING],
	        1);
	const char *r = ring_peek(&punted, &len, NULL);
	assert_non_null(r);
	memcpy(&head, r, sizeof(head));
	assert_int_equal(head.ask, RING_RESOLVE);
	assert_int_equal(head.port, 1);
	assert_true(addr_eq(&head.dst, &target) && addr_eq_ip(&head.via, &target));
	assert_int_equal(len, sizeof(head) + head.len);
	memcpy(text, r + sizeof(head), head.len);
	ring_pop(&punted);

	head.ask = RING_SEND;
	inject(&head, len, text, head.len); // still unknown: an end to it
	worker_turn(w);
	assert_int_equal(counted(VERDICT_NEIGHBOUR_UNKNOWN), 1);
	const struct ring_event *event = ring_peek(&events, &len, NULL);
	assert_non_null(event);
	assert_int_equal(event->kind, EVENT_NEIGHBOUR_WANTED);
	assert_true(addr_eq_ip(&event->addr, &target));
	ring_pop(&events);

	head.dst = frame_addr("198.51.100.10:5060");
	inject(&head, (uint32_t)sizeof(head) + head.len, text, head.len);
	worker_turn(w);
	assert_true(sent(1, &f));
	const struct str got = payload(&f, server_mac, &ip);
	assert_int_equal(got.len, head.len);
	assert_memory_equal(got.p, text, head.len);
	assert_int_equal(counted(VERDICT_FORWARDED), 1);
}

// Control is not trusted with lengths, legs or addresses.
static void hostile_injections(void **state)
{
	const struct ring_message good = {.len = 4,
	        .ask = RING_SEND,
	        .leg = leg_id(STR("b")),
	        .dst = frame_addr("198.51.100.10:5060")};
	struct ring_message m = good;
	const uint32_t record = sizeof(m) + 4;
	struct frame f;

	(void)state;
	inject(&m, 8, "", 0);
	m.len = 5;
	inject(&m, record, "abcd", 4);
	m.len = UINT32_MAX;
	inject(&m, record, "abcd", 4);
	m = good;
	m.ask = 99;
	inject(&m, record, "abcd", 4);
	worker_turn(w);
	assert_int_equal(counted(VERDICT_BAD_MESSAGE), 4);
	m = good;
	m.leg = LEG_NONE;
	inject(&m, record, "abcd", 4);
	m = good;
	m.dst.family = 77;
	inject(&m, record, "abcd", 4);
	worker_turn(w);
	assert_int_equal(counted(VERDICT_NO_TRANSPORT), 2);
	m = good;
	m.dst = frame_addr("255.255.255.255:5060");
	inject(&m, record, "abcd", 4);
	worker_turn(w);
	assert_int_equal(counted(VERDICT_BAD_TARGET) + counted(VERDICT_NO_NEXTHOP), 1);
	assert_false(sent(0, &f) || sent(1, &f));
}

static void full_port_and_dead_link(void **state)
{
	struct frame f;
	unsigned out = 0;

	(void)state;
	for (unsigned i = 0; i < RING + 10; i += 20) {
		for (unsigned k = 0; k < 20; k++)
			arrive_udp("192.0.2.100:5060", "192.0.2.1:5060", invite("example.com", 1));
		while (rte_ring_count(wire_in[0]) > 0)
			worker_turn(w);
	}
	while (sent(1, &f))
		out++;
	assert_int_equal(out, counted(VERDICT_FORWARDED));
	assert_in_range(counted(VERDICT_TX_FULL), 1, 30);
	assert_int_equal(w->area->stats.way[WAY_DROPPED][VERDICT_TX_FULL] -
	                         before.way[WAY_DROPPED][VERDICT_TX_FULL],
	        counted(VERDICT_TX_FULL));
	atomic_store(&dp.port[1].link_up, false);
	arrive_udp("192.0.2.100:5060", "192.0.2.1:5060", invite("example.com", 1));
	worker_turn(w);
	atomic_store(&dp.port[1].link_up, true);
	assert_int_equal(counted(VERDICT_PORT_DOWN), 1);
}

static void kernel_frames_go_out(void **state)
{
	struct rte_mbuf *m = rte_pktmbuf_alloc(pool);
	struct frame f;

	(void)state;
	memcpy(rte_pktmbuf_append(m, 20), "twenty bytes of it..", 20);
	m->port = 1;
	assert_int_equal(rte_ring_enqueue(w->from_kernel, m), 0);
	assert_int_equal(worker_turn(w), 1);
	assert_true(sent(1, &f));
	assert_int_equal(f.len, 20);
	assert_int_equal(w->area->stats.received - before.received, 0);
}

// A swap between turns frees the old tables; the next turn runs by the new ones.
static void swaps_tables(void **state)
{
	struct error e = {0};
	struct frame f;

	(void)state;
	for (unsigned i = 0; i < 20; i++) {
		assert_true(generation_publish(&dp, ROOT_CONFIG, config_tables(&e)));
		assert_true(generation_publish(&dp, ROOT_NEXTHOP, nexthop_tables(&e)));
		arrive_udp("192.0.2.100:5060", "192.0.2.1:5060", invite("example.com", 1));
		worker_turn(w);
		assert_true(sent(1, &f));
	}
	assert_int_equal(counted(VERDICT_FORWARDED), 20);
}

static void first_line_is(const char *line)
{
	struct ip_header ip;
	struct frame f;

	arrive_udp("192.0.2.100:5060", "192.0.2.1:5060", invite("example.com", 1));
	worker_turn(w);
	assert_true(sent(0, &f));
	const struct str text = payload(&f, client_mac, &ip);
	assert_memory_equal(text.p, line, strlen(line));
}

// A leg that asks for passwords has nobody to compare with until the table of users comes: not
// "wrong", but "later".
static void users_come_later(void **state)
{
	char text[sizeof(config) + 64];
	struct table_builder b;
	struct error e = {0};

	(void)state;
	snprintf(text, sizeof(text), "%sset leg a auth all\n", config);
	assert_true(generation_publish(&dp, ROOT_CONFIG, tables_of(text, &e)));
	first_line_is("SIP/2.0 503 ");
	assert_int_equal(w->area->stats.way[WAY_REPLIED][VERDICT_AUTH_UNREADY] -
	                         before.way[WAY_REPLIED][VERDICT_AUTH_UNREADY],
	        1);
	table_begin(&b, (struct hash_key){3, 4});
	assert_true(generation_publish(&dp, ROOT_USERS, generation_of(&b, ROOT_USERS, &e)));
	first_line_is("SIP/2.0 407 ");
	assert_true(generation_publish(&dp, ROOT_USERS, NULL));
	assert_true(generation_publish(&dp, ROOT_CONFIG, config_tables(&e)));
}

#define frame_test(t) cmocka_unit_test_setup_teardown(t, mark, settled)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        frame_test(forwards),
	        frame_test(replies),
	        frame_test(fragments_when_larger),
	        frame_test(others_are_the_kernels),
	        frame_test(faults),
	        frame_test(tag_picks_the_leg),
	        frame_test(resolves_by_control),
	        frame_test(hostile_injections),
	        frame_test(full_port_and_dead_link),
	        frame_test(kernel_frames_go_out),
	        frame_test(swaps_tables),
	        frame_test(users_come_later),
	};
	return cmocka_run_group_tests(tests, start, stop);
}
