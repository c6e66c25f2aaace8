// Lengths, counts and numbers (RELIABILITY T4): each limit one below, at and one above it, with the
// verdict it has; each field of a message from nothing to as long as a datagram: a named verdict,
// every rule of inspect.h kept, and no more time a byte for a long one.
#include "tests/unit/unit.h"

#include <time.h>

#include "dataplane/sip/message.h"
#include "dataplane/sip/params.h"
#include "tests/pipeline/open.h"
#include "tools/replay/inspect.h"

// The lines of a good request; a row puts its own in the place of one.
enum line { START, VIA, MAX_FORWARDS, FROM, TO, CALL_ID, CSEQ, LENGTH, MORE, LINES };
static const char *const good[LINES] = {
        "INVITE sip:bob@example.com SIP/2.0\r\n",
        "Via: SIP/2.0/UDP 192.0.2.10:5062;branch=z9hG4bK1\r\n",
        "Max-Forwards: 70\r\n",
        "From: <sip:alice@example.com>;tag=a1\r\n",
        "To: <sip:bob@example.com>\r\n",
        "Call-ID: c1\r\n",
        "CSeq: 1 INVITE\r\n",
        "Content-Length: 4\r\n",
        "",
};
enum { GOOD_HEADERS = LINES - 2 };

static struct rig *rig;
static struct rig_result result;
static struct addr phone;
static char text[2 * MESSAGE_BYTES_MAX];

static struct str compose(enum line at, const char *line)
{
	size_t n = 0;

	for (unsigned i = 0; i < LINES; i++) {
		const char *from = i == at ? line : good[i];
		const size_t len = strlen(from);

		memcpy(text + n, from, len);
		n += len;
	}
	memcpy(text + n, "\r\nbody", 6);
	return (struct str){text, n + 6};
}

static const char *take(const char *name, size_t n, struct str message)
{
	const char *wrong;

	if (!rig_send(rig, STR("access"), &phone, message, &result))
		fail_msg("%s %zu: %s", name, n, result.fault);
	wrong = inspect(message, &phone, &result);
	if (wrong != NULL)
		fail_msg("%s %zu: %s (%s)", name, n, wrong, result.verdict);
	return result.verdict;
}

// `unit` n times between `before` and `after`; no unit: n itself, as a number.
static struct str message_of(
        enum line at, const char *before, const char *unit, const char *after, size_t n)
{
	static char line[2 * MESSAGE_BYTES_MAX];
	const size_t unit_len = unit != NULL ? strlen(unit) : 0;
	size_t len = (size_t)snprintf(line, sizeof(line), "%s", before);

	if (unit == NULL)
		len += (size_t)snprintf(line + len, sizeof(line) - len, "%zu", n);
	for (size_t i = 0; i < n && unit_len > 0; i++, len += unit_len)
		memcpy(line + len, unit, unit_len);
	snprintf(line + len, sizeof(line) - len, "%s", after);
	return compose(at, line);
}

// --- limits
// ---------------------------------------------------------------------------------------

