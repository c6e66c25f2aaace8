// spry-bench: how fast is it, and what is in the way? Starts a load generator and a proxy, joined
// by shared memory or by real ports, and measures.
#include <stdio.h>
#include <string.h>

#include "tools/bench/compare.h"
#include "tools/bench/console.h"
#include "tools/bench/interrupt.h"
#include "tools/bench/options.h"
#include "tools/bench/outcome.h"
#include "tools/bench/plot.h"
#include "tools/bench/series.h"

// One word of the command line: argv[0] is the word; the exit status is returned.
struct command {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *help;
};

static int fail(const char *what, const struct error *e, int status)
{
	fprintf(stderr, "spry-bench%s%s: %s\n", what[0] != '\0' ? " " : "", what, e->text);
	return status;
}

static int list(int argc, char **argv)
{
	(void)argc, (void)argv;
	for (const struct scenario *s = scenarios; s->name != NULL; s++)
		printf("%-17s %s\n", s->name, s->text);
	return 0;
}

static int print_json(const struct measure *m)
{
	json_t *o = outcome_json(m);
	const int rc = json_dumpf(o, stdout, JSON_INDENT(2));

	json_decref(o);
	return rc == 0 && puts("") >= 0 ? 0 : 1;
}

static int draw_curve(const struct measure *m, const char *file, struct error *e)
{
	struct plot p = {.file = file,
	        .title = m->scenario->name,
	        .x_label = "million messages/s",
	        .n = m->n_points};

	for (unsigned i = 0; i < m->n_points; i++)
		p.point[i] = (struct plot_point){.rate = m->point[i].rate,
		        .p50_us = m->point[i].p50_us,
		        .p99_us = m->point[i].p99_us};
	return plot_draw(&p, e);
}

static int run_one(const struct options *o, struct error *e)
{
	static struct measure m;

	if (o->plot != NULL && plot_check(e) != 0)
		return -1;
	if (measure_run(&o->wish, &m, e) != 0)
		return -1;
	if (o->json && print_json(&m) != 0)
		return error_set(e, "cannot write to stdout");
	if (!o->json)
		outcome_print(&m, stdout);
	return o->plot != NULL ? draw_curve(&m, o->plot, e) : 0;
}

static int run(int argc, char **argv)
{
	struct error e = {0};
	struct options o;

	if (options_read(&o, argc, argv, &e) != 0)
		return fail("run", &e, 2);
	o.wish.scenario = o.scenario != NULL ? scenario_find(o.scenario) : NULL;
	if (o.wish.scenario == NULL) {
		error_set(&e, "%s%s; `spry-bench list` names the scenarios",
		        o.scenario != NULL ? "no scenario " : "which scenario?",
		        o.scenario != NULL ? o.scenario : "");
		return fail("run", &e, 2);
	}
	o.wish.curve = o.plot != NULL && o.sweep == NULL;
	if (o.sweep != NULL ? series_run(&o, &e) != 0 : run_one(&o, &e) != 0)
		return fail("run", &e, 1);
	return 0;
}

static int interactive(int argc, char **argv)
{
	static struct session s;
	struct error e = {0};
	struct options o;

	if (options_read(&o, argc, argv, &e) != 0)
		return fail("", &e, 2);
	o.wish.scenario = o.scenario != NULL ? scenario_find(o.scenario) : NULL;
	if (o.scenario != NULL && o.wish.scenario == NULL) {
		error_set(&e, "no scenario %s", o.scenario);
		return fail("interactive", &e, 2);
	}
	session_init(&s, &o.wish);
	return console_run(&s);
}

static int help(int argc, char **argv);

static const struct command commands[] = {
        {"run", run, "SCENARIO [OPTION]...: the highest loss-free rate, its cost and latency"},
        {"compare", compare_main,
                "[OPTION]...: spry beside its peers on this machine; `compare --help`"},
        {"interactive", interactive, "[SCENARIO] [OPTION]...: a prompt; as without any word"},
        {"list", list, "the scenarios"},
        {"help", help, "this"},
};

enum { N_COMMANDS = sizeof(commands) / sizeof(commands[0]) };

static int help(int argc, char **argv)
{
	(void)argc, (void)argv;
	puts("usage: spry-bench [COMMAND]");
	for (unsigned i = 0; i < N_COMMANDS; i++)
		printf("  %-12s %s\n", commands[i].name, commands[i].help);
	puts("options of run:");
	options_help(stdout);
	return 0;
}

int main(int argc, char **argv)
{
	struct error e = {0};

	interrupt_init();
	if (argc > 1 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0))
		return help(argc, argv);
	if (argc > 1 && strcmp(argv[1], "--version") == 0)
		return puts("spry-bench " SPRY_VERSION) < 0;
	for (unsigned i = 0; i < N_COMMANDS && argc > 1; i++)
		if (strcmp(argv[1], commands[i].name) == 0)
			return commands[i].run(argc - 1, argv + 1);
	if (argc == 1)
		return interactive(argc, argv);
	error_set(&e, "no command %s; `spry-bench help` names the commands", argv[1]);
	return fail("", &e, 2);
}
