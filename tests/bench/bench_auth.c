// What passwords cost. First the table of users, N of them (1,000,000): made, checked, looked up,
// and how much a check of a known user's wrong password differs in time from that of an unknown
// user (RELIABILITY A2). Then whole REGISTERs through the worker on ring ports: challenged,
// authenticated by each algorithm. A benchmark, not a test. `bench_auth [N] [ROUNDS]`
#include <stdio.h>
#include <stdlib.h>

#include "dataplane/base/now.h"
#include "dataplane/sip/scan.h"
#include "dataplane/table/root.h"
#include "dataplane/table/stats.h"
#include "dataplane/table/user.h"
#include "tests/bench/answer.h"
#include "tools/replay/rig.h"

enum { MESSAGES = 256, MESSAGE_MAX = 1024, LOOKUPS = 1000000, SAMPLES = 20000 };

static struct user_secret secret_of(unsigned i)
{
	struct user_secret s = {.known = 7};

	for (unsigned a = 0; a < DIGEST_ALGORITHMS; a++)
		memcpy(s.ha1[a], &i, sizeof(i));
	return s;
}

static double seconds_since(uint64_t start_ns)
{
	return (double)(now_ns() - start_ns) / 1e9;
}

// Scattered without any regularity a cache could like.
static unsigned scatter(unsigned i, unsigned n)
{
	return (unsigned)(hash_13((struct hash_key){5, 6}, &i, sizeof(i)) % n);
}

static void *make_table(unsigned n, struct table_view *view)
{
	struct table_builder b;
	struct error e = {0};
	uint64_t start = now_ns();
	char name[32];
	size_t len;
	void *image;

	table_begin(&b, (struct hash_key){1, 2});
	for (unsigned i = 0; i < n; i++) {
		struct user_secret s = secret_of(i);

		snprintf(name, sizeof(name), "user%u", i);
		(void)user_add(&b, str_of(name), STR("example.com"), &s, &e);
	}
	image = table_finish(&b, ROOT_USERS, 1, &len, &e);
	printf("table of %u users: made in %.2f s (%.0f/s), %.0f bytes a user\n", n,
	        seconds_since(start), n / seconds_since(start), (double)len / n);
	start = now_ns();
	if (image == NULL || table_open(view, image, len, ROOT_USERS, &e) != 0) {
		fprintf(stderr, "bench_auth: %s\n", e.text);
		exit(1);
	}
	printf("checked in %.2f s\n", seconds_since(start));
	return image;
}

static void lookups(const struct table_view *view, unsigned n, const char *what)
{
	uint64_t start = now_ns(), real = 0;
	uint8_t ha1[DIGEST_BYTES_MAX];
	char name[32];

	for (unsigned i = 0; i < LOOKUPS; i++) {
		snprintf(name, sizeof(name), "%s%u", what, scatter(i, n));
		const struct str name_realm[2] = {str_of(name), STR("example.com")};

		real += user_ha1(view, (struct hash_key){3, 4}, name_realm, DIGEST_SHA256, ha1);
	}
	printf("lookup, %-8s %6.0f ns (%.0f %% found)\n", what,
	        seconds_since(start) * 1e9 / LOOKUPS, 100.0 * (double)real / LOOKUPS);
}

