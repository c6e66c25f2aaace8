// Commands that change the candidate or make it run: set, delete, diff, discard, commit, rollback,
// save.
#include "control/change.h"

#include <stdlib.h>

#include "config/diff.h"
#include "control/commit.h"

// One candidate for all: an operator should know of the other.
static void note_other(struct command_call *call)
{
	char other[64];

	if (state_edit(&call->control->state, call->who, other, sizeof(other)) != NULL)
		evbuffer_add_printf(
		        call->out, "note: the candidate has uncommitted changes by %s\n", other);
}

// tree.h counts words, an operator columns: command_fail_at knows where words are.
static enum command_end edited(struct command_call *call, int rc, struct error *e)
{
	unsigned word = e->column > 0 ? (unsigned)e->column - 1 : 0;

	if (rc == 0)
		note_other(call);
	return rc == 0 ? COMMAND_DONE : command_fail_at(call, word, "%s", e->text);
}

enum command_end change_set(struct command_call *call)
{
	struct error e = {0};
	int rc = state_set(&call->control->state, call->words, call->n_words, &e);

	return edited(call, rc, &e);
}

enum command_end change_delete(struct command_call *call)
{
	struct error e = {0};
	int rc = state_delete(&call->control->state, call->words, call->n_words, &e);

	return edited(call, rc, &e);
}

enum command_end change_diff(struct command_call *call)
{
	struct state *s = &call->control->state;
	char *text = diff_text(s->running, s->candidate);

	if (text == NULL)
		return command_fail(call, "out of memory");
	evbuffer_add(call->out, text, strlen(text));
	free(text);
	return COMMAND_DONE;
}

enum command_end change_discard(struct command_call *call)
{
	struct error e = {0};

	return state_discard(&call->control->state, &e) == 0 ? COMMAND_DONE
	                                                     : command_fail(call, "%s", e.text);
}

static void on_committed(void *arg, bool ok, const char *text)
{
	struct command_call *call = arg;

	if (ok)
		evbuffer_add(call->out, text, strlen(text));
	else
		command_fail(call, "%s", text);
	call->ended = true;
	call->finished(call);
}

static enum command_end commit_candidate(struct command_call *call, unsigned confirm_s)
{
	struct control *c = call->control;
	struct tree *t;

	if (!state_differs(&c->state) && confirm_s == 0) {
		evbuffer_add_printf(
		        call->out, "%s\n", commit_confirm_left(c) > 0 ? "confirmed" : "no changes");
		commit_confirm(c);
		return COMMAND_DONE;
	}
	t = tree_copy(c->state.candidate);
	if (t == NULL)
		return command_fail(call, "out of memory");
	call->ended = false;
	commit_start(c, t, call->who, confirm_s, on_committed, call);
	return COMMAND_WAIT;
}

enum command_end change_commit(struct command_call *call)
{
	if (call->n_words > 0)
		return command_fail_at(call, 0, "expected nothing more, or \"confirmed\"");
	return commit_candidate(call, 0);
}

// "10" minutes, "30s" seconds.
static bool duration(struct str word, unsigned *seconds)
{
	bool in_seconds = word.len > 1 && word.p[word.len - 1] == 's';
	uint64_t n;

	if (in_seconds)
		word.len--;
	if (!str_decimal(word, in_seconds ? 65535 * 60 : 65535, &n) || n == 0)
		return false;
	*seconds = (unsigned)(in_seconds ? n : 60 * n);
	return true;
}

enum command_end change_commit_confirmed(struct command_call *call)
{
	unsigned seconds;

	if (call->n_words != 1 || !duration(call->words[0], &seconds))
		return command_fail_at(
		        call, 0, "expected minutes from 1 to 65535, or seconds as 30s");
	evbuffer_add_printf(call->out, "goes back in %u s unless another commit comes\n", seconds);
	return commit_candidate(call, seconds);
}

enum command_end change_rollback(struct command_call *call)
{
	struct error e = {0};
	uint64_t n;

	if (call->n_words != 1 || !str_decimal(call->words[0], STATE_HISTORY, &n))
		return command_fail_at(
		        call, 0, "expected a number of commits from 0 to %d", STATE_HISTORY);
	if (state_rollback(&call->control->state, (unsigned)n, &e) != 0)
		return command_fail(call, "%s", e.text);
	note_other(call);
	evbuffer_add_printf(call->out,
	        "candidate is what ran %llu commits ago; commit makes it run\n",
	        (unsigned long long)n);
	return COMMAND_DONE;
}

enum command_end change_save(struct command_call *call)
{
	struct control *c = call->control;
	struct error e = {0};

	if (commit_confirm_left(c) > 0)
		return command_fail(call, "the commit waits to be confirmed: commit first");
	if (state_save(&c->state, &e) != 0)
		return command_fail(call, "%s", e.text);
	evbuffer_add_printf(call->out, "saved to %s%s\n", c->state.file,
	        state_differs(&c->state) ? " (without the changes that are not committed)" : "");
	return COMMAND_DONE;
}
