// One row an option: name, what follows, help, what it does.
#include "tools/bench/options.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct option_row {
	const char *name, *value, *help; // value NULL = none follows
	int (*take)(struct options *o, const char *word, struct error *e);
};

static int take_number(const char *word, double least, double most, double *out, struct error *e)
{
	char *end;

	errno = 0;
	*out = strtod(word, &end);
	if (errno != 0 || end == word || *end != '\0' || !(*out >= least && *out <= most))
		return error_set(e, "\"%s\" is no number from %g to %g", word, least, most);
	return 0;
}

static int take_whole(const char *word, double least, double most, uint64_t *out, struct error *e)
{
	double v;

	if (take_number(word, least, most, &v, e) != 0)
		return -1;
	*out = (uint64_t)v;
	return (double)*out == v ? 0 : error_set(e, "\"%s\" is no whole number", word);
}

static int take_seconds(struct options *o, const char *word, struct error *e)
{
	return take_number(word, 0.05, 3600, &o->wish.seconds, e);
}

static int take_runs(struct options *o, const char *word, struct error *e)
{
	uint64_t n;

	if (take_whole(word, 1, MEASURE_RUNS_MAX, &n, e) != 0)
		return -1;
	o->wish.runs = (unsigned)n;
	return 0;
}

static int take_trials(struct options *o, const char *word, struct error *e)
{
	uint64_t n;

	if (take_whole(word, 1, 100, &n, e) != 0)
		return -1;
	o->wish.trials = (unsigned)n;
	return 0;
}

static int take_part(const char *word, double *out, struct error *e)
{
	if (take_number(word, 0, 50, out, e) != 0)
		return -1;
	*out /= 100;
	return 0;
}

static int take_loss(struct options *o, const char *word, struct error *e)
{
	return take_part(word, &o->wish.loss, e);
}

static int take_resolution(struct options *o, const char *word, struct error *e)
{
	return take_part(word, &o->wish.resolution, e);
}

static int take_size(struct options *o, const char *word, struct error *e)
{
	uint64_t n;

	if (take_whole(word, BENCH_SIZE_MIN, BENCH_SIZE_MAX, &n, e) != 0)
		return -1;
	o->wish.size = (unsigned)n;
	return 0;
}

static int take_bindings(struct options *o, const char *word, struct error *e)
{
	return take_whole(word, 1, BENCH_USERS_MAX, &o->wish.bindings, e);
}

static int take_generator_cores(struct options *o, const char *word, struct error *e)
{
	(void)e;
	o->wish.pair.generator_cores = word;
	return 0;
}

static int take_proxy_cores(struct options *o, const char *word, struct error *e)
{
	(void)e;
	o->wish.pair.proxy_cores = word;
	return 0;
}

static int take_port(const char **port, const char *word, unsigned *n, struct error *e)
{
	if (port[0] != NULL && port[1] != NULL)
		return error_set(e, "\"%s\": there are two ports already", word);
	port[port[0] != NULL] = word;
	*n = 1 + (port[1] != NULL);
	return 0;
}

static int take_generator_port(struct options *o, const char *word, struct error *e)
{
	return take_port(o->wish.pair.generator_port, word, &o->wish.pair.n_ports, e);
}

static int take_proxy_port(struct options *o, const char *word, struct error *e)
{
	return take_port(o->wish.pair.proxy_port, word, &o->wish.pair.n_ports, e);
}

static int take_json(struct options *o, const char *word, struct error *e)
{
	(void)word, (void)e;
	o->json = true;
	return 0;
}

static int take_quiet(struct options *o, const char *word, struct error *e)
{
	(void)word, (void)e;
	o->wish.quiet = true;
	return 0;
}

static int take_copy(struct options *o, const char *word, struct error *e)
{
	(void)word, (void)e;
	o->wish.pair.copy = true;
	return 0;
}

static int take_no_huge(struct options *o, const char *word, struct error *e)
{
	(void)word, (void)e;
	o->wish.pair.no_huge = true;
	return 0;
}

