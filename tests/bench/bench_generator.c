// What a message costs the load generator, sent, received and checked, on ring ports in one
// process:
//   bench_generator [KIND [CHECK-EVERY [SIZE]]]
#include "tests/pipeline/gen_bed.h"

#include <time.h>

enum { TURNS = 20000 };

// Of this thread: a busy machine does not count.
static double cpu_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return 1e9 * (double)t.tv_sec + (double)t.tv_nsec;
}

int main(int argc, char **argv)
{
	static struct gen_bed bed;
	unsigned kind = 0;

	while (argc > 1 && kind < BENCH_JUNK && strcmp(argv[1], bench_kind_row[kind].name) != 0)
		kind++;
	struct bench_order o = gen_bed_order((enum bench_kind)kind);
	o.check_every = argc > 2 ? (uint32_t)strtoul(argv[2], NULL, 10) : 64;
	o.size = argc > 3 ? (uint16_t)strtoul(argv[3], NULL, 10) : 550;
	o.limit = 0;
	o.in_flight = 256;
	o.n_users = 1000000;
	gen_bed_start(&bed, gen_bed_unused, SETUP_GENERATOR);
	gen_bed_give(&bed, &o);
	gen_bed_cable(&bed, TURNS / 10, NULL, NULL); // warm
	o.clear = gen_bed_clear();
	gen_bed_give(&bed, &o);
	const unsigned turns = argc > 4 ? (unsigned)strtoul(argv[4], NULL, 10) : TURNS;
	const double start = cpu_ns();

	gen_bed_cable(&bed, turns, NULL, NULL);
	const double ns = cpu_ns() - start; // the cable's share is some 10 ns
	const double sent = (double)gen_bed_count(&bed, BENCH_N_SENT);

	printf("%s, %u bytes, all of 1 in %u checked: %.1f ns a message (%.2f M/s), %.0f sent, "
	       "%llu corrupt, %llu lost\n",
	        bench_kind_row[kind].name, o.size, o.check_every, ns / sent, sent / ns * 1e3, sent,
	        (unsigned long long)gen_bed_count(&bed, BENCH_N_CORRUPT),
	        (unsigned long long)gen_bed_count(&bed, BENCH_N_LOST));
	o.run = 0;
	gen_bed_give(&bed, &o);
	gen_bed_cable(&bed, 100, NULL, NULL);
	gen_bed_stop(&bed);
	return 0;
}
