// message: start lines, the header index, and each fault by name.
#include "tests/unit/unit.h"

#include "dataplane/sip/message.h"
#include "dataplane/sip/scan.h"
#include "tests/unit/corpus.h"
#include "tests/unit/guard.h"

#define MANDATORY                                                                          \
	"Via: SIP/2.0/UDP h;branch=z9hG4bK1\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:a@b>\r\n" \
	"Call-ID: 1@h\r\nCSeq: 1 OPTIONS\r\n"
#define REQUEST "OPTIONS sip:a@example.com SIP/2.0\r\n"

static char room[140000];

// A copy of exactly that size: ASan sees a byte too many.
static enum message_fault parse(struct str text, struct message *m)
{
	static char *copy;
	uint16_t at = 0;
	enum message_fault f;

	free(copy);
	copy = malloc(text.len > 0 ? text.len : 1);
	memcpy(copy, text.p, text.len);
	f = message_parse((struct str){copy, text.len}, m, &at);
	assert_true(at <= text.len);
	return f;
}

// A request whose fields are the mandatory ones and these.
static enum message_fault parse_fields(const char *fields, struct message *m)
{
	int n = snprintf(room, sizeof(room), REQUEST MANDATORY "%s\r\n", fields);

	return parse((struct str){room, (size_t)n}, m);
}

static void request(void **state)
{
	struct message m;

	(void)state;
	assert_int_equal(parse(STR("\r\n\r\nINVITE sip:b@example.com SIP/2.0\r\n"
	                           "v: SIP/2.0/UDP h1;branch=z9hG4bK1\r\nMax-Forwards: 70\r\n"
	                           "f: <sip:a@b>;tag=1\r\nt : <sip:b@b>\r\nI: 1@h\r\n"
	                           "CSEQ:1 INVITE\r\nVia: SIP/2.0/UDP h2\r\nX-a:  b \r\n"
	                           "l: 4\r\n\r\nbodyrest"),
	                         &m),
	        MESSAGE_NONE);
	assert_true(m.is_request);
	assert_int_equal(m.method, METHOD_INVITE);
	unit_str(m.method_name, "INVITE");
	unit_str(m.request_uri, "sip:b@example.com");
	unit_str(m.version, "SIP/2.0");
	assert_false(m.version_odd_case);
	assert_int_equal(m.n_headers, 9);
	unit_str(message_value(&m, HEADER_CALL_ID), "1@h");
	unit_str(message_value(&m, HEADER_TO), "<sip:b@b>");
	assert_int_equal(message_first(&m, HEADER_TO)->name_len, 1);
	unit_str(message_value(&m, HEADER_OTHER), "b");
	unit_str(header_value(&m, message_next(&m, message_first(&m, HEADER_VIA))),
	        "SIP/2.0/UDP h2");
	assert_null(message_next(&m, message_next(&m, message_first(&m, HEADER_VIA))));
	assert_null(message_first(&m, HEADER_ROUTE));
	assert_null(message_value(&m, HEADER_ROUTE).p);
	unit_str(m.body, "body");
	assert_ptr_equal(str_end(m.bytes), str_end(m.body));
	// The fields lie side by side, from the start line to the empty line.
	assert_int_equal(m.header[0].start, m.header_start);
	for (unsigned i = 1; i < m.n_headers; i++)
		assert_int_equal(m.header[i].start, m.header[i - 1].end);
	assert_int_equal(m.header[m.n_headers - 1].end + 2, m.body_start);
}

