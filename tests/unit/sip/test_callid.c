// callid: finds what the parser finds, in every message it takes: in rows, in the corpus beside the
// project, and in messages put together from pieces.
#include "tests/unit/unit.h"
#include "tests/unit/corpus.h"

#include "dataplane/sip/callid.h"
#include "dataplane/sip/charset.h"
#include "dataplane/sip/message.h"
#include "dataplane/sip/scan.h"

static void rows(void **state)
{
	static const struct {
		const char *text, *want; // NULL = none
	} row[] = {
	        {"OPTIONS sip:a SIP/2.0\r\nCall-ID: one@two\r\n\r\n", "one@two"},
	        {"OPTIONS sip:a SIP/2.0\r\nVia: x\r\ni:abc\r\n\r\n", "abc"},
	        {"OPTIONS sip:a SIP/2.0\r\nI \t:  abc \t\r\n\r\n", "abc"},
	        {"OPTIONS sip:a SIP/2.0\r\ncALL-id :\r\n \r\n\tabc\r\n\r\n", "abc"},
	        {"\r\n\r\nOPTIONS sip:a SIP/2.0\r\nCSeq: 1 A\r\ncall-id:abc\r\n\r\n", "abc"},
	        {"OPTIONS sip:a SIP/2.0\r\nCall-ID: a\r\nCall-ID: b\r\n\r\n", "a"},
	        {"OPTIONS sip:a SIP/2.0\r\nCall-IDs: a\r\nX-Call-ID: a\r\nit: a\r\n\r\n", NULL},
	        {"OPTIONS sip:a SIP/2.0\r\nSubject: x\r\n Call-ID: a\r\n\r\n", NULL},
	        {"OPTIONS sip:a SIP/2.0\r\nCSeq: 1 OPTIONS\r\n\r\nCall-ID: a\r\n", NULL},
	        {"OPTIONS sip:a SIP/2.0\r\nCall-ID:\r\nFrom: a\r\n\r\n", NULL},
	        {"OPTIONS sip:a SIP/2.0\r\nCall-ID", NULL},
	        {"OPTIONS sip:a SIP/2.0\r\ni", NULL},
	        {"OPTIONS sip:a SIP/2.0\r\n", NULL},
	        {"Call-ID: a\r\n\r\n", NULL}, // no start line
	        {"\r\n\r\n", NULL},
	        {"", NULL},
	};

	(void)state;
	for (size_t i = 0; i < unit_rows(row); i++) {
		struct str got = callid_find(str_of(row[i].text));

		if (row[i].want == NULL)
			assert_null(got.p);
		else
			unit_str(got, row[i].want);
	}
	assert_null(callid_find(STR_NONE).p);
}

static unsigned taken;

static void agrees(const char *what, struct str bytes)
{
	static struct message m;
	const struct str got = callid_find(bytes);
	struct str want;

	if (message_parse(bytes, &m, NULL) != MESSAGE_NONE)
		return;
	want = message_value(&m, HEADER_CALL_ID);
	if (!charset_is_visible(want) || want.len == 0)
		return;
	taken++;
	if (got.p != want.p || got.len != want.len)
		fail_msg("%s: '%.*s' instead of '%.*s'", what, STR_ARG(got), STR_ARG(want));
}

static void of_file(const char *path, struct str bytes, void *arg)
{
	(void)arg;
	agrees(path, bytes);
}

static void corpus(void **state)
{
	(void)state;
	taken = 0;
	if (corpus_walk(corpus_root(), of_file, NULL) == 0) {
		print_message("no corpus at %s\n", corpus_root());
		skip();
	}
	assert_true(taken > 100);
}

static uint32_t next_random(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}

// Heads of random lines, most of them close to what is looked for.
static void pieces(void **state)
{
	static const char *const line[] = {"Via: SIP/2.0/UDP a;branch=z9hG4bKx\r\n",
	        "From: <sip:a@b>;tag=1\r\n", "To: <sip:a@b>\r\n", "CSeq: 1 OPTIONS\r\n",
	        "Call-ID: x1@y\r\n", "i: x2\r\n", "CALL-ID\t :x3\r\n", "I:\r\n  x4\r\n",
	        "call-id: \r\n \r\n\tx5 \r\n \r\n", "Call-Info: <sip:i>\r\n", "c: text/plain\r\n",
	        "Subject: y\r\n i: z\r\n", "I-am: here\r\n", "Content-Length: 0\r\n", "\r\n", "\r",
	        "\n", "i", "Call-ID:", ":"};
	uint32_t seed = 7;

	(void)state;
	taken = 0;
	for (unsigned round = 0; round < 200000; round++) {
		char text[1024] = "OPTIONS sip:a@b SIP/2.0\r\n";
		size_t len = strlen(text);
		const unsigned n = 5 + next_random(&seed) % 4;
		const unsigned pick = round % 2 == 0 ? 15 : unit_rows(line);

		for (unsigned i = 0; i < n; i++) {
			const char *l =
			        line[i < 4 && round % 2 == 0 ? i : next_random(&seed) % pick];

			memcpy(text + len, l, strlen(l));
			len += strlen(l);
		}
		memcpy(text + len, "\r\n", 2);
		agrees("pieces", (struct str){text, len + 2});
		agrees("cut", (struct str){text, next_random(&seed) % (len + 2)});
	}
	assert_true(taken > 10000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(rows),
	        cmocka_unit_test(corpus),
	        cmocka_unit_test(pieces),
	};

	if (scan_init() == NULL)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
