// The operational commands: the rows, finding the row of a line, and completion.
#include "control/command.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "config/manual.h"
#include "control/change.h"
#include "control/show.h"

static enum command_end help(struct command_call *call);
static enum command_end test_message(struct command_call *call);

// clang-format off
const struct command_row command_rows[] = {
	{"set", "SETTING ...", false, change_set, "change the candidate configuration"},
	{"delete", "SETTING ...", false, change_delete, "take something out of the candidate"},
	{"diff", "", false, change_diff, "what the candidate would change"},
	{"discard", "", false, change_discard, "forget the candidate's changes"},
	{"commit", "", false, change_commit, "make the candidate run, or confirm what runs"},
	{"commit confirmed", "MINUTES", false, change_commit_confirmed,
		"make it run, and go back unless a commit follows (30s = seconds)"},
	{"rollback", "N", false, change_rollback, "candidate = what ran N commits ago"},
	{"save", "", false, change_save, "write what runs to the configuration file"},
	{"show config", "candidate|running|rollback", true, show_config,
		"the configuration that runs (or the candidate, or that of N commits ago)"},
	{"show history", "", true, show_history, "the commits, for rollback"},
	{"show port", "", true, show_port, "ports, their devices and twins"},
	{"show leg", "", true, show_leg, "legs and their messages"},
	{"show group", "", true, show_group, "groups and their members"},
	{"show route", "ADDRESS", true, show_route, "the kernel's routes as workers see them"},
	{"show neighbor", "", true, show_neighbor, "link addresses as workers see them"},
	{"show location", "AOR|PREFIX|summary|table", true, show_location,
		"registered bindings (lookups take the first of equal q), figures of registrar and table"},
	{"show acl", "", true, show_acl, "access rules and how often they were met"},
	{"show store", "", true, show_store, "the journal of bindings on disk: progress, faults, figures"},
	{"show pattern", "", true, show_pattern, "patterns and how often they matched"},
	{"show limit", "", true, show_limit, "limits and what they refused"},
	{"show user", "", true, show_user,
		"how many users there are, of configuration and store, and what is wrong with the store"},
	{"show worker", "", true, show_worker, "workers: load, cycles a message, latency"},
	{"show counters", "", true, show_counters, "messages by way out, and if all are accounted for"},
	{"show drops", "", true, show_drops, "what was refused or dropped, and why"},
	{"show version", "", true, show_version, "versions and state of the processes"},
	{"test message", "FILE leg LEG from IP:PORT", false, test_message,
		"what the running configuration would make of a message, and why"},
	{"clear counters", "", false, clear_counters, "counters start again from zero"},
	{"clear location", "AOR", false, clear_location, "remove all bindings of an address of record"},
	{"location export", "", false, location_export,
		"all bindings as text, one a line (`spry location export FILE` for a file)"},
	{"location import", "BINDING ...", false, location_import,
		"add bindings as export writes them, quoted (`spry location import FILE` for a file)"},
	{"help", "manual|COMMAND", false, help, "this list; every setting; one command"},
	{NULL, NULL, false, NULL, NULL},
};
// clang-format on

enum { DEPTH_MAX = 2 };

static struct str row_word(const struct command_row *r, unsigned depth)
{
	struct str rest = str_of(r->words);

	for (; depth > 0; depth--)
		rest = str_skip(rest, str_find(rest, ' ') + 1);
	return str_head(rest, str_find(rest, ' '));
}

static unsigned row_depth(const struct command_row *r)
{
	unsigned n = 0;

	while (row_word(r, n).len > 0)
		n++;
	return n;
}

static bool starts(struct str whole, struct str part)
{
	return part.len <= whole.len && str_eq(str_head(whole, part.len), part);
}

// How many of the line's words fit the row's, 0 bits spent on exactness: a whole word counts more
// than an abbreviation.
static unsigned row_fit(
        const struct command_row *r, const struct str *words, unsigned n, unsigned *exact)
{
	unsigned depth = 0;

	*exact = 0;
	while (depth < n && depth < row_depth(r) && words[depth].len > 0 &&
	        starts(row_word(r, depth), words[depth])) {
		*exact += str_eq(row_word(r, depth), words[depth]);
		depth++;
	}
	return depth;
}

