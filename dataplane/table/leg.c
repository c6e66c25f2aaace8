// Legs: rows with a small hash index over (ip, port), because rx asks for every packet.
#include "dataplane/table/leg.h"

#include "dataplane/sip/transport.h"
#include "dataplane/table/setup.h"

static uint8_t index_slot(const struct addr *a)
{
	uint64_t words[2];

	// Operators choose these addresses, strangers can't fill the index: no keyed hash needed.
	memcpy(words, a->ip, sizeof(words));
	uint64_t mix =
	        (words[0] ^ (words[1] << 32 | words[1] >> 32) ^ a->port) * 0x9e3779b97f4a7c15u;
	_Static_assert(LEG_SLOTS == 256, "a slot is the top byte");
	return (uint8_t)(mix >> 56);
}

uint16_t leg_id(struct str name)
{
	uint64_t hash = hash_13((struct hash_key){0, 0}, name.p, name.len);
	uint16_t id = (uint16_t)(hash ^ hash >> 16 ^ hash >> 32 ^ hash >> 48);

	return id == LEG_NONE ? 0 : id;
}

static bool same_place(const struct leg *a, uint8_t port, uint16_t vlan, const struct addr *local,
        uint8_t transport)
{
	return addr_eq(&a->local, local) && a->port == port && a->vlan == vlan &&
	       a->transport == transport;
}

static size_t name_len(const struct leg *l)
{
	return strnlen(l->name, sizeof(l->name));
}

int leg_add(struct table_builder *b, const struct leg *l, struct error *e)
{
	const struct leg *legs = b->section[TABLE_LEGS].rows;
	size_t n = b->section[TABLE_LEGS].count;

	if (n == LEGS_MAX)
		return error_set(e, "more than %u legs", LEGS_MAX);
	if (name_len(l) == sizeof(l->name) || l->id != leg_id(str_of(l->name)))
		return error_set(
		        e, "leg %.*s: name too long or not its id", (int)name_len(l), l->name);
	for (size_t i = 0; i < n; i++) {
		if (legs[i].id == l->id)
			return error_set(e,
			        "leg %s: its name has the id of leg %s: choose another name",
			        l->name, legs[i].name);
		if (same_place(&legs[i], l->port, l->vlan, &l->local, l->transport))
			return error_set(
			        e, "leg %s: same address as leg %s", l->name, legs[i].name);
	}
	if (b->section[TABLE_LEG_INDEX].count == 0)
		table_append(b, TABLE_LEG_INDEX, NULL, LEG_SLOTS, 1);
	table_append(b, TABLE_LEGS, l, 1, sizeof(*l));
	if (b->failed)
		return error_set(e, "leg %s: out of memory", l->name);
	uint8_t *index = b->section[TABLE_LEG_INDEX].rows;
	uint8_t slot = index_slot(&l->local);
	while (index[slot] != 0)
		slot++;
	index[slot] = (uint8_t)(n + 1);
	return 0;
}

static bool leg_row_check(const struct leg *l, unsigned n_ports)
{
	return name_len(l) < sizeof(l->name) && l->id != LEG_NONE && l->port < n_ports &&
	       l->vlan < 4096 && l->transport > TRANSPORT_NONE && l->transport < TRANSPORT_OTHER &&
	       l->sent_by_len > 0 && l->sent_by_len <= sizeof(l->sent_by) && l->local.port != 0 &&
	       (l->local.family == ADDR_IPV4 || l->local.family == ADDR_IPV6) && l->dscp < 64;
}

bool leg_check(const struct table_view *v, struct error *e)
{
	const struct leg *legs = v->rows[TABLE_LEGS];
	uint32_t n = v->count[TABLE_LEGS];
	const struct setup *setup = setup_get(v);
	unsigned indexed = 0;

	if (n == 0 && v->count[TABLE_LEG_INDEX] == 0)
		return true;
	if (n > LEGS_MAX || v->count[TABLE_LEG_INDEX] != LEG_SLOTS) {
		error_set(e, "%u legs with %u index slots", n, v->count[TABLE_LEG_INDEX]);
		return false;
	}
	for (uint32_t i = 0; i < n; i++) {
		if (!leg_row_check(&legs[i], setup != NULL ? setup->n_ports : SETUP_PORTS_MAX)) {
			error_set(e, "leg %u (%.*s) has a value out of range", i,
			        (int)name_len(&legs[i]), legs[i].name);
			return false;
		}
	}
	const uint8_t *index = v->rows[TABLE_LEG_INDEX];
	for (unsigned i = 0; i < LEG_SLOTS; i++) {
		indexed += index[i] != 0;
		if (index[i] > n || indexed > n) { // also keeps slots empty: a probe ends
			error_set(e, "index of legs is damaged");
			return false;
		}
	}
	return true;
}

const struct leg *leg_at(const struct table_view *v, uint8_t port, uint16_t vlan,
        const struct addr *local, uint8_t transport)
{
	const struct leg *legs = v->rows[TABLE_LEGS];
	const uint8_t *index = v->rows[TABLE_LEG_INDEX];

	if (index == NULL)
		return NULL;
	for (uint8_t slot = index_slot(local); index[slot] != 0; slot++) {
		const struct leg *l = &legs[index[slot] - 1];

		if (same_place(l, port, vlan, local, transport))
			return l;
	}
	return NULL;
}