static const struct {
	const char *name;
	enum line at;
	const char *before, *unit, *after;
	size_t limit; // the last one that passes
	const char *passes, *fails;
} limits[] = {
        // counts
        {"header fields", MORE, "", "X: y\r\n", "", MESSAGE_HEADERS_MAX - GOOD_HEADERS, "forwarded",
                "bad-message"},
        {"lines of a head", MORE, "X: y", "\r\n z", "\r\n", MESSAGE_LINES_MAX - GOOD_HEADERS - 2,
                "forwarded", "bad-message"},
        {"Via fields", VIA, "", "Via: SIP/2.0/UDP 192.0.2.10:5062;branch=z9hG4bK1\r\n", "", 100,
                "forwarded", "sanity"},
        {"Via values", VIA, "Via: SIP/2.0/UDP 192.0.2.10:5062;branch=z9hG4bK1",
                ",SIP/2.0/UDP 192.0.2.9;branch=z9hG4bK1", "\r\n", 99, "forwarded", "sanity"},
        {"Route values", MORE, "Route: <sip:198.51.100.10;lr>", ",<sip:198.51.100.11;lr>", "\r\n",
                254, "forwarded", "sanity"},
        {"Via parameters", VIA, "Via: SIP/2.0/UDP 192.0.2.10:5062;branch=z9hG4bK1", ";a", "\r\n",
                PARAMS_MAX - PARAMS_OWN - 1, "forwarded", "bad-via"},
        {"To parameters", TO, "To: <sip:bob@example.com>", ";a", "\r\n", PARAMS_MAX, "forwarded",
                "bad-from-to"},
        {"Request-URI parameters", START, "INVITE sip:bob@example.com", ";a", " SIP/2.0\r\n",
                PARAMS_MAX, "forwarded", "bad-uri"},
        {"Contact URI parameters", MORE, "Contact: <sip:a@192.0.2.10", ";a", ">\r\n",
                PARAMS_MAX - PARAMS_OWN, "forwarded", "too-many-edits"},
        {"Proxy-Require values", MORE, "Proxy-Require: a", ",a", "\r\n", MESSAGE_VALUES_MAX - 1,
                "bad-extension", "bad-message"},
        {"From fields", FROM, "", "From: <sip:alice@example.com>;tag=a1\r\n", "", 1, "forwarded",
                "duplicate-header"},
        {"To fields", TO, "", "To: <sip:alice@example.com>\r\n", "", 1, "forwarded",
                "duplicate-header"},
        {"Call-ID fields", CALL_ID, "", "i: 1\r\n", "", 1, "forwarded", "duplicate-header"},
        {"CSeq fields", CSEQ, "", "CSeq: 1 INVITE\r\n", "", 1, "forwarded", "duplicate-header"},
        {"Max-Forwards fields", MAX_FORWARDS, "", "Max-Forwards: 70\r\n", "", 1, "forwarded",
                "duplicate-header"},
        {"Content-Length fields", LENGTH, "", "l: 4\r\n", "", 1, "forwarded", "duplicate-header"},
        // numbers
        {"CSeq", CSEQ, "CSeq: ", NULL, " INVITE\r\n", 2147483647, "forwarded", "bad-cseq"},
        {"Max-Forwards", MAX_FORWARDS, "Max-Forwards: ", NULL, "\r\n", 255, "forwarded",
                "bad-message"},
        {"Content-Length", LENGTH, "Content-Length: ", NULL, "\r\n", 4, "forwarded", "bad-length"},
        {"Via port", VIA, "Via: SIP/2.0/UDP 192.0.2.10:", NULL, ";branch=z9hG4bK1\r\n", 65535,
                "forwarded", "bad-via"},
        {"Via rport", VIA, "Via: SIP/2.0/UDP 192.0.2.10;branch=z9hG4bK1;rport=", NULL, "\r\n",
                65535, "forwarded", "bad-via"},
        {"Request-URI port", START, "INVITE sip:bob@example.com:", NULL, " SIP/2.0\r\n", 65535,
                "forwarded", "bad-uri"},
        {"Route port", MORE, "Route: <sip:198.51.100.10:", NULL, ";lr>\r\n", 65535, "forwarded",
                "bad-route"},
};

static void each_limit(void **state)
{
	(void)state;
	for (size_t i = 0; i < unit_rows(limits); i++) {
		for (size_t n = limits[i].limit - 1; n <= limits[i].limit + 1; n++) {
			const char *want =
			        n <= limits[i].limit ? limits[i].passes : limits[i].fails;
			const char *verdict;

			// no field at all is another fault
			if (n == 0)
				continue;
			verdict = take(limits[i].name, n,
			        message_of(limits[i].at, limits[i].before, limits[i].unit,
			                limits[i].after, n));
			if (strcmp(verdict, want) != 0)
				fail_msg("%s %zu: %s instead of %s", limits[i].name, n, verdict,
				        want);
		}
	}
}

// The least numbers, and those at which a careless parser's integer wraps.
static void wraps(void **state)
{
	static const struct {
		enum line at;
		const char *line, *verdict;
	} rows[] = {
	        {CSEQ, "CSeq: 0 INVITE\r\n", "forwarded"},
	        {CSEQ, "CSeq: 4294967295 INVITE\r\n", "bad-cseq"},
	        {CSEQ, "CSeq: 4294967297 INVITE\r\n", "bad-cseq"},
	        {CSEQ, "CSeq: 18446744073709551617 INVITE\r\n", "bad-cseq"},
	        {CSEQ, "CSeq: -1 INVITE\r\n", "bad-cseq"},
	        {MAX_FORWARDS, "Max-Forwards: 1\r\n", "forwarded"},
	        {MAX_FORWARDS, "Max-Forwards: 0\r\n", "too-many-hops"},
	        {MAX_FORWARDS, "Max-Forwards: -1\r\n", "bad-message"},
	        {MAX_FORWARDS, "Max-Forwards: 4294967297\r\n", "bad-message"},
	        {MAX_FORWARDS, "Max-Forwards: 18446744073709551617\r\n", "bad-message"},
	        {LENGTH, "Content-Length: 0\r\n", "forwarded"},
	        {LENGTH, "Content-Length: -1\r\n", "bad-length"},
	        {LENGTH, "Content-Length: 65536\r\n", "bad-length"},
	        {LENGTH, "Content-Length: 2147483648\r\n", "bad-length"},
	        {LENGTH, "Content-Length: 4294967300\r\n", "bad-length"},
	        {LENGTH, "Content-Length: 18446744073709551620\r\n", "bad-length"},
	        {VIA, "Via: SIP/2.0/UDP 192.0.2.10:0;branch=z9hG4bK1\r\n", "bad-via"},
	        {VIA, "Via: SIP/2.0/UDP 192.0.2.10:4294972356;branch=z9hG4bK1\r\n", "bad-via"},
	        {START, "INVITE sip:bob@example.com:0 SIP/2.0\r\n", "bad-uri"},
	        {START, "INVITE sip:bob@example.com:4294972356 SIP/2.0\r\n", "bad-uri"},
	        {FROM, "", "missing-header"},
	        {TO, "", "missing-header"},
	        {CALL_ID, "", "missing-header"},
	        {CSEQ, "", "missing-header"},
	        {VIA, "", "missing-header"},
	        {LENGTH, "", "forwarded"},
	};

	(void)state;
	for (size_t i = 0; i < unit_rows(rows); i++) {
		const char *verdict = take(rows[i].line, i, compose(rows[i].at, rows[i].line));

		if (strcmp(verdict, rows[i].verdict) != 0)
			fail_msg("'%s' of line %u: %s instead of %s", rows[i].line, rows[i].at,
			        verdict, rows[i].verdict);
	}
}

