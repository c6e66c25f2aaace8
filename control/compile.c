// A thread that builds patterns: see compile.h. It fills what build_pattern.c keeps; the build that
// follows finds it there, and says what was wrong with it.
#include "control/compile.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "control/build_policy.h"

struct compile {
	pthread_t thread;
	const struct tree *tree;
	int fd; // written when the thread is done
	struct event *event;
	void (*done)(void *arg);
	void *arg;
};

static void *run(void *arg)
{
	struct compile *c = arg;
	const uint64_t one = 1;

	build_policy_compile(tree_root(c->tree));
	while (write(c->fd, &one, sizeof(one)) < 0) // can only be interrupted
		;
	return NULL;
}

static void on_done(evutil_socket_t fd, short what, void *arg)
{
	struct compile *c = arg;

	(void)fd, (void)what;
	c->done(c->arg);
}

struct compile *compile_start(
        struct event_base *base, const struct tree *t, void (*done)(void *arg), void *arg)
{
	struct compile *c;

	if (!build_policy_is_slow(tree_root(t)))
		return NULL;
	c = calloc(1, sizeof(*c));
	if (c == NULL)
		return NULL;
	c->tree = t;
	c->done = done;
	c->arg = arg;
	c->fd = eventfd(0, EFD_CLOEXEC);
	if (c->fd >= 0)
		c->event = event_new(base, c->fd, EV_READ, on_done, c);
	if (c->event != NULL && event_add(c->event, NULL) == 0 &&
	        pthread_create(&c->thread, NULL, run, c) == 0)
		return c;
	if (c->event != NULL)
		event_free(c->event);
	if (c->fd >= 0)
		close(c->fd);
	free(c);
	return NULL;
}

void compile_end(struct compile *c)
{
	if (c == NULL)
		return;
	pthread_join(c->thread, NULL);
	event_free(c->event);
	close(c->fd);
	free(c);
}
