// Candidate, running configuration and history: see state.h.
#include "control/state.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "config/diff.h"
#include "config/text.h"
#include "control/storage.h"

enum { STATE_PATH = 256, STATE_MODE = 0600 };

static void state_path(const struct state *s, const char *name, char path[STATE_PATH])
{
	snprintf(path, STATE_PATH, "%s/%s", s->dir, name);
}

static void commit_path(const struct state *s, uint64_t serial, char path[STATE_PATH])
{
	snprintf(path, STATE_PATH, "%s/commit-%llu.conf", s->dir, (unsigned long long)serial);
}

struct tree *state_parse(const char *text, size_t len, const char *name, struct error *e)
{
	struct tree *t = tree_create();

	if (t == NULL) {
		error_set(e, "out of memory");
		return NULL;
	}
	if (text_read(t, (struct str){text, len}, name, e) != 0) {
		tree_destroy(t);
		return NULL;
	}
	return t;
}

struct tree *state_read_file(const char *path, struct error *e)
{
	size_t len;
	char *text = storage_read(path, &len, e);
	struct tree *t;

	if (text == NULL)
		return NULL;
	t = state_parse(text, len, path, e);
	free(text);
	return t;
}

// "# commit HEADER\n" + configuration -> a row of the history.
static void load_commit(struct state *s, uint64_t serial)
{
	char path[STATE_PATH];
	struct state_commit c = {.serial = serial};
	size_t len;
	char *text, *end;

	commit_path(s, serial, path);
	text = storage_read(path, &len, NULL);
	if (text == NULL)
		return;
	end = strchr(text, '\n');
	if (strncmp(text, "# commit ", 9) != 0 || end == NULL) {
		free(text);
		return;
	}
	c.header = strndup(text + 9, (size_t)(end - text - 9));
	c.text = strdup(end + 1);
	free(text);
	if (c.header == NULL || c.text == NULL) {
		free(c.header);
		free(c.text);
		return;
	}
	s->commit[s->n_commits++] = c;
}

static int newest_first(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? 1 : x > y ? -1 : 0;
}

static int load_history(struct state *s, struct error *e)
{
	uint64_t serials[4 * STATE_HISTORY];
	unsigned n = 0;
	struct dirent *d;
	DIR *dir = opendir(s->dir);

	if (dir == NULL)
		return error_set(e, "%s: %s", s->dir, strerror(errno));
	while ((d = readdir(dir)) != NULL && n < 4 * STATE_HISTORY) {
		struct str name = str_of(d->d_name);
		size_t dot = str_find(name, '.');

		if (name.len > 7 && str_eq(str_head(name, 7), STR("commit-")) &&
		        str_eq(str_skip(name, dot), STR(".conf")) &&
		        str_decimal((struct str){name.p + 7, dot - 7}, UINT32_MAX, &serials[n]))
			n++;
	}
	closedir(dir);
	qsort(serials, n, sizeof(serials[0]), newest_first);
	if (n > 0)
		s->serial = serials[0];
	for (unsigned i = 0; i < n && s->n_commits <= STATE_HISTORY; i++)
		load_commit(s, serials[i]);
	return 0;
}

int state_init(struct state *s, const char *dir, const char *file, struct error *e)
{
	*s = (struct state){0};
	if (snprintf(s->dir, sizeof(s->dir), "%s", dir) >= (int)sizeof(s->dir) ||
	        snprintf(s->file, sizeof(s->file), "%s", file) >= (int)sizeof(s->file))
		return error_set(e, "%s: name too long", dir);
	if (storage_directory(dir, 0750, e) != 0)
		return -1;
	return load_history(s, e);
}

static void commit_clear(struct state_commit *c)
{
	free(c->header);
	free(c->text);
	*c = (struct state_commit){0};
}

void state_fini(struct state *s)
{
	tree_destroy(s->running);
	tree_destroy(s->candidate);
	for (unsigned i = 0; i < s->n_commits; i++)
		commit_clear(&s->commit[i]);
	*s = (struct state){0};
}

static struct tree *read_own(struct state *s, const char *name, struct error *e)
{
	char path[STATE_PATH], mark[STATE_PATH + 16];
	struct tree *t = NULL;
	size_t len;
	char *text;

	state_path(s, name, path);
	snprintf(mark, sizeof(mark), "# file %s\n", s->file);
	text = storage_read(path, &len, e);
	if (text == NULL)
		return NULL;
	if (strncmp(text, mark, strlen(mark)) == 0)
		t = state_parse(text, len, path, e);
	else
		error_set(e, "%s: of another configuration file", path);
	free(text);
	return t;
}

// Begins with the name of the file the operator started with: kept for that one only.
static int write_own(struct state *s, const char *name, const struct tree *t, struct error *e)
{
	char path[STATE_PATH];
	char *text = text_write(t, true), *whole = NULL;
	int rc = -1;

	state_path(s, name, path);
	if (text == NULL || asprintf(&whole, "# file %s\n%s", s->file, text) < 0)
		error_set(e, "out of memory");
	else
		rc = storage_write(path, whole, strlen(whole), STATE_MODE, e);
	free(whole);
	free(text);
	return rc;
}

struct tree *state_recover(struct state *s, bool *rolled_back, struct error *e)
{
	struct tree *t = read_own(s, "confirm.conf", e);

	*rolled_back = t != NULL;
	return t != NULL ? t : read_own(s, "running.conf", e);
}

// Drops the commits that fell out of the history, also from disk.
static void trim(struct state *s)
{
	while (s->n_commits > STATE_HISTORY) {
		struct state_commit *last = &s->commit[s->n_commits - 1];
		char path[STATE_PATH];

		commit_path(s, last->serial, path);
		(void)unlink(path);
		commit_clear(last);
		s->n_commits--;
	}
}

