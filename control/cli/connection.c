// The client's end of spryd's socket: see connection.h.
#include "control/cli/connection.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

int connection_open(struct connection *c, const char *run_dir)
{
	struct sockaddr_un sa = {.sun_family = AF_UNIX};
	int fd = -1, len = snprintf(sa.sun_path, sizeof(sa.sun_path), "%s/spry.sock", run_dir);

	*c = (struct connection){0};
	if (len >= (int)sizeof(sa.sun_path))
		errno = ENAMETOOLONG;
	else
		fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 && connect(fd, (struct sockaddr *)&sa, sizeof(sa)) == 0)
		c->f = fdopen(fd, "r+");
	if (c->f != NULL)
		return 0;
	snprintf(c->error, sizeof(c->error), "%s: %s%s", sa.sun_path, strerror(errno),
	        errno == ENOENT || errno == ECONNREFUSED
	                ? " (spryd does not run here; -r names another directory)"
	        : errno == EACCES ? " (only root and group spry may)"
	                          : "");
	if (fd >= 0)
		close(fd);
	return -1;
}

void connection_close(struct connection *c)
{
	if (c->f != NULL)
		fclose(c->f);
	c->f = NULL;
}

static int lost(struct connection *c)
{
	snprintf(c->error, sizeof(c->error), "spryd has gone away");
	c->column = 0;
	connection_close(c);
	return -1;
}

static int ask(struct connection *c, const char *key, const char *value)
{
	json_t *r = json_pack(
	        c->prompts ? "{s:s%,s:b}" : "{s:s%}", key, value, strlen(value), "differs", true);
	int rc = -1;

	c->error[0] = '\0';
	c->column = 0;
	if (r == NULL) {
		snprintf(c->error, sizeof(c->error), "the line is not UTF-8");
		return 1;
	}
	if (c->f != NULL && json_dumpf(r, c->f, JSON_COMPACT) == 0 && fputc('\n', c->f) != EOF &&
	        fflush(c->f) == 0)
		rc = 0;
	json_decref(r);
	return rc == 0 ? 0 : lost(c);
}

// The next answer, NULL when spryd went away.
static json_t *answer(struct connection *c)
{
	char *line = NULL;
	size_t room = 0;
	ssize_t n = getline(&line, &room, c->f);
	json_t *r = n > 0 ? json_loadb(line, (size_t)n, 0, NULL) : NULL;

	free(line);
	return r;
}

int connection_command(struct connection *c, const char *line, FILE *out)
{
	int rc = ask(c, "line", line);
	json_t *r;

	if (rc != 0)
		return rc < 0 ? 2 : 1;
	while ((r = answer(c)) != NULL) {
		json_t *text = json_object_get(r, "text"), *done = json_object_get(r, "done");
		const char *error = json_string_value(json_object_get(r, "error"));

		if (text != NULL)
			fwrite(json_string_value(text), 1, json_string_length(text), out);
		if (error != NULL) {
			snprintf(c->error, sizeof(c->error), "%s", error);
			c->column = (int)json_integer_value(json_object_get(r, "column"));
		}
		if (done != NULL) {
			rc = (int)json_integer_value(done);
			c->differs = json_is_true(json_object_get(r, "differs"));
			json_decref(r);
			return rc;
		}
		json_decref(r);
	}
	lost(c);
	return 2;
}

int connection_complete(struct connection *c, const char *line, connection_word_fn found, void *arg)
{
	json_t *r;

	if (ask(c, "complete", line) != 0)
		return -1;
	while ((r = answer(c)) != NULL) {
		const char *word = json_string_value(json_object_get(r, "word"));
		const char *help = json_string_value(json_object_get(r, "help"));

		if (json_object_get(r, "done") != NULL) {
			int from = (int)json_integer_value(json_object_get(r, "from"));

			json_decref(r);
			return from;
		}
		if (word != NULL)
			found(arg, word, help != NULL ? help : "",
			        json_is_true(json_object_get(r, "placeholder")));
		json_decref(r);
	}
	return lost(c);
}
