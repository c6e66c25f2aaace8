// Number prefixes: a trie with a node a character. A lookup walks it twice at once, with the number
// as it stands and without its '+'.
#include "dataplane/table/prefix.h"

static int child_of(char c)
{
	if (char_is_digit(c))
		return c - '0';
	return c == '*' ? 10 : c == '#' ? 11 : c == '+' ? 12 : -1;
}

static struct prefix_node *node_at(struct table_builder *b, uint32_t n)
{
	return (struct prefix_node *)b->section[TABLE_PREFIXES].rows + n;
}

static uint32_t node_new(struct table_builder *b)
{
	const struct prefix_node empty = {.group = PREFIX_NONE};

	return (uint32_t)table_append(b, TABLE_PREFIXES, &empty, 1, sizeof(empty));
}

int prefix_add(struct table_builder *b, struct str digits, uint16_t group, struct error *e)
{
	uint32_t node = 0;

	if (digits.len > PREFIX_DIGITS_MAX)
		return error_set(e, "prefix %.*s has more than %u characters", STR_ARG(digits),
		        PREFIX_DIGITS_MAX);
	for (size_t i = 0; i < digits.len; i++)
		if (child_of(digits.p[i]) < 0 || (digits.p[i] == '+' && i > 0))
			return error_set(
			        e, "prefix %.*s: only 0-9, *, # and a + in front", STR_ARG(digits));
	if (b->section[TABLE_PREFIXES].count == 0)
		node_new(b);
	for (size_t i = 0; i < digits.len && !b->failed; i++) {
		int child = child_of(digits.p[i]);
		uint32_t next = node_at(b, node)->child[child];

		if (next == 0) {
			next = node_new(b); // may move the nodes
			if (b->failed)
				break;
			node_at(b, node)->child[child] = next;
		}
		node = next;
	}
	if (b->failed)
		return error_set(e, "prefix %.*s: out of memory", STR_ARG(digits));
	if (node_at(b, node)->group != PREFIX_NONE)
		return error_set(e, "prefix \"%.*s\" is there already", STR_ARG(digits));
	node_at(b, node)->group = group;
	return 0;
}

bool prefix_check(const struct table_view *v, struct error *e)
{
	const struct prefix_node *node = v->rows[TABLE_PREFIXES];
	uint32_t n = v->count[TABLE_PREFIXES];

	for (uint32_t i = 0; i < n; i++) {
		bool good = node[i].group == PREFIX_NONE || node[i].group < v->count[TABLE_GROUPS];
		for (unsigned k = 0; k < 13; k++)
			good = good && node[i].child[k] < n;
		if (!good) {
			error_set(e, "prefix node %u leads outside its table", i);
			return false;
		}
	}
	return true;
}

// One of the two walks: where it is (dead once no child matches) and the longest match so far.
struct walk {
	uint32_t node;
	bool dead;
	uint16_t group;
	unsigned digits; // of the match, the '+' not counted
};

static void walk_step(const struct prefix_node *nodes, struct walk *w, int child, unsigned digits)
{
	if (w->dead)
		return;
	w->node = nodes[w->node].child[child];
	w->dead = w->node == 0;
	if (!w->dead && nodes[w->node].group != PREFIX_NONE) {
		w->group = nodes[w->node].group;
		w->digits = digits;
	}
}

static int hex_value(char c)
{
	if (char_is_digit(c))
		return c - '0';
	c = char_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

// Takes the next character off s; %23 is '#' (a user part cannot say it otherwise). 0 at the end of
// the number, that is of s or at a parameter.
static char next_char(struct str *s)
{
	char c = s->len > 0 ? s->p[0] : 0;
	size_t used = 1;

	if (c == 0 || c == ';')
		return 0;
	if (c == '%' && s->len >= 3 && hex_value(s->p[1]) >= 0 && hex_value(s->p[2]) >= 0) {
		c = (char)(hex_value(s->p[1]) << 4 | hex_value(s->p[2]));
		used = 3;
	}
	*s = str_skip(*s, used);
	return c != 0 ? c : '?';
}

uint16_t prefix_lookup(const struct table_view *v, struct str number)
{
	const struct prefix_node *nodes = v->rows[TABLE_PREFIXES];
	unsigned digits = 0;
	bool plus = false;

	if (nodes == NULL)
		return PREFIX_NONE;
	struct walk exact = {.dead = true, .group = PREFIX_NONE};
	struct walk plain = {.group = nodes[0].group};
	for (char c; (c = next_char(&number)) != 0;) {
		int child = child_of(c);

		if (c == '-' || c == '.' || c == '(' || c == ')')
			continue;
		if (child < 0 || (c == '+' && (plus || digits > 0)))
			return PREFIX_NONE;
		if (c == '+') {
			plus = true;
			exact.dead = false;
			walk_step(nodes, &exact, child, 0);
			continue;
		}
		digits++;
		walk_step(nodes, &exact, child, digits);
		walk_step(nodes, &plain, child, digits);
	}
	if (digits == 0)
		return PREFIX_NONE;
	bool take_exact = exact.group != PREFIX_NONE &&
	                  (plain.group == PREFIX_NONE || exact.digits >= plain.digits);
	return take_exact ? exact.group : plain.group;
}