static void responses(void **state)
{
	static const struct {
		const char *line;
		enum message_fault fault;
		uint16_t status;
		const char *reason;
	} rows[] = {
	        {"SIP/2.0 200 OK", MESSAGE_NONE, 200, "OK"},
	        {"SIP/2.0 100 ", MESSAGE_NONE, 100, ""},
	        {"SIP/2.0 699", MESSAGE_NONE, 699, ""},
	        {"sip/2.0 200 = 2**3 * 5", MESSAGE_NONE, 200, "= 2**3 * 5"},
	        {"SIP/2.0 099 X", MESSAGE_START_LINE, 0, ""},
	        {"SIP/2.0 700 X", MESSAGE_START_LINE, 0, ""},
	        {"SIP/2.0 20 X", MESSAGE_START_LINE, 0, ""},
	        {"SIP/2.0 2000 X", MESSAGE_START_LINE, 200, " X"},
	        {"SIP/2.0  200 X", MESSAGE_START_LINE, 0, ""},
	        {"SIP/2.0", MESSAGE_START_LINE, 0, ""},
	        {"SIP/ 200 OK", MESSAGE_START_LINE, 200, "OK"},
	        {"SIP/7.0 200 OK", MESSAGE_VERSION, 200, "OK"},
	};

	(void)state;
	for (size_t i = 0; i < unit_rows(rows); i++) {
		struct message m;
		int n = snprintf(room, sizeof(room), "%s\r\n" MANDATORY "\r\n", rows[i].line);

		if (parse((struct str){room, (size_t)n}, &m) != rows[i].fault)
			fail_msg("%s", rows[i].line);
		assert_false(m.is_request);
		assert_int_equal(m.status, rows[i].status);
		unit_str(m.reason, rows[i].reason);
		// Known as a response, so there is no reply; but the index is there.
		assert_int_equal(m.n_headers, 5);
	}
}

static void request_lines(void **state)
{
	static const struct {
		const char *line;
		enum message_fault fault;
		enum method method;
	} rows[] = {
	        {"INVITE sip:a SIP/2.0", MESSAGE_NONE, METHOD_INVITE},
	        {"invite sip:a SIP/2.0", MESSAGE_NONE, METHOD_OTHER},
	        {"!interesting-Method0`'~ sip:a sIp/2.0", MESSAGE_NONE, METHOD_OTHER},
	        {"ACK  sip:a SIP/2.0", MESSAGE_START_LINE, METHOD_ACK},
	        {"ACK sip:a  SIP/2.0", MESSAGE_START_LINE, METHOD_ACK},
	        {"ACK sip:a SIP/2.0 ", MESSAGE_START_LINE, METHOD_ACK},
	        {" ACK sip:a SIP/2.0", MESSAGE_START_LINE, METHOD_ACK},
	        {"ACK sip:a; lr SIP/2.0", MESSAGE_START_LINE, METHOD_ACK},
	        {"ACK sip:a\tSIP/2.0", MESSAGE_START_LINE, METHOD_ACK},
	        {"ACK sip:\x01 SIP/2.0", MESSAGE_START_LINE, METHOD_ACK},
	        {"ACK sip:\x7f SIP/2.0", MESSAGE_START_LINE, METHOD_ACK},
	        {"ACK SIP/2.0", MESSAGE_START_LINE, METHOD_ACK},
	        {"A,CK sip:a SIP/2.0", MESSAGE_START_LINE, METHOD_OTHER},
	        {"ACK sip:a SIP/2", MESSAGE_START_LINE, METHOD_ACK},
	        {"ACK sip:a SIP/2.", MESSAGE_START_LINE, METHOD_ACK},
	        {"ACK sip:a SIP/2.0.0", MESSAGE_START_LINE, METHOD_ACK},
	        {"ACK sip:a", MESSAGE_START_LINE, METHOD_ACK},
	        {"ACK SIPS:a aaaa/2.0", MESSAGE_START_LINE, METHOD_ACK},
	        {"ACK tel:1 SIP2.0", MESSAGE_START_LINE, METHOD_ACK},
	        {"ACK sip:a SIP/3.0", MESSAGE_VERSION, METHOD_ACK},
	        {"ACK sip:a SIP/2.00", MESSAGE_VERSION, METHOD_ACK},
	        {"ACK sip:a SIP/02.0", MESSAGE_VERSION, METHOD_ACK},
	};

	(void)state;
	for (size_t i = 0; i < unit_rows(rows); i++) {
		struct message m;
		int n = snprintf(room, sizeof(room), "%s\r\n" MANDATORY "\r\n", rows[i].line);

		if (parse((struct str){room, (size_t)n}, &m) != rows[i].fault)
			fail_msg("%s", rows[i].line);
		assert_true(m.is_request);
		assert_int_equal(m.method, rows[i].method);
		assert_true(m.request_uri.len < strlen(rows[i].line));
		assert_int_equal(m.n_headers, 5);
		unit_str(message_value(&m, HEADER_CALL_ID), "1@h");
	}
}

