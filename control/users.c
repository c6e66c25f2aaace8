// The table of users: see users.h. The loop starts the thread (begin), takes what it made
// (on_made), publishes it; one at a time.
#include "control/users.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "control/user_file.h"
#include "dataplane/base/log.h"
#include "dataplane/base/now.h"

enum { LOOK_MS = 500, PATIENCE_S = 2, AGAIN_S = 30 };

// Another file, or another state of it.
struct stamp {
	bool there;
	dev_t device;
	ino_t inode;
	off_t bytes;
	struct timespec changed;
};

enum made { MADE_NEW, MADE_SAME, MADE_KEEP, MADE_BUSY, MADE_FAILED };

// What the thread works on; the loop leaves it alone meanwhile.
struct job {
	const char *dir;
	struct region *region;
	const struct user_list *rows;
	bool had_file;    // a file that is missing now has gone
	uint64_t settled; // generation in force, 0 = none
	uint64_t next;    // number of the one to make
	struct hash_key key;
	atomic_bool stop;
	int fd; // told at the end

	struct table_builder builder;
	enum made made;
	enum user_file_state state;
	struct user_file_found found;
	uint64_t twice, image_bytes, took_ns;
	struct error error;
};

enum phase { IDLE, MAKING, PUBLISHING };

struct users {
	struct publish *publish;
	char dir[256];
	struct event *look, *made, *patience;
	int fd;
	enum phase phase;
	pthread_t thread;
	struct job job;
	struct user_list rows, next; // next: set, but not yet in a job
	bool has_next, again;        // again: to be made anew though nothing changed,
	uint64_t again_ns;           // or not before that; 0 = not
	struct stamp seen;           // of the file the last job read
	users_done_fn done;
	void *arg;
	struct users_status status;
};

static struct stamp look_at(const char *dir)
{
	struct stamp s;
	struct stat st;
	char path[300];

	memset(&s, 0, sizeof(s)); // compared byte by byte
	snprintf(path, sizeof(path), "%s/users.mdb", dir);
	if (stat(path, &st) != 0)
		return s;
	s.there = true;
	s.device = st.st_dev;
	s.inode = st.st_ino;
	s.bytes = st.st_size;
	s.changed = st.st_mtim;
	return s;
}

// The thread.

static bool add_user(void *arg, struct str name, struct str realm, const struct user_secret *s)
{
	struct job *j = arg;
	int rc = user_add(&j->builder, name, realm, s, &j->error);

	j->twice += rc > 0;
	return rc >= 0 && !atomic_load(&j->stop);
}

// Numbers and index as before make the same image, when the users are the same.
static bool same_as_before(struct job *j, const struct table_header *image)
{
	struct table_header before;

	return j->settled != 0 &&
	       region_peek_generation(j->region, ROOT_USERS, j->settled, &before, sizeof(before)) &&
	       memcmp(&before, image, sizeof(before)) == 0;
}

static enum made make_image(struct job *j)
{
	struct table_header *image;
	struct table_view view;
	enum made made = MADE_SAME;
	size_t len;

	image = table_finish(&j->builder, ROOT_USERS, j->settled, &len, &j->error);
	if (image == NULL)
		return MADE_FAILED;
	j->image_bytes = len;
	if (!same_as_before(j, image)) {
		image->generation = j->next;
		image->checksum = 0;
		image->checksum = hash_24((struct hash_key){0, 0}, image, len);
		made = table_open(&view, image, len, ROOT_USERS, &j->error) == 0 &&
		                       region_write_generation(j->region, ROOT_USERS, j->next,
		                               image, len, &j->error) == 0
		               ? MADE_NEW
		               : MADE_FAILED;
	}
	free(image);
	return made;
}

