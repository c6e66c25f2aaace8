// REGISTERs of new phones through control: parsed, put into the table, written to the journal,
// answered. Says what the event loop's thread takes, and what is durable (the journal's thread and
// the disk work beside it: two cores).
//   build/tests/bench/bench_register [PHONES] [DIR]    (500,000; /tmp)
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "control/registrar.h"
#include "control/store_sync.h"
#include "dataplane/base/log.h"
#include "dataplane/base/now.h"
#include "dataplane/sip/scan.h"
#include "dataplane/table/leg.h"
#include "tools/replay/config_image.h"

enum { LOOP_EVERY = 32, STEP = 7919, ANSWER_MAX = 65000, REQUEST_MAX = 1000 };

static const char config[] = "set port access device net_null0\n"
                             "set port access address 192.0.2.1/24\n"
                             "set leg access port access udp 192.0.2.1:5060\n"
                             "set domain phones.example.com registrar\n";

// What a registrar needs of an appliance.
struct bench {
	char dir[96], run[128];
	struct event_base *loop;
	struct region region;
	struct location *table;
	struct config_image image[ROOT_CHAINS];
	struct publish publish; // only the configuration's view
	struct registrar *registrar;
	struct store_sync *journal;
};

static int make(struct bench *b, const char *under, unsigned long phones, struct error *e)
{
	struct publish_chain *chain = &b->publish.chain[ROOT_CONFIG];

	snprintf(b->dir, sizeof(b->dir), "%.60s/spry-bench-XXXXXX", under);
	if (mkdtemp(b->dir) == NULL)
		return error_set(e, "no directory can be made in %s", under);
	snprintf(b->run, sizeof(b->run), "/dev/shm/spry-bench-%d", (int)getpid());
	b->loop = event_base_new();
	if (b->loop == NULL || region_create(&b->region, b->run, false, NULL, e) != 0)
		return -1;
	b->table = location_create(&b->region, phones + phones / 4 + 1000, NULL, NULL, e);
	if (b->table == NULL || !config_image_make(STR(config), "bench", 1, b->image, e) ||
	        table_open(&chain->view, b->image[ROOT_CONFIG].bytes, b->image[ROOT_CONFIG].len,
	                ROOT_CONFIG, e) != 0)
		return -1;
	chain->image = b->image[ROOT_CONFIG].bytes;
	b->registrar = registrar_create(b->loop, b->table, b->region.root, &b->publish, NULL, e);
	b->journal = b->registrar != NULL ? store_sync_start(b->loop, b->table, b->dir, e) : NULL;
	if (b->journal == NULL)
		return -1;
	registrar_journal(b->registrar,
	        (struct registrar_journal){store_sync_put, store_sync_loading, b->journal});
	while (store_sync_loading(b->journal))
		event_base_loop(b->loop, EVLOOP_ONCE);
	return 0;
}

static void clear(struct bench *b)
{
	char path[128];

	registrar_destroy(b->registrar);
	if (b->journal != NULL)
		store_sync_end(b->journal);
	config_image_clear(b->image);
	if (b->table != NULL)
		location_detach(b->table);
	if (b->region.root != NULL)
		region_remove(&b->region);
	if (b->loop != NULL)
		event_base_free(b->loop);
	snprintf(path, sizeof(path), "%s/location.mdb", b->dir);
	unlink(path);
	rmdir(b->dir);
}

