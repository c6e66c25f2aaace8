// Clients on the Unix socket: see client.h.
#include "control/client.h"

#include <errno.h>
#include <event2/bufferevent.h>
#include <event2/listener.h>
#include <grp.h>
#include <jansson.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "control/command.h"
#include "control/listing.h"
#include "dataplane/base/now.h"

#define TURN_NS 2000000ull // then the loop has other work too

enum {
	CLIENTS_MAX = 64,
	CLIENT_LINE_MAX = 64 << 10,
	CLIENT_OUT_FULL = 256 << 10, // unsent: a listing stops here until the client reads
	CLIENT_OUT_LOW = 32 << 10,
	CLIENT_TEXT_MAX = 16 << 10, // of one {"text"}
};

struct client {
	struct client_list *list;
	struct client *next;
	struct bufferevent *bev; // NULL: gone, a command of it is still under way
	struct event *turn;      // a command that writes little goes on in the next
	char who[64];
	bool busy;    // a command is under way: the next line waits
	bool more;    // it goes on when the output went, or in the next turn
	bool skip;    // the rest of a line that is too long, up to its end
	bool prompts; // it asked whether the candidate differs
	struct command_call call;
};

struct client_list {
	struct control *control;
	struct evconnlistener *listener;
	struct client *first;
	unsigned n;
	char path[108];
};

static void client_free(struct client *cl)
{
	struct client **at = &cl->list->first;

	while (*at != cl)
		at = &(*at)->next;
	*at = cl->next;
	cl->list->n--;
	if (cl->bev != NULL)
		bufferevent_free(cl->bev);
	event_free(cl->turn);
	evbuffer_free(cl->call.out);
	free(cl);
}

// The connection ended. A commit under way still ends properly: its call lives in the client.
static void client_gone(struct client *cl)
{
	state_edit_end(&cl->list->control->state, cl->who);
	if (!cl->busy || cl->more) {
		client_free(cl);
		return;
	}
	bufferevent_free(cl->bev);
	cl->bev = NULL;
}

// What the command wrote, as {"text"} lines.
static void flush_text(struct client *cl)
{
	struct evbuffer *out = bufferevent_get_output(cl->bev);
	char piece[CLIENT_TEXT_MAX];
	int n;

	while ((n = evbuffer_remove(cl->call.out, piece, sizeof(piece))) > 0) {
		evbuffer_add_printf(out, "{\"text\": ");
		listing_json_string(out, piece, (size_t)n);
		evbuffer_add(out, "}\n", 2);
	}
}

static void end_command(struct client *cl)
{
	struct evbuffer *out = bufferevent_get_output(cl->bev);
	const struct error *e = &cl->call.error;

	flush_text(cl);
	if (cl->call.status != 0) {
		evbuffer_add_printf(out, "{\"error\": ");
		listing_json_string(out, e->text, strlen(e->text));
		evbuffer_add_printf(out, ", \"column\": %d}\n", e->column);
	}
	// (For who asks only: a long script would compare what it has set so far after each line.)
	if (cl->prompts)
		evbuffer_add_printf(out, "{\"done\": %d, \"differs\": %s}\n", cl->call.status,
		        state_differs(&cl->list->control->state) ? "true" : "false");
	else
		evbuffer_add_printf(out, "{\"done\": %d}\n", cl->call.status);
	cl->busy = cl->more = false;
}

static void read_lines(struct client *cl);

// A command that waited is finished (a commit).
static void on_finished(struct command_call *call)
{
	struct client *cl = (struct client *)((char *)call - offsetof(struct client, call));

	if (!cl->busy)
		return; // within command_run: the caller sees call->ended
	if (cl->bev == NULL) {
		client_free(cl);
		return;
	}
	end_command(cl);
	read_lines(cl);
}

