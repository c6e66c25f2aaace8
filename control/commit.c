// A commit, from tree to acknowledged: see commit.h.
#include "control/commit.h"

#include <stdio.h>
#include <stdlib.h>

#include "config/check.h"
#include "config/diff.h"
#include "control/build.h"
#include "control/compile.h"
#include "dataplane/base/now.h"

// How long the dataplane may take to agree.
enum { ANSWER_S = 5, RESTART_S = 20 };

struct commit {
	struct tree *tree;       // to run; NULL when it does
	struct compile *compile; // under way
	struct user_list users;
	char note[1024]; // for the operator, when it is done
	char who[64];    // empty at boot
	unsigned confirm_s;
	bool marked;         // state_confirm_begin was for this one
	bool restarts;       // the dataplane has to restart for it
	commit_done_fn done; // NULL = none is under way
	void *arg;
	struct event *confirm; // pending: what ran before comes back
	uint64_t confirm_ns;
};

static enum log_level level_of(const struct tree *t)
{
	static const struct {
		const char *word;
		enum log_level level;
	} levels[] = {
	        {"error", LOG_LEVEL_ERROR},
	        {"warning", LOG_LEVEL_WARNING},
	        {"debug", LOG_LEVEL_DEBUG},
	};
	const struct node *n = node_child(tree_root(t), "log", NULL);
	const char *word = n != NULL ? node_value(n, "level") : NULL;

	for (size_t i = 0; word != NULL && i < sizeof(levels) / sizeof(levels[0]); i++)
		if (strcmp(word, levels[i].word) == 0)
			return levels[i].level;
	return LOG_LEVEL_INFO;
}

static void finish(struct control *c, bool ok, const char *text)
{
	struct commit *m = c->commit;
	commit_done_fn done = m->done;

	if (!ok) {
		tree_destroy(m->tree);
		state_ahead_end(&c->state);
		if (m->marked)
			state_confirm_end(&c->state);
	}
	user_list_clear(&m->users);
	m->marked = false;
	m->tree = NULL;
	m->done = NULL;
	done(m->arg, ok, text);
}

static void confirm_set(struct control *c, unsigned seconds)
{
	struct timeval at = {(time_t)seconds, 0};

	c->commit->confirm_ns = now_ns() + seconds * 1000000000ull;
	evtimer_add(c->commit->confirm, &at);
}

static void on_users(void *arg, const char *note)
{
	struct control *c = arg;
	struct commit *m = c->commit;
	size_t len = strlen(m->note);

	snprintf(m->note + len, sizeof(m->note) - len, "%s", note);
	finish(c, true, m->note);
}

// It runs.
static void settled(struct control *c, const char *note)
{
	struct commit *m = c->commit;
	bool boot = m->who[0] == '\0', edited;
	struct error e = {0};
	char *text = m->note;
	int rc;

	kernel_finish(&c->kernel);
	if (m->confirm_s > 0)
		confirm_set(c, m->confirm_s);
	if (c->log_level == 0)
		log_init("spryd", level_of(m->tree));
	// Going back by itself leaves alone what somebody is editing.
	edited = m->arg == NULL && !boot && state_differs(&c->state);
	snprintf(text, sizeof(m->note), "%s%s", note,
	        m->restarts ? "the dataplane was restarted for this\n" : "");
	rc = state_ran(&c->state, m->tree, boot ? NULL : m->who, edited, &e);
	if (rc != 0)
		snprintf(text + strlen(text), sizeof(m->note) - strlen(text),
		        "it runs, but could not be written down: %s\n", e.text);
	if (!boot)
		log_info("commit %llu by %s", (unsigned long long)c->state.serial, m->who);
	// Only now: a crash before this goes back to what was confirmed. So does one after going
	// back could not be written down.
	if (m->confirm_s == 0 && (rc == 0 || m->arg != NULL))
		commit_confirm(c);
	mirror_refresh(c->mirror);
	// A boot does not wait for millions of users.
	m->tree = NULL;
	users_set(c->users, &m->users, boot ? NULL : on_users, c);
	if (boot)
		finish(c, true, text);
}

static void on_published(void *arg, enum publish_result result, const char *why)
{
	struct control *c = arg;
	struct error e = {0};
	char text[640];

	if (result == PUBLISH_ACKNOWLEDGED || result == PUBLISH_ALONE) {
		settled(c, result == PUBLISH_ALONE && c->commit->who[0] != '\0'
		                   ? "no dataplane runs: it will start with this\n"
		                   : "");
		return;
	}
	if (c->commit->who[0] == '\0') {
		// At boot there is nothing to go back to: the dataplane takes it up when it can.
		log_error("the dataplane does not take up the configuration: %s", why);
		settled(c, "");
		return;
	}
	if (publish_back(&c->publish, ROOT_CONFIG, &e) != 0)
		log_error("cannot publish the configuration before: %s", e.text);
	kernel_undo(&c->kernel);
	snprintf(text, sizeof(text), "the dataplane refused it, nothing has changed: %s", why);
	log_warning("commit by %s: %s", c->commit->who, text);
	finish(c, false, text);
}

