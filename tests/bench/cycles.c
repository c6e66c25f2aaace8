// What a message costs, by stage: TSC cycles of the real stages on ring ports, one core, no
// generator, no kernel. A benchmark, not a test: figures move with the machine, compare them within
// one run. `cycles [ROUNDS [MESSAGE]]`
#include <stdio.h>
#include <stdlib.h>

#include "dataplane/sip/scan.h"
#include "dataplane/table/stats.h"
#include "tests/bench/answer.h"
#include "tools/replay/rig.h"

enum { MESSAGES = 1024, MESSAGE_MAX = 2048, ROUNDS = 200, LITERALS = 1000 };

static const char config[] = "set port access device net_null0\n"
                             "set port access address 192.0.2.1/24\n"
                             "set port core device net_null1\n"
                             "set port core address 198.51.100.1/24\n"
                             "set leg access port access udp 192.0.2.1:5060 contact-rewrite on\n"
                             "set leg core port core udp 198.51.100.1:5060\n"
                             "set group switches member 198.51.100.10:5060\n"
                             "set domain example.com group switches\n"
                             "set overload share 0\n"
                             "set domain phones.example.com registrar\n";

// One kind of message: how it is measured.
struct row {
	const char *what, *leg;
	const struct addr *from;
	enum way way;                    // it leaves by
	enum digest_algorithm algorithm; // of its credentials, DIGEST_ALGORITHMS = it has none
};

static struct addr caller, callee;

static char text[MESSAGES][MESSAGE_MAX];
static struct str messages[MESSAGES];

// Who calls whom: the users' names end in six digits.
struct call {
	const char *caller, *name, *host, *callee, *domain;
};
static const struct call to_switch = {"alice", "Alice", "192.0.2.100", "+4930", "example.com"};
static const struct call to_phone = {"bob", "Bob", "198.51.100.10", "user", "phones.example.com"};

// 13 header fields, about 550 bytes.
static void make_invites(const struct call *c)
{
	for (unsigned i = 0; i < MESSAGES; i++) {
		int n = snprintf(text[i], MESSAGE_MAX,
		        "INVITE sip:%s%06u@%s SIP/2.0\r\n"
		        "Via: SIP/2.0/UDP %s:5060;branch=z9hG4bK-524287-%06u;rport\r\n"
		        "Max-Forwards: 70\r\n"
		        "Contact: <sip:%s%06u@%s:5060>\r\n"
		        "To: <sip:%s%06u@%s>\r\n"
		        "From: \"%s\" <sip:%s%06u@example.com>;tag=9fxced76sl%06u\r\n"
		        "Call-ID: %06u-3848276298220188511@%s\r\n"
		        "CSeq: 314159 INVITE\r\n"
		        "Allow: INVITE, ACK, CANCEL, OPTIONS, BYE, REFER, NOTIFY, MESSAGE\r\n"
		        "Supported: replaces, timer\r\n"
		        "User-Agent: bench/1.0\r\n"
		        "Subject: none\r\n"
		        "Content-Length: 0\r\n\r\n",
		        c->callee, i, c->domain, c->host, i, c->caller, i, c->host, c->callee, i,
		        c->domain, c->name, c->caller, i, i, i, c->host);
		messages[i] = (struct str){text[i], (size_t)n};
	}
}

static struct str line_of(struct str message, const char *name)
{
	size_t len = strlen(name);

	for (size_t at = 0; at < message.len; at += str_find(str_skip(message, at), '\n') + 1) {
		struct str rest = str_skip(message, at);

		if (rest.len > len && memcmp(rest.p, name, len) == 0)
			return str_head(rest, str_find(rest, '\n') + 1);
	}
	return STR_NONE;
}

