// The table of calls.
#include "dataplane/generator/call.h"

#include <stdlib.h>
#include <sys/mman.h>

enum { CALL_SWEEP = 64, CALL_ROUTES_MAX = 16 };

struct call_table *call_table_create(void)
{
	const size_t page = 2 << 20, len = (sizeof(struct call_table) + page - 1) & ~(page - 1);
	struct call_table *t = aligned_alloc(page, len);

	if (t == NULL)
		return NULL;
	madvise(t, len, MADV_HUGEPAGE);
	memset(t, 0, sizeof(*t));
	return t;
}

void call_table_destroy(struct call_table *t)
{
	free(t);
}

void call_table_clear(struct call_table *t)
{
	for (unsigned i = 0; i < CALLS_MAX; i++)
		t->call[i].state = CALL_FREE;
	t->n_open = t->n_held = 0;
}

struct call *call_open(struct call_table *t, uint32_t number)
{
	struct call *c = &t->call[number % CALLS_MAX];

	if (c->state != CALL_FREE)
		return NULL;
	c->number = number;
	c->state = CALL_INVITED;
	c->target_len = c->route_len = 0;
	t->n_open++;
	return c;
}

struct call *call_find(struct call_table *t, uint32_t number)
{
	struct call *c = &t->call[number % CALLS_MAX];

	return c->state != CALL_FREE && c->number == number ? c : NULL;
}

void call_close(struct call_table *t, struct call *c)
{
	c->state = CALL_FREE;
	t->n_open--;
}

static bool append(struct call *c, struct str s)
{
	const size_t at = (size_t)c->target_len + c->route_len;

	if (s.len > sizeof(c->text) - at)
		return false;
	memcpy(c->text + at, s.p, s.len);
	c->route_len = (uint16_t)(c->route_len + s.len);
	return true;
}

// Values of a Record-Route line: "<...>;..., <...>".
static unsigned take_values(struct str line, struct str *out, unsigned n)
{
	while (line.len > 0 && n < CALL_ROUTES_MAX) {
		size_t end = str_find(line, '>');

		end += str_find(str_skip(line, end), ',');
		out[n++] = str_trim(str_head(line, end));
		line = str_skip(line, end + 1);
	}
	return n;
}

static bool is_field(struct str line, struct str name)
{
	return line.len > name.len && line.p[name.len] == ':' &&
	       str_eq_nocase(str_head(line, name.len), name);
}

bool call_answered(struct call *c, struct str response)
{
	struct str route[CALL_ROUTES_MAX], target = STR_NONE;
	unsigned n = 0;
	bool fits = true;

	while (response.len > 0) {
		const size_t end = str_find(response, '\n');
		const struct str line = str_trim(str_head(response, end));
		const struct str value = str_trim(str_skip(line, str_find(line, ':') + 1));

		if (line.len == 0)
			break;
		if (is_field(line, STR("Record-Route")))
			n = take_values(value, route, n);
		else if (is_field(line, STR("Contact")) || is_field(line, STR("m"))) {
			target = str_skip(value, str_find(value, '<') + 1);
			target = str_head(target, str_find(target, '>'));
		}
		response = str_skip(response, end + 1);
	}
	if (target.len == 0 || target.len > sizeof(c->text))
		return false;
	memcpy(c->text, target.p, target.len);
	c->target_len = (uint16_t)target.len;
	c->route_len = 0;
	while (n > 0 && fits) {
		fits = append(c, STR("Route: ")) && append(c, route[n - 1]) &&
		       append(c, STR("\r\n"));
		n--;
	}
	return fits;
}

void call_hold(struct call_table *t, struct call *c, uint64_t until_tsc)
{
	c->state = CALL_HELD;
	c->until_tsc = until_tsc;
	// one entry a slot at most, so that there is room
	t->held[(t->held_first + t->n_held++) % CALLS_MAX] = c->number;
}

struct call *call_unhold(struct call_table *t, uint64_t tsc)
{
	while (t->n_held > 0) {
		struct call *c = call_find(t, t->held[t->held_first % CALLS_MAX]);

		if (c != NULL && c->state == CALL_HELD && c->until_tsc > tsc)
			return NULL;
		t->held_first++;
		t->n_held--;
		if (c != NULL && c->state == CALL_HELD)
			return c;
	}
	return NULL;
}

unsigned call_sweep(struct call_table *t, uint64_t tsc)
{
	unsigned n = 0;

	for (unsigned i = 0; i < CALL_SWEEP && t->n_open > 0; i++) {
		struct call *c = &t->call[t->swept++ % CALLS_MAX];

		if (c->state == CALL_FREE || c->state == CALL_HELD || c->until_tsc > tsc)
			continue;
		call_close(t, c);
		n++;
	}
	return n;
}