static void odd_case(void **state)
{
	struct message m;

	(void)state;
	assert_int_equal(parse(STR("ACK sip:a sip/2.0\r\n" MANDATORY "\r\n"), &m), MESSAGE_NONE);
	assert_true(m.version_odd_case);
	unit_str(m.version, "sip/2.0");
}

static void not_sip(void **state)
{
	static const struct str rows[] = {{"", 0}, {"\r\n", 2}, {"\r\n\r\n", 4}, {"\0\0\0\0", 4},
	        {"\x16\x03\x01\x02", 4}, {"GET / HTTP/1.1\r\nHost: a\r\n\r\n", 28},
	        {"OPTIONS * HTTP/1.1\r\n\r\n", 22}, {"SIP", 3}, {" SIP/2.0", 8}, {"hello", 5},
	        {"\n", 1}, {"INVITE xsip:a", 13}, {"sip:a b", 7}, {"RTSP/1.0 200 OK\r\n\r\n", 19}};

	(void)state;
	for (size_t i = 0; i < unit_rows(rows); i++) {
		struct message m;

		if (parse(rows[i], &m) != MESSAGE_NOT_SIP)
			fail_msg("row %zu", i);
		assert_int_equal(m.n_headers, 0);
	}
}

// What is taken for noise at a look is no SIP when it is taken apart; what is neither has a word of
// SIP in a first line of any length.
static void noise(void **state)
{
	static const char *const pieces[] = {"sip", "SIP/2.0", "tel:", " ", "\r\n", "\r", "\n", "x",
	        "INVITE ", "te", "si", "p", "l:", "\x80", "abcdefghijklmnopqrstuvwxyz"};
	uint32_t seed = 20261130;
	unsigned found = 0;
	struct guard g = {0};

	(void)state;
	assert_int_equal(guard_init(&g), 0);
	for (unsigned round = 0; round < 200000; round++) {
		char text[700];
		size_t len = 0;
		const size_t want = unit_random(&seed) % 600;
		struct message m;

		while (len < want) {
			const char *piece = pieces[unit_random(&seed) %
			                           (round % 2 == 0 ? unit_rows(pieces) : 4)];

			if (round % 2 == 1 && unit_random(&seed) % 8 != 0)
				piece = "x";
			len += (size_t)(stpcpy(text + len, piece) - (text + len));
		}
		const struct str s = guard_copy(&g, (struct str){text, len});

		if (!message_is_noise(s))
			continue;
		found++;
		assert_int_equal(message_parse(s, &m, NULL), MESSAGE_NOT_SIP);
	}
	assert_true(found > 10000);
	assert_true(message_is_noise(STR("GET / HTTP/1.1\r\nHost: sip.example.com\r\n\r\n")));
	assert_true(message_is_noise(STR("hello")));
	assert_false(message_is_noise(STR("")));
	assert_false(message_is_noise(STR("\r\nhello")));
	assert_false(message_is_noise(STR("INVITE tel:+1 HTTP/1.1\r\n")));
	guard_fini(&g);
}

static void folds(void **state)
{
	struct message m;

	(void)state;
	assert_int_equal(parse_fields("Subject: a\r\n b\r\n\tc \r\n \t\r\nUser-Agent:\r\n x:y\r\n"
	                              "Server:\r\n \r\n",
	                         &m),
	        MESSAGE_NONE);
	unit_str(message_value(&m, HEADER_SUBJECT), "a\r\n b\r\n\tc");
	unit_str(message_value(&m, HEADER_USER_AGENT), "x:y");
	unit_str(message_value(&m, HEADER_SERVER), "");
	assert_int_equal(m.n_headers, 8);
	assert_int_equal(m.header[6].start, m.header[5].end);
	assert_int_equal(m.header[7].end + 2, m.body_start);
	// Nothing before it that could go on.
	assert_int_equal(parse(STR(REQUEST " x: y\r\n" MANDATORY "\r\n"), &m), MESSAGE_HEADER);
	assert_int_equal(m.n_headers, 5);
	// What goes on from a bad field belongs to it, not to the field before.
	assert_int_equal(parse_fields("Subject: a\r\nbad\r\n b\r\n", &m), MESSAGE_HEADER);
	unit_str(message_value(&m, HEADER_SUBJECT), "a");
}

