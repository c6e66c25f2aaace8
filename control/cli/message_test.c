// `test message`: see message_test.h. Secrets are not told to clients: what needs one (passwords)
// is left out, and the kernel's routes other than the gateways of the ports aren't known.
#include "control/cli/message_test.h"

#include <errno.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WORDS_MAX = 8 };

extern char **environ;

static int fail(struct connection *c, const char *format, const char *what)
{
	snprintf(c->error, sizeof(c->error), format, what);
	c->column = 0;
	return 1;
}

// Words between blanks; quotes as in spryd's lines.
static unsigned split(char *line, char **words)
{
	unsigned n = 0;

	while (n < WORDS_MAX) {
		char quote = '\0', *to;

		line += strspn(line, " \t");
		if (*line == '\0')
			return n;
		words[n++] = to = line;
		while (*line != '\0' && (quote != '\0' || (*line != ' ' && *line != '\t'))) {
			if (quote == *line)
				quote = '\0';
			else if (quote == '\0' && (*line == '\'' || *line == '"'))
				quote = *line;
			else
				*to++ = *line;
			line++;
		}
		if (*line != '\0')
			line++;
		*to = '\0';
	}
	return n;
}

// What is secret is shown as ***; a value that ends so is in quotes. Tokens need their keys:
// spry-replay has one of its own.
static bool is_secret(const char *line)
{
	const size_t len = strlen(line);

	return (len > 4 && strcmp(line + len - 4, " ***") == 0) ||
	       strncmp(line, "set token ", 10) == 0 ||
	       (strncmp(line, "set user ", 9) == 0 && strstr(line, " password-file ") != NULL);
}

// The running configuration without what is secret. False when it can't be had or written.
static int write_config(struct connection *c, FILE *to)
{
	char *text = NULL, *line, *rest;
	size_t len;
	FILE *f = open_memstream(&text, &len);
	int rc;

	if (f == NULL)
		return fail(c, "%s", strerror(errno));
	rc = connection_command(c, "show config", f);
	fclose(f);
	rest = text;
	while (rc == 0 && (line = strsep(&rest, "\n")) != NULL) {
		if (strncmp(line, "set ", 4) == 0 && !is_secret(line))
			fprintf(to, "%s\n", line);
	}
	free(text);
	if (rc == 0 && fflush(to) != 0)
		return fail(c, "temporary file: %s", strerror(errno));
	return rc;
}

static int run_replay(struct connection *c, char **argv)
{
	int status;
	pid_t pid;

	fflush(stdout);
	if (posix_spawnp(&pid, argv[0], NULL, NULL, argv, environ) != 0)
		return fail(c, "%s cannot be run: is it installed?", argv[0]);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return fail(c, "%s", strerror(errno));
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	return fail(c, "%s: see above", argv[0]);
}

static int test_message(struct connection *c, char **words, unsigned n)
{
	char path[] = "/tmp/spry-test-XXXXXX", *leg = NULL, *from = NULL;
	const char *replay = getenv("SPRY_REPLAY");
	char *argv[12];
	unsigned k = 0;
	int fd, rc;
	FILE *f;

	for (unsigned i = 1; i + 1 < n; i += 2) {
		if (strcmp(words[i], "leg") == 0)
			leg = words[i + 1];
		else if (strcmp(words[i], "from") == 0)
			from = words[i + 1];
	}
	if (n == 0 || n % 2 == 0 || 1u + 2u * (unsigned)((leg != NULL) + (from != NULL)) != n)
		return fail(c, "%s", "expected: test message FILE [leg LEG] [from IP:PORT]");
	fd = mkstemp(path); // 0600
	f = fd >= 0 ? fdopen(fd, "w") : NULL;
	if (f == NULL) {
		if (fd >= 0)
			close(fd);
		return fail(c, "temporary file: %s", strerror(errno));
	}
	rc = write_config(c, f);
	argv[k++] = (char *)(replay != NULL ? replay : "spry-replay");
	argv[k++] = (char *)"-v";
	argv[k++] = (char *)"-c";
	argv[k++] = path;
	if (leg != NULL) {
		argv[k++] = (char *)"-l";
		argv[k++] = leg;
	}
	if (from != NULL) {
		argv[k++] = (char *)"--from";
		argv[k++] = from;
	}
	argv[k++] = (char *)"--";
	argv[k++] = words[0];
	argv[k] = NULL;
	if (rc == 0)
		rc = run_replay(c, argv);
	fclose(f);
	unlink(path);
	return rc;
}

int message_test_command(struct connection *c, const char *line, FILE *out)
{
	char *copy = strdup(line), *words[WORDS_MAX];
	unsigned n = copy != NULL ? split(copy, words) : 0;
	int rc;

	if (n >= 2 && strcmp(words[0], "test") == 0 && strcmp(words[1], "message") == 0)
		rc = test_message(c, words + 2, n - 2);
	else
		rc = connection_command(c, line, out);
	free(copy);
	return rc;
}
