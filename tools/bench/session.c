// One row a command: a phrase, what follows, help, what it does.
#include "tools/bench/session.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tools/bench/interrupt.h"
#include "tools/bench/session_show.h"

enum { SESSION_WORDS = 32, SESSION_LINE = 512 };
#define SESSION_RATE_MOST 1e9

struct session_row {
	const char *phrase, *args, *help;
	unsigned least, most; // words that follow
	int (*run)(struct session *s, unsigned n, char **word, FILE *out, struct error *e);
};

static int number(const char *word, double least, double most, double *out, struct error *e)
{
	char *end;

	errno = 0;
	*out = strtod(word, &end);
	if (errno == 0 && end != word && *end == '\0' && *out >= least && *out <= most)
		return 0;
	return error_set(e, "\"%s\" is no number from %.0f to %.0f", word, least, most);
}

// What the generator is asked for, from the settings; not the rate.
static void make_order(struct session *s)
{
	struct bench_order *o = &s->pair.bench->order;
	const uint32_t clear = o->clear;

	scenario_order(s->wish.scenario, &s->pair.ports, s->pair.bindings, o);
	o->clear = clear;
	o->in_flight = s->in_flight;
	if (s->wish.size != 0)
		o->size = (uint16_t)s->wish.size;
	if (s->users != 0)
		o->n_users = s->users;
	if (s->mixed)
		memcpy(o->weight, s->weight, sizeof(o->weight));
}

static int stop(struct session *s, unsigned n, char **word, FILE *out, struct error *e)
{
	(void)n, (void)word;
	if (!s->sending)
		return error_set(e, "stop: nothing is being sent");
	s->sending = false;
	if (trial_end(&s->pair, &s->trial, e) != 0)
		return -1;
	session_show_summary(s, out);
	return 0;
}

// Settings that the processes were started with take effect at the next start.
static int start_pair(struct session *s, FILE *out, struct error *e)
{
	uint64_t bindings = s->wish.scenario->bindings;

	if (s->there && !s->changed && pair_lives(&s->pair, e))
		return 0;
	if (s->there)
		pair_stop(&s->pair);
	s->there = s->changed = false;
	if (bindings != 0 && s->wish.bindings != 0)
		bindings = s->wish.bindings;
	fprintf(out, "starting generator (core %s) and proxy (core %s)\n",
	        s->wish.pair.generator_cores, s->wish.pair.proxy_cores);
	fflush(out);
	if (pair_start(&s->pair, s->wish.scenario, &s->wish.pair, bindings, e) != 0)
		return -1;
	s->there = true;
	return 0;
}

static int start(struct session *s, unsigned n, char **word, FILE *out, struct error *e)
{
	(void)n, (void)word;
	if (s->sending)
		return error_set(e, "start: it is sending already; stop comes first");
	if (start_pair(s, out, e) != 0)
		return -1;
	make_order(s);
	if (trial_start(&s->pair, s->rate, &s->trial, e) != 0)
		return -1;
	s->sending = true;
	return 0;
}

static int wait_for(struct session *s, unsigned n, char **word, FILE *out, struct error *e)
{
	double v;

	(void)n, (void)out;
	if (number(word[0], 0, 3600, &v, e) != 0)
		return -1;
	if (!interrupt_nap((unsigned)(v * 1000)))
		return error_set(e, "wait: interrupted");
	return !s->there || pair_lives(&s->pair, e) ? 0 : -1;
}

static int set_engine(struct session *s, unsigned n, char **word, FILE *out, struct error *e)
{
	static const char *const names[] = {"generator", "uac", "uas"};

	(void)n, (void)out;
	for (unsigned i = 0; i < 3; i++)
		if (strcmp(word[0], names[i]) == 0) {
			s->wish.pair.engine = names[i];
			s->changed = true;
			return 0;
		}
	return error_set(
	        e, "no engine \"%s\"; there are generator (both sides), uac, uas", word[0]);
}

static int set_scenario(struct session *s, unsigned n, char **word, FILE *out, struct error *e)
{
	const struct scenario *found = scenario_find(word[0]);

	(void)n, (void)out;
	if (found == NULL)
		return error_set(e, "no scenario \"%s\"; `show scenarios`", word[0]);
	s->wish.scenario = found;
	s->changed = true;
	s->mixed = false;
	return 0;
}

static int set_rate(struct session *s, unsigned n, char **word, FILE *out, struct error *e)
{
	(void)n, (void)out;
	return number(word[0], 0, SESSION_RATE_MOST, &s->rate, e);
}