// Lists the words that begin with `part` and fit after the first `depth` words: "config, counters".
static void fitting(
        char *out, size_t room, const struct str *words, unsigned depth, struct str part)
{
	struct str last = STR_NONE;
	size_t at = 0;
	unsigned exact;

	out[0] = '\0';
	for (const struct command_row *r = command_rows; r->words != NULL && at < room; r++) {
		struct str w = row_word(r, depth);

		if (row_fit(r, words, depth, &exact) < depth || w.len == 0 || !starts(w, part) ||
		        str_eq(w, last))
			continue;
		at += (size_t)snprintf(
		        out + at, room - at, "%s%.*s", at > 0 ? ", " : "", STR_ARG(w));
		last = w;
	}
}

// The row the words begin with; NULL with *depth = the word that does not fit and *ambiguous set
// when it fits more than one.
static const struct command_row *find(
        const struct str *words, unsigned n, unsigned *depth, bool *ambiguous)
{
	const struct command_row *best = NULL;
	unsigned best_depth = 0, best_exact = 0, exact;

	*depth = 0;
	*ambiguous = false;
	for (const struct command_row *r = command_rows; r->words != NULL; r++) {
		unsigned fit = row_fit(r, words, n, &exact);

		*depth = fit > *depth ? fit : *depth;
		if (fit < row_depth(r))
			continue;
		if (best == NULL || fit > best_depth || (fit == best_depth && exact > best_exact)) {
			best = r;
			best_depth = fit;
			best_exact = exact;
			*ambiguous = false;
		} else if (fit == best_depth && exact == best_exact) {
			*ambiguous = true;
		}
	}
	return *ambiguous ? NULL : best;
}

static enum command_end fail(struct command_call *call, const char *format, va_list ap)
{
	call->status = 1;
	vsnprintf(call->error.text, sizeof(call->error.text), format, ap);
	return COMMAND_DONE;
}

enum command_end command_fail(struct command_call *call, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	fail(call, format, ap);
	va_end(ap);
	return COMMAND_DONE;
}

// `column` holds the number of the word until command_run turns it into a column.
enum command_end command_fail_at(struct command_call *call, unsigned word, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	fail(call, format, ap);
	va_end(ap);
	call->error.column = (int)word + 1;
	return COMMAND_DONE;
}

static enum command_end no_command(struct command_call *call, const struct str *words, unsigned n,
        unsigned depth, bool ambiguous)
{
	char fit[400];

	// The last word that fits may be half of several: these are what can be meant.
	if (ambiguous)
		depth--;
	fitting(fit, sizeof(fit), words, depth, ambiguous ? words[depth] : STR_NONE);
	call->error.column = (int)depth + 1;
	if (depth >= n)
		return command_fail(call, "expected one of: %s", fit);
	return command_fail(call, "%s \"%.*s\", expected one of: %s",
	        ambiguous ? "ambiguous" : "unknown", STR_ARG(str_head(words[depth], 60)), fit);
}

static enum command_end dispatch(struct command_call *call, struct str *words, unsigned n)
{
	unsigned depth;
	bool ambiguous;
	enum command_end end;

	call->row = find(words, n, &depth, &ambiguous);
	if (call->row == NULL)
		return no_command(call, words, n, depth, ambiguous);
	depth = row_depth(call->row);
	if (call->row->json && n > depth && str_eq(words[n - 1], STR("json"))) {
		call->json = true;
		n--;
	}
	call->words = words + depth;
	call->n_words = n - depth;
	if (call->n_words > 0 && call->row->args[0] == '\0') {
		command_fail_at(call, 0, "expected the end of the line%s",
		        call->row->json ? ", or \"json\"" : "");
		end = COMMAND_DONE;
	} else {
		end = call->row->run(call);
	}
	if (call->error.column > 0)
		call->error.column += (int)depth;
	return end;
}

enum command_end command_run(struct command_call *call, struct str line)
{
	struct str *words = calloc(COMMAND_WORDS, sizeof(*words));
	int *columns = calloc(COMMAND_WORDS, sizeof(*columns)), n;
	char *room = malloc(line.len + 1);
	enum command_end end = COMMAND_DONE;

	call->status = 0;
	call->error = (struct error){0};
	call->cursor = 0;
	if (words == NULL || columns == NULL || room == NULL) {
		command_fail(call, "out of memory");
	} else if ((n = text_words(line, words, columns, COMMAND_WORDS, room, &call->error)) < 0) {
		call->status = 1;
	} else if (n > 0) {
		end = dispatch(call, words, (unsigned)n);
		if (call->error.column > n)
			call->error.column = (int)line.len + 1;
		else if (call->error.column > 0)
			call->error.column = columns[call->error.column - 1];
	}
	call->words = NULL;
	free(words);
	free(columns);
	free(room);
	return end;
}