static void header_faults(void **state)
{
	static const struct {
		const char *fields;
		enum message_fault fault;
	} rows[] = {
	        {"no colon here\r\n", MESSAGE_HEADER},
	        {": x\r\n", MESSAGE_HEADER},
	        {" : x\r\n", MESSAGE_NONE}, // a fold of CSeq
	        {"a b: x\r\n", MESSAGE_HEADER},
	        {"a\"b: x\r\n", MESSAGE_HEADER},
	        {"\xc3\xa9: x\r\n", MESSAGE_HEADER},
	        {"a \t: x\r\n", MESSAGE_NONE},
	        {"a:\r\n", MESSAGE_NONE},
	        {"a: x\ny: z\r\n", MESSAGE_LINE_END},
	        {"a: x\ry: z\r\n", MESSAGE_LINE_END},
	        {"a: x\r\r\n", MESSAGE_LINE_END},
	        {"i: 2\r\n", MESSAGE_DUPLICATE},
	        {"t: 2\r\n", MESSAGE_DUPLICATE},
	        {"Content-Length: 0\r\nl: 0\r\n", MESSAGE_DUPLICATE},
	        {"Max-Forwards: 70\r\nMax-forwards : 70\r\n", MESSAGE_DUPLICATE},
	        {"v: x\r\nVia: y\r\n", MESSAGE_NONE},
	        {"Content-Length: 1\r\n", MESSAGE_CONTENT_LENGTH},
	        {"Content-Length: -0\r\n", MESSAGE_CONTENT_LENGTH},
	        {"Content-Length: 0, 0\r\n", MESSAGE_CONTENT_LENGTH},
	        {"Content-Length:\r\n", MESSAGE_CONTENT_LENGTH},
	        {"Content-Length: 4294967296\r\n", MESSAGE_CONTENT_LENGTH},
	        {"Content-Length: 18446744073709551616\r\n", MESSAGE_CONTENT_LENGTH},
	        {"Content-Length: 0000000000\r\n", MESSAGE_NONE},
	        // The first in order of weight, wherever it stands.
	        {"l: 9\r\nl: 9\r\nbad\r\n", MESSAGE_HEADER},
	        {"l: 9\r\ni: 9\r\n", MESSAGE_DUPLICATE},
	};

	(void)state;
	for (size_t i = 0; i < unit_rows(rows); i++) {
		struct message m;
		enum message_fault f = parse_fields(rows[i].fields, &m);

		if (f != rows[i].fault)
			fail_msg("%s: %.*s", rows[i].fields, STR_ARG(message_fault_text(f)));
		unit_str(message_value(&m, HEADER_CALL_ID), "1@h");
	}
}

static void nul_bytes(void **state)
{
	static const struct {
		struct str text;
		enum message_fault fault;
	} rows[] = {
#define ROW(fields, fault) {STR(REQUEST MANDATORY fields "\r\n\r\nbody\0"), fault}
	        ROW("Subject: a", MESSAGE_NONE),
	        ROW("Subject: a\0", MESSAGE_HEADER),
	        ROW("Subject: \"\0\"", MESSAGE_HEADER),
	        ROW("Subject: \"\\\0\"", MESSAGE_NONE),
	        ROW("Subject: \"\\\\\0\"", MESSAGE_HEADER),
	        ROW("Subject: \\\0", MESSAGE_HEADER),
	        ROW("Subject: \"a\" \\\0", MESSAGE_HEADER),
	        ROW("Sub\0ject: a", MESSAGE_HEADER),
#undef ROW
	};

	(void)state;
	for (size_t i = 0; i < unit_rows(rows); i++) {
		struct message m;

		if (parse(rows[i].text, &m) != rows[i].fault)
			fail_msg("row %zu", i);
	}
}

static void missing(void **state)
{
	static const char *const names[] = {
	        "Via: x\r\n", "From: x\r\n", "To: x\r\n", "Call-ID: x\r\n", "CSeq: x\r\n"};

	(void)state;
	for (size_t left_out = 0; left_out <= unit_rows(names); left_out++) {
		struct message m;

		strcpy(room, REQUEST);
		for (size_t i = 0; i < unit_rows(names); i++) {
			if (i != left_out)
				strcat(room, names[i]);
		}
		strcat(room, "\r\n");
		assert_int_equal(parse(str_of(room), &m),
		        left_out < unit_rows(names) ? MESSAGE_MISSING : MESSAGE_NONE);
	}
}

