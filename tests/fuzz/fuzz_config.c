// A configuration text: errors have a place inside the text; what reads is written as a text that
// reads as the same again, and differs in nothing from itself. What checks is built (but for
// patterns: Hyperscan compiles a few hundred a second) into tables that a worker would open, or
// refused with words.
#include "tests/fuzz/oracle.h"

#include "config/check.h"
#include "config/diff.h"
#include "config/node.h"
#include "config/text.h"
#include "control/build.h"
#include "dataplane/table/root.h"

static const struct token_key seal_key = {.epoch = 3, .usable = 1};

static void check_words(const char *text)
{
	oracle(text[0] != '\0');
	for (const char *c = text; *c != '\0'; c++)
		oracle(*c >= ' ' && *c <= '~');
}

static void check_place(struct str text, const struct error *e)
{
	int lines = 1;

	for (size_t i = 0; i < text.len; i++)
		lines += text.p[i] == '\n';
	oracle(e->line >= 1 && e->line <= lines);
	oracle(e->column >= 1 && (size_t)e->column <= text.len + 1);
	oracle(e->text[0] == 'x' && strlen(e->text) < sizeof(e->text));
	check_words(e->text);
}

static void check_again(const struct tree *t, const char *text)
{
	struct tree *again = tree_create();
	struct error e = {0};
	char *second, *diff;

	oracle(text_read(again, str_of(text), NULL, &e) == 0);
	second = text_write(again, true);
	oracle(strcmp(text, second) == 0);
	diff = diff_text(t, again);
	oracle(diff[0] == '\0' && !diff_needs_restart(t, again));
	oracle(check(t, NULL) == check(again, NULL));
	free(diff);
	free(second);
	tree_destroy(again);
}

static void check_built(const struct tree *t)
{
	struct table_builder b;
	struct table_view v;
	struct error e = {0};
	size_t len = 0;
	void *image;

	if (check(t, &e) != 0) {
		check_words(e.text);
		return;
	}
	if (node_next(tree_root(t), "pattern", NULL) != NULL)
		return;
	table_begin(&b, (struct hash_key){1, 2});
	if (build_config(t, &seal_key, 1, &b, &e) != 0) {
		check_words(e.text);
		return;
	}
	image = table_finish(&b, ROOT_CONFIG, 1, &len, &e);
	oracle(image != NULL);
	oracle(table_open(&v, image, len, ROOT_CONFIG, &e) == 0);
	free(image);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tree *t = tree_create(), *copy;
	struct str text = {(const char *)data, size};
	struct error e = {0};
	char *first, *second;

	if (text_read(t, text, "x", &e) != 0)
		check_place(text, &e);
	first = text_write(t, true);
	check_again(t, first);
	check_built(t);
	copy = tree_copy(t);
	second = text_write(copy, true);
	oracle(strcmp(first, second) == 0);
	free(first);
	free(second);
	tree_destroy(copy);
	tree_destroy(t);
	return 0;
}
