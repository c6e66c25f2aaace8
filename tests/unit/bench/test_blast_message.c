// The messages peers get, and that each thing a peer may do wrong to them is seen.
#include "tools/bench/blast_message.h"

#include "dataplane/sip/message.h"
#include "tests/unit/unit.h"

static char sent[BLAST_MESSAGE_MAX];

static struct str the_sent(void)
{
	return (struct str){sent, blast_invite(sent, 0xbeef, 4711)};
}

static void invites(void **state)
{
	(void)state;
	char other[BLAST_MESSAGE_MAX];
	struct message m;
	uint32_t index;

	assert_int_equal(the_sent().len, BLAST_INVITE_LEN);
	assert_int_equal(message_parse(the_sent(), &m, NULL), MESSAGE_NONE);
	assert_true(blast_index(the_sent(), &index));
	assert_int_equal(index, 0xbeef);
	assert_non_null(strstr(sent, "INVITE sip:u00004711@example.com SIP/2.0\r\n"));
	assert_int_equal(blast_invite(other, 1, 99999999), BLAST_INVITE_LEN);
	assert_int_equal(blast_invite(other, UINT32_MAX, 0), BLAST_INVITE_LEN);
	// distinct to a proxy: branch, tag, Call-ID
	assert_memory_not_equal(strstr(other, "branch="), strstr(sent, "branch="), 20);
	assert_memory_not_equal(strstr(other, ";tag="), strstr(sent, ";tag="), 10);
}

static void registers(void **state)
{
	(void)state;
	char text[BLAST_MESSAGE_MAX];
	const struct str r = {text, blast_register(text, 4711, 3)};
	struct message m;
	uint32_t index;

	assert_int_equal(message_parse(r, &m, NULL), MESSAGE_NONE);
	assert_true(blast_index(r, &index));
	assert_int_equal(index, 4711);
	assert_non_null(strstr(text, "\r\nTo: <sip:u00004711@example.com>\r\n"));
	assert_non_null(strstr(text, "\r\nContact: <sip:u00004711@127.0.0.1:5090>\r\n"));
	assert_non_null(strstr(text, "\r\nCSeq: 3 REGISTER\r\n"));
}

static void indexes(void **state)
{
	(void)state;
	uint32_t index = 7;

	assert_true(blast_index(STR("x\r\nCall-ID: 000000fA-"), &index) == false);
	assert_false(blast_index(STR("x\r\nCall-ID: 000000fa"), &index));
	assert_false(blast_index(STR("x\r\nCall-ID: "), &index));
	assert_false(blast_index(STR_NONE, &index));
	assert_int_equal(index, 7);
	assert_true(blast_index(STR("x\r\nCall-ID: 000000fa-"), &index));
	assert_int_equal(index, 0xfa);
}

enum { ALL = BLAST_FORWARDED | BLAST_RECORD_ROUTE | BLAST_BINDING | BLAST_REST };

static char got[2 * BLAST_MESSAGE_MAX];

static void replace(const char *what, const char *by)
{
	char tail[2 * BLAST_MESSAGE_MAX], *at = strstr(got, what);

	assert_non_null(at);
	strcpy(tail, at + strlen(what));
	strcpy(at, by);
	strcat(at, tail);
}

// What a proxy makes of it that does all that is expected.
static void forward(void)
{
	the_sent();
	strcpy(got, sent);
	replace("@example.com SIP/2.0\r\n", "@127.0.0.1:5090 SIP/2.0\r\n"
	                                    "Record-Route: <sip:127.0.0.1;lr>\r\n"
	                                    "Via: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bKx\r\n");
	replace("Max-Forwards: 70", "Max-Forwards: 69");
}

static const char *check(unsigned expect)
{
	return blast_check(str_of(got), (struct str){sent, BLAST_INVITE_LEN}, expect);
}

static void right(void **state)
{
	(void)state;
	forward();
	assert_null(check(ALL));
	replace("Record-Route", "Record-route");
	replace("Max-Forwards", "Max-forwards");
	assert_null(check(ALL));
	assert_string_equal(check(BLAST_SAME), "bytes were changed");
	strcpy(got, sent);
	assert_null(check(BLAST_SAME));
}

static void wrong(void **state)
{
	(void)state;
	static const struct {
		const char *what, *by, *why;
	} rows[] = {
	        {"INVITE", "OPTIONS", "it is not an INVITE"},
	        {"Via: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bKx\r\n", "", "there are not two Vias"},
	        {"Via: ", "Via: SIP/2.0/UDP x\r\nVia: ", "there are not two Vias"},
	        {"Forwards: 69", "Forwards: 70", "Max-Forwards is not less by one"},
	        {"Forwards: 69", "Forwards: 690", "Max-Forwards is not less by one"},
	        {"Record-Route: <sip:127.0.0.1;lr>\r\n", "", "there is no Record-Route"},
	        {"u00004711@127", "u00004712@127",
	                "the Request-URI is not what the user registered"},
	        {"@127.0.0.1:5090", "@example.com",
	                "the Request-URI is not what the user registered"},
	        {"a00004711", "a00004712", "what follows From was changed"},
	        {"spry-bench/x", "spry-bench/y", "what follows From was changed"},
	        {"\r\n\r\n", "\r\n", "what follows From was changed"},
	};

	for (unsigned i = 0; i < unit_rows(rows); i++) {
		forward();
		replace(rows[i].what, rows[i].by);
		assert_non_null(check(ALL));
		assert_string_equal(check(ALL), rows[i].why);
	}
	got[0] = '\0';
	assert_non_null(check(ALL));
	assert_non_null(check(BLAST_REST));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(invites),
	        cmocka_unit_test(registers),
	        cmocka_unit_test(indexes),
	        cmocka_unit_test(right),
	        cmocka_unit_test(wrong),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
