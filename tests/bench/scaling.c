// Two workers on two cores against one, each with queues of its own, both with the same tables,
// bindings and counters' layout as in spry-dp: what sharing costs, without generator and wire. And
// one trunk (one queue) on two workers: what steering costs and gains. A benchmark, not a test;
// tests/bench/SCALING.md says what to make of it. `scaling [ROUNDS [KIND]]`
#include <rte_cycles.h>
#include <rte_launch.h>
#include <stdio.h>
#include <stdlib.h>

#include "dataplane/sip/message.h"
#include "dataplane/sip/scan.h"
#include "dataplane/steer.h"
#include "tests/bench/lane.h"

enum { ROUNDS = 5, ROOM = 4096, TEXT_MAX = 1024, PROBES = 40 };

static const char config[] = "set port access device net_null0\n"
                             "set port access address 192.0.2.1/24\n"
                             "set port core device net_null1\n"
                             "set port core address 198.51.100.1/24\n"
                             "set leg access port access udp 192.0.2.1:5060 contact-rewrite on\n"
                             "set leg core port core udp 198.51.100.1:5060\n"
                             "set group switches member 198.51.100.10:5060\n"
                             "set domain example.com group switches\n"
                             "set domain phones.example.com registrar\n"
                             "set overload share 0\n";

static char text[CREW_WORKERS_MAX][LANE_MESSAGES][TEXT_MAX];
static struct str messages[CREW_WORKERS_MAX][LANE_MESSAGES];
static struct lane lanes[CREW_WORKERS_MAX];
static struct crew *crew;

struct kind {
	const char *name, *leg, *from, *host;
};

static const struct kind kinds[] = {
        {"INVITE", "access", "192.0.2.100:5060", "example.com"},
        {"to a phone", "core", "198.51.100.10:5060", "phones.example.com"},
};

static void make(unsigned w, const struct kind *k, const char *method)
{
	for (unsigned i = 0; i < LANE_MESSAGES; i++) {
		const unsigned who = w * LANE_MESSAGES + i;
		const int n = snprintf(text[w][i], TEXT_MAX,
		        "%s sip:%s%06u@%s SIP/2.0\r\n"
		        "Via: SIP/2.0/UDP %s;branch=z9hG4bK-524287-%06u;rport\r\n"
		        "Max-Forwards: 70\r\n"
		        "Contact: <sip:user%06u@%s>\r\n"
		        "To: <sip:user%06u@%s>\r\n"
		        "From: \"Alice\" <sip:user%06u@%s>;tag=9fxced76sl%06u\r\n"
		        "Call-ID: %06u-3848276298220188511@192.0.2.100\r\n"
		        "CSeq: 314159 %s\r\n"
		        "Allow: INVITE, ACK, CANCEL, OPTIONS, BYE, REFER, NOTIFY, MESSAGE\r\n"
		        "Supported: replaces, timer\r\n"
		        "User-Agent: bench/1.0\r\n"
		        "Content-Length: 0\r\n\r\n",
		        method, method[0] == 'R' ? "reg" : "user", who, k->host, k->from, who, who,
		        k->from, who, k->host, who, k->host, who, who, method);

		messages[w][i] = (struct str){text[w][i], (size_t)n};
	}
}

static bool make_phones(unsigned w)
{
	const struct kind phone = {"", "access", "192.0.2.100:5060", "phones.example.com"};
	struct addr from;

	make(w, &phone, "REGISTER");
	addr_parse(str_of(phone.from), &from);
	for (unsigned i = 0; i < LANE_MESSAGES; i++) {
		char *at = memchr(text[w][i], '@', TEXT_MAX); // no user in its Request-URI
		char *uri = memchr(text[w][i], ':', TEXT_MAX) + 1;

		messages[w][i].len -= (size_t)(at + 1 - uri);
		memmove(uri, at + 1, messages[w][i].len - (size_t)(uri - text[w][i]));
		if (!crew_register(crew, crew_leg(crew, phone.leg), &from, messages[w][i]))
			return false;
	}
	return true;
}

