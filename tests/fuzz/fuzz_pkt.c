// Frames of a hostile network through the real worker, rx to tx. The input is records:
//   how, cut, length (2 bytes, little endian), bytes
// `how` says what the bytes are (HOW_...): a frame as it stands, with its sums and lengths made
// right or not, or a message for which the frame is made, whole or in fragments of 8 * `cut` bytes.
// For each: one way out and one verdict, at most one datagram out and that to the source or the
// switches, no buffer kept but waiting fragments'; and after their time none at all. What headers
// are read from a frame reads back the same when written.
#include "tests/fuzz/oracle.h"

#include <rte_cycles.h>

#include "dataplane/net/eth.h"
#include "dataplane/net/frag.h"
#include "dataplane/net/udp.h"
#include "tools/replay/inspect.h"
#include "tools/replay/rig_inner.h"

enum {
	HOW_MESSAGE = 1, // the bytes are a message
	HOW_V6 = 2,      // of HOW_MESSAGE
	HOW_CORE = 4,    // to the core's port, not access'
	HOW_RIGHT = 8,   // of a frame: lengths and sums are made right
	HOW_REVERSE = 8, // of fragments: last one first
	HOW_AGAIN = 16,  // the first fragment twice
	HOW_LOST = 32,   // the last fragment not at all
	HOW_MORE = 64,   // fragments overlap by 8 bytes
	HOW_PORT = 128,  // from a port that answers everything
	RECORDS_MAX = 40,
};

static const char config[] = "set port access device net_null0\n"
                             "set port access address 192.0.2.1/24\n"
                             "set port access address 2001:db8:a::1/64\n"
                             "set port core device net_null1\n"
                             "set port core address 198.51.100.1/24\n"
                             "set port core address 2001:db8:c::1/64\n"
                             "set leg access port access udp 192.0.2.1:5060 contact-rewrite on\n"
                             "set leg access6 port access udp [2001:db8:a::1]:5060\n"
                             "set leg core port core udp 198.51.100.1:5060\n"
                             "set leg core6 port core udp [2001:db8:c::1]:5060\n"
                             "set group switches member 198.51.100.10:5060\n"
                             "set group switches6 member [2001:db8:c::10]:5060\n"
                             "set domain example.com group switches\n"
                             "set domain six.example.com group switches6\n"
                             "set domain default group switches\n"
                             "route 0.0.0.0/0 access via 192.0.2.254\n"
                             "route ::/0 access via 2001:db8:a::fe\n";

static const char *const phone[2] = {"192.0.2.10:5062", "[2001:db8:a::10]:5062"};
static const char *const peer[2] = {"198.51.100.10:5060", "[2001:db8:c::10]:5060"};
static const char *const own[2][2] = {
        {"192.0.2.1:5060", "[2001:db8:a::1]:5060"},
        {"198.51.100.1:5060", "[2001:db8:c::1]:5060"},
};
static struct rig *rig;
static uint8_t frame[70000];

static struct addr address(const char *text)
{
	struct addr a = {0};

	oracle(addr_parse(str_of(text), &a));
	return a;
}

// --- a frame's headers
// ----------------------------------------------------------------------------

static void write_again(const struct ip_header *h)
{
	uint8_t room[128 + 1];
	const struct ip_out o = {.src = &h->src,
	        .dst = &h->dst,
	        .protocol = h->protocol,
	        .fragment = h->fragment,
	        .more = h->fragment_more,
	        .offset = h->fragment_offset,
	        .id = h->fragment_id,
	        .payload_len = 16,
	        .checksum = true};
	uint8_t *p = ip_write(room + 100, &o);
	struct ip_header again;

	memset(room + 100, 0, 16);
	oracle(room + 100 - p == ip_header_len(h->dst.family, h->fragment));
	oracle(ip_parse(p, (size_t)(room + 116 - p), false, &again) == IP_OK);
	oracle(addr_eq(&again.src, &h->src) && addr_eq(&again.dst, &h->dst));
	oracle(again.payload_len == 16 && again.protocol == h->protocol);
	oracle(again.fragment == h->fragment && again.fragment_offset == h->fragment_offset);
}

