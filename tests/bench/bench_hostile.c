// What hostile datagrams cost a worker (RELIABILITY A1, A5, A19, A20, A34, T4): long ones of each
// shape at 1, 8 and 64 kB, which should take 80 times the time at most for 64 times the bytes; and
// small ones that are thrown away. The real stages on ring ports, the least of several runs.
// `bench_hostile [RUNS [NAME]]`
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "dataplane/sip/scan.h"
#include "dataplane/table/stats.h"
#include "tools/replay/rig.h"

enum { BURST_MESSAGES = 32, BYTES_MAX = 65000, SIZES = 3, RUNS = 100 };
enum { STACK_BYTES = 1 << 20, STACK_USED_MAX = 64 << 10, STACK_PAINT = 0xa5 };

static const char config[] = "set port access device net_null0\n"
                             "set port access address 192.0.2.1/24\n"
                             "set port core device net_null1\n"
                             "set port core address 198.51.100.1/24\n"
                             "set leg access port access udp 192.0.2.1:5060 contact-rewrite on\n"
                             "set leg core port core udp 198.51.100.1:5060\n"
                             "set group switches member 198.51.100.10:5060\n"
                             "set domain example.com group switches\n"
                             "set overload share 0\n";
// What throws away, beside it.
static const char policy[] = "set acl bad source 203.0.113.0/24 action drop\n"
                             "set acl good source 192.0.2.0/24 action exempt\n"
                             "set limit source rate 1 per hour\n"
                             "set pattern scanner match \"friendly-scanner|sipvicious\"\n"
                             "set pattern scanner in header User-Agent\n"
                             "set pattern scanner action drop\n";

// The lines of a good request; a shape puts its own in the place of one.
enum line { START, VIA, FROM, TO, CALL_ID, CSEQ, MORE, BODY, LINES };
static const char *const good[LINES] = {
        "INVITE sip:bob@example.com SIP/2.0\r\n",
        "Via: SIP/2.0/UDP 192.0.2.10:5062;branch=z9hG4bK1\r\n",
        "From: <sip:alice@example.com>;tag=a1\r\n",
        "To: <sip:bob@example.com>\r\n",
        "Call-ID: c1\r\n",
        "CSeq: 1 INVITE\r\n",
        "",
        "\r\n",
};

// `unit` again and again between `before` and `after`.
struct shape {
	const char *name;
	enum line at;
	const char *before, *unit, *after;
};

static const struct shape shapes[] = {
        // A19: many fields, long ones, many values
        {"header fields", MORE, "", "X: y\r\n", ""},
        {"fields of 300 bytes", MORE, "",
                "X-Long: 0123456789012345678901234567890123456789012345678901234567890123456789"
                "0123456789012345678901234567890123456789012345678901234567890123456789"
                "0123456789012345678901234567890123456789012345678901234567890123456789"
                "012345678901234567890123456789012345678901234567890123456789012345678\r\n",
                ""},
        {"one long field", MORE, "X: ", "a", "\r\n"},
        {"one long name", MORE, "X", "a", ": 1\r\n"},
        {"folded lines", MORE, "X: a", "\r\n b", "\r\n"},
        {"Via fields", VIA, "", "Via: SIP/2.0/UDP 192.0.2.10:5062;branch=z9hG4bK1\r\n", ""},
        {"Via values", VIA, "Via: SIP/2.0/UDP 192.0.2.10:5062;branch=z9hG4bK1",
                ",SIP/2.0/UDP 192.0.2.9;branch=z9hG4bK1", "\r\n"},
        {"Via parameters", VIA, "Via: SIP/2.0/UDP 192.0.2.10:5062;branch=z9hG4bK1", ";a=b", "\r\n"},
        {"branch", VIA, "Via: SIP/2.0/UDP 192.0.2.10:5062;branch=z9hG4bK", "a", "\r\n"},
        {"Route values", MORE, "Route: <sip:198.51.100.10;lr>", ",<sip:198.51.100.11;lr>", "\r\n"},
        {"own Routes", MORE, "Route: <sip:192.0.2.1;lr>", ",<sip:192.0.2.1;lr>", "\r\n"},
        {"Contact values", MORE, "Contact: <sip:a@192.0.2.10>", ",<sip:a@192.0.2.10>", "\r\n"},
        {"commas", MORE, "Contact: <sip:a@192.0.2.10>", ",", "\r\n"},
        {"Require", MORE, "Proxy-Require: a", ",a", "\r\n"},
        {"user", START, "INVITE sip:", "a", "@example.com SIP/2.0\r\n"},
        {"escapes", START, "INVITE sip:a", "%41", "@example.com SIP/2.0\r\n"},
        {"URI parameters", START, "INVITE sip:bob@example.com", ";a=b", " SIP/2.0\r\n"},
        {"labels", START, "INVITE sip:bob@", "a.", "com SIP/2.0\r\n"},
        {"blanks", START, "INVITE ", " ", "sip:bob@example.com SIP/2.0\r\n"},
        {"display name", FROM, "From: \"", "a", "\" <sip:a@example.com>;tag=1\r\n"},
        {"tag", FROM, "From: <sip:a@example.com>;tag=", "a", "\r\n"},
        {"To parameters", TO, "To: <sip:a@example.com>", ";a=b", "\r\n"},
        {"Call-ID", CALL_ID, "Call-ID: ", "a", "\r\n"},
        {"CSeq digits", CSEQ, "CSeq: ", "0", "1 INVITE\r\n"},
        {"body", BODY, "\r\n", "a", ""},
        {"CRLFs before it", START, "", "\r\n", "INVITE sip:bob@example.com SIP/2.0\r\n"},
        // A20: deep nesting
        {"quoted pairs", FROM, "From: \"", "\\\"", "\" <sip:a@example.com>;tag=1\r\n"},
        {"open quotes", FROM, "From: ", "\"\" \"", "<sip:a@example.com>;tag=1\r\n"},
        {"angles", FROM, "From: ", "<", "sip:a@example.com>;tag=1\r\n"},
        {"comments", MORE, "Contact: <sip:a@192.0.2.10>;a=\"", "(", "\"\r\n"},
        {"open comments", MORE, "Contact: <sip:a@192.0.2.10>;a=", "(", "\r\n"},
        {"Via comments", VIA, "Via: SIP/2.0/UDP 192.0.2.10:5062;branch=z9hG4bK1", " (", "\r\n"},
        {"brackets", START, "INVITE sip:bob@", "[", " SIP/2.0\r\n"},
};

