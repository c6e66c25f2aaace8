// Headers before payloads, and off them; ARP.
#include "dataplane/generator/wire.h"

#include "dataplane/generator/template.h"

enum { ETH_ARP = 0x0806, ARP_LEN = 28, ARP_REQUEST = 1, ARP_REPLY = 2 };

static uint64_t sum_words(const uint8_t *p, size_t len)
{
	uint64_t sum = 0;
	uint16_t word;

	for (size_t i = 0; i + 2 <= len; i += 2) {
		memcpy(&word, p + i, 2);
		sum += word;
	}
	return sum;
}

static void put16(uint8_t *p, unsigned n)
{
	p[0] = (uint8_t)(n >> 8);
	p[1] = (uint8_t)n;
}

static uint16_t big16(unsigned n)
{
	return __builtin_bswap16((uint16_t)n);
}

void wire_start(struct wire *w, const struct bench_side *side, const uint8_t mac[6])
{
	static const uint8_t none[6];
	const struct addr *a = &side->local, *b = &side->proxy;
	const struct ip_out ip = {.src = a, .dst = b, .protocol = IP_UDP, .checksum = false};
	const bool v4 = b->family == ADDR_IPV4;
	const size_t ip_len = v4 ? IP_V4_HEADER : IP_V6_HEADER;
	uint8_t *at = w->head + WIRE_HEAD_MAX - UDP_HEADER, *start;

	memset(w, 0, sizeof(*w));
	w->side = *side;
	memcpy(w->mac, mac, 6);
	w->resolved = memcmp(side->mac, none, 6) != 0;
	at = ip_write(at, &ip);
	put16(at + (v4 ? 2 : 4), 0); // length
	w->ip_sum = v4 ? sum_words(at, ip_len) : 0;
	w->udp_sum =
	        sum_words(at + (v4 ? 12 : 8), 2 * addr_ip_len(b)) + big16(IP_UDP) + big16(b->port);
	start = eth_write(at, side->mac, mac, side->vlan, v4 ? ETH_IPV4 : ETH_IPV6);
	w->head_len = (uint8_t)(w->head + WIRE_HEAD_MAX - start);
	w->ip_at = (uint8_t)(at - start);
	memmove(w->head, start, w->head_len);
	put16(w->head + w->head_len - UDP_HEADER + 2, b->port);
}

static void add_to_ip(struct addr *a, uint32_t n)
{
	uint32_t ip;

	memcpy(&ip, a->ip, 4);
	ip = __builtin_bswap32(__builtin_bswap32(ip) + n);
	memcpy(a->ip, &ip, 4);
}

struct addr wire_source(const struct wire *w, uint32_t n)
{
	const uint32_t ports = w->side.n_ports > 1 ? w->side.n_ports : 1;
	struct addr a = w->side.local;

	a.port = (uint16_t)(a.port + n % ports);
	if (w->side.n_addrs > 1 && a.family == ADDR_IPV4)
		add_to_ip(&a, n / ports % w->side.n_addrs);
	return a;
}

// The headers with everything in them; sums of lengths, id and ports are added to the fixed ones.
static void write_head(struct wire *w, struct rte_mbuf *m, size_t len, uint16_t port, uint64_t sum)
{
	uint8_t *p = (uint8_t *)rte_pktmbuf_prepend(m, w->head_len);
	uint8_t *ip = p + w->ip_at, *udp = p + w->head_len - UDP_HEADER;
	const unsigned udp_len = (unsigned)len + UDP_HEADER;
	uint16_t check;

	memcpy(p, w->head, w->head_len);
	if (w->side.proxy.family == ADDR_IPV4) {
		const unsigned total = udp_len + IP_V4_HEADER, id = w->id++;

		put16(ip + 2, total);
		put16(ip + 4, id);
		check = (uint16_t)~template_fold(w->ip_sum + big16(total) + big16(id));
		memcpy(ip + 10, &check, 2);
	} else {
		put16(ip + 4, udp_len);
	}
	put16(udp, port);
	put16(udp + 4, udp_len);
	check = (uint16_t)~template_fold(
	        sum + w->udp_sum + 2 * (uint64_t)big16(udp_len) + big16(port));
	if (check == 0)
		check = 0xffff;
	memcpy(udp + 6, &check, 2);
}

// The sums of `w` are those of its first address: what another one differs by is put right.
static void change_source(struct wire *w, struct rte_mbuf *m, const struct addr *from)
{
	uint8_t *ip = rte_pktmbuf_mtod(m, uint8_t *) + w->ip_at;
	uint8_t *udp = ip + w->head_len - w->ip_at - UDP_HEADER;
	uint64_t diff = 0;
	uint16_t check;

	if (from->family != ADDR_IPV4)
		return;
	for (unsigned i = 0; i < 4; i += 2) {
		uint16_t was, is;

		memcpy(&was, ip + 12 + i, 2);
		memcpy(&is, from->ip + i, 2);
		diff += (uint16_t)~was + (uint64_t)is;
	}
	memcpy(ip + 12, from->ip, 4);
	memcpy(&check, ip + 10, 2);
	check = (uint16_t)~template_fold((uint16_t)~check + diff);
	memcpy(ip + 10, &check, 2);
	memcpy(&check, udp + 6, 2);
	check = (uint16_t)~template_fold((uint16_t)~check + diff);
	if (check == 0)
		check = 0xffff;
	memcpy(udp + 6, &check, 2);
}

