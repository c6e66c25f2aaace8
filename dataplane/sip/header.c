// Header field names: name to id and back. What the first three letters and the length of a name
// say together leads to one row (no two rows to the same), which the name is compared with.
#include "dataplane/sip/header.h"
#include "dataplane/base/vec.h"

// Names lie in rows, not behind pointers: one load less on the way. With the colon that follows
// them in a message.
static const _Alignas(VEC_BYTES) char names[HEADER_COUNT][VEC_BYTES] = {
#define X(id, name, compact, flags) [HEADER_##id] = name ":",
        header_rows(X)
#undef X
};

static const struct {
	uint8_t len;
	uint8_t flags;
} rows[HEADER_COUNT] = {
#define X(id, name, compact, flags) [HEADER_##id] = {sizeof(name) - 1, flags},
        header_rows(X)
#undef X
};

// No two rows have the same slot (header_slot): a new row goes into its own here. Where that is
// taken another factor has to be found, and the table to be made anew.
enum { SLOTS = 128 };

// Of the first three letters (of names with two the last is the colon), in lower case, and the
// length.
static inline unsigned slot_of(uint32_t letters, uint32_t len)
{
	return ((letters | 0x202020) << 8 | len) * UINT32_C(0x6751d1a1) / (UINT32_MAX / SLOTS + 1);
}

// clang-format off
static const uint8_t slots[SLOTS] = {
	[1] = HEADER_AUTHORIZATION,
	[2] = HEADER_SUBJECT,
	[4] = HEADER_REQUIRE,
	[15] = HEADER_USER_AGENT,
	[19] = HEADER_P_PREFERRED_IDENTITY,
	[21] = HEADER_CONTENT_ENCODING,
	[22] = HEADER_MAX_BREADTH,
	[24] = HEADER_IDENTITY,
	[25] = HEADER_PROXY_REQUIRE,
	[26] = HEADER_ALLOW_EVENTS,
	[28] = HEADER_PROXY_AUTHENTICATE,
	[29] = HEADER_UNSUPPORTED,
	[30] = HEADER_TIMESTAMP,
	[31] = HEADER_RECORD_ROUTE,
	[32] = HEADER_TO,
	[40] = HEADER_P_ASSERTED_IDENTITY,
	[41] = HEADER_RESOURCE_PRIORITY,
	[46] = HEADER_CONTENT_LENGTH,
	[47] = HEADER_FROM,
	[48] = HEADER_ALLOW,
	[51] = HEADER_SERVICE_ROUTE,
	[55] = HEADER_MIN_EXPIRES,
	[56] = HEADER_EVENT,
	[58] = HEADER_REJECT_CONTACT,
	[66] = HEADER_REFER_TO,
	[68] = HEADER_RETRY_AFTER,
	[69] = HEADER_CONTACT,
	[71] = HEADER_CONTENT_TYPE,
	[73] = HEADER_SERVER,
	[74] = HEADER_MAX_FORWARDS,
	[79] = HEADER_PROXY_AUTHORIZATION,
	[80] = HEADER_SUPPORTED,
	[93] = HEADER_REFERRED_BY,
	[95] = HEADER_REMOTE_PARTY_ID,
	[96] = HEADER_ACCEPT,
	[99] = HEADER_WWW_AUTHENTICATE,
	[100] = HEADER_DIVERSION,
	[101] = HEADER_PATH,
	[103] = HEADER_EXPIRES,
	[104] = HEADER_CALL_ID,
	[107] = HEADER_SESSION_EXPIRES,
	[111] = HEADER_REQUEST_DISPOSITION,
	[116] = HEADER_VIA,
	[118] = HEADER_ROUTE,
	[120] = HEADER_CSEQ,
	[122] = HEADER_DATE,
	[125] = HEADER_ACCEPT_CONTACT,
};
// clang-format on

// (Rows without compact form stand where no letter leads to.)
static const uint8_t compacts[32 + HEADER_COUNT] = {
#define X(id, name, compact, flags) \
	[(compact) != 0 ? (compact)&0x1f : 32 + HEADER_##id] = HEADER_##id,
        header_rows(X)
#undef X
};

static struct str row_name(unsigned id)
{
	return (struct str){names[id], rows[id].len};
}

// Letters differ in their case by one bit. No control character may become '-' by it.
static inline bool is_row(unsigned id, struct str name)
{
	const struct vec small = vec_fill(0x20), v = vec_load(name);
	const uint32_t same = vec_same(vec_or(v, small), vec_or(vec_read(names[id]), small));

	return ((~same | vec_up_to(v, ' ')) & vec_low(name.len)) == 0;
}

unsigned header_slot(struct str name)
{
	const char third = name.len > 2 ? name.p[2] : ':';

	return slot_of((uint32_t)(uint8_t)name.p[0] | (uint32_t)(uint8_t)name.p[1] << 8 |
	                       (uint32_t)(uint8_t)third << 16,
	        (uint32_t)name.len);
}

enum header_id header_lookup(struct str name)
{
	unsigned id;

	if (name.len == 1 && char_lower(name.p[0]) >= 'a' && char_lower(name.p[0]) <= 'z')
		return (enum header_id)compacts[name.p[0] & 31];
	if (name.len - 2 >= VEC_BYTES - 2)
		return HEADER_OTHER;
	id = slots[header_slot(name)];
	return rows[id].len == name.len && is_row(id, name) ? (enum header_id)id : HEADER_OTHER;
}

enum header_id header_lookup_exact(const char *name, uint32_t len)
{
	uint32_t letters;
	unsigned id;

	memcpy(&letters, name, sizeof(letters));
	id = slots[slot_of(letters, len)];
	return vec_first(~vec_same(vec_read(name), vec_read(names[id]))) > len ? (enum header_id)id
	                                                                       : HEADER_OTHER;
}

struct str header_name(enum header_id id)
{
	return row_name(id);
}

unsigned header_flags(enum header_id id)
{
	return rows[id].flags;
}