// What a crash has to find is written before anybody runs it; what could not is a refused commit.
// At boot there is nothing to refuse.
static int write_ahead(struct control *c, struct error *e)
{
	struct commit *m = c->commit;

	if (m->who[0] == '\0')
		return 0;
	if (state_ahead(&c->state, m->tree, e) != 0)
		return m->arg == NULL ? 0 : -1; // going back by itself must not fail
	if (m->confirm_s == 0 || commit_confirm_left(c) > 0)
		return 0;
	m->marked = true;
	return state_confirm_begin(&c->state, e);
}

static int prepare(struct control *c, struct error *e)
{
	struct commit *m = c->commit;
	const bool boot = m->who[0] == '\0';
	struct table_builder b;
	struct plan plan;
	int rc;

	// What ran before must run again, at boot and when nobody confirmed.
	if (check(m->tree, e) != 0 ||
	        user_list_read(&m->users, m->tree, boot || m->arg == NULL, e) != 0 ||
	        plan_make(&plan, m->tree, e) != 0)
		return -1;
	table_begin(&b, c->publish.chain[ROOT_CONFIG].key);
	if (build_config(m->tree, c->keys, c->n_keys, &b, e) != 0) {
		plan_clear(&plan);
		return -1;
	}
	if (write_ahead(c, e) != 0) {
		plan_clear(&plan);
		table_abandon(&b);
		return -1;
	}
	if (kernel_prepare(&c->kernel, &plan, e) != 0) {
		table_abandon(&b);
		return -1;
	}
	c->publish.timeout_ns = (m->restarts ? RESTART_S : ANSWER_S) * 1000000000ull;
	rc = publish_offer(&c->publish, ROOT_CONFIG, &b, on_published, c, e);
	if (rc < 0)
		kernel_undo(&c->kernel);
	return rc;
}

static void go_on(struct control *c)
{
	struct error e = {0};
	int rc = prepare(c, &e);

	if (rc < 0)
		finish(c, false, e.text);
	else if (rc == 0)
		settled(c, "");
}

static void on_compiled(void *arg)
{
	struct control *c = arg;

	compile_end(c->commit->compile);
	c->commit->compile = NULL;
	go_on(c);
}

void commit_start(struct control *c, struct tree *t, const char *who, unsigned confirm_s,
        commit_done_fn done, void *arg)
{
	struct commit *m = c->commit;
	struct error ignored = {0};

	if (m->done != NULL || publish_in_flight(&c->publish, ROOT_CONFIG)) {
		tree_destroy(t);
		done(arg, false, "another commit is under way");
		return;
	}
	m->tree = t;
	m->confirm_s = confirm_s;
	m->done = done;
	m->arg = arg;
	snprintf(m->who, sizeof(m->who), "%s", who != NULL ? who : "");
	m->restarts = c->state.running != NULL && publish_dataplane_lives(&c->publish) &&
	              diff_needs_restart(c->state.running, t);
	// (Nothing of a tree with faults is compiled: prepare says what they are.)
	if (check(t, &ignored) == 0)
		m->compile = compile_start(c->base, t, on_compiled, c);
	if (m->compile == NULL)
		go_on(c);
}

static void on_rolled_back(void *arg, bool ok, const char *text)
{
	(void)arg;
	if (!ok)
		log_error("commit confirmed: cannot go back: %s", text);
}

// Nobody confirmed.
static void on_confirm(evutil_socket_t fd, short what, void *arg)
{
	struct control *c = arg;
	struct timeval later = {1, 0};
	struct error e = {0};
	struct tree *t;

	(void)fd, (void)what;
	if (c->commit->done != NULL) { // one is under way: it may be the confirmation
		evtimer_add(c->commit->confirm, &later);
		return;
	}
	t = state_confirm_tree(&c->state, &e);
	if (t == NULL) {
		log_error("commit confirmed: cannot go back: %s", e.text);
		return;
	}
	log_warning("commit confirmed: nobody confirmed, going back");
	commit_start(c, t, "spryd (not confirmed)", 0, on_rolled_back, NULL);
}

unsigned commit_confirm_left(const struct control *c)
{
	uint64_t now = now_ns();

	if (!evtimer_pending(c->commit->confirm, NULL))
		return 0;
	return c->commit->confirm_ns <= now
	               ? 1
	               : (unsigned)((c->commit->confirm_ns - now) / 1000000000ull) + 1;
}

void commit_confirm(struct control *c)
{
	evtimer_del(c->commit->confirm);
	state_confirm_end(&c->state);
}

int commit_init(struct control *c, struct error *e)
{
	c->commit = calloc(1, sizeof(*c->commit));
	if (c->commit != NULL)
		c->commit->confirm = evtimer_new(c->base, on_confirm, c);
	if (c->commit == NULL || c->commit->confirm == NULL)
		return error_set(e, "out of memory");
	return 0;
}

void commit_fini(struct control *c)
{
	if (c->commit == NULL)
		return;
	if (c->commit->confirm != NULL)
		event_free(c->commit->confirm);
	compile_end(c->commit->compile);
	tree_destroy(c->commit->tree);
	user_list_clear(&c->commit->users);
	free(c->commit);
	c->commit = NULL;
}