const struct leg *leg_by_id(const struct table_view *v, uint16_t id)
{
	const struct leg *legs = v->rows[TABLE_LEGS];

	for (uint32_t i = 0; i < v->count[TABLE_LEGS]; i++)
		if (legs[i].id == id)
			return &legs[i];
	return NULL;
}

// First and last byte: most hosts are none of ours, and this is asked for each leg.
static bool may_be_same(struct str sent_by, struct str host)
{
	return host.len > 0 && host.len <= sent_by.len &&
	       char_lower(host.p[0]) == char_lower(sent_by.p[0]) &&
	       char_lower(host.p[host.len - 1]) == char_lower(sent_by.p[host.len - 1]);
}

// Whether host:port is what the leg writes into Via: same text, or the same IPv6 address in another
// spelling.
static bool sent_by_is(
        const struct leg *l, const struct addr *host, struct str host_text, uint16_t port)
{
	struct str sent_by = leg_sent_by(l);
	uint64_t own_port = transport_port(l->transport);

	if (may_be_same(sent_by, host_text) &&
	        str_eq_nocase(str_head(sent_by, host_text.len), host_text)) {
		struct str rest = str_skip(sent_by, host_text.len);

		if (rest.len > 0 &&
		        (rest.p[0] != ':' || !str_decimal(str_skip(rest, 1), 65535, &own_port)))
			return false;
		return own_port == port;
	}
	if (host->family != ADDR_IPV6 || sent_by.p[0] != '[')
		return false;
	struct addr own;
	return addr_parse(sent_by, &own) && addr_eq_ip(&own, host) &&
	       (own.port != 0 ? own.port : own_port) == port;
}

static bool asked_for(const struct leg *l, uint8_t transport)
{
	return transport == TRANSPORT_NONE || transport == l->transport;
}

static uint16_t port_or_usual(uint16_t port, const struct leg *l)
{
	return port != 0 ? port : transport_port(l->transport);
}

static const struct leg *own_address(
        const struct table_view *v, const struct addr *host, uint16_t port, uint8_t transport)
{
	const struct leg *legs = v->rows[TABLE_LEGS];

	for (uint32_t i = 0; host->family != ADDR_NONE && i < v->count[TABLE_LEGS]; i++)
		if (addr_eq_ip(&legs[i].local, host) && asked_for(&legs[i], transport) &&
		        legs[i].local.port == port_or_usual(port, &legs[i]))
			return &legs[i];
	return NULL;
}

static const struct leg *own_sent_by(const struct table_view *v, const struct addr *host,
        struct str host_text, uint16_t port, uint8_t transport)
{
	const struct leg *legs = v->rows[TABLE_LEGS];

	for (uint32_t i = 0; i < v->count[TABLE_LEGS]; i++)
		if (asked_for(&legs[i], transport) &&
		        sent_by_is(&legs[i], host, host_text, port_or_usual(port, &legs[i])))
			return &legs[i];
	return NULL;
}

bool leg_own_row(const struct table_view *v, const struct addr *host, struct str host_text,
        uint16_t port, uint8_t transport, const struct leg **leg)
{
	const struct leg *l = own_address(v, host, port, transport);

	if (l == NULL)
		l = own_sent_by(v, host, host_text, port, transport);
	if (l != NULL && leg != NULL)
		*leg = l;
	return l != NULL;
}

bool leg_ip_row(const struct table_view *v, const struct addr *ip)
{
	const struct leg *legs = v->rows[TABLE_LEGS];

	for (uint32_t i = 0; i < v->count[TABLE_LEGS]; i++)
		if (addr_eq_ip(&legs[i].local, ip))
			return true;
	return false;
}

static void host_add(struct table_view *v, unsigned bit)
{
	v->leg_hosts[bit / 64] |= UINT64_C(1) << bit % 64;
}

// What a host can be to be the same as a sent-by: all of it, or what stands before a port; by
// address where that is one.
static void sent_by_add(struct table_view *v, struct str host)
{
	struct addr a;

	if (host.len == 0)
		return;
	host_add(v, leg_name_bit(host));
	if (addr_parse(host, &a) || addr_parse_ip(host, &a))
		host_add(v, leg_address_bit(&a));
}

void leg_hosts_fill(struct table_view *v)
{
	const struct leg *legs = v->rows[TABLE_LEGS];

	for (uint32_t i = 0; i < v->count[TABLE_LEGS]; i++) {
		const struct str sent_by = leg_sent_by(&legs[i]);
		size_t colon = sent_by.len;

		while (colon > 0 && sent_by.p[colon - 1] != ':')
			colon--;
		host_add(v, leg_address_bit(&legs[i].local));
		sent_by_add(v, sent_by);
		sent_by_add(v, str_head(sent_by, colon > 0 ? colon - 1 : 0));
	}
}