static void truncated(void **state)
{
	struct str whole = STR(REQUEST MANDATORY "\r\n");
	struct message m;

	(void)state;
	for (size_t len = sizeof(REQUEST) - 1; len < whole.len; len++) {
		enum message_fault f = parse(str_head(whole, len), &m);

		// A message cut between CR and LF ends with a bare CR.
		assert_int_equal(
		        f, whole.p[len - 1] == '\r' ? MESSAGE_LINE_END : MESSAGE_TRUNCATED);
		assert_int_equal(m.body.len, 0);
	}
	assert_int_equal(m.n_headers, 5);
	assert_int_equal(parse(whole, &m), MESSAGE_NONE);
}

// A request of n fields: five mandatory ones, the rest of another kind, each with `folds` folds.
static enum message_fault parse_count(unsigned n, unsigned n_folds, struct message *m)
{
	size_t len = (size_t)snprintf(room, sizeof(room), REQUEST MANDATORY);

	for (unsigned i = 5; i < n; i++) {
		memcpy(room + len, "X: y\r\n", 6);
		len += 6;
	}
	for (unsigned i = 0; i < n_folds; i++) {
		memcpy(room + len, " z\r\n", 4);
		len += 4;
	}
	memcpy(room + len, "\r\n", 2);
	return parse((struct str){room, len + 2}, m);
}

static void limits(void **state)
{
	struct message m;
	size_t len;

	(void)state;
	assert_int_equal(parse_count(MESSAGE_HEADERS_MAX - 1, 0, &m), MESSAGE_NONE);
	assert_int_equal(parse_count(MESSAGE_HEADERS_MAX, 0, &m), MESSAGE_NONE);
	assert_int_equal(m.n_headers, MESSAGE_HEADERS_MAX);
	assert_int_equal(parse_count(MESSAGE_HEADERS_MAX + 1, 0, &m), MESSAGE_TOO_MANY_HEADERS);
	assert_int_equal(m.n_headers, MESSAGE_HEADERS_MAX);
	assert_int_equal(parse_count(3000, 0, &m), MESSAGE_TOO_MANY_HEADERS);
	unit_str(message_value(&m, HEADER_CALL_ID), "1@h");
	// Start line, six fields and the folds.
	assert_int_equal(parse_count(6, MESSAGE_LINES_MAX - 7, &m), MESSAGE_NONE);
	assert_int_equal(parse_count(6, MESSAGE_LINES_MAX - 6, &m), MESSAGE_TOO_MANY_HEADERS);

	memset(room, 'b', sizeof(room));
	len = sizeof(REQUEST MANDATORY "\r\n") - 1;
	memcpy(room, REQUEST MANDATORY "\r\n", len);
	assert_int_equal(parse((struct str){room, MESSAGE_BYTES_MAX}, &m), MESSAGE_NONE);
	assert_int_equal(m.body.len, MESSAGE_BYTES_MAX - len);
	assert_int_equal(parse((struct str){room, MESSAGE_BYTES_MAX + 1}, &m), MESSAGE_TOO_LARGE);
	unit_str(message_value(&m, HEADER_CALL_ID), "1@h");
}

static void fault_rows(void **state)
{
	(void)state;
	assert_int_equal(message_fault_status(MESSAGE_VERSION), 505);
	assert_int_equal(message_fault_status(MESSAGE_NOT_SIP), 0);
	unit_str(message_fault_text(MESSAGE_TRUNCATED), "No Empty Line After Headers");
}

static void compare_fields(const struct message *a, const struct message *b)
{
	assert_int_equal(a->n_headers, b->n_headers);
	assert_memory_equal(a->header, b->header, a->n_headers * sizeof(a->header[0]));
	assert_memory_equal(a->first, b->first, sizeof(a->first));
}

