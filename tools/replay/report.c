// Lines and JSON: see report.h.
#include "tools/replay/report.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "dataplane/sip/message.h"
#include "dataplane/table/verdict.h"

// Malloc'ed. `lines`: line ends stand as they are.
static char *printable(struct str s, bool lines)
{
	char *text = malloc(4 * s.len + 1), *at = text;

	if (text == NULL)
		abort();
	for (size_t i = 0; i < s.len; i++) {
		const unsigned char c = (unsigned char)s.p[i];

		if ((c >= ' ' && c < 0x7f && c != '\\') || (lines && c == '\n'))
			*at++ = (char)c;
		else if (!lines || c != '\r' || i + 1 == s.len || s.p[i + 1] != '\n')
			at += sprintf(at, "\\x%02x", c);
	}
	*at = '\0';
	return text;
}

// A response is what an answer of ours is; a response that is passed on has none of its own.
unsigned report_status(const struct rig_result *r)
{
	uint64_t n;

	if (strcmp(r->way, "forwarded") == 0 || r->len < 12 ||
	        memcmp(r->bytes, "SIP/2.0 ", 8) != 0 ||
	        !str_decimal((struct str){r->bytes + 8, 3}, 699, &n))
		return 0;
	return (unsigned)n;
}

static void print_bytes(const struct rig_result *r)
{
	char *text = printable((struct str){r->bytes, r->len}, true), *line = text;

	while (line != NULL && *line != '\0') {
		char *end = strchr(line, '\n');

		if (end != NULL)
			*end++ = '\0';
		printf("    %s\n", line);
		line = end;
	}
	free(text);
}

// What the verdict means, and the rules it comes from.
static void print_why(const struct rig_result *r)
{
	for (unsigned v = 0; v < VERDICT_COUNT; v++)
		if (strcmp(verdict_row[v].name, r->verdict) == 0)
			printf("    why: %s%s%s%s\n", verdict_row[v].text,
			        r->rules[0] != '\0' ? " (" : "", r->rules,
			        r->rules[0] != '\0' ? ")" : "");
}

static void print_line(
        const struct report *to, const char *name, const struct rig_result *r, const char *broken)
{
	char where[ADDR_TEXT_MAX], status[8] = "-";

	if (report_status(r) != 0)
		snprintf(status, sizeof(status), "%u", report_status(r));
	printf("%s %s %s → ", name, r->verdict, status);
	if (r->len > 0) {
		addr_format(&r->to, where);
		printf("%s udp %s", r->leg, where);
	} else {
		printf("-");
	}
	printf(broken != NULL ? "  BROKEN: %s\n" : "\n", broken);
	if (to->verbose)
		print_why(r);
	if (to->verbose && r->len > 0)
		print_bytes(r);
}

static json_t *json_addr(const struct addr *a)
{
	char text[ADDR_TEXT_MAX];

	if (a->family == ADDR_NONE)
		return json_null();
	addr_format(a, text);
	return json_string(text);
}

static json_t *json_word(const char *word)
{
	return word != NULL && word[0] != '\0' ? json_string(word) : json_null();
}

// "request", "response", "other"; null when it is not known.
static const char *kind_of(struct str bytes)
{
	static struct message m;

	if (bytes.p == NULL)
		return NULL;
	if (message_parse(bytes, &m, NULL) == MESSAGE_NOT_SIP)
		return "other";
	return m.is_request ? "request" : "response";
}

static void print_json(const struct report *to, const char *name, const struct report_input *in,
        const struct rig_result *r, const char *broken)
{
	const unsigned status = report_status(r);
	json_t *o = json_object();

	json_object_set_new(o, "name", json_string(name));
	json_object_set_new(o, "kind", json_word(kind_of(in->bytes)));
	json_object_set_new(o, "bytes", json_integer((json_int_t)in->input->bytes.len));
	json_object_set_new(o, "from", json_addr(&in->from));
	json_object_set_new(o, "leg_in", json_word(in->leg));
	json_object_set_new(o, "verdict", json_string(r->verdict));
	json_object_set_new(o, "way", json_string(r->way));
	json_object_set_new(o, "rules", json_string(r->rules));
	json_object_set_new(o, "status", status != 0 ? json_integer(status) : json_null());
	json_object_set_new(o, "leg", json_word(r->leg));
	json_object_set_new(o, "transport", r->len > 0 ? json_string("udp") : json_null());
	json_object_set_new(o, "to", r->len > 0 ? json_addr(&r->to) : json_null());
	json_object_set_new(o, "sent", json_integer((json_int_t)r->len));
	json_object_set_new(o, "cpu_us", json_integer((json_int_t)(r->cpu_ns / 1000)));
	json_object_set_new(o, "broken", json_word(broken));
	if (to->verbose && r->len > 0) {
		char *text = printable((struct str){r->bytes, r->len}, false);

		json_object_set_new(o, "out", json_string(text));
		free(text);
	}
	json_dumpf(o, stdout, JSON_COMPACT);
	putchar('\n');
	json_decref(o);
}

void report_line(const struct report *to, const struct report_input *in, const struct rig_result *r,
        const char *broken)
{
	char *name = printable(str_of(in->input->name), false);

	if (to->json)
		print_json(to, name, in, r, broken);
	else
		print_line(to, name, r, broken);
	free(name);
}