static bool prepare(unsigned w, const struct kind *k)
{
	const struct leg *l = crew_leg(crew, k->leg);
	struct addr from;

	make(w, k, "INVITE");
	addr_parse(str_of(k->from), &from);
	lanes[w] = (struct lane){.worker = crew->dp.worker[w],
	        .crew = crew,
	        .port = l->port,
	        .frame = lane_frames(crew, l, &from, messages[w])};
	return lanes[w].frame != NULL;
}

static void clear(unsigned w)
{
	for (unsigned i = 0; lanes[w].frame != NULL && i < LANE_MESSAGES; i++)
		rte_pktmbuf_free(lanes[w].frame[i]);
	free(lanes[w].frame);
	lanes[w].frame = NULL;
}

// What the two CPUs do when nothing at all is shared: the parser on memory of its own. Two of them
// that are threads of one core, or a hypervisor, keep this below 2.
struct probe {
	unsigned w;
	double cycles[PROBES];
};
static _Atomic unsigned probing;

static int probe_run(void *arg)
{
	struct probe *p = arg;
	static __thread struct message m;

	atomic_fetch_sub(&probing, 1);
	while (atomic_load(&probing) > 0)
		rte_pause();
	for (unsigned i = 0; i < PROBES; i++) {
		const uint64_t start = rte_rdtsc();

		for (unsigned k = 0; k < LANE_MESSAGES; k++)
			(void)message_parse(messages[p->w][k], &m, NULL);
		p->cycles[i] = (double)(rte_rdtsc() - start);
	}
	return 0;
}

static double probe(unsigned n)
{
	static struct probe p[2];

	atomic_store(&probing, n);
	for (unsigned w = 0; w < n; w++) {
		p[w].w = w;
		rte_eal_remote_launch(probe_run, &p[w], w + 1);
	}
	rte_eal_mp_wait_lcore();
	return n == 1 ? 1 / lane_best(p[0].cycles, PROBES)
	              : 1 / lane_best(p[0].cycles, PROBES) + 1 / lane_best(p[1].cycles, PROBES);
}

// What one cache line costs that two cores write in turn.
static _Atomic uint64_t ball;

static int ball_run(void *arg)
{
	struct probe *p = arg;
	const uint64_t turns = PROBES * (uint64_t)LANE_MESSAGES;

	for (uint64_t i = p->w; i < 2 * turns; i += 2) {
		const uint64_t start = rte_rdtsc(), k = i / 2 % LANE_MESSAGES;

		while (atomic_load_explicit(&ball, memory_order_acquire) != i)
			rte_pause();
		atomic_store_explicit(&ball, i + 1, memory_order_release);
		if (k == 0)
			p->cycles[i / 2 / LANE_MESSAGES] = 0;
		p->cycles[i / 2 / LANE_MESSAGES] += (double)(rte_rdtsc() - start);
	}
	return 0;
}

static double line_cycles(void)
{
	static struct probe p[2];

	atomic_store(&ball, 0);
	for (unsigned w = 0; w < 2; w++) {
		p[w].w = w;
		rte_eal_remote_launch(ball_run, &p[w], w + 1);
	}
	rte_eal_mp_wait_lcore();
	return lane_best(p[0].cycles, PROBES) / (2 * LANE_MESSAGES);
}

static void least(double *best, double cycles)
{
	if (cycles > 0 && (*best == 0 || cycles < *best))
		*best = cycles;
}

static void most(double *best, double rate)
{
	*best = rate > *best ? rate : *best;
}

static void compare(const struct kind *k, unsigned rounds, double hz)
{
	struct lane *both[] = {&lanes[0], &lanes[1]};
	double alone[2] = {0}, beside[2] = {0}, one = 0, two = 0;

	for (unsigned r = 0; r < rounds; r++) {
		for (unsigned w = 0; w < 2; w++) {
			lanes[w].beside = NULL;
			lane_run(&both[w], 1, LANE_CHUNKS / 2);
			least(&alone[w], lane_best(lanes[w].cycles, lanes[w].counted));
		}
		lanes[0].beside = &lanes[1];
		lanes[1].beside = &lanes[0];
		lane_run(both, 2, LANE_CHUNKS);
		for (unsigned w = 0; w < 2; w++)
			least(&beside[w], lane_best(lanes[w].cycles, lanes[w].counted));
		most(&one, probe(1));
		most(&two, probe(2));
	}
	if (beside[0] == 0 || beside[1] == 0) {
		printf("%-12s the two never ran at the same time: too much else runs here\n",
		        k->name);
		return;
	}
	const double first = (hz / alone[0] + hz / alone[1]) / 2;
	const double second = hz / beside[0] + hz / beside[1];

	printf("%-12s %8.0f %10.0f %8.0f %10.0f %7.2f %8.2f\n", k->name, (alone[0] + alone[1]) / 2,
	        first, (beside[0] + beside[1]) / 2, second, second / first, two / one);
}