static int set_size(struct session *s, unsigned n, char **word, FILE *out, struct error *e)
{
	double v;

	(void)n, (void)out;
	if (number(word[0], BENCH_SIZE_MIN, BENCH_SIZE_MAX, &v, e) != 0)
		return -1;
	s->wish.size = (unsigned)v;
	return 0;
}

static int set_users(struct session *s, unsigned n, char **word, FILE *out, struct error *e)
{
	double v;

	(void)n, (void)out;
	if (number(word[0], 1, BENCH_USERS_MAX, &v, e) != 0)
		return -1;
	s->users = (uint32_t)v;
	return 0;
}

static int set_bindings(struct session *s, unsigned n, char **word, FILE *out, struct error *e)
{
	double v;

	(void)n, (void)out;
	if (number(word[0], 1, BENCH_USERS_MAX, &v, e) != 0)
		return -1;
	s->wish.bindings = (uint64_t)v;
	s->changed = true;
	return 0;
}

static int set_in_flight(struct session *s, unsigned n, char **word, FILE *out, struct error *e)
{
	double v;

	(void)n, (void)out;
	if (number(word[0], 0, 1e6, &v, e) != 0)
		return -1;
	s->in_flight = (uint32_t)v;
	return 0;
}

// KIND [WEIGHT] KIND [WEIGHT] ...
static int set_mix(struct session *s, unsigned n, char **word, FILE *out, struct error *e)
{
	uint16_t weight[BENCH_KINDS] = {0};
	unsigned kind = BENCH_KINDS;
	double v;

	(void)out;
	for (unsigned i = 0; i < n; i++) {
		if (word[i][0] >= '0' && word[i][0] <= '9' && kind < BENCH_KINDS) {
			if (number(word[i], 0, UINT16_MAX, &v, e) != 0)
				return -1;
			weight[kind] = (uint16_t)v;
			kind = BENCH_KINDS;
			continue;
		}
		for (kind = 0; kind < BENCH_KINDS; kind++)
			if (strcmp(word[i], bench_kind_row[kind].name) == 0)
				break;
		if (kind == BENCH_KINDS)
			return error_set(
			        e, "no kind of message \"%s\"; `help` names them", word[i]);
		weight[kind] = 1;
	}
	memcpy(s->weight, weight, sizeof(weight));
	s->mixed = true;
	return 0;
}

static int clear(struct session *s, unsigned n, char **word, FILE *out, struct error *e)
{
	(void)n, (void)word, (void)out;
	if (!s->there)
		return error_set(e, "clear: nothing has been started");
	if (s->sending)
		return trial_start(&s->pair, s->rate, &s->trial, e);
	memset(&s->trial, 0, sizeof(s->trial));
	return 0;
}

static int show(struct session *s, FILE *out, struct error *e,
        void (*print)(const struct session *s, FILE *out))
{
	if (!s->there)
		return error_set(e, "nothing has been started");
	if (s->sending)
		trial_look(&s->pair, &s->trial);
	print(s, out);
	return 0;
}

static int show_ports(struct session *s, unsigned n, char **word, FILE *out, struct error *e)
{
	(void)n, (void)word;
	return show(s, out, e, session_show_ports);
}

static int show_latency(struct session *s, unsigned n, char **word, FILE *out, struct error *e)
{
	(void)n, (void)word;
	return show(s, out, e, session_show_latency);
}

static int show_stats(struct session *s, unsigned n, char **word, FILE *out, struct error *e)
{
	(void)n, (void)word;
	return show(s, out, e, session_show_summary);
}

static int show_config(struct session *s, unsigned n, char **word, FILE *out, struct error *e)
{
	(void)n, (void)word, (void)e;
	session_show_config(s, out);
	return 0;
}

static int show_scenarios(struct session *s, unsigned n, char **word, FILE *out, struct error *e)
{
	(void)s, (void)n, (void)word, (void)e;
	for (const struct scenario *row = scenarios; row->name != NULL; row++)
		fprintf(out, "%-17s %s\n", row->name, row->text);
	return 0;
}

static int quit(struct session *s, unsigned n, char **word, FILE *out, struct error *e)
{
	(void)s, (void)n, (void)word, (void)out, (void)e;
	return 1;
}

static int help(struct session *s, unsigned n, char **word, FILE *out, struct error *e);

