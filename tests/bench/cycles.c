// What a message costs, by stage: TSC cycles of the real stages on ring ports, one core, no
// generator, no kernel. A benchmark, not a test: figures move with the machine, compare them within
// one run. `cycles [ROUNDS [MESSAGE]]`
#include <stdio.h>
#include <stdlib.h>

#include "dataplane/sip/scan.h"
#include "dataplane/table/stats.h"
#include "tools/replay/rig.h"

enum { MESSAGES = 1024, MESSAGE_MAX = 2048, ROUNDS = 200 };

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
	enum way way; // it leaves by
};

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
static bool make_responses(struct rig *r, const struct addr *caller)
{
	static struct rig_result out;
	static char answer[MESSAGES][MESSAGE_MAX];

	for (unsigned i = 0; i < MESSAGES; i++) {
		struct str all;
		size_t routes;
		int n;

		if (!rig_send(r, STR("access"), caller, messages[i], &out) || out.len == 0)
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
static void make_registers(unsigned round, unsigned q)
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
		        "User-Agent: bench/1.0\r\n"
		        "Content-Length: 0\r\n\r\n",
		        round, i, i, q, i, i, i, i, round);
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
	printf("%-10s %5zu %8.0f %7.0f %10.0f %9.1f%% %8.0f", row->what, messages[0].len, cycles,
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

// REGISTERs are made anew each round, `same` but for the time or with another q.
static void run_registers(struct rig *r, const struct row *row, unsigned rounds, bool same)
{
	static struct stats before, after;
	static unsigned round;
	struct rig_cycles spent = {0};
	uint64_t hz;

	if (!is_wanted(row->what))
		rounds = 1;         // what follows wants the bindings
	make_registers(++round, 5); // so that there is a binding to extend
	(void)rig_run(r, str_of(row->leg), row->from, messages, MESSAGES, 1);
	hz = rig_stats(r, &before);
	for (unsigned i = 0; i < rounds; i++) {
		struct rig_cycles one;

		round++;
		make_registers(round, same ? 5 : round % 4 + 6);
		one = rig_run(r, str_of(row->leg), row->from, messages, MESSAGES, 1);
		spent.worker += one.worker;
		spent.control += one.control;
	}
	rig_stats(r, &after);
	stats_subtract(&after, &before);
	if (is_wanted(row->what))
		show(row, &spent, (uint64_t)MESSAGES * rounds, hz, &after);
}

int main(int argc, char **argv)
{
	unsigned rounds = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : ROUNDS;
	struct addr caller, callee;
	struct error e = {0};
	const char *scan = scan_init();
	struct rig *r;

	only = argc > 2 ? argv[2] : NULL;
	if (scan == NULL) {
		fprintf(stderr, "cycles: SPRY_SCAN names a scanner this CPU can't run\n");
		return 1;
	}
	r = rig_create(STR(config), "cycles", &e);
	if (r == NULL || !addr_parse(STR("192.0.2.100:5060"), &caller) ||
	        !addr_parse(STR("198.51.100.10:5060"), &callee)) {
		fprintf(stderr, "cycles: %s\n", e.text);
		return 1;
	}
	printf("scanner %s, TSC cycles a message, %u messages x %u\n", scan, MESSAGES, rounds);
	printf("%-10s %5s %8s %7s %10s %10s %8s", "message", "bytes", "cycles", "ns", "msg/s",
	        "as wanted", "control");
	for (unsigned s = 0; s < STAGE_COUNT; s++)
		printf(" %8s", stage_name[s]);
	printf("\n");
	make_invites(&to_switch);
	run(r, &(struct row){"INVITE", "access", &caller, WAY_FORWARDED}, rounds);
	if (make_responses(r, &caller))
		run(r, &(struct row){"200", "core", &callee, WAY_FORWARDED}, rounds);
	run_registers(r, &(struct row){"REGISTER", "access", &caller, WAY_PUNTED}, rounds, false);
	run_registers(r, &(struct row){"refresh", "access", &caller, WAY_REPLIED}, rounds, true);
	make_invites(&to_phone);
	run(r, &(struct row){"to a phone", "core", &callee, WAY_FORWARDED}, rounds);
	rig_destroy(r);
	return 0;
}
