// Settings as lines of text, words quoted where they must be.
#include "config/line.h"

static bool is_plain(const char *word)
{
	if (word[0] == '\0' || word[0] == '#')
		return false;
	for (; *word != '\0'; word++) {
		if (*word <= ' ' || *word > '~' || strchr("'\"\\", *word) != NULL)
			return false;
	}
	return true;
}

// A word as text_words reads it back.
static void put_word(FILE *f, const char *word)
{
	if (is_plain(word)) {
		fputs(word, f);
		return;
	}
	fputc('"', f);
	for (; *word != '\0'; word++) {
		if (*word == '"' || *word == '\\')
			fputc('\\', f);
		fputc(*word, f);
	}
	fputc('"', f);
}

void line_path(char out[LINE_PATH_MAX], const char *parent, const struct node *n)
{
	FILE *f = fmemopen(out, LINE_PATH_MAX, "w");

	out[0] = '\0';
	if (f == NULL)
		return;
	fprintf(f, "%s%s%.*s", parent, parent[0] != '\0' ? " " : "",
	        STR_ARG(schema_keyword(n->object->path)));
	if (n->key != NULL) {
		fputc(' ', f);
		put_word(f, n->key);
	}
	fclose(f);
	out[LINE_PATH_MAX - 1] = '\0';
}

void line_setting(
        FILE *f, const char *start, const char *path, const struct setting *s, bool secrets)
{
	struct str keyword = schema_keyword(s->row->path);

	if (s->n_values == 0)
		fprintf(f, "%s%s %.*s\n", start, path, STR_ARG(keyword));
	for (unsigned i = 0; i < s->n_values; i++) {
		fprintf(f, "%s%s %.*s ", start, path, STR_ARG(keyword));
		if (s->row->flags & SCHEMA_SECRET && !secrets)
			fputs("***", f);
		else
			put_word(f, s->value[i]);
		fputc('\n', f);
	}
}

void line_object(FILE *f, const char *start, const char *path, const struct node *n, bool secrets)
{
	char below[LINE_PATH_MAX];

	// Nothing below says that it exists: it says so itself.
	if (n->key != NULL && n->n_settings == 0 && n->n_children == 0)
		fprintf(f, "%s%s\n", start, path);
	for (unsigned i = 0; i < n->n_settings; i++)
		line_setting(f, start, path, &n->setting[i], secrets);
	for (unsigned i = 0; i < n->n_children; i++) {
		line_path(below, path, n->child[i]);
		line_object(f, start, below, n->child[i], secrets);
	}
}