// The callee's 200 to each INVITE as it was forwarded.
static bool make_responses(struct rig *r)
{
	static struct rig_result out;
	static char answer[MESSAGES][MESSAGE_MAX];

	for (unsigned i = 0; i < MESSAGES; i++) {
		struct str all;
		size_t routes;
		int n;

		if (!rig_send(r, STR("access"), &caller, messages[i], &out) || out.len == 0)
			return false;
		all = (struct str){out.bytes, out.len};
		routes = (size_t)(line_of(all, "Max-Forwards:").p - all.p);
		n = snprintf(answer[i], MESSAGE_MAX, "SIP/2.0 200 OK\r\n%.*s%.*s%.*s%.*s%.*s",
		        (int)(routes - (str_find(all, '\n') + 1)), all.p + str_find(all, '\n') + 1,
		        STR_ARG(line_of(all, "From:")), STR_ARG(line_of(all, "Call-ID:")),
		        STR_ARG(line_of(all, "CSeq:")), STR_ARG(line_of(all, "Record-Route:")));
		n += snprintf(answer[i] + n, MESSAGE_MAX - (size_t)n,
		        "To: <sip:+4930%06u@example.com>;tag=b%06u\r\n"
		        "Contact: <sip:bob@198.51.100.10:5060>\r\nContent-Length: 0\r\n\r\n",
		        i, i);
		messages[i] = (struct str){answer[i], (size_t)n};
	}
	return true;
}

// The same phones each round, with the next CSeq; another q is another binding for the worker.
// `credentials` of each phone; NULL = none.
static void make_registers(unsigned round, unsigned q, char (*credentials)[ANSWER_MAX])
{
	for (unsigned i = 0; i < MESSAGES; i++) {
		int n = snprintf(text[i], MESSAGE_MAX,
		        "REGISTER sip:phones.example.com SIP/2.0\r\n"
		        "Via: SIP/2.0/UDP 192.0.2.100:5060;branch=z9hG4bK-%06u-%06u;rport\r\n"
		        "Max-Forwards: 70\r\n"
		        "Contact: <sip:user%06u@192.0.2.100:5060>;q=0.%u;expires=3600\r\n"
		        "To: <sip:user%06u@phones.example.com>\r\n"
		        "From: <sip:user%06u@phones.example.com>;tag=9fxced76sl%06u\r\n"
		        "Call-ID: %06u-3848276298220188511@192.0.2.100\r\n"
		        "CSeq: %u REGISTER\r\n"
		        "Allow: INVITE, ACK, CANCEL, OPTIONS, BYE, REFER, NOTIFY, MESSAGE\r\n"
		        "User-Agent: bench/1.0\r\n%s"
		        "Content-Length: 0\r\n\r\n",
		        round, i, i, q, i, i, i, i, round,
		        credentials != NULL ? credentials[i] : "");
		messages[i] = (struct str){text[i], (size_t)n};
	}
}

static void make_junk(void)
{
	for (unsigned i = 0; i < MESSAGES; i++) {
		int n = snprintf(text[i], MESSAGE_MAX,
		        "GET /%06u HTTP/1.1\r\nHost: 192.0.2.1:5060\r\n"
		        "User-Agent: masscan/1.3\r\nAccept: */*\r\n\r\n",
		        i);
		messages[i] = (struct str){text[i], (size_t)n};
	}
}

static const char *only; // this one

static bool is_wanted(const char *what)
{
	return only == NULL || strcmp(only, what) == 0;
}

static void show(const struct row *row, const struct rig_cycles *spent, uint64_t n, uint64_t hz,
        const struct stats *after)
{
	double cycles = (double)spent->worker / (double)n;
	uint64_t as_wanted = 0;

	for (unsigned v = 0; v < VERDICT_COUNT; v++)
		as_wanted += after->way[row->way][v];
	printf("%-16s %5zu %8.0f %7.0f %10.0f %9.1f%% %8.0f", row->what, messages[0].len, cycles,
	        cycles * 1e9 / (double)hz, (double)hz / cycles,
	        100.0 * (double)as_wanted / (double)n, (double)spent->control / (double)n);
	for (unsigned s = 0; s < STAGE_COUNT; s++)
		printf(" %8.0f",
		        after->stage_packets[s] == 0
		                ? 0.0
		                : (double)after->stage_tsc[s] / (double)after->stage_packets[s]);
	printf("\n");
}