static int remember(struct state *s, const struct tree *t, const char *who, struct error *e)
{
	char path[STATE_PATH], at[32], header[160];
	struct state_commit c = {.serial = s->serial + 1};
	time_t now = time(NULL);
	struct tm tm;
	char *whole = NULL;
	int len, rc;

	gmtime_r(&now, &tm);
	strftime(at, sizeof(at), "%Y-%m-%dT%H:%M:%SZ", &tm);
	snprintf(header, sizeof(header), "%s %s", at, who);
	c.header = strdup(header);
	c.text = text_write(t, true);
	if (c.header == NULL || c.text == NULL) {
		commit_clear(&c);
		return error_set(e, "out of memory");
	}
	trim(s);
	memmove(&s->commit[1], &s->commit[0], s->n_commits * sizeof(c));
	s->commit[0] = c;
	s->n_commits++;
	s->serial = c.serial;
	commit_path(s, c.serial, path);
	len = asprintf(&whole, "# commit %s\n%s", c.header, c.text);
	if (len < 0)
		return error_set(e, "out of memory");
	rc = storage_write(path, whole, (size_t)len, STATE_MODE, e);
	free(whole);
	return rc;
}

// Is it what was committed last?
static bool is_newest(const struct state *s, const struct tree *t)
{
	char *text = text_write(t, true);
	bool same = text != NULL && s->n_commits > 0 && strcmp(text, s->commit[0].text) == 0;

	free(text);
	return same;
}

int state_ahead(struct state *s, const struct tree *t, struct error *e)
{
	return write_own(s, "next.conf", t, e);
}

void state_ahead_end(struct state *s)
{
	char path[STATE_PATH];

	state_path(s, "next.conf", path);
	(void)unlink(path);
}

// A rename needs no room. False when nothing was written ahead.
static bool ahead_in_force(struct state *s)
{
	char next[STATE_PATH], path[STATE_PATH];

	state_path(s, "next.conf", next);
	state_path(s, "running.conf", path);
	return storage_rename(next, path) == 0;
}

int state_ran(
        struct state *s, struct tree *t, const char *who, bool keep_candidate, struct error *e)
{
	struct tree *candidate = keep_candidate ? NULL : tree_copy(t);
	int rc = 0;

	if (candidate != NULL) {
		tree_destroy(s->candidate);
		s->candidate = candidate;
		s->editor[0] = '\0';
	}
	tree_destroy(s->running);
	s->running = t;
	s->dirty = true;
	if (who != NULL || !is_newest(s, t))
		rc = remember(s, t, who != NULL ? who : "boot", e);
	if (ahead_in_force(s))
		return rc;
	return write_own(s, "running.conf", t, rc == 0 ? e : NULL) != 0 ? -1 : rc;
}

int state_confirm_begin(struct state *s, struct error *e)
{
	return write_own(s, "confirm.conf", s->running, e);
}

void state_confirm_end(struct state *s)
{
	char path[STATE_PATH];

	state_path(s, "confirm.conf", path);
	(void)unlink(path);
}

struct tree *state_confirm_tree(struct state *s, struct error *e)
{
	return read_own(s, "confirm.conf", e);
}

int state_set(struct state *s, const struct str *words, unsigned n, struct error *e)
{
	s->dirty = true;
	return tree_set(s->candidate, words, n, e);
}

int state_delete(struct state *s, const struct str *words, unsigned n, struct error *e)
{
	s->dirty = true;
	return tree_delete(s->candidate, words, n, e);
}

static int replace_candidate(struct state *s, struct tree *t, struct error *e)
{
	if (t == NULL)
		return error_set(e, "out of memory");
	tree_destroy(s->candidate);
	s->candidate = t;
	s->dirty = true;
	return 0;
}

int state_discard(struct state *s, struct error *e)
{
	int rc = replace_candidate(s, tree_copy(s->running), e);

	if (rc == 0)
		s->editor[0] = '\0';
	return rc;
}

int state_rollback(struct state *s, unsigned n, struct error *e)
{
	struct tree *t;

	if (n == 0)
		return state_discard(s, e);
	if (n >= s->n_commits)
		return error_set(e, "there are only %u commits to go back to",
		        s->n_commits > 0 ? s->n_commits - 1 : 0);
	t = state_parse(s->commit[n].text, strlen(s->commit[n].text), NULL, e);
	return t == NULL ? -1 : replace_candidate(s, t, e);
}

bool state_differs(struct state *s)
{
	s->dirty = s->dirty && !diff_equal(s->running, s->candidate);
	return s->dirty;
}

const char *state_edit(struct state *s, const char *who, char *other, size_t room)
{
	const char *was = NULL;

	if (s->editor[0] != '\0' && strcmp(s->editor, who) != 0 && state_differs(s)) {
		snprintf(other, room, "%s", s->editor);
		was = other;
	}
	snprintf(s->editor, sizeof(s->editor), "%s", who);
	return was;
}

void state_edit_end(struct state *s, const char *who)
{
	if (strcmp(s->editor, who) == 0)
		s->editor[0] = '\0';
}

int state_save(struct state *s, struct error *e)
{
	char *text = text_write(s->running, true);
	int rc;

	if (text == NULL)
		return error_set(e, "out of memory");
	rc = storage_write(s->file, text, strlen(text), 0640, e);
	free(text);
	if (rc == 0 || errno != EACCES || e == NULL)
		return rc;
	strncat(e->text, " (user spry must be allowed to write in that directory)",
	        sizeof(e->text) - strlen(e->text) - 1);
	return rc;
}
