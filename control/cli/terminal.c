// The interactive client: see terminal.h.
#include "control/cli/terminal.h"

#include "control/cli/message_test.h"

#include <histedit.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { WORDS_MAX = 256, WORD_MAX = 128, HISTORY_LINES = 1000 };

// What fits at the cursor.
struct choices {
	unsigned n;
	struct {
		char word[WORD_MAX], help[200];
		bool placeholder;
	} row[WORDS_MAX];
};

static struct {
	struct connection *connection;
	struct choices choices;
} term;

static char *prompt(EditLine *el)
{
	static char plain[] = "spry> ", changed[] = "spry*> ";

	(void)el;
	return term.connection->differs ? changed : plain;
}

static void add_choice(void *arg, const char *word, const char *help, bool placeholder)
{
	struct choices *c = arg;

	if (c->n == WORDS_MAX)
		return;
	snprintf(c->row[c->n].word, sizeof(c->row[0].word), "%s", word);
	snprintf(c->row[c->n].help, sizeof(c->row[0].help), "%s", help);
	c->row[c->n++].placeholder = placeholder;
}

// Fills the choices for the line up to the cursor; returns it (malloc) and where its last word
// starts.
static char *look(EditLine *el, size_t *from)
{
	const LineInfo *li = el_line(el);
	char *line = strndup(li->buffer, (size_t)(li->cursor - li->buffer));
	int column;

	term.choices.n = 0;
	if (line == NULL)
		return NULL;
	column = connection_complete(term.connection, line, add_choice, &term.choices);
	if (column < 1 || (size_t)column > strlen(line) + 1) {
		free(line);
		return NULL;
	}
	*from = (size_t)column - 1;
	return line;
}

static void print_choices(void)
{
	printf("\n");
	if (term.choices.n == 0)
		printf("  nothing fits here\n");
	for (unsigned i = 0; i < term.choices.n; i++)
		printf("  %-24s %s\n", term.choices.row[i].word, term.choices.row[i].help);
	fflush(stdout);
}

// Length of what all choices that are no placeholders begin with.
static size_t common(const char **word)
{
	size_t len = 0;

	*word = NULL;
	for (unsigned i = 0; i < term.choices.n; i++) {
		const char *w = term.choices.row[i].word;
		size_t k = 0;

		if (term.choices.row[i].placeholder)
			continue;
		if (*word == NULL) {
			*word = w;
			len = strlen(w);
		}
		while (k < len && w[k] == (*word)[k])
			k++;
		len = k;
	}
	return len;
}

static unsigned char on_tab(EditLine *el, int key)
{
	size_t from, typed, len;
	const char *word;
	char *line = look(el, &from), insert[WORD_MAX + 1];

	(void)key;
	if (line == NULL)
		return CC_ERROR;
	typed = strlen(line) - from;
	free(line);
	len = common(&word);
	if (word == NULL || len < typed || (len == typed && term.choices.n > 1)) {
		print_choices();
		return CC_REDISPLAY;
	}
	snprintf(insert, sizeof(insert), "%.*s%s", (int)(len - typed), word + typed,
	        term.choices.n == 1 ? " " : "");
	if (insert[0] != '\0' && el_insertstr(el, insert) != 0)
		return CC_ERROR;
	return CC_REFRESH;
}

// Within quotes a question mark is one.
static bool quoted(const LineInfo *li)
{
	char quote = '\0';

	for (const char *p = li->buffer; p < li->cursor; p++)
		if (quote == '\0' && (*p == '\'' || *p == '"'))
			quote = *p;
		else if (*p == quote)
			quote = '\0';
	return quote != '\0';
}

static unsigned char on_question(EditLine *el, int key)
{
	size_t from;
	char *line;

	(void)key;
	if (quoted(el_line(el)))
		return el_insertstr(el, "?") == 0 ? CC_REFRESH : CC_ERROR;
	line = look(el, &from);
	if (line == NULL)
		return CC_ERROR;
	free(line);
	print_choices();
	return CC_REDISPLAY;
}

static EditLine *open_editor(History *h)
{
	EditLine *el = el_init("spry", stdin, stdout, stderr);

	if (el == NULL)
		return NULL;
	el_set(el, EL_PROMPT, prompt);
	el_set(el, EL_EDITOR, "emacs");
	el_set(el, EL_SIGNAL, 1);
	el_set(el, EL_HIST, history, h);
	el_set(el, EL_ADDFN, "spry-complete", "complete the word", on_tab);
	el_set(el, EL_ADDFN, "spry-help", "what fits here", on_question);
	el_set(el, EL_BIND, "^I", "spry-complete", NULL);
	el_set(el, EL_BIND, "?", "spry-help", NULL);
	return el;
}

static void history_file(char *path, size_t room)
{
	const char *home = getenv("HOME");

	snprintf(path, room, "%s/.spry_history", home != NULL ? home : "/root");
}

static int loop(EditLine *el, History *h)
{
	struct connection *c = term.connection;
	HistEvent ev;
	const char *line;
	int n, rc;

	while ((line = el_gets(el, &n)) != NULL && n > 0) {
		char *copy = strndup(line, strcspn(line, "\n"));

		if (copy == NULL)
			return 1;
		if (strcmp(copy, "quit") == 0 || strcmp(copy, "exit") == 0) {
			free(copy);
			return 0;
		}
		if (copy[0] != '\0')
			history(h, &ev, H_ENTER, line);
		rc = message_test_command(c, copy, stdout);
		if (rc != 0 && c->column > 0)
			printf("%*s^\n", (int)strlen(prompt(el)) + c->column - 1, "");
		if (rc != 0)
			printf("%s\n", c->error);
		fflush(stdout);
		free(copy);
		if (rc == 2)
			return 2;
	}
	printf("\n");
	return 0;
}

int terminal_run(struct connection *c)
{
	char path[512];
	History *h = history_init();
	HistEvent ev;
	EditLine *el;
	mode_t mask;
	int rc;

	term.connection = c;
	if (h == NULL)
		return 1;
	history(h, &ev, H_SETSIZE, HISTORY_LINES);
	history(h, &ev, H_SETUNIQUE, 1);
	history_file(path, sizeof(path));
	history(h, &ev, H_LOAD, path);
	el = open_editor(h);
	if (el == NULL) {
		history_end(h);
		return 1;
	}
	c->prompts = true;
	(void)connection_command(c, "", stdout); // does the candidate differ?
	rc = loop(el, h);
	mask = umask(077); // lines may hold secrets
	history(h, &ev, H_SAVE, path);
	umask(mask);
	el_end(el);
	history_end(h);
	return rc;
}
