// A terminal ends what it wants to end; a script that fails must not go on.
#include "tools/bench/console.h"

#include <errno.h>
#include <histedit.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tools/bench/interrupt.h"

enum { CONSOLE_LINE = 1024, CONSOLE_HISTORY = 200 };

static char *prompt(EditLine *el)
{
	static char text[] = "spry-bench> ";

	(void)el;
	return text;
}

// Adds what all commands that begin like the line have in common.
static unsigned char on_tab(EditLine *el, int key)
{
	const LineInfo *li = el_line(el);
	const size_t typed = (size_t)(li->cursor - li->buffer);
	const char *first = NULL;
	char more[64];
	size_t len = 0;

	(void)key;
	for (unsigned i = 0; session_phrase(i) != NULL; i++) {
		const char *p = session_phrase(i);
		size_t n = 0;

		if (strlen(p) < typed || strncmp(p, li->buffer, typed) != 0)
			continue;
		while (first != NULL && n < len && p[n] == first[n])
			n++;
		len = first != NULL ? n : strlen(p);
		first = p;
	}
	if (first == NULL || len < typed || len - typed >= sizeof(more) - 1)
		return CC_ERROR;
	snprintf(more, sizeof(more), "%.*s%s", (int)(len - typed), first + typed,
	        first[len] == '\0' ? " " : "");
	return more[0] != '\0' && el_insertstr(el, more) == 0 ? CC_REFRESH : CC_ERROR;
}

// One line; the exit status when it is the last one, else -1.
static int do_line(struct session *s, const char *line, bool script)
{
	struct error e = {0};
	const int rc = session_line(s, line, stdout, &e);

	fflush(stdout);
	if (rc == 1)
		return 0;
	if (rc == 0)
		return -1;
	fprintf(stderr, "spry-bench: %s\n", e.text);
	return script ? 1 : -1;
}

static int run_terminal(struct session *s)
{
	History *h = history_init();
	EditLine *el = el_init("spry-bench", stdin, stdout, stderr);
	int status = -1, n;
	const char *line;
	HistEvent ev;

	if (h == NULL || el == NULL)
		return 1;
	history(h, &ev, H_SETSIZE, CONSOLE_HISTORY);
	el_set(el, EL_PROMPT, prompt);
	el_set(el, EL_EDITOR, "emacs");
	el_set(el, EL_HIST, history, h);
	el_set(el, EL_ADDFN, "bench-complete", "complete the command", on_tab);
	el_set(el, EL_BIND, "^I", "bench-complete", NULL);
	while (status < 0) {
		line = el_gets(el, &n);
		if (line == NULL || n <= 0) {
			if (!interrupt_seen())
				break;
			interrupt_forget(); // ^C empties the line
			puts("");
			el_reset(el);
			continue;
		}
		if (line[0] != '\n')
			history(h, &ev, H_ENTER, line);
		status = do_line(s, line, false);
	}
	el_end(el);
	history_end(h);
	return status < 0 ? 0 : status;
}

static int run_script(struct session *s)
{
	char line[CONSOLE_LINE];
	int status = -1;

	while (status < 0 && !interrupt_seen() && fgets(line, sizeof(line), stdin) != NULL)
		status = do_line(s, line, true);
	return interrupt_seen() ? 1 : status < 0 ? 0 : status;
}

int console_run(struct session *s)
{
	const int status = isatty(STDIN_FILENO) ? run_terminal(s) : run_script(s);

	session_end(s);
	return status;
}