static void set_len(struct rte_mbuf *m, size_t len)
{
	m->data_len = (uint16_t)len;
	m->pkt_len = (uint32_t)len;
}

void wire_finish(struct wire *w, struct rte_mbuf *m, size_t len, uint32_t n, uint64_t sum)
{
	set_len(m, len);
	if (w->side.n_addrs <= 1 && w->side.n_ports <= 1) {
		write_head(w, m, len, w->side.local.port, sum);
		return;
	}
	const struct addr from = wire_source(w, n);

	write_head(w, m, len, from.port, sum);
	if (w->side.n_addrs > 1)
		change_source(w, m, &from);
}

void wire_finish_from(struct wire *w, struct rte_mbuf *m, size_t len, const struct addr *from)
{
	set_len(m, len);
	write_head(w, m, len, from->port, ip_sum(rte_pktmbuf_mtod(m, void *), len, 0));
	change_source(w, m, from);
}

static bool datagram(
        const uint8_t *p, size_t len, struct wire_datagram *out, enum bench_fault *fault)
{
	struct ip_header ip;
	struct udp udp;

	if (ip_parse(p, len, false, &ip) != IP_OK || ip.fragment) {
		*fault = BENCH_BAD_FRAME;
		return false;
	}
	if (ip.protocol != IP_UDP)
		return false;
	p += ip.header_len;
	if (!udp_parse(p, ip.payload_len, &udp) || udp.payload_len + UDP_HEADER != ip.payload_len) {
		*fault = BENCH_BAD_FRAME;
		return false;
	}
	if (!udp_checksum_ok(&ip.src, &ip.dst, p, (size_t)udp.payload_len + UDP_HEADER))
		*fault = BENCH_BAD_CHECKSUM;
	out->src = ip.src;
	out->src.port = udp.src_port;
	out->dst = ip.dst;
	out->dst.port = udp.dst_port;
	out->bytes = (struct str){(const char *)p + UDP_HEADER, udp.payload_len};
	return true;
}

enum wire_kind wire_parse(
        const struct rte_mbuf *m, struct wire_datagram *out, enum bench_fault *fault)
{
	const uint8_t *p = rte_pktmbuf_mtod(m, const uint8_t *);
	struct eth eth;

	*fault = BENCH_FAULTS;
	if (m->nb_segs != 1 || !eth_parse(p, m->data_len, &eth))
		return WIRE_OTHER;
	if (eth.type == ETH_ARP)
		return WIRE_ARP;
	if (eth.type != ETH_IPV4 && eth.type != ETH_IPV6)
		return WIRE_OTHER;
	return datagram(p + eth.header_len, (size_t)m->data_len - eth.header_len, out, fault)
	               ? WIRE_DATAGRAM
	               : WIRE_OTHER;
}

static uint32_t read_ip(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

// Is an address ours? (Those for junk too: it comes from 64 further on.)
static bool own_ip(const struct wire *w, const uint8_t *ip)
{
	const uint32_t first = read_ip(w->side.local.ip);
	const uint32_t n = w->side.n_addrs > 1 ? w->side.n_addrs : 1;

	return w->side.local.family == ADDR_IPV4 && read_ip(ip) - first < n;
}

bool wire_arp(struct wire *w, struct rte_mbuf *m)
{
	uint8_t *p = rte_pktmbuf_mtod(m, uint8_t *), *arp;
	struct eth eth;

	if (!eth_parse(p, m->data_len, &eth) || m->data_len < eth.header_len + ARP_LEN ||
	        eth.vlan != w->side.vlan)
		return false;
	arp = p + eth.header_len;
	if (memcmp(arp, (const uint8_t[]){0, 1, 8, 0, 6, 4}, 6) != 0)
		return false;
	if (memcmp(arp + 14, w->side.proxy.ip, 4) == 0 && !w->resolved) {
		memcpy(w->side.mac, arp + 8, 6);
		memcpy(w->head, arp + 8, 6);
		w->resolved = true;
	}
	if (arp[7] != ARP_REQUEST || !own_ip(w, arp + 24))
		return false;
	uint8_t asked[4];

	memcpy(asked, arp + 24, 4);
	arp[7] = ARP_REPLY;
	memcpy(arp + 18, arp + 8, 10); // target: who asked
	memcpy(arp + 8, w->mac, 6);
	memcpy(arp + 14, asked, 4);
	memcpy(p, arp + 18, 6);
	memcpy(p + 6, w->mac, 6);
	return true;
}

void wire_ask(struct wire *w, struct rte_mbuf *m)
{
	static const uint8_t all[6] = {255, 255, 255, 255, 255, 255};
	uint8_t *p = rte_pktmbuf_mtod(m, uint8_t *) + ETH_HEADER_MAX, *start;

	memset(p, 0, ARP_LEN);
	memcpy(p, (const uint8_t[]){0, 1, 8, 0, 6, 4, 0, ARP_REQUEST}, 8);
	memcpy(p + 8, w->mac, 6);
	memcpy(p + 14, w->side.local.ip, 4);
	memcpy(p + 24, w->side.proxy.ip, 4);
	start = eth_write(p, all, w->mac, w->side.vlan, ETH_ARP);
	m->data_off = (uint16_t)(m->data_off + (start - rte_pktmbuf_mtod(m, uint8_t *)));
	set_len(m, (size_t)(p + ARP_LEN - start));
}