static void run(struct rig *r, const struct row *row, unsigned rounds)
{
	static struct stats before, after;
	uint64_t hz = rig_stats(r, &before);
	struct rig_cycles spent;

	if (!is_wanted(row->what))
		return;
	spent = rig_run(r, str_of(row->leg), row->from, messages, MESSAGES, rounds);
	rig_stats(r, &after);
	stats_subtract(&after, &before);
	show(row, &spent, (uint64_t)MESSAGES * rounds, hz, &after);
}

// What the phones answer the next time.
static bool answer_all(
        const struct row *row, char (*nonce)[ANSWER_NONCE_MAX], char (*out)[ANSWER_MAX])
{
	static uint32_t count;
	struct digest *d = digest_create();
	bool ok = d != NULL;
	char user[16];

	count++;
	for (unsigned i = 0; ok && i < MESSAGES; i++) {
		snprintf(user, sizeof(user), "user%06u", i);
		const struct answer a = {
		        user, "phones.example.com", nonce[i], row->algorithm, count};

		ok = answer_write(d, &a, out[i]) > 0;
	}
	digest_destroy(d);
	return ok;
}

// A nonce for each phone.
static bool challenge_all(struct rig *r, const struct row *row, char (*nonce)[ANSWER_NONCE_MAX])
{
	static struct rig_result out;

	make_registers(0, 5, NULL);
	for (unsigned i = 0; i < MESSAGES; i++)
		if (!rig_send(r, str_of(row->leg), row->from, messages[i], &out) ||
		        !answer_nonce((struct str){out.bytes, out.len}, nonce[i]))
			return false;
	return true;
}

// REGISTERs are made anew each round, `same` but for the time or with another q.
static void run_registers(struct rig *r, const struct row *row, unsigned rounds, bool same)
{
	static char nonce[MESSAGES][ANSWER_NONCE_MAX], answers[MESSAGES][ANSWER_MAX];
	static struct stats before, after;
	static unsigned round;
	const bool digest = row->algorithm != DIGEST_ALGORITHMS;
	struct rig_cycles spent = {0};
	uint64_t hz = 0;

	if (digest && !challenge_all(r, row, nonce))
		return;
	for (unsigned i = 0; i <= rounds; i++) {
		struct rig_cycles one;

		if (digest && !answer_all(row, nonce, answers))
			return;
		round++;
		make_registers(round, same || i == 0 ? 5 : round % 4 + 6, digest ? answers : NULL);
		one = rig_run(r, str_of(row->leg), row->from, messages, MESSAGES, 1);
		if (i == 0) { // so that there is a binding to extend
			hz = rig_stats(r, &before);
			continue;
		}
		spent.worker += one.worker;
		spent.control += one.control;
	}
	rig_stats(r, &after);
	stats_subtract(&after, &before);
	if (is_wanted(row->what))
		show(row, &spent, (uint64_t)MESSAGES * rounds, hz, &after);
}

// The appliance with more lines of configuration. Ends the program when there is none.
static struct rig *make_rig(const char *more)
{
	struct error e = {0};
	struct rig *r = NULL;
	char *all = NULL;

	if (asprintf(&all, "%s%s", config, more) >= 0)
		r = rig_create(str_of(all), "cycles", &e);
	free(all);
	if (r == NULL) {
		fprintf(stderr, "cycles: %s\n", e.text);
		exit(1);
	}
	return r;
}

static void run_calls(unsigned rounds)
{
	const enum digest_algorithm none = DIGEST_ALGORITHMS;
	struct rig *r = make_rig("");

	make_invites(&to_switch);
	run(r, &(struct row){"INVITE", "access", &caller, WAY_FORWARDED, none}, rounds);
	if (make_responses(r))
		run(r, &(struct row){"200", "core", &callee, WAY_FORWARDED, none}, rounds);
	// what follows wants the bindings
	run_registers(r, &(struct row){"REGISTER", "access", &caller, WAY_PUNTED, none},
	        is_wanted("REGISTER") ? rounds : 1, false);
	run_registers(r, &(struct row){"refresh", "access", &caller, WAY_REPLIED, none},
	        is_wanted("refresh") ? rounds : 1, true);
	make_invites(&to_phone);
	run(r, &(struct row){"to a phone", "core", &callee, WAY_FORWARDED, none}, rounds);
	make_junk();
	run(r, &(struct row){"junk", "access", &caller, WAY_DROPPED, none}, rounds);
	rig_destroy(r);
}

