// One record of the journal as bytes: see store_record.h.
#include "control/store_record.h"

#include <assert.h>
#include <stdlib.h>

enum { TEXTS = 6, SUM = 8 };

struct head {
	uint64_t checksum;
	uint8_t version, n;
	uint16_t aor_len;
	uint32_t zero;
	int64_t offset_s;
	uint64_t zero2;
};
static_assert(sizeof(struct head) == STORE_RECORD_HEAD, "what is on disk stays as it is");

struct fixed {
	uint64_t flow;
	uint64_t registered_s; // more than the table needs
	uint32_t expires_s, cseq, reg_id, methods;
	uint8_t ip[16];
	uint16_t port;
	uint8_t family, transport;
	uint16_t leg, q;
	uint8_t flags, zero;
	uint16_t len[TEXTS]; // uri, path, instance, user agent, Call-ID, parameters
	uint16_t zero2;
};
static_assert(sizeof(struct fixed) == STORE_RECORD_CONTACT, "what is on disk stays as it is");

static uint64_t checksum(const char *record, size_t len)
{
	return hash_13((struct hash_key){0}, record + SUM, len - SUM);
}

static void texts_of(const struct location_contact *c, struct str *out)
{
	out[0] = c->uri;
	out[1] = c->path;
	out[2] = c->instance;
	out[3] = c->user_agent;
	out[4] = c->call_id;
	out[5] = c->params;
}

size_t store_record_len(struct str aor, const struct location_contact *contacts, unsigned n)
{
	size_t len = STORE_RECORD_HEAD + aor.len;

	if (n == 0 || n > LOCATION_CONTACTS_MAX || aor.len == 0 || aor.len > STORE_AOR_MAX)
		return 0;
	for (unsigned i = 0; i < n; i++) {
		struct str text[TEXTS];
		size_t sum = 0;

		texts_of(&contacts[i], text);
		for (int t = 0; t < TEXTS; t++) {
			if (text[t].len > LOCATION_TEXT_MAX)
				return 0;
			sum += text[t].len;
		}
		if (sum > LOCATION_TEXT_MAX)
			return 0;
		len += STORE_RECORD_CONTACT + sum;
	}
	return len;
}

static char *put(char *at, struct str text)
{
	if (text.len > 0)
		memcpy(at, text.p, text.len);
	return at + text.len;
}

static char *write_contact(char *at, const struct location_contact *c)
{
	struct fixed f = {
	        .flow = c->flow,
	        .registered_s = c->registered_s,
	        .expires_s = c->expires_s,
	        .cseq = c->cseq,
	        .reg_id = c->reg_id,
	        .methods = c->methods,
	        .port = c->received.port,
	        .family = c->received.family,
	        .transport = c->transport,
	        .leg = c->leg,
	        .q = c->q,
	        .flags = c->flags,
	};
	struct str text[TEXTS];

	memcpy(f.ip, c->received.ip, sizeof(f.ip));
	texts_of(c, text);
	for (int t = 0; t < TEXTS; t++)
		f.len[t] = (uint16_t)text[t].len;
	memcpy(at, &f, sizeof(f));
	at += sizeof(f);
	for (int t = 0; t < TEXTS; t++)
		at = put(at, text[t]);
	return at;
}

void store_record_write(char *out, struct str aor, const struct location_contact *contacts,
        unsigned n, int64_t offset_s)
{
	struct head h = {
	        .version = STORE_RECORD_VERSION,
	        .n = (uint8_t)n,
	        .aor_len = (uint16_t)aor.len,
	        .offset_s = offset_s,
	};
	char *at = put(out + sizeof(h), aor);

	memcpy(out, &h, sizeof(h));
	for (unsigned i = 0; i < n; i++)
		at = write_contact(at, &contacts[i]);
	h.checksum = checksum(out, (size_t)(at - out));
	memcpy(out, &h.checksum, SUM);
}

// The contact at `at`: how long it is with its texts, 0 = it does not fit before the end.
static size_t contact_len(struct str record, size_t at, struct fixed *f)
{
	size_t len = sizeof(*f);

	if (at + sizeof(*f) > record.len)
		return 0;
	memcpy(f, record.p + at, sizeof(*f));
	for (int t = 0; t < TEXTS; t++)
		len += f->len[t];
	return len <= record.len - at && len - sizeof(*f) <= LOCATION_TEXT_MAX ? len : 0;
}

enum store_sound store_record_check(struct str record)
{
	struct head h;
	struct fixed f;
	size_t at, len;