// --- lengths
// --------------------------------------------------------------------------------------

static const struct {
	const char *name;
	enum line at;
	const char *before, *unit, *after;
	const char *verdicts; // any of these
} lengths[] = {
        {"method", START, "", "a", " sip:bob@example.com SIP/2.0\r\n",
                "unknown-method bad-message not-sip"},
        {"user", START, "INVITE sip:", "a", "@example.com SIP/2.0\r\n", "forwarded bad-uri"},
        {"password", START, "INVITE sip:a:", "a", "@example.com SIP/2.0\r\n", "forwarded"},
        {"host", START, "INVITE sip:bob@", "a", " SIP/2.0\r\n", "forwarded bad-uri"},
        {"labels", START, "INVITE sip:bob@", "a.", " SIP/2.0\r\n", "forwarded bad-uri"},
        {"URI parameter", START, "INVITE sip:bob@example.com;a=", "a", " SIP/2.0\r\n",
                "forwarded bad-uri"},
        {"URI parameters", START, "INVITE sip:bob@example.com", ";a", " SIP/2.0\r\n",
                "forwarded bad-uri"},
        {"escapes", START, "INVITE sip:a", "%41", "@example.com SIP/2.0\r\n", "forwarded"},
        {"version", START, "INVITE sip:bob@example.com SIP/2.", "0", "\r\n",
                "forwarded bad-version bad-message not-sip"},
        {"blanks", START, "INVITE ", " ", "sip:bob@example.com SIP/2.0\r\n",
                "forwarded bad-message not-sip bad-uri"},
        {"Via host", VIA, "Via: SIP/2.0/UDP ", "a", ";branch=z9hG4bK1\r\n", "forwarded bad-via"},
        {"branch", VIA, "Via: SIP/2.0/UDP 192.0.2.10:5062;branch=z9hG4bK", "a", "\r\n",
                "forwarded bad-via"},
        {"Via parameters", VIA, "Via: SIP/2.0/UDP 192.0.2.10:5062;branch=z9hG4bK1", ";a", "\r\n",
                "forwarded bad-via"},
        {"Via transport", VIA, "Via: SIP/2.0/", "U", " 192.0.2.10:5062;branch=z9hG4bK1\r\n",
                "forwarded bad-via"},
        {"port digits", VIA, "Via: SIP/2.0/UDP 192.0.2.10:", "0", "5062;branch=z9hG4bK1\r\n",
                "forwarded bad-via"},
        {"display name", FROM, "From: \"", "a", "\" <sip:a@example.com>;tag=1\r\n", "forwarded"},
        {"quoted pairs", FROM, "From: \"", "\\\"", "\" <sip:a@example.com>;tag=1\r\n", "forwarded"},
        {"angles", FROM, "From: ", "<", "sip:a@example.com>;tag=1\r\n", "bad-from-to forwarded"},
        {"tag", FROM, "From: <sip:a@example.com>;tag=", "a", "\r\n", "forwarded bad-from-to"},
        {"semicolons", TO, "To: <sip:a@example.com>", ";", "\r\n", "forwarded bad-from-to"},
        {"Call-ID", CALL_ID, "Call-ID: ", "a", "\r\n", "forwarded bad-message missing-header"},
        {"CSeq digits", CSEQ, "CSeq: ", "0", "1 INVITE\r\n", "forwarded bad-cseq"},
        {"CSeq blanks", CSEQ, "CSeq: 1", " ", " INVITE\r\n", "forwarded"},
        {"Content-Length digits", LENGTH, "Content-Length: ", "0", "4\r\n", "forwarded bad-length"},
        {"header name", MORE, "X", "a", ": 1\r\n", "forwarded"},
        {"header value", MORE, "X: ", "a", "\r\n", "forwarded"},
        {"blanks before a colon", MORE, "X", " ", ": 1\r\n", "forwarded"},
        {"folds", MORE, "X: a", "\r\n ", "b\r\n", "forwarded bad-message"},
        {"commas", MORE, "Contact: <sip:a@192.0.2.10>", ",", "\r\n", "forwarded bad-route"},
        {"Contacts", MORE, "Contact: <sip:a@192.0.2.10>", ",<sip:a@192.0.2.10>", "\r\n",
                "forwarded too-many-edits bad-route"},
        {"Contact user", MORE, "Contact: <sip:", "a", "@192.0.2.10>\r\n", "forwarded bad-route"},
        {"Contact host", MORE, "Contact: <sip:a@a", "a", ">\r\n", "forwarded bad-route"},
        {"Route user", MORE, "Route: <sip:", "a", "@198.51.100.10;lr>\r\n", "forwarded bad-route"},
        {"Require", MORE, "Proxy-Require: a", ",a", "\r\n", "bad-extension bad-message"},
        {"NULs in a value", MORE, "X: ", "\x01", "\r\n", "forwarded bad-message"},
        {"high bytes", MORE, "X: ", "\xff", "\r\n", "forwarded bad-message"},
};

