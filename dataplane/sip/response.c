// Writes the head of a response from its request.
#include "dataplane/sip/response.h"

#include "dataplane/sip/received.h"
#include "dataplane/sip/status.h"

struct hash_key response_tag_key(const struct token_key *first)
{
	static const char k0[] = "spry to-tag 0", k1[] = "spry to-tag 1";

	return (struct hash_key){
	        hash_24(first->mac, k0, sizeof(k0)), hash_24(first->mac, k1, sizeof(k1))};
}

void response_tag(struct hash_key key, const struct response *r, char *out)
{
	static const char digits[16] = "0123456789abcdef";
	struct hash_state h;
	uint64_t sum;

	hash_start_24(&h, key);
	hash_add_str(&h, STR("tag"));
	hash_add_str(&h, r->call_id);
	hash_add_str(&h, r->from_tag);
	hash_add_str(&h, r->via->branch);
	hash_add_str(&h, r->via->sent_by);
	hash_add(&h, &r->cseq, sizeof(r->cseq));
	sum = hash_end(&h);
	memcpy(out, "spry-", 5);
	for (int i = 0; i < 16; i++)
		out[5 + i] = digits[sum >> (60 - 4 * i) & 15];
}

void response_write_field(struct writer *out, enum header_id id, struct str value, struct str more)
{
	writer_str(out, header_name(id));
	writer_str(out, STR(": "));
	writer_str(out, value);
	writer_str(out, more);
	writer_str(out, STR("\r\n"));
}

// A field of a faulty message that would make the response faulty too.
static bool is_poison(const struct response *r, struct str value)
{
	return r->faulty && str_find(value, '\0') < value.len;
}

// All Vias as they came (RFC 3261 §8.2.6.2), the topmost with its source noted.
static void write_vias(struct writer *out, const struct response *r)
{
	const struct message *m = r->request;
	const struct header *h = message_first(m, HEADER_VIA);
	struct str value = header_value(m, h);
	struct edit_list l;
	size_t n;

	edit_start(&l);
	if (r->via->all.p != NULL)
		received_edit(&l, value.p, r->via, &r->src);
	if (r->load != NULL && r->via->oc)
		oc_edit(&l, value.p, r->via, r->load);
	writer_str(out, STR("Via: "));
	n = out->full ? 0 : edit_apply(&l, value, out->at, (size_t)(out->end - out->at));
	if (n == 0)
		out->full = true;
	else
		out->at += n;
	writer_str(out, STR("\r\n"));
	for (; h != NULL; h = message_next(m, h)) {
		value = header_value(m, h);
		if (is_poison(r, value))
			out->full = true; // the response would not find its way
		else if (h != message_first(m, HEADER_VIA))
			response_write_field(out, HEADER_VIA, value, STR_NONE);
	}
}

static void write_to(struct writer *out, const struct response *r, struct hash_key key)
{
	char text[5 + RESPONSE_TAG_LEN] = ";tag=";
	struct str tag = {text, sizeof(text)};

	if (message_first(r->request, HEADER_TO) == NULL ||
	        is_poison(r, message_value(r->request, HEADER_TO)))
		return;
	response_tag(key, r, text + 5);
	// One that can't be read, or has a tag, is given back as it is.
	if (!r->to_known || r->to_tag.len > 0)
		tag = STR_NONE;
	response_write_field(out, HEADER_TO, message_value(r->request, HEADER_TO), tag);
}

static void write_copy(struct writer *out, const struct response *r, enum header_id id)
{
	if (message_first(r->request, id) != NULL && !is_poison(r, message_value(r->request, id)))
		response_write_field(out, id, message_value(r->request, id), STR_NONE);
}

void response_write(struct writer *out, const struct response *r, struct hash_key key,
        uint16_t status, struct str reason)
{
	writer_str(out, STR("SIP/2.0 "));
	writer_decimal(out, status);
	writer_str(out, STR(" "));
	writer_str(out, reason.len > 0 ? reason : status_reason(status));
	writer_str(out, STR("\r\n"));
	write_vias(out, r);
	write_copy(out, r, HEADER_FROM);
	write_to(out, r, key);
	write_copy(out, r, HEADER_CALL_ID);
	write_copy(out, r, HEADER_CSEQ);
}

void response_write_copies(struct writer *out, const struct message *m, enum header_id id)
{
	const struct header *h = message_first(m, id);

	for (; h != NULL; h = message_next(m, h))
		response_write_field(out, id, header_value(m, h), STR_NONE);
}

static void write_two(struct writer *out, uint32_t value, char behind)
{
	char text[3] = {(char)('0' + value / 10 % 10), (char)('0' + value % 10), behind};

	writer_str(out, (struct str){text, 3});
}

// Days since 1970 as a date: years counted from March, so that a leap day is the last one.
static void write_day(struct writer *out, uint32_t days)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	const uint32_t shifted = days + 719468, era = shifted / 146097, doe = shifted % 146097;
	const uint32_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	const uint32_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;
	const uint32_t month = mp < 10 ? mp + 2 : mp - 10; // from 0

	write_two(out, doy - (153 * mp + 2) / 5 + 1, ' ');
	writer_str(out, (struct str){months + 3 * month, 3});
	writer_str(out, STR(" "));
	writer_decimal(out, yoe + era * 400 + (month < 2 ? 1 : 0));
	writer_str(out, STR(" "));
}

void response_write_date(struct writer *out, uint64_t unix_s)
{
	static const char weekdays[] = "ThuFriSatSunMonTueWed";
	const uint32_t days = (uint32_t)(unix_s / 86400), second = (uint32_t)(unix_s % 86400);

	writer_str(out, STR("Date: "));
	writer_str(out, (struct str){weekdays + 3 * (days % 7), 3});
	writer_str(out, STR(", "));
	write_day(out, days);
	write_two(out, second / 3600, ':');
	write_two(out, second / 60 % 60, ':');
	write_two(out, second % 60, ' ');
	writer_str(out, STR("GMT\r\n"));
}

void response_write_end(struct writer *out)
{
	writer_str(out, STR("Content-Length: 0\r\n\r\n"));
}