// The short way of a field against the long one, which a name in another case takes: each byte of a
// line is each byte there is.
static void fields_both_ways(void **state)
{
	static const char usual[] = "Subject: ab c", odd[] = "sUBJECT: ab c";
	static const char *const ends[] = {"", " ", "\t", "  \t"};

	(void)state;
	for (size_t at = 0; at < 4 * sizeof(usual); at++) {
		for (int c = 0; c < 256; c++) {
			const char *end = ends[at % 4];
			char text[2][64];
			enum message_fault f[2];
			static struct message m[2];

			snprintf(text[0], sizeof(text[0]), "%s%s\r\nX: y\r\n", usual, end);
			snprintf(text[1], sizeof(text[1]), "%s%s\r\nX: y\r\n", odd, end);
			if (at / 4 >= sizeof("Subject") - 1 && at / 4 < sizeof(usual) - 1 && c != 0)
				text[0][at / 4] = text[1][at / 4] = (char)c;
			f[0] = parse_fields(text[0], &m[0]);
			f[1] = parse_fields(text[1], &m[1]);
			assert_int_equal(f[0], f[1]);
			compare_fields(&m[0], &m[1]);
		}
	}
}

// The short way of a request line against the long one, which a line of more than 64 bytes takes.
static void request_lines_both_ways(void **state)
{
	static const char line[] = "INVITE sip:a@b.example SIP/2.0";
	static const char more[] = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx";
	const size_t user = 11; // where there may be more of it

	(void)state;
	for (size_t at = 0; at < sizeof(line) - 1; at++) {
		for (int c = 0; c < 256; c++) {
			static struct message a, b;
			char text[sizeof(line)], all[512];
			enum message_fault f, g;
			int n;

			memcpy(text, line, sizeof(line));
			text[at] = (char)c;
			n = snprintf(all, sizeof(all), "%.*s\r\n" MANDATORY "\r\n",
			        (int)sizeof(line) - 1, line);
			memcpy(all, text, sizeof(line) - 1);
			f = parse((struct str){all, (size_t)n}, &a);
			memcpy(all + user, more, sizeof(more) - 1);
			memcpy(all + user + sizeof(more) - 1, text + user, sizeof(line) - 1 - user);
			n = (int)(user + sizeof(more) - 1 + sizeof(line) - 1 - user);
			n += snprintf(all + n, sizeof(all) - (size_t)n, "\r\n" MANDATORY "\r\n");
			g = parse((struct str){all, (size_t)n}, &b);
			if (f != g || a.method != b.method || a.is_request != b.is_request ||
			        (f == MESSAGE_NONE &&
			                (a.method_name.len != b.method_name.len ||
			                        a.version.len != b.version.len ||
			                        a.request_uri.len + sizeof(more) - 1 !=
			                                b.request_uri.len)))
				fail_msg("byte %zu is %d: %d, %d", at, c, (int)f, (int)g);
		}
	}
}

static bool inside(struct str part, struct str whole)
{
	return part.len == 0 || (part.p >= whole.p && str_end(part) <= str_end(whole));
}

static void check_file(const char *path, struct str bytes, void *arg)
{
	struct guard *g = arg;
	struct str text = guard_copy(g, bytes);
	struct message m;
	uint16_t at;

	message_parse(text, &m, &at);
	if (!inside(m.bytes, text) || !inside(m.body, text) || !inside(m.request_uri, text) ||
	        !inside(m.reason, text) || at > text.len)
		fail_msg("%s", path);
	for (unsigned i = 0; i < m.n_headers; i++) {
		struct str value = header_value(&m, &m.header[i]);

		if (!inside(value, text) || m.header[i].end > m.body_start)
			fail_msg("%s: field %u", path, i);
	}
}

static void corpus(void **state)
{
	struct guard g;
	unsigned n;

	(void)state;
	assert_int_equal(guard_init(&g), 0);
	n = corpus_walk(corpus_root(), check_file, &g);
	guard_fini(&g);
	if (n == 0) {
		print_message("message corpus: skipped, no files under %s\n", corpus_root());
		skip();
	}
}

static int setup(void **state)
{
	(void)state;
	return scan_init() != NULL ? 0 : -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(request),
	        cmocka_unit_test(responses),
	        cmocka_unit_test(request_lines),
	        cmocka_unit_test(odd_case),
	        cmocka_unit_test(not_sip),
	        cmocka_unit_test(noise),
	        cmocka_unit_test(folds),
	        cmocka_unit_test(header_faults),
	        cmocka_unit_test(nul_bytes),
	        cmocka_unit_test(missing),
	        cmocka_unit_test(truncated),
	        cmocka_unit_test(limits),
	        cmocka_unit_test(fault_rows),
	        cmocka_unit_test(fields_both_ways),
	        cmocka_unit_test(request_lines_both_ways),
	        cmocka_unit_test(corpus),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