static bool among(const char *list, const char *verdict)
{
	const size_t len = strlen(verdict);

	for (const char *at = strstr(list, verdict); at != NULL; at = strstr(at + 1, verdict))
		if ((at == list || at[-1] == ' ') && (at[len] == ' ' || at[len] == '\0'))
			return true;
	return false;
}

// CPU time of the fastest of a few tries: other processes run beside.
static uint64_t fastest(const char *name, struct str message)
{
	uint64_t best = UINT64_MAX;

	for (unsigned i = 0; i < 7; i++) {
		struct timespec a, b;

		clock_gettime(CLOCK_THREAD_CPUTIME_ID, &a);
		rig_send(rig, STR("access"), &phone, message, &result);
		clock_gettime(CLOCK_THREAD_CPUTIME_ID, &b);
		const uint64_t ns = (uint64_t)(b.tv_sec - a.tv_sec) * 1000000000 +
		                    (uint64_t)(b.tv_nsec - a.tv_nsec);
		best = ns < best ? ns : best;
	}
	return best > 0 ? best : fastest(name, message);
}

static void length_row(size_t i)
{
	const size_t unit = strlen(lengths[i].unit);

	for (size_t len = 0; len <= 65536; len = len < 40 ? len + 1 : len * 2) {
		for (size_t n = len > 40 ? len - 1 : len; n <= len + (len > 40); n++) {
			const struct str message = message_of(lengths[i].at, lengths[i].before,
			        lengths[i].unit, lengths[i].after, n / unit);

			if (message.len > MESSAGE_BYTES_MAX)
				continue;
			const char *verdict = take(lengths[i].name, n / unit, message);
			if (!among(lengths[i].verdicts, verdict) &&
			        !among("sanity too-large", verdict))
				fail_msg("%s %zu: %s", lengths[i].name, n / unit, verdict);
		}
	}
}

// t(64 kB) / t(1 kB) <= 80, by the text of RELIABILITY T4; what is refused early costs less.
static void time_row(size_t i)
{
	const size_t unit = strlen(lengths[i].unit);
	const uint64_t small =
	        fastest(lengths[i].name, message_of(lengths[i].at, lengths[i].before,
	                                         lengths[i].unit, lengths[i].after, 900 / unit));
	const uint64_t large =
	        fastest(lengths[i].name, message_of(lengths[i].at, lengths[i].before,
	                                         lengths[i].unit, lengths[i].after, 60000 / unit));

	if (large / small > 80)
		fail_msg("%s: %llu ns for 1 kB, %llu ns for 60 kB", lengths[i].name,
		        (unsigned long long)small, (unsigned long long)large);
}

static void each_length(void **state)
{
	(void)state;
	for (size_t i = 0; i < unit_rows(lengths); i++) {
		length_row(i);
		time_row(i);
	}
}

static int start(void **state)
{
	struct error e = {0};

	(void)state;
	rig = rig_create(str_of(open_config), "sweep", &e);
	if (rig == NULL)
		print_error("%s\n", e.text);
	return rig != NULL && addr_parse(STR("192.0.2.10:5062"), &phone) ? 0 : -1;
}

static int stop(void **state)
{
	(void)state;
	if (rig != NULL)
		rig_destroy(rig);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(each_limit),
	        cmocka_unit_test(wraps),
	        cmocka_unit_test(each_length),
	};
	return cmocka_run_group_tests(tests, start, stop);
}