static enum made make(struct job *j)
{
	if (user_list_build(j->rows, &j->builder, &j->error) != 0)
		return MADE_FAILED;
	j->state = user_file_read(j->dir, add_user, j, &j->found, &j->error);
	if (j->builder.failed || atomic_load(&j->stop))
		return MADE_FAILED;
	if (j->state == USER_FILE_BUSY)
		return MADE_BUSY;
	if (j->state == USER_FILE_MISSING && j->had_file)
		error_set(&j->error, "%s/users.mdb is gone", j->dir);
	if (j->settled != 0 && j->state != USER_FILE_SOUND &&
	        (j->state != USER_FILE_MISSING || j->had_file))
		return MADE_KEEP;
	return make_image(j);
}

static void *run(void *arg)
{
	struct job *j = arg;
	const uint64_t one = 1, start = now_ns();
	struct table_header before;

	if (j->settled != 0 &&
	        region_peek_generation(j->region, ROOT_USERS, j->settled, &before, sizeof(before)))
		j->key = before.hash_key;
	table_begin(&j->builder, j->key);
	j->made = make(j);
	table_abandon(&j->builder);
	j->took_ns = now_ns() - start;
	while (write(j->fd, &one, sizeof(one)) < 0 && errno == EINTR)
		;
	return NULL;
}

// The loop.

static void tell(struct users *u, const char *note)
{
	users_done_fn done = u->done;

	u->done = NULL;
	evtimer_del(u->patience);
	if (done != NULL)
		done(u->arg, note);
}

static void begin(struct users *u)
{
	const struct publish_chain *ch = &u->publish->chain[ROOT_USERS];
	int rc;

	if (u->has_next) {
		user_list_clear(&u->rows);
		u->rows = u->next;
		u->has_next = false;
	}
	u->again = false;
	u->again_ns = 0;
	u->seen = look_at(u->dir);
	u->job = (struct job){.dir = u->dir,
	        .region = u->publish->region,
	        .rows = &u->rows,
	        .had_file = u->status.file > 0,
	        .settled = ch->settled,
	        .next = ch->generation + 1,
	        .key = ch->key,
	        .fd = u->fd};
	rc = pthread_create(&u->thread, NULL, run, &u->job);
	u->phase = rc == 0 ? MAKING : IDLE;
	u->again = rc != 0;
	if (rc != 0)
		log_error("users: no thread: %s", strerror(rc));
}

// Who waits for rows that came meanwhile waits for the next job.
static void ended(struct users *u, const char *note)
{
	if (u->has_next)
		begin(u);
	else
		tell(u, note);
}

// The file is as the job said, or stays the problem it is.
static void in_force(struct users *u)
{
	const struct job *j = &u->job;

	u->status.rows = u->rows.n;
	u->status.file = j->found.users;
	u->status.twice = j->twice;
	u->status.damaged = j->found.damaged;
	u->status.file_bytes = j->found.bytes;
	u->status.table_bytes = j->image_bytes;
	u->status.made_ms = j->took_ns / 1000000;
	u->status.generation = u->publish->chain[ROOT_USERS].settled;
	u->status.at_unix_s = now_unix_s();
	u->status.problem = j->error;
}

static void kept(struct users *u, const char *why)
{
	char note[600];

	if (strcmp(u->status.problem.text, why) != 0)
		log_error("users stay as they were: %s", why);
	error_set(&u->status.problem, "%s", why);
	if (u->job.made != MADE_KEEP) // of memory or disk there may be more later
		u->again_ns = now_ns() + AGAIN_S * UINT64_C(1000000000);
	snprintf(note, sizeof(note), "users stay as they were: %s\n", why);
	ended(u, note);
}

static void on_published(void *arg, enum publish_result result, const char *why)
{
	struct users *u = arg;

	u->phase = IDLE;
	if (result != PUBLISH_ACKNOWLEDGED && result != PUBLISH_ALONE) {
		publish_users_back(u->publish);
		kept(u, why);
		return;
	}
	in_force(u);
	if (u->job.error.text[0] != '\0')
		log_error("users: %s", u->job.error.text);
	log_info("users: %zu of the configuration, %llu of the file, in %llu ms", u->rows.n,
	        (unsigned long long)u->job.found.users, (unsigned long long)u->status.made_ms);
	ended(u, "");
}