static struct str request(char *text, unsigned long phone)
{
	const int n = snprintf(text, REQUEST_MAX,
	        "REGISTER sip:phones.example.com SIP/2.0\r\n"
	        "Via: SIP/2.0/UDP 192.0.2.100:5060;branch=z9hG4bK-%09lu;rport\r\n"
	        "Max-Forwards: 70\r\n"
	        "Contact: <sip:user%09lu@192.0.2.100:5060>;expires=3600\r\n"
	        "To: <sip:user%09lu@phones.example.com>\r\n"
	        "From: <sip:user%09lu@phones.example.com>;tag=9fxced76sl%09lu\r\n"
	        "Call-ID: %09lu-3848276298220188511@192.0.2.100\r\n"
	        "CSeq: 1 REGISTER\r\n"
	        "Allow: INVITE, ACK, CANCEL, OPTIONS, BYE, REFER, NOTIFY, MESSAGE\r\n"
	        "User-Agent: bench/1.0\r\n"
	        "Content-Length: 0\r\n\r\n",
	        phone, phone, phone, phone, phone, phone);

	return (struct str){text, (size_t)n};
}

static double since(uint64_t began_ns)
{
	return (double)(now_ns() - began_ns) / 1e9;
}

// Of this thread, or of all: what other programs do on the machine is not counted.
static double cpu(clockid_t of)
{
	struct timespec ts;

	clock_gettime(of, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

// As the punt ring brings them: the loop looks at its events in between.
static void run(struct bench *b, unsigned long phones)
{
	static char text[REQUEST_MAX], answer[ANSWER_MAX];
	const struct leg *leg = b->publish.chain[ROOT_CONFIG].view.rows[TABLE_LEGS];
	struct ring_message head = {.ask = RING_REGISTER, .leg = leg->id};
	const uint64_t began_ns = now_ns();
	struct store_status durable;
	struct addr to;
	double taken_s, loop_cpu, all_cpu;

	addr_parse(STR("192.0.2.100:5060"), &head.src);
	loop_cpu = cpu(CLOCK_THREAD_CPUTIME_ID);
	all_cpu = cpu(CLOCK_PROCESS_CPUTIME_ID);
	for (unsigned long i = 0; i < phones; i++) {
		// not in the order of their names: each record is on another page of the journal
		const struct str bytes = request(text, i * STEP % phones);

		head.len = (uint32_t)bytes.len;
		registrar_take(b->registrar, &head, bytes, answer, sizeof(answer), &to);
		if (i % LOOP_EVERY == 0)
			event_base_loop(b->loop, EVLOOP_NONBLOCK);
	}
	taken_s = since(began_ns);
	loop_cpu = cpu(CLOCK_THREAD_CPUTIME_ID) - loop_cpu;
	if (!store_flush(store_sync_store(b->journal), 600000))
		printf("the journal did not follow\n");
	store_status(store_sync_store(b->journal), &durable);
	all_cpu = cpu(CLOCK_PROCESS_CPUTIME_ID) - all_cpu;
	const struct registrar_counters *n = registrar_counters(b->registrar);

	printf("%lu REGISTERs of new phones: %.0f/s answered 200 (%llu bindings), %.0f/s durable "
	       "(%llu records, %llu lost)\n",
	        phones, (double)n->accepted / taken_s, (unsigned long long)n->added,
	        (double)durable.records / since(began_ns), (unsigned long long)durable.records,
	        (unsigned long long)durable.lost);
	printf("CPU a REGISTER: %.2f us of the loop's thread, %.2f us of the journal's\n",
	        loop_cpu * 1e6 / (double)phones, (all_cpu - loop_cpu) * 1e6 / (double)phones);
}

int main(int argc, char **argv)
{
	const unsigned long phones = argc > 1 ? strtoul(argv[1], NULL, 10) : 500000;
	static struct bench b;
	struct error e = {0};

	log_init("bench", LOG_LEVEL_ERROR);
	(void)scan_init();
	if (phones == 0 || phones % STEP == 0) {
		fprintf(stderr, "bench_register: PHONES must be no multiple of %d\n", STEP);
		return 2;
	}
	const int rc = make(&b, argc > 2 ? argv[2] : "/tmp", phones, &e);

	if (rc == 0)
		run(&b, phones);
	else
		fprintf(stderr, "bench_register: %s\n", e.text);
	clear(&b);
	return rc != 0;
}