// What limits two workers: the receiver's cycles a message, or the taker's for its share.
static void steering(enum setup_steer how, const char *name, double hz, double *off)
{
	struct lane *both[] = {&lanes[0], &lanes[1]};
	struct stats before, after;

	for (unsigned w = 0; w < 2; w++)
		atomic_store(&crew->dp.worker[w]->steer->wish, (uint8_t)how);
	lanes[0].beside = &lanes[1];
	for (unsigned r = 0; r < 2; r++) // until it has settled
		lane_run(both, 2, LANE_CHUNKS);
	crew_stats(crew, 0, &before);
	lane_run(both, 2, LANE_CHUNKS);
	crew_stats(crew, 0, &after);
	stats_subtract(&after, &before);
	const double lost = (double)after.way[WAY_DROPPED][VERDICT_STEER_FULL];
	const double away = ((double)after.count[STATS_STEERED_OUT] + lost) /
	                    (LANE_CHUNKS * (double)LANE_CHUNK);
	const double receiver = lane_best(lanes[0].cycles, lanes[0].counted);
	const double taker = lane_best(lanes[1].cycles, lanes[1].counted);
	const double limit = receiver > away * taker ? receiver : away * taker;

	*off = how == SETUP_STEER_OFF ? limit : *off;
	printf("%-12s %8.1f%% %10.0f %10.0f %10.0f %7.2f\n", name, 100 * away, receiver, taker,
	        hz / limit, *off / limit);
}

static void elephant(double hz)
{
	double off = 0;

	printf("\none trunk, one queue, two workers; cycles a message that came, and that was taken\n"
	       "%-12s %9s %10s %10s %10s %7s\n",
	        "steer", "away", "receiver", "taker", "msg/s", "gain");
	clear(1);
	steering(SETUP_STEER_OFF, "off", hz, &off);
	steering(SETUP_STEER_AUTO, "auto", hz, &off);
	steering(SETUP_STEER_OFF, "off again", hz, &off);
	steering(SETUP_STEER_ON, "on", hz, &off);
}

int main(int argc, char **argv)
{
	const struct crew_wish wish = {.config = config, .n_workers = 2, .room = ROOM};
	const unsigned rounds = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : ROUNDS;
	struct error e = {0};

	setlinebuf(stdout);
	crew = crew_create(&wish, &e);
	if (crew == NULL || !make_phones(0) || !make_phones(1)) {
		fprintf(stderr, "scaling: %s\n", e.text);
		return 1;
	}
	const double hz = (double)rte_get_tsc_hz();

	printf("a cache line from one core to the other: %.0f cycles\n", line_cycles());
	printf("cycles a message in a worker's turns, messages/s of all; `machine` = the same ratio "
	       "with nothing shared\n%-12s %8s %10s %8s %10s %7s %8s\n",
	        "message", "1 alone", "msg/s", "2 beside", "msg/s", "ratio", "machine");
	for (unsigned i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (argc > 2 && strcmp(argv[2], kinds[i].name) != 0)
			continue;
		if (!prepare(0, &kinds[i]) || !prepare(1, &kinds[i]))
			return 1;
		for (unsigned w = 0; w < 2; w++)
			atomic_store(&crew->dp.worker[w]->steer->wish, SETUP_STEER_OFF);
		compare(&kinds[i], rounds, hz);
		clear(0);
		clear(1);
	}
	if (!prepare(0, &kinds[0]) ||
	        !prepare(1, &kinds[0])) // the last: steering takes time to end
		return 1;
	elephant(hz);
	clear(0);
	crew_destroy(crew);
	return 0;
}