// What is thrown away, and the budget of it.
struct junk {
	const char *name, *from, *text;
	unsigned budget_ns;
};

#define SCAN                                                              \
	"OPTIONS sip:100@192.0.2.1 SIP/2.0\r\n"                           \
	"Via: SIP/2.0/UDP 127.0.1.1:5060;branch=z9hG4bK-287302;rport\r\n" \
	"Content-Length: 0\r\n"                                           \
	"From: \"sipvicious\"<sip:100@1.1.1.1>;tag=6330303030323031\r\n"  \
	"Accept: application/sdp\r\n"                                     \
	"User-Agent: friendly-scanner\r\n"                                \
	"To: \"sipvicious\"<sip:100@1.1.1.1>\r\n"                         \
	"Contact: sip:100@127.0.1.1:5060\r\n"                             \
	"CSeq: 1 OPTIONS\r\n"                                             \
	"Call-ID: 443016223019211108543\r\n"                              \
	"Max-Forwards: 70\r\n\r\n"
static const struct junk junk[] = {
        {"scanner, by pattern (A1)", "192.0.2.66:5060", SCAN, 300},
        {"flood, by limit (A5)", "198.18.0.9:5060", SCAN, 80},
        {"blocked, by acl (A5)", "203.0.113.9:5060", SCAN, 80},
        {"no SIP: HTTP (A34)", "192.0.2.66:5060", "GET / HTTP/1.1\r\nHost: a\r\n\r\n", 40},
        {"no SIP: RTP (A34)", "192.0.2.66:5060", "\x80\x60\x12\x34 some sound it is", 40},
};

static char text[BYTES_MAX + 1];
static struct addr caller;
static unsigned runs = RUNS;
static const char *only; // this row

static size_t put(size_t at, const char *s)
{
	const size_t len = strlen(s);

	memcpy(text + at, s, len);
	return at + len;
}

static struct str make(const struct shape *s, size_t bytes)
{
	size_t fixed = strlen(s->before) + strlen(s->after), n = 0;

	for (unsigned i = 0; i < LINES; i++)
		fixed += i == s->at ? 0 : strlen(good[i]);
	for (unsigned i = 0; i < LINES; i++) {
		if (i != s->at) {
			n = put(n, good[i]);
			continue;
		}
		n = put(n, s->before);
		for (size_t left = bytes - fixed; left >= strlen(s->unit); left -= strlen(s->unit))
			n = put(n, s->unit);
		n = put(n, s->after);
	}
	return (struct str){text, n};
}

// CPU time of one message alone in the worker, ns: the best of several. (A burst of long ones takes
// so long that other programs get their turn in it.)
static double measure_long(struct rig *r, struct str message, const char **verdict)
{
	static struct rig_result result;
	uint64_t best = UINT64_MAX;

	for (unsigned i = 0; i < runs; i++) {
		(void)rig_send(r, STR("access"), &caller, message, &result);
		if (result.cpu_ns < best)
			best = result.cpu_ns;
	}
	*verdict = result.verdict;
	return (double)best;
}

// Cycles of a short one: of the best burst.
static double measure(struct rig *r, const struct addr *from, struct str message)
{
	struct str burst[BURST_MESSAGES];
	double best = 0;

	for (unsigned i = 0; i < BURST_MESSAGES; i++)
		burst[i] = message;
	for (unsigned i = 0; i < runs; i++) {
		const double cycles =
		        (double)rig_run(r, STR("access"), from, burst, BURST_MESSAGES, 1).worker /
		        BURST_MESSAGES;

		if (best == 0 || cycles < best)
			best = cycles;
	}
	return best;
}

static double cycles_to_ns(struct rig *r)
{
	static struct stats unused;

	return 1e9 / (double)rig_stats(r, &unused);
}