enum command_end command_more(struct command_call *call)
{
	return call->row->run(call);
}

static bool is_edit(const struct str *words, unsigned n)
{
	unsigned depth;
	bool ambiguous;
	const struct command_row *r = n > 0 ? find(words, n, &depth, &ambiguous) : NULL;

	return r != NULL && (r->run == change_set || r->run == change_delete);
}

// Words of "candidate|running|rollback" that start with `part`; capitals stand for a value.
static void complete_args(
        const struct command_row *r, struct str part, text_found_fn found, void *arg)
{
	struct str rest = str_of(r->args);

	while (rest.len > 0) {
		struct str w = str_head(rest, str_find(rest, '|'));
		bool placeholder = w.p[0] >= 'A' && w.p[0] <= 'Z';
		char word[64];

		snprintf(word, sizeof(word), placeholder ? "<%.*s>" : "%.*s", STR_ARG(w));
		if (placeholder ? part.len == 0 : starts(w, part))
			found(arg, word, r->help, placeholder);
		rest = str_skip(rest, w.len + 1);
	}
	if (r->json && starts(STR("json"), part))
		found(arg, "json", "as JSON", false);
}

static void complete_command(
        const struct str *words, unsigned n, struct str part, text_found_fn found, void *arg)
{
	const struct command_row *row;
	struct str last = STR_NONE;
	unsigned depth, exact;
	bool ambiguous, deeper = false;

	for (const struct command_row *r = command_rows; r->words != NULL; r++) {
		struct str w = row_word(r, n);
		char word[32];

		if (row_fit(r, words, n, &exact) < n || w.len == 0 || !starts(w, part))
			continue;
		deeper = true;
		if (str_eq(w, last))
			continue;
		last = w;
		snprintf(word, sizeof(word), "%.*s", STR_ARG(w));
		found(arg, word, row_depth(r) == n + 1 ? r->help : "", false);
	}
	row = find(words, n, &depth, &ambiguous);
	if (row != NULL && row_depth(row) <= n && (!deeper || row_depth(row) == n))
		complete_args(row, part, found, arg);
}

int command_complete(struct control *c, struct str line, text_found_fn found, void *arg)
{
	struct str words[COMMAND_WORDS], part = STR_NONE;
	int columns[COMMAND_WORDS], n, at = (int)line.len + 1;
	char *room = malloc(line.len + 1);
	bool open = line.len > 0 && line.p[line.len - 1] != ' ' && line.p[line.len - 1] != '\t';

	n = room != NULL ? text_words(line, words, columns, COMMAND_WORDS, room, NULL) : -1;
	if (n > 0 && is_edit(words, (unsigned)n) && (n > 1 || !open)) {
		at = text_complete(c->state.candidate, line, found, arg);
	} else if (n >= 0) {
		if (n > 0 && open) {
			part = words[--n];
			at = columns[n];
		}
		complete_command(words, (unsigned)n, part, found, arg);
	}
	free(room);
	return at;
}

// The client reads the file and runs spry-replay: nothing of it happens in here.
static enum command_end test_message(struct command_call *call)
{
	return command_fail(call, "`test message` is for the spry client");
}

static void help_row(struct command_call *call, const struct command_row *r)
{
	char usage[80];

	snprintf(usage, sizeof(usage), "%s%s%s%s", r->words, r->args[0] != '\0' ? " " : "", r->args,
	        r->json ? " [json]" : "");
	evbuffer_add_printf(call->out, "  %-44s %s\n", usage, r->help);
}

static enum command_end help(struct command_call *call)
{
	unsigned exact, shown = 0;
	char *manual;

	if (call->n_words > 0 && str_eq(call->words[0], STR("manual"))) {
		manual = manual_text(NULL);
		if (manual == NULL)
			return command_fail(call, "out of memory");
		evbuffer_add(call->out, manual, strlen(manual));
		free(manual);
		return COMMAND_DONE;
	}
	for (const struct command_row *r = command_rows; r->words != NULL; r++)
		if (call->n_words == 0 ||
		        row_fit(r, call->words, call->n_words, &exact) == call->n_words) {
			help_row(call, r);
			shown++;
		}
	if (shown > 0)
		return COMMAND_DONE;
	return command_fail_at(call, 0, "no such command; help lists them");
}
