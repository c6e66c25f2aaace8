// Runs the NAME.test files named: a configuration, then messages in and what must come of each.
//
//   = config [FILE]        lines of rig.h follow; FILE (beside the test) comes before them
//   = in LEG ADDRESS:PORT  a message from there follows
//   = raw LEG ADDRESS:PORT bytes follow in hex
//   = out LEG ADDRESS:PORT the message that must leave follows (patterns of match.h)
//   = rawout LEG ADDRESS:PORT   the same in hex
//   = verdict NAME [WAY]   what it must be counted as
//   = note TEXT            what the next ones are about
//   = later SECONDS        time goes by for registered bindings
//   = loading on|off       the journal is still being loaded into the table
//   = behind PERCENT       level of the worker's load
//   = legless              the legs they were made by are gone
// Lines end with CRLF on the wire; a message without a body ends with an empty line. {repeat N
// TEXT} in a line of "in" stands for TEXT N times, {auth USER PASSWORD ...} for credentials
// (credentials.h). After `in`, what leaves must be asked for by
// `out`.
#include <stdio.h>
#include <stdlib.h>

#include "tests/pipeline/credentials.h"
#include "tests/pipeline/match.h"
#include "tools/replay/rig.h"

enum { TEXT_MAX = 300000 };

struct run {
	const char *path;
	int line; // of the section's head
	struct rig *rig;
	struct match_names names;
	struct rig_result result;
	bool sent, asked; // a message went in; what left was compared
	int failed;
};

static int fail(struct run *r, const char *what, const char *detail)
{
	fprintf(stderr, "%s:%d: %s%s\n", r->path, r->line, what, detail);
	r->failed++;
	return -1;
}

// Reads a whole file; NULL when there is none.
static char *read_file(const char *path)
{
	FILE *f = fopen(path, "rb");
	char *text;

	if (f == NULL)
		return NULL;
	text = calloc(1, TEXT_MAX);
	if (fread(text, 1, TEXT_MAX - 1, f) == TEXT_MAX - 1) {
		free(text);
		text = NULL;
	}
	fclose(f);
	return text;
}

// {repeat N TEXT}: writes TEXT N times, returns the length it had in the line (0 = it is none).
static size_t expand_repeat(struct str s, char *out, size_t *len)
{
	unsigned n;
	int at;

	if (sscanf(s.p, "{repeat %u %n", &n, &at) != 1)
		return 0;
	size_t end = str_find(s, '}');
	for (unsigned i = 0; i < n && *len + 2 * end < TEXT_MAX; i++) {
		for (size_t j = (size_t)at; j < end; j++) {
			if (s.p[j] == '\n')
				out[(*len)++] = '\r';
			out[(*len)++] = s.p[j];
		}
	}
	return end + 1;
}

// Lines as they go over the wire.
static struct str to_wire(struct str text, char *out)
{
	size_t len = 0, n;

	while (text.len > 0 && len < TEXT_MAX - 2) {
		n = text.p[0] == '{' ? expand_repeat(text, out, &len) : 0;
		if (n > 0) {
			text = str_skip(text, n);
			continue;
		}
		if (text.p[0] == '\n')
			out[len++] = '\r';
		out[len++] = text.p[0];
		text = str_skip(text, 1);
	}
	return (struct str){out, len};
}

static struct str from_hex(struct str text, char *out)
{
	size_t len = 0;
	unsigned byte;

	while (text.len >= 2) {
		if (sscanf((char[]){text.p[0], text.p[1], '\0'}, "%2x", &byte) == 1 &&
		        text.p[0] > ' ') {
			out[len++] = (char)byte;
			text = str_skip(text, 2);
		} else {
			text = str_skip(text, 1);
		}
	}
	return (struct str){out, len};
}

// Nothing may leave that the test did not look at.
static void end_step(struct run *r)
{
	if (r->sent && !r->asked && r->result.len > 0)
		fail(r, "something left before this line that no `out` asked for: ",
		        r->result.bytes);
	r->sent = r->asked = false;
}

static int do_config(struct run *r, const char *file, struct str text)
{
	char path[4096], *base = NULL, *all = calloc(1, TEXT_MAX * 2);
	struct error e = {0};

	if (file[0] != '\0') {
		const char *slash = strrchr(r->path, '/');
		snprintf(path, sizeof(path), "%.*s%s", slash ? (int)(slash - r->path + 1) : 0,
		        r->path, file);
		base = read_file(path);
		if (base == NULL) {
			free(all);
			return fail(r, "no such file: ", path);
		}
	}
	snprintf(all, TEXT_MAX * 2, "%s%.*s", base != NULL ? base : "", STR_ARG(text));
	if (r->rig != NULL)
		rig_destroy(r->rig);
	r->rig = rig_create(str_of(all), r->path, &e);
	free(base);
	free(all);
	return r->rig != NULL ? 0 : fail(r, "configuration: ", e.text);
}

