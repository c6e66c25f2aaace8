// spry, the client of spryd: interactive, one command, or a file of commands.
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "control/cli/connection.h"
#include "control/cli/message_test.h"
#include "control/cli/bindings.h"
#include "control/cli/terminal.h"
#include "control/cli/user_command.h"

static const char usage[] =
        "usage: spry [-r RUNDIR]               interactive; ? helps, TAB completes\n"
        "       spry [-r RUNDIR] COMMAND ...   one command: spry show counters\n"
        "       spry [-r RUNDIR] -f FILE       a file of commands (- = standard input), to the first error\n"
        "       spry [-r RUNDIR] location export|import ...   bindings to a file and back; -h helps\n"
        "       spry [-s STATEDIR] user ...    the store of very many users; works without spryd\n"
        "exit status: 0 done, 1 refused, 2 not tried (usage, no spryd, no file)\n";

static int report(const struct connection *c, const char *file, int line, int rc)
{
	fflush(stdout);
	if (rc == 0)
		return 0;
	if (file != NULL && c->column > 0)
		fprintf(stderr, "%s:%d:%d: %s\n", file, line, c->column, c->error);
	else if (file != NULL)
		fprintf(stderr, "%s:%d: %s\n", file, line, c->error);
	else if (c->column > 0)
		fprintf(stderr, "column %d: %s\n", c->column, c->error);
	else
		fprintf(stderr, "%s\n", c->error);
	return rc;
}

static int run_file(struct connection *c, const char *file)
{
	FILE *f = strcmp(file, "-") == 0 ? stdin : fopen(file, "re");
	char *line = NULL;
	size_t room = 0;
	int number = 0, rc = 0;
	ssize_t n;

	if (f == NULL) {
		fprintf(stderr, "%s: %s\n", file, strerror(errno));
		return 2;
	}
	while (rc == 0 && (n = getline(&line, &room, f)) >= 0) {
		if (n > 0 && line[n - 1] == '\n')
			line[--n] = '\0';
		number++;
		if (strlen(line) != (size_t)n) {
			fprintf(stderr, "%s:%d: the line has a NUL byte\n", file, number);
			rc = 1;
		} else {
			rc = report(c, file, number, message_test_command(c, line, stdout));
		}
	}
	if (rc == 0 && ferror(f)) { // a directory, for one
		fprintf(stderr, "%s: %s\n", file, strerror(errno));
		rc = 2;
	}
	free(line);
	if (f != stdin)
		fclose(f);
	return rc;
}

// A word the shell has unquoted, quoted again where it must be.
static void add_word(FILE *f, const char *word)
{
	if (word[0] != '\0' && word[0] != '#' && strpbrk(word, " \t'\"\\") == NULL) {
		fprintf(f, "%s", word);
		return;
	}
	fputc('"', f);
	for (const char *p = word; *p != '\0'; p++) {
		if (*p == '"' || *p == '\\')
			fputc('\\', f);
		fputc(*p, f);
	}
	fputc('"', f);
}

// `spry show counters`; a single word with blanks is a line.
static int run_words(struct connection *c, char **words, int n)
{
	char *line = NULL;
	size_t len;
	FILE *f;
	int rc;

	if (n == 1)
		return report(c, NULL, 0, message_test_command(c, words[0], stdout));
	f = open_memstream(&line, &len);
	if (f == NULL)
		return 2;
	for (int i = 0; i < n; i++) {
		if (i > 0)
			fputc(' ', f);
		add_word(f, words[i]);
	}
	if (fclose(f) != 0)
		return 2;
	rc = report(c, NULL, 0, message_test_command(c, line, stdout));
	free(line);
	return rc;
}

static int flushed(int rc)
{
	if (rc == 0 && (fflush(stdout) != 0 || ferror(stdout))) {
		fprintf(stderr, "standard output: %s\n", strerror(errno));
		rc = 2;
	}
	return rc;
}

int main(int argc, char **argv)
{
	const char *run_dir = getenv("SPRY_RUN"), *state_dir = getenv("SPRY_STATE"), *file = NULL;
	struct connection c;
	int o, rc;

	if (run_dir == NULL || run_dir[0] == '\0')
		run_dir = "/run/spry";
	if (state_dir == NULL || state_dir[0] == '\0')
		state_dir = "/var/lib/spry";
	// "+": the command's own words are no options.
	while ((o = getopt(argc, argv, "+r:s:f:hV")) != -1) {
		if (o == 'r')
			run_dir = optarg;
		else if (o == 's')
			state_dir = optarg;
		else if (o == 'f')
			file = optarg;
		else if (o == 'V')
			return printf("spry %s\n", SPRY_VERSION) < 0;
		else
			return fputs(usage, o == 'h' ? stdout : stderr), o == 'h' ? 0 : 2;
	}
	if (file != NULL && optind < argc)
		return fputs(usage, stderr), 2;
	(void)signal(SIGPIPE, SIG_IGN);
	if (file == NULL && bindings_command_is(argc - optind, argv + optind))
		return bindings_command(run_dir, argc - optind - 1, argv + optind + 1);
	if (file == NULL && optind < argc && strcmp(argv[optind], "user") == 0)
		return flushed(user_command(state_dir, argc - optind - 1, argv + optind + 1));
	if (connection_open(&c, run_dir) != 0) {
		fprintf(stderr, "%s\n", c.error);
		return 2;
	}
	if (file != NULL)
		rc = run_file(&c, file);
	else if (optind < argc)
		rc = run_words(&c, argv + optind, argc - optind);
	else if (isatty(STDIN_FILENO))
		rc = terminal_run(&c);
	else
		rc = run_file(&c, "-");
	connection_close(&c);
	return flushed(rc);
}
