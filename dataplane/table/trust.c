// Fields kept inside: see trust.h.
#include "dataplane/table/trust.h"

bool trust_may_cut(enum header_id id)
{
	switch (id) {
	case HEADER_VIA:
	case HEADER_FROM:
	case HEADER_TO:
	case HEADER_CALL_ID:
	case HEADER_CSEQ:
	case HEADER_MAX_FORWARDS:
	case HEADER_MAX_BREADTH:
	case HEADER_CONTACT:
	case HEADER_ROUTE:
	case HEADER_RECORD_ROUTE:
	case HEADER_CONTENT_LENGTH:
	case HEADER_CONTENT_TYPE:
	case HEADER_AUTHORIZATION:
	case HEADER_PROXY_AUTHORIZATION:
	case HEADER_P_ASSERTED_IDENTITY: // cut already
	case HEADER_REMOTE_PARTY_ID:
	case HEADER_DIVERSION:
		return false;
	default:
		return id < HEADER_COUNT;
	}
}

// Its name in another case or form: a field is cut once.
static bool is_listed(const struct table_builder *b, enum header_id id, struct str name)
{
	const struct trust_header *h = b->section[TABLE_TRUST_HEADERS].rows;

	for (size_t i = 0; i < b->section[TABLE_TRUST_HEADERS].count; i++) {
		const char *text = b->section[TABLE_TEXT].rows;
		const struct str other = {text + h[i].name, h[i].name_len};

		if (h[i].id == id && (id != HEADER_OTHER || str_eq_nocase(other, name)))
			return true;
	}
	return false;
}

int trust_add(struct table_builder *b, struct str name, struct error *e)
{
	struct trust_header h = {.id = (uint16_t)header_lookup(name)};

	if (b->section[TABLE_TRUST_HEADERS].count == TRUST_HEADERS_MAX)
		return error_set(e, "trust header: more than %d", TRUST_HEADERS_MAX);
	if (!trust_may_cut((enum header_id)h.id) || name.len > UINT8_MAX)
		return error_set(
		        e, "trust header %.*s: this field cannot be taken out", STR_ARG(name));
	if (is_listed(b, (enum header_id)h.id, name))
		return 0;
	h.name = (uint32_t)table_append(b, TABLE_TEXT, name.p, name.len, 1);
	h.name_len = (uint16_t)name.len;
	table_append(b, TABLE_TRUST_HEADERS, &h, 1, sizeof(h));
	return b->failed ? error_set(e, "trust header: out of memory") : 0;
}

bool trust_check(const struct table_view *v, struct error *e)
{
	const struct trust_header *h = v->rows[TABLE_TRUST_HEADERS];
	bool good = v->count[TABLE_TRUST_HEADERS] <= TRUST_HEADERS_MAX;

	for (uint32_t i = 0; good && i < v->count[TABLE_TRUST_HEADERS]; i++)
		good = trust_may_cut((enum header_id)h[i].id) &&
		       h[i].name <= v->count[TABLE_TEXT] &&
		       h[i].name_len <= v->count[TABLE_TEXT] - h[i].name;
	if (!good)
		error_set(e, "a trust header is out of range");
	return good;
}