// Goes on with a command until it ends, waits, the client has enough to read, or others want their
// turn: who looks for what is not there writes nothing, and goes through all bindings.
static void proceed(struct client *cl, enum command_end end)
{
	struct evbuffer *out = bufferevent_get_output(cl->bev);
	const uint64_t until_ns = now_ns() + TURN_NS;

	for (;;) {
		flush_text(cl);
		if (end == COMMAND_DONE || (end == COMMAND_WAIT && cl->call.ended)) {
			end_command(cl);
			return;
		}
		cl->busy = true;
		cl->more = end == COMMAND_MORE;
		if (end == COMMAND_WAIT || evbuffer_get_length(out) > CLIENT_OUT_FULL)
			return;
		if (now_ns() > until_ns) {
			(void)event_add(cl->turn, &(struct timeval){0, 0});
			return;
		}
		end = command_more(&cl->call);
	}
}

static void found(void *arg, const char *word, const char *help, bool placeholder)
{
	struct evbuffer *out = arg;

	evbuffer_add_printf(out, "{\"word\": ");
	listing_json_string(out, word, strlen(word));
	evbuffer_add_printf(out, ", \"help\": ");
	listing_json_string(out, help, strlen(help));
	evbuffer_add_printf(out, ", \"placeholder\": %s}\n", placeholder ? "true" : "false");
}

static void complain(struct client *cl, const char *text)
{
	evbuffer_add_printf(bufferevent_get_output(cl->bev),
	        "{\"error\": \"%s\", \"column\": 0}\n{\"done\": 1}\n", text);
}

static void request(struct client *cl, const char *text, size_t len)
{
	struct evbuffer *out = bufferevent_get_output(cl->bev);
	json_t *r = json_loadb(text, len, 0, NULL);
	const char *line = json_string_value(json_object_get(r, "line"));
	const char *partial = json_string_value(json_object_get(r, "complete"));
	const char *format = json_string_value(json_object_get(r, "format"));

	if (line != NULL) {
		cl->call.json = format != NULL && strcmp(format, "json") == 0;
		cl->call.ended = false;
		cl->prompts = json_is_true(json_object_get(r, "differs"));
		proceed(cl, command_run(&cl->call, str_of(line)));
	} else if (partial != NULL) {
		int from = command_complete(cl->list->control, str_of(partial), found, out);

		evbuffer_add_printf(out, "{\"done\": 0, \"from\": %d}\n", from);
	} else {
		complain(cl, "expected an object with line or complete");
	}
	json_decref(r);
}

static void read_lines(struct client *cl)
{
	struct evbuffer *in = bufferevent_get_input(cl->bev);
	struct evbuffer *out = bufferevent_get_output(cl->bev);
	size_t len;
	char *line;

	while (!cl->busy && evbuffer_get_length(out) <= CLIENT_OUT_FULL) {
		line = evbuffer_readln(in, &len, EVBUFFER_EOL_LF);
		if (line == NULL) {
			if (!cl->skip && evbuffer_get_length(in) < CLIENT_LINE_MAX)
				return;
			if (!cl->skip) // one answer a line, or the client would mistake later ones
				complain(cl, "line too long");
			cl->skip = true;
			evbuffer_drain(in, evbuffer_get_length(in));
			return;
		}
		if (!cl->skip)
			request(cl, line, len);
		cl->skip = false;
		free(line);
	}
}

static void on_read(struct bufferevent *bev, void *arg)
{
	(void)bev;
	read_lines(arg);
}

static void go_on(struct client *cl)
{
	if (cl->more)
		proceed(cl, command_more(&cl->call));
	if (!cl->busy)
		read_lines(cl);
}

// The client has read: more of the listing, or the next line.
static void on_write(struct bufferevent *bev, void *arg)
{
	struct client *cl = arg;

	(void)bev;
	// (What waits for its turn gets that anyway.)
	if (!event_pending(cl->turn, EV_TIMEOUT, NULL))
		go_on(cl);
}

static void on_turn(evutil_socket_t fd, short what, void *arg)
{
	(void)fd, (void)what;
	go_on(arg);
}

static void on_event(struct bufferevent *bev, short what, void *arg)
{
	(void)bev;
	if ((what & (BEV_EVENT_EOF | BEV_EVENT_ERROR)) != 0)
		client_gone(arg);
}

