// Patterns (Hyperscan): each place is scanned once, however many patterns there are. Values of
// header fields are first scanned as lines of one text: only where that matches, which is rare,
// each by itself. Of the patterns that match, the first in the order of their names that decides,
// decides. Reads message; fills reply_status. Never allocates: each worker has its scratch.
#include "dataplane/policy_pattern.h"

#include <hs_runtime.h>
#include <stdlib.h>

#include "dataplane/policy_limit.h"
#include "dataplane/table/pattern.h"

enum { PATTERN_MATCHES_MAX = 16, PATTERN_LINES_MAX = 2048 };

struct pattern_set {
	hs_database_t *database[PATTERN_PLACES];
	uint64_t headers; // a bit each id that a pattern looks at
	bool by_lines;    // those match in a line of a text whatever they match in a value
	hs_scratch_t *scratch[ROOT_WORKERS_MAX];
};

_Static_assert(HEADER_COUNT <= 64, "ids are bits of a word");

// What one scan is about, and the rows that matched: the lowest, in order.
struct scan {
	const struct table_view *view;
	const struct message *message;
	const struct header *header; // scanned, NULL = not a header's value
	unsigned n;
	uint16_t row[PATTERN_MATCHES_MAX];
};

static int set_open(struct pattern_set *s, const struct table_view *v, struct error *e)
{
	const struct pattern_database *d = v->rows[TABLE_PATTERN_DATABASES];
	const char *bytes = v->rows[TABLE_PATTERN_BYTES];

	for (unsigned i = 0; i < PATTERN_PLACES; i++) {
		if (d[i].len == 0)
			continue;
		if (hs_deserialize_database(bytes + d[i].offset, d[i].len, &s->database[i]) !=
		                HS_SUCCESS ||
		        hs_alloc_scratch(s->database[i], &s->scratch[0]) != HS_SUCCESS)
			return error_set(e, "the compiled patterns are not for this machine");
	}
	return 0;
}

int pattern_set_create(
        struct pattern_set **out, const struct table_view *v, unsigned n_workers, struct error *e)
{
	const struct pattern *rows = v->rows[TABLE_PATTERNS];
	struct pattern_set *s;
	int rc;

	*out = NULL;
	if (v->count[TABLE_PATTERNS] == 0)
		return 0;
	s = calloc(1, sizeof(*s));
	if (s == NULL)
		return error_set(e, "out of memory");
	s->by_lines = true;
	for (uint32_t i = 0; i < v->count[TABLE_PATTERNS]; i++)
		if (rows[i].place == PATTERN_IN_HEADER) {
			s->headers |= UINT64_C(1) << rows[i].header;
			s->by_lines &=
			        pattern_by_lines(table_text(v, rows[i].text, rows[i].text_len));
		}
	rc = set_open(s, v, e);
	for (unsigned i = 1; rc == 0 && i < n_workers && s->scratch[0] != NULL; i++)
		if (hs_clone_scratch(s->scratch[0], &s->scratch[i]) != HS_SUCCESS)
			rc = error_set(e, "out of memory for patterns");
	if (rc == 0)
		*out = s;
	else
		pattern_set_destroy(s, n_workers);
	return rc;
}

void pattern_set_destroy(struct pattern_set *s, unsigned n_workers)
{
	if (s == NULL)
		return;
	for (unsigned i = 0; i < PATTERN_PLACES; i++)
		if (s->database[i] != NULL)
			hs_free_database(s->database[i]);
	for (unsigned i = 0; i == 0 || i < n_workers; i++)
		if (s->scratch[i] != NULL)
			hs_free_scratch(s->scratch[i]);
	free(s);
}

// A pattern for one header field looks at no other.
static bool is_of_header(const struct scan *s, const struct pattern *r)
{
	if (r->header != s->header->id)
		return false;
	return r->header != HEADER_OTHER ||
	       str_eq_nocase(table_text(s->view, r->header_name, r->header_name_len),
	               (struct str){s->message->bytes.p + s->header->start, s->header->name_len});
}