static void run_over_limit(unsigned rounds)
{
	const struct row row = {"over limit", "access", &caller, WAY_DROPPED, DIGEST_ALGORITHMS};
	struct rig *r;

	if (!is_wanted(row.what))
		return;
	r = make_rig("set limit source rate 1 per hour\n");
	make_invites(&to_switch);
	run(r, &row, rounds);
	rig_destroy(r);
}

// Refreshed by phones that have to authenticate.
static void run_digest(const char *what, enum digest_algorithm algorithm, unsigned rounds)
{
	const struct row row = {what, "access", &caller, WAY_REPLIED, algorithm};
	char *lines = NULL, user[16], line[ANSWER_MAX];
	struct digest *d = digest_create();
	struct rig *r;
	size_t len;
	FILE *f;

	if (!is_wanted(what) || d == NULL || (f = open_memstream(&lines, &len)) == NULL) {
		digest_destroy(d);
		return;
	}
	fprintf(f, "set leg access auth register\nset reply rate 0\n");
	for (unsigned i = 0; i < MESSAGES; i++) {
		snprintf(user, sizeof(user), "user%06u", i);
		const struct answer a = {user, "phones.example.com", "", algorithm, 0};

		fwrite(line, 1, answer_user(d, &a, line), f);
	}
	fclose(f);
	digest_destroy(d);
	r = make_rig(lines);
	free(lines);
	run_registers(r, &row, rounds, true);
	rig_destroy(r);
}

// INVITEs with so many literals to look for that are not there.
static void run_patterns(const char *what, const char *const *places, unsigned n, unsigned rounds)
{
	const struct row row = {what, "access", &caller, WAY_FORWARDED, DIGEST_ALGORITHMS};
	unsigned long long x = 88172645463325252u; // xorshift: letters, the same each time
	char *lines = NULL, word[12];
	struct rig *r;
	size_t len;
	FILE *f;

	if (!is_wanted(what) || (f = open_memstream(&lines, &len)) == NULL)
		return;
	for (unsigned i = 0; i < LITERALS; i++) {
		for (unsigned k = 0; k < sizeof(word); k++) {
			x ^= x << 13;
			x ^= x >> 7;
			x ^= x << 17;
			word[k] = (char)('a' + x % 26);
		}
		fprintf(f, "set pattern p%u match %.*s in %s action drop\n", i, (int)(6 + i % 7),
		        word, places[i % n]);
	}
	fclose(f);
	r = make_rig(lines);
	free(lines);
	make_invites(&to_switch);
	run(r, &row, rounds);
	rig_destroy(r);
}

int main(int argc, char **argv)
{
	static const char *const headers[] = {"header User-Agent", "header From", "header To",
	        "header Contact", "header Subject"};
	static const char *const request[] = {"request"};
	unsigned rounds = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : ROUNDS;
	const char *scan = scan_init();

	only = argc > 2 ? argv[2] : NULL;
	if (scan == NULL) {
		fprintf(stderr, "cycles: SPRY_SCAN names a scanner this CPU can't run\n");
		return 1;
	}
	if (!addr_parse(STR("192.0.2.100:5060"), &caller) ||
	        !addr_parse(STR("198.51.100.10:5060"), &callee))
		return 1;
	printf("scanner %s, TSC cycles a message, %u messages x %u\n", scan, MESSAGES, rounds);
	printf("%-16s %5s %8s %7s %10s %10s %8s", "message", "bytes", "cycles", "ns", "msg/s",
	        "as wanted", "control");
	for (unsigned s = 0; s < STAGE_COUNT; s++)
		printf(" %8s", stage_name[s]);
	printf("\n");
	run_calls(rounds);
	run_digest("refresh MD5", DIGEST_MD5, rounds);
	run_digest("refresh SHA-256", DIGEST_SHA256, rounds);
	run_over_limit(rounds);
	run_patterns("1000 in headers", headers, 5, rounds);
	run_patterns("1000 in request", request, 1, rounds);
	return 0;
}