static int by_value(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

// The largest difference of the two distributions (Kolmogorov and Smirnov), sorted ones.
static double ks_distance(const double *a, const double *b, unsigned n)
{
	double most = 0;
	unsigned i = 0, j = 0;

	while (i < n && j < n) {
		double at = a[i] < b[j] ? a[i] : b[j], d;

		while (i < n && a[i] <= at)
			i++;
		while (j < n && b[j] <= at)
			j++;
		d = ((double)i - (double)j) / n;
		most = d > most ? d : -d > most ? -d : most;
	}
	return most;
}

static double check_once(struct digest *d, const struct table_view *view, const char *name)
{
	const struct str name_realm[2] = {str_of(name), STR("example.com")};
	const struct digest_credentials c = {.username = name_realm[0],
	        .realm = name_realm[1],
	        .nonce = STR("AADgFUd26RVq0rMWJDkIUA"),
	        .uri = STR("sip:example.com"),
	        .response = STR("0123456789abcdef0123456789abcdef"
	                        "0123456789abcdef0123456789abcdef"),
	        .cnonce = STR("0a4f113b"),
	        .nc = STR("00000001"),
	        .qop = STR("auth"),
	        .count = 1,
	        .algorithm = DIGEST_SHA256};
	uint8_t ha1[DIGEST_BYTES_MAX];
	uint64_t start = now_ns();

	(void)user_ha1(view, (struct hash_key){3, 4}, name_realm, c.algorithm, ha1);
	(void)digest_check(d, &c, STR("REGISTER"), ha1);
	return (double)(now_ns() - start);
}

// The password alone, nothing looked up.
static void checks(void)
{
	struct digest_credentials c = {.nonce = STR("AADgFUd26RVq0rMWJDkIUA"),
	        .uri = STR("sip:example.com"),
	        .response = STR("0123456789abcdef0123456789abcdef"
	                        "0123456789abcdef0123456789abcdef"),
	        .cnonce = STR("0a4f113b"),
	        .nc = STR("00000001"),
	        .qop = STR("auth")};
	struct digest *d = digest_create();
	uint8_t ha1[DIGEST_BYTES_MAX] = {1};

	for (unsigned a = 0; a < DIGEST_ALGORITHMS; a++) {
		uint64_t start = now_ns();

		c.algorithm = (enum digest_algorithm)a;
		for (unsigned i = 0; i < LOOKUPS / 2; i++)
			(void)digest_check(d, &c, STR("REGISTER"), ha1);
		printf("check, %-12.*s %6.0f ns\n", STR_ARG(digest_name(c.algorithm)),
		        seconds_since(start) * 1e9 / (LOOKUPS / 2));
	}
	digest_destroy(d);
}

// One of each kind after the other, so that nothing the machine does hits only one.
static void known_and_unknown(const struct table_view *view, unsigned n)
{
	static double known[SAMPLES], unknown[SAMPLES];
	struct digest *d = digest_create();
	char name[32];

	for (unsigned i = 0; i < 2 * SAMPLES; i++) {
		bool is_known = (scatter(i / 2, 7919) & 1) == (i & 1);

		// as long and as scattered as each other
		snprintf(name, sizeof(name), "%s%u", is_known ? "user" : "nobo", scatter(i / 2, n));
		(is_known ? known : unknown)[i / 2] = check_once(d, view, name);
	}
	digest_destroy(d);
	qsort(known, SAMPLES, sizeof(known[0]), by_value);
	qsort(unknown, SAMPLES, sizeof(unknown[0]), by_value);
	printf("wrong password: median %.0f ns, unknown user: median %.0f ns, p90 %.0f and %.0f; "
	       "distance %.4f (under %.4f: p > 0.01)\n",
	        known[SAMPLES / 2], unknown[SAMPLES / 2], known[SAMPLES * 9 / 10],
	        unknown[SAMPLES * 9 / 10], ks_distance(known, unknown, SAMPLES),
	        1.628 * 0.01); // 1.628 * sqrt(2 / 20000)
}

// Whole messages.

static char text[MESSAGES][MESSAGE_MAX];
static struct str messages[MESSAGES];

static void make_register(unsigned i, const char *credentials)
{
	int n = snprintf(text[i], MESSAGE_MAX,
	        "REGISTER sip:example.com SIP/2.0\r\n"
	        "Via: SIP/2.0/UDP 192.0.2.100:5060;branch=z9hG4bK-%06u;rport\r\n"
	        "Max-Forwards: 70\r\n"
	        "From: <sip:user%u@example.com>;tag=%06u\r\n"
	        "To: <sip:user%u@example.com>\r\n"
	        "Call-ID: %06u-3848276298220188511@192.0.2.100\r\n"
	        "CSeq: 1 REGISTER\r\n"
	        "Contact: <sip:user%u@192.0.2.100:5060>;expires=600\r\n"
	        "User-Agent: bench/1.0\r\n%s"
	        "Content-Length: 0\r\n\r\n",
	        i, i, i, i, i, i, credentials);

	messages[i] = (struct str){text[i], (size_t)n};
}

static char *make_config(enum digest_algorithm algorithm, const char *name)
{
	struct digest *d = digest_create();
	char *all = NULL, user[16], line[ANSWER_MAX];
	size_t len;
	FILE *f = open_memstream(&all, &len);

	fprintf(f,
	        "set port access device net_null0\nset port access address 192.0.2.1/24\n"
	        "set leg access port access udp 192.0.2.1:5060 auth register\n"
	        "set domain example.com reject 404\nset reply rate 0\nset overload share 0\n"
	        "set auth algorithms %s\n",
	        name);
	for (unsigned i = 0; i < MESSAGES; i++) {
		snprintf(user, sizeof(user), "user%u", i);
		const struct answer a = {user, "example.com", "", algorithm, 0};

		fwrite(line, 1, answer_user(d, &a, line), f);
	}
	fclose(f);
	digest_destroy(d);
	return all;
}

// The answer to the challenge the rig gives that REGISTER.
static bool answer(
        struct rig *r, unsigned i, enum digest_algorithm algorithm, const struct addr *from)
{
	static struct rig_result out;
	char user[16], nonce[ANSWER_NONCE_MAX], line[ANSWER_MAX];
	const struct answer a = {user, "example.com", nonce, algorithm, 1};
	struct digest *d = digest_create();
	bool ok;

	snprintf(user, sizeof(user), "user%u", i);
	ok = rig_send(r, STR("access"), from, messages[i], &out) &&
	     answer_nonce((struct str){out.bytes, out.len}, nonce) && answer_write(d, &a, line) > 0;
	digest_destroy(d);
	if (ok)
		make_register(i, line);
	return ok;
}

static void run(struct rig *r, const char *what, const struct addr *from, unsigned rounds)
{
	static struct stats before, after;
	uint64_t hz = rig_stats(r, &before), n = (uint64_t)MESSAGES * rounds, policy;
	uint64_t cycles = rig_run(r, STR("access"), from, messages, MESSAGES, rounds).worker;

	rig_stats(r, &after);
	stats_subtract(&after, &before);
	policy = after.stage_packets[STAGE_POLICY] > 0
	                 ? after.stage_tsc[STAGE_POLICY] / after.stage_packets[STAGE_POLICY]
	                 : 0;
	printf("%-24s %5zu bytes %7.0f ns %9.0f/s; policy %6.0f ns %9.0f/s; passed on %.0f %%\n",
	        what, messages[0].len, (double)cycles / (double)n * 1e9 / (double)hz,
	        (double)hz / ((double)cycles / (double)n), (double)policy * 1e9 / (double)hz,
	        policy > 0 ? (double)hz / (double)policy : 0.0,
	        100.0 * (double)after.way[WAY_REPLIED][VERDICT_REJECTED] / (double)n);
}

static int whole(const char *algorithm, unsigned rounds)
{
	const enum digest_algorithm a = digest_find(str_of(algorithm));
	char *config = make_config(a, algorithm), what[48];
	struct error e = {0};
	struct rig *r = rig_create(str_of(config), "bench_auth", &e);
	struct addr from;
	bool ok = r != NULL && addr_parse(STR("192.0.2.100:5060"), &from);

	free(config);
	for (unsigned i = 0; ok && i < MESSAGES; i++)
		make_register(i, "");
	if (ok && a == DIGEST_MD5)
		run(r, "challenged", &from, rounds);
	for (unsigned i = 0; ok && i < MESSAGES; i++)
		ok = answer(r, i, a, &from);
	if (ok) {
		snprintf(what, sizeof(what), "authenticated, %s", algorithm);
		run(r, what, &from, rounds);
	} else {
		fprintf(stderr, "bench_auth: %s\n", e.text[0] != '\0' ? e.text : "no challenge");
	}
	if (r != NULL)
		rig_destroy(r);
	return ok ? 0 : 1;
}

int main(int argc, char **argv)
{
	unsigned n = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 1000000;
	unsigned rounds = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 400;
	struct table_view view;
	void *image = make_table(n > 0 ? n : 1, &view);

	lookups(&view, n, "user");
	lookups(&view, n, "nobody");
	checks();
	known_and_unknown(&view, n);
	free(image);
	if (scan_init() == NULL || whole("md5", rounds) != 0 || whole("sha-256", rounds) != 0 ||
	        whole("sha-512-256", rounds) != 0)
		return 1;
	return 0;
}