// hs_scan's: a pattern matched. Rows are kept in order, the lowest when there are too many.
static int matched(
        unsigned id, unsigned long long from, unsigned long long to, unsigned flags, void *arg)
{
	struct scan *s = arg;
	const struct pattern *rows = s->view->rows[TABLE_PATTERNS];
	unsigned at = s->n;

	(void)from;
	(void)to;
	(void)flags;
	if (id >= s->view->count[TABLE_PATTERNS] ||
	        (s->header != NULL && !is_of_header(s, &rows[id])))
		return 0;
	while (at > 0 && s->row[at - 1] > id)
		at--;
	if ((at > 0 && s->row[at - 1] == id) || at == PATTERN_MATCHES_MAX)
		return 0;
	if (s->n < PATTERN_MATCHES_MAX)
		s->n++;
	memmove(&s->row[at + 1], &s->row[at], (s->n - at - 1) * sizeof(s->row[0]));
	s->row[at] = (uint16_t)id;
	return 0;
}

static void scan_place(
        const struct worker *w, struct scan *s, enum pattern_place place, struct str text)
{
	const struct pattern_set *set = w->config->patterns;

	if (set->database[place] != NULL && text.len > 0)
		hs_scan(set->database[place], text.p, (unsigned)text.len, 0, set->scratch[w->index],
		        matched, s);
}

static bool looks_at(const struct pattern_set *set, const struct header *h)
{
	return (set->headers >> h->id & 1) != 0;
}

// All values looked at, one a line. STR_NONE when they are too long.
static struct str join_values(
        const struct pattern_set *set, const struct message *m, char out[PATTERN_LINES_MAX])
{
	char *at = out;

	for (unsigned i = 0; i < m->n_headers; i++) {
		struct str value;

		if (!looks_at(set, &m->header[i]))
			continue;
		value = header_value(m, &m->header[i]);
		if (value.len >= (size_t)(out + PATTERN_LINES_MAX - at))
			return STR_NONE;
		at = str_put(at, value);
		*at++ = '\n';
	}
	return str_from(out, at);
}

// hs_scan's: one is enough.
static int matched_any(
        unsigned id, unsigned long long from, unsigned long long to, unsigned flags, void *arg)
{
	(void)id;
	(void)from;
	(void)to;
	(void)flags;
	*(bool *)arg = true;
	return 1;
}

// Can any value match? One scan instead of one a value: most of what a scan of a value costs is to
// begin it.
static bool may_match(const struct worker *w, const struct message *m)
{
	const struct pattern_set *set = w->config->patterns;
	char lines[PATTERN_LINES_MAX];
	bool any = false;
	struct str text;

	if (!set->by_lines)
		return true;
	text = join_values(set, m, lines);
	if (text.p == NULL)
		return true;
	if (text.len > 0)
		hs_scan(set->database[PATTERN_IN_HEADER], text.p, (unsigned)text.len, 0,
		        set->scratch[w->index], matched_any, &any);
	return any;
}

static void scan_headers(const struct worker *w, struct scan *s)
{
	const struct message *m = s->message;

	if (!may_match(w, m))
		return;
	for (unsigned i = 0; i < m->n_headers; i++) {
		if (!looks_at(w->config->patterns, &m->header[i]))
			continue;
		s->header = &m->header[i];
		scan_place(w, s, PATTERN_IN_HEADER, header_value(m, s->header));
	}
	s->header = NULL;
}

static enum verdict act(struct worker *w, struct packet *p, const struct pattern *r)
{
	const struct limit *limits = w->config->view.rows[TABLE_LIMITS];

	if (w->area != NULL)
		hits_add(w->area->hits, &r->hit);
	switch (r->action) {
	case PATTERN_DROP:
		return VERDICT_PATTERN;
	case PATTERN_REJECT:
		p->reply_status = r->status;
		return VERDICT_PATTERN_REFUSED;
	case PATTERN_LIMIT:
		return policy_limit_take(w, p, &limits[r->limit]);
	default:
		return VERDICT_NONE;
	}
}

enum verdict policy_pattern(struct worker *w, struct packet *p)
{
	struct scan s = {.view = &w->config->view, .message = &p->message};
	const struct pattern *rows = s.view->rows[TABLE_PATTERNS];
	enum verdict v = VERDICT_NONE;

	if (w->config->patterns == NULL)
		return VERDICT_NONE;
	scan_place(w, &s, PATTERN_IN_HEAD, str_head(p->message.bytes, p->message.body_start));
	if (w->config->patterns->headers != 0)
		scan_headers(w, &s);
	scan_place(w, &s, PATTERN_IN_BODY, p->message.body);
	for (unsigned i = 0; i < s.n && v == VERDICT_NONE; i++)
		v = act(w, p, &rows[s.row[i]]);
	return v;
}
