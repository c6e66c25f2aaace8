// The rules see what breaks them: each row is one thing a proxy must not do.
#include "tools/replay/inspect.h"

#include "tests/unit/unit.h"

static const char request[] = "INVITE sip:bob@example.com SIP/2.0\r\n"
                              "Via: SIP/2.0/UDP 192.0.2.10;branch=z9hG4bK1\r\n"
                              "Max-Forwards: 70\r\n"
                              "From: <sip:a@example.com>;tag=1\r\n"
                              "To: <sip:bob@example.com>\r\n"
                              "Call-ID: c1\r\n"
                              "CSeq: 1 INVITE\r\n"
                              "Contact: <sip:a@192.0.2.10>\r\n"
                              "Authorization: Digest username=\"a\"\r\n"
                              "X-Own: 1\r\n"
                              "Content-Length: 3\r\n"
                              "\r\n"
                              "v=0";
static const char via[] = "Via: SIP/2.0/UDP 198.51.100.1;branch=z9hG4bK2\r\n";

static struct rig_result result;

// What a proxy makes of `request`, but for one replacement (or "").
static const char *forwarded(const char *what, const char *by)
{
	char text[2048], *at;

	snprintf(text, sizeof(text), "INVITE sip:bob@example.com SIP/2.0\r\n%s%s", via,
	        strchr(request, '\n') + 1);
	memcpy(strstr(text, "Forwards: 70"), "Forwards: 69", 12);
	at = strstr(text, what);
	assert_non_null(at);
	memset(&result, 0, sizeof(result));
	result.len = (size_t)snprintf(result.bytes, sizeof(result.bytes), "%.*s%s%s",
	        (int)(at - text), text, by, at + strlen(what));
	result.verdict = result.way = "forwarded";
	assert_true(addr_parse(STR("198.51.100.10:5060"), &result.to));
	return inspect(STR(request), &(struct addr){.family = ADDR_IPV4}, &result);
}

static void test_forwarded(void **state)
{
	static const struct {
		const char *what, *by;
	} bad[] = {
	        {"X-Own: 1", "X-Own: 2"},
	        {"X-Own: 1\r\n", ""},
	        {"X-Own: 1\r\n", "X-Own: 1\r\nX-New: 1\r\n"},
	        {"Forwards: 69", "Forwards: 70"},
	        {via, ""},
	        {"v=0", "v=1"},
	        {"INVITE sip", "UPDATE sip"},
	        {"To: <sip:bob@example.com>\r\n", "To: <sip:eve@example.com>\r\n"},
	        {"Contact: <sip:a@192.0.2.10>\r\n", ""},
	        {"Call-ID: c1\r\n", ""},
	        {"INVITE sip:bob@example.com SIP/2.0", "SIP/2.0 200 OK"},
	};

	(void)state;
	assert_null(forwarded("", ""));
	assert_null(forwarded("bob@example.com SIP", "bob@192.0.2.20 SIP"));
	assert_null(forwarded("Contact: <sip:a@192.0.2.10>", "Contact: <sip:a@198.51.100.1>"));
	assert_null(forwarded("Authorization: Digest username=\"a\"\r\n", ""));
	for (unsigned i = 0; i < unit_rows(bad); i++)
		if (forwarded(bad[i].what, bad[i].by) == NULL)
			fail_msg("row %u (%s) was not seen", i, bad[i].by);
	(void)forwarded("", "");
	result.to.ip[0] = 224;
	assert_non_null(inspect_forwarded(STR(request), &result));
	assert_non_null(inspect_forwarded(STR("INVITE sip:bob@example.com SIP/2.0\r\n"), &result));
}

static const char *replied(const char *in, const char *out, const char *to)
{
	struct addr from;

	assert_true(addr_parse(STR("192.0.2.10:5062"), &from));
	memset(&result, 0, sizeof(result));
	assert_true(addr_parse(str_of(to), &result.to));
	result.len = strlen(out);
	memcpy(result.bytes, out, result.len);
	result.verdict = "bad-uri";
	result.way = "replied";
	return inspect(str_of(in), &from, &result);
}

static void test_replied(void **state)
{
	static const char answer[] = "SIP/2.0 400 Bad Request\r\n"
	                             "Via: SIP/2.0/UDP 192.0.2.10;branch=z9hG4bK1\r\n"
	                             "From: <sip:a@example.com>;tag=1\r\n"
	                             "To: <sip:bob@example.com>;tag=2\r\n"
	                             "Call-ID: c1\r\n"
	                             "CSeq: 1 INVITE\r\n"
	                             "Content-Length: 0\r\n\r\n";
	static const char ack[] = "ACK sip:bob@example.com SIP/2.0\r\n"
	                          "Via: SIP/2.0/UDP 192.0.2.10;branch=z9hG4bK1\r\n"
	                          "From: <sip:a@example.com>;tag=1\r\n"
	                          "To: <sip:bob@example.com>;tag=2\r\n"
	                          "Call-ID: c1\r\n"
	                          "CSeq: 1 ACK\r\n\r\n";

	(void)state;
	assert_null(replied(request, answer, "192.0.2.10:5060"));
	assert_non_null(replied(request, answer, "192.0.2.11:5062"));
	assert_non_null(replied(request, request, "192.0.2.10:5060"));
	assert_non_null(replied(ack, answer, "192.0.2.10:5060"));
	assert_non_null(replied(answer, answer, "192.0.2.10:5060"));
	assert_non_null(
	        replied("INVITE sip:b@example.com SIP/2.0\r\n\r\n", answer, "192.0.2.10:5060"));
}

static void test_others(void **state)
{
	struct addr from = {.family = ADDR_IPV4};

	(void)state;
	memset(&result, 0, sizeof(result));
	result.verdict = "not-sip";
	result.way = "dropped";
	assert_null(inspect(STR("x"), &from, &result));
	result.len = 1;
	assert_non_null(inspect(STR("x"), &from, &result));
	result.len = 0;
	result.cpu_ns = UINT64_C(10000000000);
	assert_non_null(inspect(STR("x"), &from, &result));
	result.cpu_ns = 0;
	result.fault = "a buffer was not given back";
	assert_non_null(inspect(STR("x"), &from, &result));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_forwarded),
	        cmocka_unit_test(test_replied),
	        cmocka_unit_test(test_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
