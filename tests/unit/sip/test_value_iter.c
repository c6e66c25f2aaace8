// value_iter: values of list headers over fields, commas, quotes and brackets.
#include "tests/unit/unit.h"

#include "dataplane/sip/message.h"

// Parses a request with these fields after the mandatory ones.
static void make(struct message *m, const char *fields)
{
	static char text[70000];

	snprintf(text, sizeof(text),
	        "OPTIONS sip:a@example.com SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\n"
	        "From: <sip:a@b>;tag=1\r\nTo: <sip:a@b>\r\nCall-ID: 1\r\nCSeq: 1 OPTIONS\r\n%s\r\n",
	        fields);
	assert_int_equal(message_parse(str_of(text), m, NULL), MESSAGE_NONE);
}

static void walks(void **state)
{
	// Fields, then the values of Contact joined by '|', with '!' at the end when bad.
	static const char *rows[][2] = {
	        {"", ""},
	        {"Contact: <sip:a>\r\n", "<sip:a>"},
	        {"Contact: <sip:a> , <sip:b>\r\n", "<sip:a>|<sip:b>"},
	        {"Contact: a\r\nX: y\r\nm: b,c\r\nCONTACT : d\r\n", "a|b|c|d"},
	        {"Contact: \"x, y\" <sip:a,b>,c\r\n", "\"x, y\" <sip:a,b>|c"},
	        {"Contact: \"q\\\", \" <sip:a>,b\r\n", "\"q\\\", \" <sip:a>|b"},
	        {"Contact: <sip:\"a>, b\r\n", "<sip:\"a>|b"},
	        {"Contact: a,\r\n b\r\n", "a|b"},
	        {"Contact: a,,b\r\n", "a|!"},
	        {"Contact: ,a\r\n", "!"},
	        {"Contact: a, \r\n", "a|!"},
	        {"Contact:\r\n", "!"},
	        {"Contact: a\r\nContact:\r\n", "a|!"},
	        {"Contact: \"a\r\n", "!"},
	        {"Contact: \"a\\\"\r\n", "!"},
	        {"Contact: \"a\\\r\n", "!"},
	        {"Contact: a, <b\r\n", "a|!"},
	        {"Contact: a, b>\r\n", "a|!"},
	        {"Contact: <>,b\r\n", "<>|b"},
	};

	(void)state;
	for (size_t i = 0; i < unit_rows(rows); i++) {
		char text[256] = "";
		struct value_iter it;
		struct message m;
		size_t n = 0;
		unsigned count = 0;

		make(&m, rows[i][0]);
		value_iter_start(&it, &m, HEADER_CONTACT);
		while (value_iter_next(&it)) {
			n += (size_t)snprintf(
			        text + n, sizeof(text) - n, "|%.*s", STR_ARG(it.value));
			assert_int_equal(it.index, count++);
			assert_int_equal(it.field->id, HEADER_CONTACT);
		}
		if (it.bad)
			strcpy(text + n, "|!");
		assert_string_equal(text[0] == '|' ? text + 1 : text, rows[i][1]);
		assert_false(value_iter_next(&it));
	}
}

// Every byte at every place: only the four of them end or spoil a value.
static void every_byte(void **state)
{
	char fields[64] = "Contact: ";
	struct value_iter it;
	struct message m;
	size_t head = strlen(fields);

	(void)state;
	for (unsigned c = 1; c < 256; c++) {
		if (c == '\r' || c == '\n')
			continue;
		for (size_t at = 1; at < 20; at++) {
			memset(fields + head, '=', 21);
			fields[head + at] = (char)c;
			strcpy(fields + head + 21, "\r\n");
			make(&m, fields);
			value_iter_start(&it, &m, HEADER_CONTACT);
			if (c == '"' || c == '<' || c == '>') {
				assert_false(value_iter_next(&it));
				assert_true(it.bad);
			} else {
				assert_true(value_iter_next(&it));
				assert_int_equal(it.value.len, c == ',' ? at : 21);
			}
		}
	}
}