// The source the frame names; family ADDR_NONE when it is no UDP.
static struct addr check_headers(const uint8_t *data, size_t size)
{
	const struct addr none = {0};
	struct eth eth;
	struct ip_header ip;
	struct udp udp;

	if (!eth_parse(data, size, &eth))
		return none;
	oracle(eth.header_len <= size && eth.vlan < 4096);
	const uint8_t *at = data + eth.header_len;
	const size_t len = size - eth.header_len;

	if (ip_parse(at, len, true, &ip) != IP_OK)
		return none;
	oracle((size_t)ip.header_len + ip.payload_len <= len);
	oracle(ip.src.family == ip.dst.family && ip.src.family != ADDR_NONE);
	oracle(ip.fragment == (ip.fragment_more || ip.fragment_offset != 0));
	// an extension header's number would be walked when read back
	if (ip.src.family == ADDR_IPV4 || ip.protocol == IP_UDP)
		write_again(&ip);
	if (!ip.fragment && ip.protocol == IP_UDP &&
	        udp_parse(at + ip.header_len, ip.payload_len, &udp)) {
		oracle((size_t)udp.payload_len + UDP_HEADER <= ip.payload_len);
		udp_checksum_ok(
		        &ip.src, &ip.dst, at + ip.header_len, (size_t)udp.payload_len + UDP_HEADER);
		ip.src.port = udp.src_port;
	}
	return ip.src;
}