static const char *verdict_of(struct rig *r, const struct addr *from, struct str message)
{
	static struct rig_result result;

	(void)rig_send(r, STR("access"), from, message, &result);
	return result.verdict;
}

static bool is_wanted(const char *name)
{
	return only == NULL || strcmp(only, name) == 0;
}

// How many rows took too long.
static unsigned show_shapes(struct rig *r)
{
	static const size_t sizes[SIZES] = {1000, 8000, BYTES_MAX};
	const char *verdict = NULL;
	unsigned wrong = 0;

	printf("%-22s %9s %9s %9s %9s  %s\n", "ns a message of", "1 kB", "8 kB", "65 kB", "65/1",
	        "verdict (65 kB)");
	for (unsigned i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
		double t[SIZES];

		if (!is_wanted(shapes[i].name))
			continue;
		for (unsigned k = 0; k < SIZES; k++)
			t[k] = measure_long(r, make(&shapes[i], sizes[k]), &verdict);
		const bool slow = t[2] > 20000 || t[2] > 80 * t[0];

		wrong += slow;
		printf("%-22s %9.0f %9.0f %9.0f %9.1f  %s%s\n", shapes[i].name, t[0], t[1], t[2],
		        t[2] / t[0], verdict, slow ? "  SLOW" : "");
	}
	return wrong;
}

static unsigned show_junk(struct rig *r)
{
	const double ns = cycles_to_ns(r);
	unsigned wrong = 0;

	printf("%-26s %6s %8s  %s\n", "thrown away", "ns", "at most", "verdict");
	for (unsigned i = 0; i < sizeof(junk) / sizeof(junk[0]); i++) {
		const struct str message = str_of(junk[i].text);
		struct addr from;
		double t;

		if (!is_wanted(junk[i].name))
			continue;
		(void)addr_parse(str_of(junk[i].from), &from);
		(void)verdict_of(r, &from, message); // a limit's first one passes
		t = measure(r, &from, message) * ns;
		wrong += t > junk[i].budget_ns;
		printf("%-26s %6.0f %8u  %s%s\n", junk[i].name, t, junk[i].budget_ns,
		        verdict_of(r, &from, message), t > junk[i].budget_ns ? "  SLOW" : "");
	}
	return wrong;
}

struct work {
	struct rig *rig;
	unsigned (*show)(struct rig *r);
	unsigned wrong;
};

static void *do_work(void *arg)
{
	struct work *w = arg;

	w->wrong = w->show(w->rig);
	return NULL;
}

// On a stack that shows how far down it was used.
static bool on_stack(struct work *w)
{
	unsigned char *stack = mmap(NULL, STACK_BYTES, PROT_READ | PROT_WRITE,
	        MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
	pthread_attr_t attributes;
	pthread_t thread;
	size_t unused = 0;
	bool ok;

	if (stack == MAP_FAILED)
		return false;
	memset(stack, STACK_PAINT, STACK_BYTES);
	pthread_attr_init(&attributes);
	pthread_attr_setstack(&attributes, stack, STACK_BYTES);
	ok = pthread_create(&thread, &attributes, do_work, w) == 0;
	if (ok)
		pthread_join(thread, NULL);
	pthread_attr_destroy(&attributes);
	while (unused < STACK_BYTES && stack[unused] == STACK_PAINT)
		unused++;
	printf("stack used: %zu kB, at most %d (A20)\n", (STACK_BYTES - unused + 1023) / 1024,
	        STACK_USED_MAX / 1024);
	w->wrong += STACK_BYTES - unused > STACK_USED_MAX;
	munmap(stack, STACK_BYTES);
	return ok;
}

// Runs `show` on a rig of that configuration. How many rows were too slow, -1 with a message.
static int run(const char *lines, unsigned (*show)(struct rig *r))
{
	struct error e = {0};
	struct work w = {.rig = rig_create(str_of(lines), "hostile", &e), .show = show};
	bool ok;

	if (w.rig == NULL) {
		fprintf(stderr, "bench_hostile: %s\n", e.text);
		return -1;
	}
	ok = on_stack(&w);
	rig_destroy(w.rig);
	return ok ? (int)w.wrong : -1;
}

int main(int argc, char **argv)
{
	static char guarded[sizeof(config) + sizeof(policy)];
	const char *scan = scan_init();
	int long_ones, small_ones;

	if (argc > 1)
		runs = (unsigned)strtoul(argv[1], NULL, 10);
	only = argc > 2 ? argv[2] : NULL;
	snprintf(guarded, sizeof(guarded), "%s%s", config, policy);
	if (scan == NULL || !addr_parse(STR("192.0.2.10:5062"), &caller)) {
		fprintf(stderr, "bench_hostile: SPRY_SCAN names a scanner this CPU can't run\n");
		return 1;
	}
	printf("scanner %s, the least of %u\n", scan, runs);
	long_ones = run(config, show_shapes);
	small_ones = long_ones >= 0 ? run(guarded, show_junk) : -1;
	if (small_ones < 0)
		return 1;
	printf("%d too slow\n", long_ones + small_ones);
	return 0;
}