	if (record.len < sizeof(h) || record.len > STORE_RECORD_MAX)
		return STORE_DAMAGED;
	memcpy(&h, record.p, sizeof(h));
	if (h.checksum != checksum(record.p, record.len))
		return STORE_DAMAGED;
	if (h.version != STORE_RECORD_VERSION)
		return STORE_UNKNOWN;
	at = sizeof(h) + h.aor_len;
	if (h.n == 0 || h.n > LOCATION_CONTACTS_MAX || h.aor_len == 0 || at > record.len)
		return STORE_DAMAGED;
	for (unsigned i = 0; i < h.n; i++, at += len) {
		len = contact_len(record, at, &f);
		if (len == 0)
			return STORE_DAMAGED;
	}
	return at == record.len ? STORE_SOUND : STORE_DAMAGED;
}

struct str store_record_aor(struct str record)
{
	struct head h;

	memcpy(&h, record.p, sizeof(h));
	return (struct str){record.p + sizeof(h), h.aor_len};
}

// A time of the table: what was before the boot is 0.
static uint32_t in_range(int64_t seconds)
{
	if (seconds < 0)
		return 0;
	return seconds < UINT32_MAX ? (uint32_t)seconds : UINT32_MAX;
}

static void read_contact(
        const struct fixed *f, const char *texts, int64_t shift_s, struct location_contact *c)
{
	struct str *text[TEXTS] = {
	        &c->uri, &c->path, &c->instance, &c->user_agent, &c->call_id, &c->params};

	c->flow = f->flow;
	c->registered_s = in_range((int64_t)f->registered_s + shift_s);
	c->expires_s = in_range((int64_t)f->expires_s + shift_s);
	c->cseq = f->cseq;
	c->reg_id = f->reg_id;
	c->methods = f->methods;
	c->leg = f->leg;
	c->q = f->q;
	c->transport = f->transport;
	c->flags = f->flags;
	c->received = (struct addr){.port = f->port, .family = f->family};
	memcpy(c->received.ip, f->ip, sizeof(f->ip));
	for (int t = 0; t < TEXTS; t++) {
		*text[t] = (struct str){texts, f->len[t]};
		texts += f->len[t];
	}
}

unsigned store_record_read(
        struct str record, int64_t offset_s, uint32_t now_s, struct location_contact *out)
{
	struct str aor = store_record_aor(record);
	size_t at = STORE_RECORD_HEAD + aor.len, len;
	unsigned n = 0;
	struct fixed f;
	struct head h;

	memcpy(&h, record.p, sizeof(h));
	for (unsigned i = 0; i < h.n; i++, at += len) {
		len = contact_len(record, at, &f);
		read_contact(&f, record.p + at + sizeof(f), h.offset_s - offset_s, &out[n]);
		out[n].aor = aor;
		n += out[n].expires_s > now_s;
	}
	return n;
}

bool store_record_refresh(char *record, size_t len, const struct store_time *time, int64_t offset_s)
{
	struct str all = {record, len};
	size_t at = STORE_RECORD_HEAD + store_record_aor(all).len, step;
	struct location_contact c;
	struct fixed f;
	struct head h;

	memcpy(&h, record, sizeof(h));
	for (unsigned i = 0; i < h.n; i++, at += step) {
		step = contact_len(all, at, &f);
		read_contact(&f, record + at + sizeof(f), 0, &c);
		if (!str_eq(c.uri, time->uri) || !str_eq(c.call_id, time->call_id) ||
		        c.cseq >= time->cseq)
			continue;
		f.cseq = time->cseq;
		f.expires_s = in_range((int64_t)time->expires_s + offset_s - h.offset_s);
		memcpy(record + at, &f, sizeof(f));
		h.checksum = checksum(record, len);
		memcpy(record, &h.checksum, SUM);
		return true;
	}
	return false;
}

bool store_record_same(struct str a, struct str b)
{
	struct head ha, hb;

	if (a.len != b.len || a.len < sizeof(ha))
		return false;
	memcpy(&ha, a.p, sizeof(ha));
	memcpy(&hb, b.p, sizeof(hb));
	return ha.version == hb.version && ha.n == hb.n && ha.aor_len == hb.aor_len &&
	       llabs(ha.offset_s - hb.offset_s) <= 2 &&
	       memcmp(a.p + sizeof(ha), b.p + sizeof(hb), a.len - sizeof(ha)) == 0;
}