static void may_be_empty(void **state)
{
	struct value_iter it;
	struct message m;

	(void)state;
	make(&m, "Supported: \r\nSupported: path\r\nk:\r\nAllow:\r\n");
	value_iter_start(&it, &m, HEADER_SUPPORTED);
	assert_true(value_iter_next(&it));
	unit_str(it.value, "path");
	assert_int_equal(it.index, 0);
	assert_false(value_iter_next(&it));
	assert_false(it.bad);
	value_iter_start(&it, &m, HEADER_ALLOW);
	assert_false(value_iter_next(&it));
	assert_false(it.bad);
}

// In one field or in two.
static void many(void **state)
{
	static const unsigned counts[] = {
	        MESSAGE_VALUES_MAX - 1, MESSAGE_VALUES_MAX, MESSAGE_VALUES_MAX + 1, 30000};
	static char fields[60100];
	struct value_iter it;
	struct message m;

	(void)state;
	for (size_t i = 0; i < 2 * unit_rows(counts); i++) {
		const unsigned wanted = counts[i / 2];
		unsigned n = 0;
		char *at = stpcpy(fields, "Contact: a");

		for (unsigned v = 1; v < wanted; v++)
			at = stpcpy(at, i % 2 == 1 && v == wanted / 2 ? "\r\nm: a" : ",a");
		strcpy(at, "\r\n");
		make(&m, fields);
		value_iter_start(&it, &m, HEADER_CONTACT);
		while (value_iter_next(&it))
			n++;
		assert_int_equal(it.bad, wanted > MESSAGE_VALUES_MAX);
		assert_int_equal(n, wanted > MESSAGE_VALUES_MAX ? MESSAGE_VALUES_MAX : wanted);
	}
}

// Length of the first value, byte by byte; SIZE_MAX when a quote or bracket is not balanced.
static size_t reference(struct str s)
{
	enum { OUTSIDE, QUOTED, BRACKETS } in = OUTSIDE;

	for (size_t i = 0; i < s.len; i++) {
		const char c = s.p[i];

		if (in == OUTSIDE && c == ',')
			return i;
		if (in == OUTSIDE && c == '>')
			return SIZE_MAX;
		if (in == OUTSIDE && (c == '"' || c == '<'))
			in = c == '"' ? QUOTED : BRACKETS;
		else if (in == QUOTED && c == '\\')
			i++;
		else if ((in == QUOTED && c == '"') || (in == BRACKETS && c == '>'))
			in = OUTSIDE;
	}
	return in == OUTSIDE ? s.len : SIZE_MAX;
}

static void same_as_byte_by_byte(void **state)
{
	static const char *const pieces[] = {",", "<", ">", "\"", "\\", " ", "a", ";q=0.5",
	        "<sip:a@b>", "\"A, B\" ", "sip:abcdefghijklmnopqrstuvwxyz@example.com"};
	uint32_t seed = 20261130;

	(void)state;
	for (unsigned round = 0; round < 100000; round++) {
		char fields[400] = "Contact: x";
		struct value_iter it;
		struct message m;
		struct str rest;
		bool more = true;

		while (strlen(fields) < round % 200)
			strcat(fields, pieces[unit_random(&seed) % unit_rows(pieces)]);
		strcat(fields, "x\r\n");
		make(&m, fields);
		rest = message_value(&m, HEADER_CONTACT);
		value_iter_start(&it, &m, HEADER_CONTACT);
		while (more) {
			const size_t len = reference(rest);
			struct str want = STR_NONE;

			if (len != SIZE_MAX)
				want = str_trim(str_head(rest, len));
			more = value_iter_next(&it);
			assert_int_equal(more, want.len > 0);
			assert_int_equal(it.bad, !more);
			if (!more)
				break;
			assert_true(it.value.p == want.p && it.value.len == want.len);
			if (len == rest.len) {
				assert_false(value_iter_next(&it) || it.bad);
				break;
			}
			rest = str_skip(rest, len + 1);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(same_as_byte_by_byte),
	        cmocka_unit_test(walks),
	        cmocka_unit_test(every_byte),
	        cmocka_unit_test(may_be_empty),
	        cmocka_unit_test(many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