static void name_peer(int fd, char *who, size_t room)
{
	struct ucred cred = {.uid = (uid_t)-1};
	socklen_t len = sizeof(cred);
	struct passwd pw, *found_pw = NULL;
	char names[1024];

	(void)getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len);
	(void)getpwuid_r(cred.uid, &pw, names, sizeof(names), &found_pw);
	snprintf(who, room, "%.20s (uid %u, pid %d)", found_pw != NULL ? pw.pw_name : "?", cred.uid,
	        (int)cred.pid);
}

static void on_accept(
        struct evconnlistener *l, evutil_socket_t fd, struct sockaddr *sa, int sa_len, void *arg)
{
	struct client_list *list = arg;
	struct client *cl = list->n < CLIENTS_MAX ? calloc(1, sizeof(*cl)) : NULL;

	(void)l, (void)sa, (void)sa_len;
	if (cl != NULL) {
		cl->call.out = evbuffer_new();
		cl->turn = event_new(list->control->base, -1, 0, on_turn, cl);
		cl->bev = bufferevent_socket_new(list->control->base, fd, BEV_OPT_CLOSE_ON_FREE);
	}
	if (cl == NULL || cl->call.out == NULL || cl->turn == NULL || cl->bev == NULL) {
		static const char full[] =
		        "{\"error\": \"too many clients\", \"column\": 0}\n{\"done\": 1}\n";

		(void)!write(fd, full, sizeof(full) - 1);
		if (cl != NULL && cl->bev != NULL)
			bufferevent_free(cl->bev);
		else
			close(fd);
		if (cl != NULL && cl->call.out != NULL)
			evbuffer_free(cl->call.out);
		if (cl != NULL && cl->turn != NULL)
			event_free(cl->turn);
		free(cl);
		return;
	}
	cl->list = list;
	cl->next = list->first;
	list->first = cl;
	list->n++;
	name_peer(fd, cl->who, sizeof(cl->who));
	cl->call.control = list->control;
	cl->call.who = cl->who;
	cl->call.finished = on_finished;
	bufferevent_setcb(cl->bev, on_read, on_write, on_event, cl);
	bufferevent_setwatermark(cl->bev, EV_READ, 0, CLIENT_LINE_MAX);
	bufferevent_setwatermark(cl->bev, EV_WRITE, CLIENT_OUT_LOW, 0);
	bufferevent_enable(cl->bev, EV_READ | EV_WRITE);
}

struct client_list *client_listen(struct control *c, const char *path, struct error *e)
{
	struct sockaddr_un sa = {.sun_family = AF_UNIX};
	struct client_list *list;
	struct group *gr;
	int fd;

	if (strlen(path) >= sizeof(sa.sun_path)) {
		error_set(e, "%s: name too long for a socket", path);
		return NULL;
	}
	memcpy(sa.sun_path, path, strlen(path));
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	(void)unlink(path); // of a killed one: the pid file says that we are alone
	if (fd < 0 || fchmod(fd, 0660) != 0 || bind(fd, (struct sockaddr *)&sa, sizeof(sa)) != 0 ||
	        chmod(path, 0660) != 0 || listen(fd, 16) != 0) {
		error_set(e, "%s: %s", path, strerror(errno));
		if (fd >= 0)
			close(fd);
		return NULL;
	}
	gr = getgrnam("spry");
	if (gr != NULL && chown(path, (uid_t)-1, gr->gr_gid) != 0)
		log_warning("%s: not for group spry: %s", path, strerror(errno));
	list = calloc(1, sizeof(*list));
	if (list != NULL) {
		list->control = c;
		memcpy(list->path, path, strlen(path) + 1);
		list->listener =
		        evconnlistener_new(c->base, on_accept, list, LEV_OPT_CLOSE_ON_FREE, 0, fd);
	}
	if (list == NULL || list->listener == NULL) {
		close(fd);
		free(list);
		error_set(e, "out of memory");
		return NULL;
	}
	return list;
}

void client_close(struct client_list *l)
{
	if (l == NULL)
		return;
	evconnlistener_free(l->listener);
	while (l->first != NULL)
		client_free(l->first);
	(void)unlink(l->path);
	free(l);
}