static int take_huge(struct options *o, const char *word, struct error *e)
{
	uint64_t mb;

	if (take_whole(word, 2, 1 << 20, &mb, e) != 0)
		return -1;
	o->wish.pair.huge_mb = (unsigned)mb;
	return 0;
}

static int take_plot(struct options *o, const char *word, struct error *e)
{
	const char *dot = strrchr(word, '.');

	if (dot == NULL || (strcmp(dot, ".svg") != 0 && strcmp(dot, ".png") != 0))
		return error_set(e, "\"%s\" ends neither in .svg nor in .png", word);
	o->plot = word;
	return 0;
}

static int take_sweep(struct options *o, const char *word, struct error *e)
{
	if (strcmp(word, "bindings") != 0 && strcmp(word, "size") != 0)
		return error_set(e, "\"%s\": it goes through bindings, or size", word);
	o->sweep = word;
	return 0;
}

static const struct option_row rows[] = {
        {"--json", NULL, "one JSON object on stdout", take_json},
        {"--quiet", NULL, "no progress on stderr", take_quiet},
        {"--seconds", "N", "of a trial (1)", take_seconds},
        {"--runs", "N", "searches; the median counts (3)", take_runs},
        {"--trials", "N", "most of a search (16)", take_trials},
        {"--resolution", "PERCENT", "of the rate searched for (2)", take_resolution},
        {"--loss", "PERCENT", "still called loss-free (0.01; 0 = RFC 2544 to the letter)",
                take_loss},
        {"--size", "BYTES", "of a request (the scenario's)", take_size},
        {"--bindings", "N", "in the location table (the scenario's)", take_bindings},
        {"--sweep", "WHAT", "measure again and again: bindings 1000 ... 10 M, size 300 ... 1400",
                take_sweep},
        {"--plot", "FILE", "a picture by gnuplot, .svg or .png", take_plot},
        {"--generator-cores", "LIST", "(0)", take_generator_cores},
        {"--proxy-cores", "LIST", "(1)", take_proxy_cores},
        {"--generator-port", "DEVARGS", "a real port instead of memif; twice: callers', callees'",
                take_generator_port},
        {"--proxy-port", "DEVARGS", "what they are wired to; twice", take_proxy_port},
        {"--copy", NULL, "memif without zero-copy", take_copy},
        {"--huge", "MB", "huge pages reserved meanwhile (else: what is free)", take_huge},
        {"--no-huge", NULL, "ordinary pages even where there are huge ones", take_no_huge},
};

enum { N_ROWS = sizeof(rows) / sizeof(rows[0]) };

void options_help(FILE *out)
{
	for (unsigned i = 0; i < N_ROWS; i++)
		fprintf(out, "  %-17s %-8s %s\n", rows[i].name,
		        rows[i].value != NULL ? rows[i].value : "", rows[i].help);
}

static int take(struct options *o, int *at, int argc, char **argv, struct error *e)
{
	struct error why = {0};

	for (unsigned i = 0; i < N_ROWS; i++) {
		const struct option_row *r = &rows[i];

		if (strcmp(argv[*at], r->name) != 0)
			continue;
		if (r->value != NULL && *at + 1 >= argc)
			return error_set(e, "%s: %s is missing", r->name, r->value);
		*at += r->value != NULL;
		if (r->take(o, argv[*at], &why) != 0)
			return error_set(e, "%s: %.400s", r->name, why.text);
		return 0;
	}
	return error_set(e, "no option \"%s\"", argv[*at]);
}

int options_read(struct options *o, int argc, char **argv, struct error *e)
{
	*o = (struct options){0};
	measure_default(&o->wish);
	for (int i = 1; i < argc; i++) {
		if (argv[i][0] == '-') {
			if (take(o, &i, argc, argv, e) != 0)
				return -1;
		} else if (o->scenario == NULL) {
			o->scenario = argv[i];
		} else {
			return error_set(e, "\"%s\": one scenario at a time", argv[i]);
		}
	}
	const struct pair_wish *p = &o->wish.pair;
	if (p->n_ports != 0 && (p->generator_port[1] == NULL || p->proxy_port[1] == NULL))
		return error_set(e, "--generator-port and --proxy-port: two of each");
	return 0;
}