static void on_made(evutil_socket_t fd, short what, void *arg)
{
	struct users *u = arg;
	uint64_t n;

	(void)what;
	if (read(fd, &n, sizeof(n)) != sizeof(n) || u->phase != MAKING)
		return;
	pthread_join(u->thread, NULL);
	u->phase = IDLE;
	if (u->job.made == MADE_NEW) {
		u->phase = PUBLISHING;
		publish_users(u->publish, u->job.next, on_published, u);
	} else if (u->job.made == MADE_SAME) {
		in_force(u);
		ended(u, "");
	} else if (u->job.made == MADE_BUSY) {
		u->again = true;
		ended(u, "users follow: `spry user` is at work\n");
	} else {
		kept(u, u->job.error.text);
	}
}

static void on_look(evutil_socket_t fd, short what, void *arg)
{
	struct users *u = arg;
	struct stamp now;

	(void)fd, (void)what;
	if (u->phase != IDLE)
		return;
	now = look_at(u->dir);
	if (u->has_next || u->again || (u->again_ns != 0 && now_ns() > u->again_ns) ||
	        memcmp(&now, &u->seen, sizeof(now)) != 0)
		begin(u);
}

static void on_patience(evutil_socket_t fd, short what, void *arg)
{
	struct users *u = arg;

	(void)fd, (void)what;
	tell(u, "users follow: their table is being made\n");
}

static bool same_rows(const struct user_list *a, const struct user_list *b)
{
	for (size_t i = 0; a->n == b->n && i < a->n; i++)
		if (strcmp(a->row[i].name, b->row[i].name) != 0 ||
		        memcmp(&a->row[i].secret, &b->row[i].secret, sizeof(a->row[i].secret)) != 0)
			return false;
	return a->n == b->n;
}

void users_set(struct users *u, struct user_list *rows, users_done_fn done, void *arg)
{
	const struct timeval patience = {PATIENCE_S, 0};

	tell(u, ""); // a commit at a time: nobody waits
	if (!u->has_next && u->status.generation != 0 && u->status.problem.text[0] == '\0' &&
	        same_rows(&u->rows, rows)) {
		user_list_clear(rows);
		if (done != NULL)
			done(arg, "");
		return;
	}
	if (u->has_next)
		user_list_clear(&u->next);
	u->next = *rows;
	*rows = (struct user_list){NULL, 0};
	u->has_next = true;
	u->done = done;
	u->arg = arg;
	evtimer_add(u->patience, &patience);
	if (u->phase == IDLE)
		begin(u);
}

void users_status(const struct users *u, struct users_status *out)
{
	*out = u->status;
	out->busy = u->phase != IDLE || u->has_next;
}

struct users *users_create(
        struct event_base *base, struct publish *publish, const char *dir, struct error *e)
{
	const struct timeval every = {0, LOOK_MS * 1000};
	struct users *u = calloc(1, sizeof(*u));

	if (u == NULL) {
		error_set(e, "out of memory");
		return NULL;
	}
	u->publish = publish;
	snprintf(u->dir, sizeof(u->dir), "%s", dir);
	u->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (u->fd >= 0)
		u->made = event_new(base, u->fd, EV_READ | EV_PERSIST, on_made, u);
	u->look = event_new(base, -1, EV_PERSIST, on_look, u);
	u->patience = evtimer_new(base, on_patience, u);
	if (u->made != NULL && u->look != NULL && u->patience != NULL &&
	        event_add(u->made, NULL) == 0 && event_add(u->look, &every) == 0)
		return u;
	error_set(e, "users: out of memory");
	users_destroy(u);
	return NULL;
}

void users_destroy(struct users *u)
{
	if (u == NULL)
		return;
	if (u->phase == MAKING) {
		atomic_store(&u->job.stop, true);
		pthread_join(u->thread, NULL);
	}
	if (u->made != NULL)
		event_free(u->made);
	if (u->look != NULL)
		event_free(u->look);
	if (u->patience != NULL)
		event_free(u->patience);
	if (u->fd >= 0)
		close(u->fd);
	user_list_clear(&u->rows);
	if (u->has_next)
		user_list_clear(&u->next);
	free(u);
}