static const struct session_row rows[] = {
        {"set scenario", "NAME", "what the proxy is configured for", 1, 1, set_scenario},
        {"set engine", "generator|uac|uas", "both sides, or one", 1, 1, set_engine},
        {"set rate", "N", "begun per second; 0 = as fast as the port takes them", 1, 1, set_rate},
        {"set mix", "KIND [WEIGHT]...", "kinds of messages", 1, SESSION_WORDS, set_mix},
        {"set size", "BYTES", "of a request", 1, 1, set_size},
        {"set users", "N", "callers and callees", 1, 1, set_users},
        {"set bindings", "N", "in the location table", 1, 1, set_bindings},
        {"set in-flight", "N", "most under way at rate 0; 0 = no limit", 1, 1, set_in_flight},
        {"start", "", "sends, until stop", 0, 0, start},
        {"wait", "SECONDS", "does nothing, for scripts", 1, 1, wait_for},
        {"stop", "", "ends what was begun, and sums up", 0, 0, stop},
        {"show port stats all", "", "ports of both processes", 0, 0, show_ports},
        {"show latency", "", "by kind of message", 0, 0, show_latency},
        {"show stats", "", "what was sent and came back, stages of the proxy", 0, 0, show_stats},
        {"show config", "", "settings", 0, 0, show_config},
        {"show scenarios", "", "what `set scenario` takes", 0, 0, show_scenarios},
        {"clear", "", "counts from zero", 0, 0, clear},
        {"help", "", "this", 0, 0, help},
        {"quit", "", "ends both processes", 0, 0, quit},
        {"exit", "", "the same", 0, 0, quit},
};

enum { N_ROWS = sizeof(rows) / sizeof(rows[0]) };

static int help(struct session *s, unsigned n, char **word, FILE *out, struct error *e)
{
	(void)s, (void)n, (void)word, (void)e;
	for (unsigned i = 0; i < N_ROWS; i++)
		fprintf(out, "%-20s %-18s %s\n", rows[i].phrase, rows[i].args, rows[i].help);
	for (unsigned i = 0; i < BENCH_KINDS; i++)
		fprintf(out, "%-20s %-18s %s\n", i == 0 ? "kinds:" : "", bench_kind_row[i].name,
		        bench_kind_row[i].text);
	return 0;
}

const char *session_phrase(unsigned i)
{
	return i < N_ROWS ? rows[i].phrase : NULL;
}

// How many words of the phrase the line begins with; *whole = all of them.
static unsigned match(const char *phrase, unsigned n, char **word, bool *whole)
{
	unsigned i = 0;

	while (*phrase != '\0') {
		const size_t len = strcspn(phrase, " ");

		if (i == n || strlen(word[i]) != len || strncmp(phrase, word[i], len) != 0) {
			*whole = false;
			return i;
		}
		i++;
		phrase += len + (phrase[len] == ' ');
	}
	*whole = true;
	return i;
}

static int run(struct session *s, unsigned n, char **word, FILE *out, struct error *e)
{
	unsigned known = 0;

	for (unsigned i = 0; i < N_ROWS; i++) {
		const struct session_row *r = &rows[i];
		bool whole;
		const unsigned m = match(r->phrase, n, word, &whole);

		known = m > known ? m : known;
		if (!whole)
			continue;
		if (n - m < r->least)
			return error_set(e, "%s: %s is missing", r->phrase, r->args);
		if (n - m > r->most)
			return error_set(e, "%s: \"%s\" is too much", r->phrase, word[m + r->most]);
		return r->run(s, n - m, word + m, out, e);
	}
	if (known < n)
		return error_set(e, "\"%s\" is not understood here; `help`", word[known]);
	return error_set(e, "\"%s\" wants more; `help`", word[n - 1]);
}

int session_line(struct session *s, const char *line, FILE *out, struct error *e)
{
	char copy[SESSION_LINE], *word[SESSION_WORDS], *rest = NULL;
	unsigned n = 0;

	if (strlen(line) >= sizeof(copy))
		return error_set(e, "the line is too long");
	strcpy(copy, line);
	copy[strcspn(copy, "#")] = '\0';
	for (char *w = strtok_r(copy, " \t\r\n", &rest); w != NULL;
	        w = strtok_r(NULL, " \t\r\n", &rest)) {
		if (n == SESSION_WORDS)
			return error_set(e, "\"%s\": too many words", w);
		word[n++] = w;
	}
	return n == 0 ? 0 : run(s, n, word, out, e);
}

void session_init(struct session *s, const struct measure_wish *w)
{
	memset(s, 0, sizeof(*s));
	s->wish = *w;
	if (s->wish.scenario == NULL)
		s->wish.scenario = scenario_find("invite");
}

void session_end(struct session *s)
{
	if (s->there)
		pair_stop(&s->pair);
	s->there = s->sending = false;
}