static int do_in(struct run *r, const char *leg, const char *from, struct str bytes)
{
	char *filled = malloc(TEXT_MAX), *answered = malloc(TEXT_MAX), *exact;
	struct addr src;
	size_t len;
	bool ok;

	len = match_fill(&r->names, bytes, filled, TEXT_MAX);
	if (len > 0)
		len = credentials_fill((struct str){filled, len}, answered, TEXT_MAX);
	// A heap copy of exactly that size, so that ASan sees the byte after it.
	exact = malloc(len > 0 ? len : 1);
	memcpy(exact, answered, len);
	free(answered);
	free(filled);
	ok = addr_parse(str_of(from), &src) && r->rig != NULL &&
	     rig_send(r->rig, str_of(leg), &src, (struct str){exact, len}, &r->result);
	free(exact);
	if (!ok)
		return fail(r, "bad leg or address: ", leg);
	credentials_learn((struct str){r->result.bytes, r->result.len});
	r->sent = true;
	r->result.bytes[r->result.len < sizeof(r->result.bytes) ? r->result.len : 0] = '\0';
	return 0;
}

static int do_out(struct run *r, const char *leg, const char *to, struct str pattern)
{
	char where[ADDR_TEXT_MAX], text[256];
	size_t at;

	r->asked = true;
	if (r->result.len == 0)
		return fail(r, "nothing left; verdict ", r->sent ? r->result.verdict : "-");
	addr_format(&r->result.to, where);
	snprintf(text, sizeof(text), "%.31s %.60s", r->result.leg, where);
	if (strcmp(r->result.leg, leg) != 0 || strcmp(where, to) != 0)
		return fail(r, "it left by ", text);
	if (match(&r->names, pattern, (struct str){r->result.bytes, r->result.len}, &at))
		return 0;
	snprintf(text, sizeof(text), "%zu:\n%.*s<<<HERE>>>", at, (int)at, r->result.bytes);
	fail(r, "differs from byte ", "");
	fprintf(stderr, "%.*s<<<HERE>>>%s\n", (int)at, r->result.bytes, r->result.bytes + at);
	return -1;
}

static int do_verdict(struct run *r, const char *verdict, const char *way)
{
	if (!r->sent)
		return fail(r, "no message went in", "");
	if (strcmp(verdict, r->result.verdict) != 0)
		return fail(r, "verdict is ", r->result.verdict);
	if (way[0] != '\0' && strcmp(way, r->result.way) != 0)
		return fail(r, "counted as ", r->result.way);
	return 0;
}

// One section: its head line and the text below it.
static int do_section(struct run *r, const char *head, struct str text)
{
	static char wire[TEXT_MAX];
	char word[32] = "", a[128] = "", b[128] = "";
	bool raw;

	sscanf(head, "= %31s %127s %127s", word, a, b);
	raw = strncmp(word, "raw", 3) == 0;
	if (strcmp(word, "config") == 0)
		return do_config(r, a, text);
	if (strcmp(word, "verdict") == 0)
		return do_verdict(r, a, b);
	if (strcmp(word, "note") == 0)
		return 0;
	if (strcmp(word, "loading") == 0)
		return r->rig != NULL && rig_loading(r->rig, strcmp(a, "on") == 0)
		               ? 0
		               : fail(r, "nobody can register here", "");
	if (strcmp(word, "legless") == 0)
		return r->rig != NULL && rig_legless(r->rig) ? 0 : fail(r, "no bindings", "");
	if (strcmp(word, "behind") == 0 && r->rig != NULL) {
		rig_behind(r->rig, (unsigned)atoi(a));
		return 0;
	}
	if (strcmp(word, "later") == 0)
		return r->rig != NULL && rig_later(r->rig, (unsigned)atoi(a))
		               ? 0
		               : fail(r, "nobody can register here", "");
	if (strcmp(word, "in") == 0 || strcmp(word, "raw") == 0) {
		end_step(r);
		return do_in(r, a, b, raw ? from_hex(text, wire) : to_wire(text, wire));
	}
	if (strcmp(word, "out") == 0 || strcmp(word, "rawout") == 0)
		return do_out(r, a, b, raw ? from_hex(text, wire) : to_wire(text, wire));
	return fail(r, "unknown section: ", word);
}

// Text up to the next line that starts with "= ". Comment lines (#) directly above that line belong
// to it.
static struct str section_text(struct str rest)
{
	const char *end = strstr(rest.p, "\n= ");

	if (rest.p[0] == '=' && rest.p[1] == ' ')
		return (struct str){rest.p, 0};
	return end != NULL ? str_from(rest.p, end + 1) : rest;
}

static int run_file(const char *path)
{
	struct run r = {.path = path};
	char *text = read_file(path), head[512];
	struct str rest;
	int line = 1;

	if (text == NULL)
		return fail(&r, "cannot be read", "");
	rest = str_of(text);
	while (rest.len > 0 && r.failed == 0) {
		size_t n = str_find(rest, '\n') + 1;
		struct str body;

		r.line = line++;
		snprintf(head, sizeof(head), "%.*s", (int)(n - 1), rest.p);
		rest = str_skip(rest, n);
		if (head[0] != '=')
			continue;
		body = section_text(rest);
		for (size_t i = 0; i < body.len; i++)
			line += body.p[i] == '\n';
		rest = str_skip(rest, body.len);
		do_section(&r, head, body);
	}
	end_step(&r);
	if (r.rig == NULL && r.failed == 0)
		fail(&r, "nothing was tested", "");
	if (r.rig != NULL)
		rig_destroy(r.rig);
	free(text);
	return r.failed;
}

int main(int argc, char **argv)
{
	int failed = 0;

	for (int i = 1; i < argc; i++) {
		int rc = run_file(argv[i]);

		printf("%s %s\n", rc == 0 ? "ok" : "FAILED", argv[i]);
		failed += rc != 0;
	}
	return failed != 0 || argc < 2;
}