static void put16(uint8_t *p, size_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

// Lengths and sums of a frame without extension headers, so that what lies deeper is reached.
static void make_right(uint8_t *data, size_t size)
{
	struct ip_header ip;
	struct eth eth;
	uint16_t sum;

	if (!eth_parse(data, size, &eth) || size - eth.header_len < IP_V6_HEADER + UDP_HEADER)
		return;
	uint8_t *at = data + eth.header_len;
	const size_t len = size - eth.header_len, head = (at[0] & 15u) * 4;

	if (at[0] >> 4 == 6) {
		put16(at + 4, len - IP_V6_HEADER);
	} else if (head >= IP_V4_HEADER && head + UDP_HEADER <= len) {
		put16(at + 2, len);
		put16(at + 10, 0);
		sum = (uint16_t)~ip_sum_fold(ip_sum(at, head, 0));
		memcpy(at + 10, &sum, 2);
	}
	if (ip_parse(at, len, false, &ip) != IP_OK || ip.fragment || ip.payload_len < UDP_HEADER ||
	        ip.protocol != IP_UDP)
		return;
	at += ip.header_len;
	put16(at + 4, ip.payload_len);
	put16(at + 6, 0);
	sum = udp_checksum(&ip.src, &ip.dst, at, ip.payload_len);
	memcpy(at + 6, &sum, 2);
}

// --- through the worker
// ---------------------------------------------------------------------------

static void check_out(const struct rig_result *r, const struct addr *from)
{
	struct addr to[2];

	if (r->len == 0)
		return;
	oracle(from->family != ADDR_NONE && addr_is_unicast(from));
	const bool forwarded = strcmp(r->way, "forwarded") == 0;

	for (unsigned i = 0; i < 2; i++)
		to[i] = address(peer[i]);
	if (forwarded || !addr_eq_ip(&r->to, from)) {
		oracle(forwarded || strcmp(r->verdict, "resolving") == 0);
		oracle(addr_eq(&r->to, &to[0]) || addr_eq(&r->to, &to[1]));
	}
}

// `message` STR_NONE: not known, or not whole.
static void give(bool core, size_t size, struct str message)
{
	static struct rig_result r;
	struct addr from = check_headers(frame, size);

	oracle(rig_frame(rig, core ? STR("core") : STR("access"), (struct str){(char *)frame, size},
	               &r) ||
	        r.fault != NULL);
	oracle_nothing(r.fault);
	check_out(&r, &from);
	oracle_nothing(inspect(message, &from, &r));
}

// A frame before `at`, whose payload of n bytes stands there; its length.
static size_t head_before(uint8_t *at, const struct ip_out *o)
{
	static const uint8_t mac[6] = {2, 0, 0, 0, 0, 9};
	uint8_t *p = ip_write(at, o);

	p = eth_write(p, mac, mac, 0, o->dst->family == ADDR_IPV6 ? ETH_IPV6 : ETH_IPV4);
	const size_t len = (size_t)(at - p) + o->payload_len;
	memmove(frame, p, len);
	return len;
}

static void give_pieces(unsigned how, size_t step, const uint8_t *datagram, struct ip_out *o)
{
	static uint8_t room[128 + 70000];
	const size_t len = o->payload_len, n = (len + step - 1) / step;
	static uint32_t id;

	o->fragment = true;
	o->id = ++id;
	for (size_t i = 0; i < n + ((how & HOW_AGAIN) != 0) && i < RECORDS_MAX; i++) {
		const size_t k = i == n ? 0 : (how & HOW_REVERSE) != 0 ? n - 1 - i : i;
		const size_t from = k * step, over = (how & HOW_MORE) != 0 && k > 0 ? 8 : 0;
		const size_t size = (k == n - 1 ? len - from : step) + over;

		if (k == n - 1 && (how & HOW_LOST) != 0)
			continue;
		o->more = k < n - 1;
		o->offset = (uint16_t)(from - over);
		o->payload_len = (uint16_t)size;
		memcpy(room + 128, datagram + from - over, size);
		give((how & HOW_CORE) != 0, head_before(room + 128, o), STR_NONE);
	}
}

static void give_message(unsigned how, size_t cut, struct str message)
{
	static uint8_t room[128 + 70000];
	const bool core = (how & HOW_CORE) != 0, v6 = (how & HOW_V6) != 0;
	struct addr from = address(core ? peer[v6] : phone[v6]), to = address(own[core][v6]);
	uint8_t *at = room + 128;
	struct ip_out o = {.src = &from, .dst = &to, .protocol = IP_UDP, .checksum = true};
	uint16_t sum;

	if ((how & HOW_PORT) != 0)
		from.port = 53;
	if (message.len > 65000)
		message.len = 65000;
	o.payload_len = (uint16_t)(message.len + UDP_HEADER);
	put16(at, from.port);
	put16(at + 2, to.port);
	put16(at + 4, o.payload_len);
	put16(at + 6, 0);
	memcpy(at + UDP_HEADER, message.p, message.len);
	from.port = to.port = 0;
	sum = udp_checksum(&from, &to, at, o.payload_len);
	memcpy(at + 6, &sum, 2);
	if (cut == 0)
		give(core, head_before(at, &o), message);
	else
		give_pieces(how, cut * 8, at, &o);
}

// Time goes by for the fragments; then every buffer is back.
static void check_empty(void)
{
	struct worker *w = rig->dp.worker[0];

	for (unsigned i = 0; i < 4 * FRAG_DATAGRAMS && frag_held(w->frag) > 0; i++)
		frag_expire(w->frag, rte_rdtsc() + 100 * w->tsc_hz);
	oracle(frag_held(w->frag) == 0);
	oracle(rte_mempool_in_use_count(rig->frames) == 0);
	oracle(rte_mempool_in_use_count(rig->large) == 0);
	oracle(rte_mempool_in_use_count(w->pool) == 0);
	oracle(rte_mempool_in_use_count(w->pool_large) == 0);
}

// A leak checker does not look into DPDK's memory: what only that points to is freed at the end.
static void stop(void)
{
	rig_destroy(rig);
}

static void start(void)
{
	struct error e = {0};

	rig = rig_create(str_of(config), "fuzz", &e);
	oracle(rig != NULL && atexit(stop) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (rig == NULL)
		start();
	for (unsigned n = 0; size >= 4 && n < RECORDS_MAX; n++) {
		const unsigned how = data[0], cut = data[1];
		size_t len = (size_t)data[2] | (size_t)data[3] << 8;

		data += 4;
		size -= 4;
		len = len < size ? len : size;
		if ((how & HOW_MESSAGE) != 0) {
			give_message(how, cut, (struct str){(const char *)data, len});
		} else {
			memcpy(frame, data, len);
			if ((how & HOW_RIGHT) != 0)
				make_right(frame, len);
			give((how & HOW_CORE) != 0, len, STR_NONE);
		}
		data += len;
		size -= len;
	}
	check_empty();
	return 0;
}
