// A line of the CLI: its words lie in the line or in the room given; each completion of it starts
// with what was typed, and the line with it is still one that can be completed.
#include "tests/fuzz/oracle.h"

#include "config/text.h"

enum { WORDS_MAX = 16 };

struct typed {
	struct str part; // of the word being completed
	bool quoted;
	unsigned n;
};

static void found(void *arg, const char *word, const char *help, bool placeholder)
{
	struct typed *t = arg;

	oracle(help != NULL && word[0] != '\0');
	if (!placeholder && !t->quoted)
		oracle(strncmp(word, t->part.p, t->part.len) == 0);
	t->n++;
}

static void check_words(struct str line)
{
	char *room = malloc(line.len + 1);
	struct str words[WORDS_MAX];
	int columns[WORDS_MAX], n, last = 0;
	struct error e = {0};

	n = text_words(line, words, columns, WORDS_MAX, room, &e);
	oracle(n >= -1 && n <= WORDS_MAX);
	if (n < 0)
		oracle(e.text[0] != '\0' && e.column >= 1 && (size_t)e.column <= line.len);
	for (int i = 0; i < n; i++) {
		struct str all = {room, line.len + 1};

		oracle(oracle_inside(words[i], line) || oracle_inside(words[i], all));
		oracle(columns[i] > last && (size_t)columns[i] <= line.len);
		last = columns[i];
	}
	free(room);
}

static void check_completion(struct str line)
{
	static struct tree *t;
	struct typed typed = {.part = STR("")};
	int start;

	if (t == NULL) {
		t = tree_create();
		oracle(text_read(t,
		               STR("set port access device net_a address 192.0.2.1/24\n"
		                   "set leg access port access udp 192.0.2.1\n"
		                   "set group g member 192.0.2.9 weight 7\n"
		                   "set prefix \"#31\" group g\nset worker idle poll\n"),
		               NULL, NULL) == 0);
	}
	// What is found is compared with the rest of the line from the column that is returned.
	for (size_t i = line.len; i > 0 && line.p[i - 1] > ' '; i--)
		typed.part = str_from(line.p + i - 1, str_end(line));
	typed.quoted = line.len > 0 && (memchr(line.p, '\'', line.len) != NULL ||
	                                       memchr(line.p, '"', line.len) != NULL);
	for (size_t i = 0; i < line.len; i++)
		typed.quoted |= line.p[i] < ' ' || line.p[i] > '~';
	start = text_complete(t, line, found, &typed);
	oracle(start >= 1 && (size_t)start <= line.len + 1);
	if (typed.n > 0 && !typed.quoted)
		oracle((size_t)start == line.len - typed.part.len + 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str line = {(const char *)data, size};

	check_words(line);
	check_completion(line);
	return 0;
}
