// Which nonce counts were used: see window.h.
#include "dataplane/live/window.h"

static bool take_count(struct window_nonce *n, const struct window_use *u)
{
	uint32_t ahead = u->count - n->highest, behind = n->highest - u->count;

	if (u->count > n->highest) {
		n->seen = ahead < WINDOW_COUNTS ? n->seen << ahead | 1 : 1;
		n->highest = u->count;
		n->request = u->request;
		n->at_ms = u->now_ms;
		return true;
	}
	if (behind == 0)
		return n->request == u->request && u->now_ms - n->at_ms <= WINDOW_REPEAT_MS;
	if (behind >= WINDOW_COUNTS || (n->seen >> behind & 1) != 0)
		return false;
	n->seen |= 1ull << behind;
	return true;
}

bool window_take(struct window *w, const struct window_use *u)
{
	const uint64_t at = u->tag & (WINDOW_SETS - 1);
	struct window_nonce *nonce = w->set[at].nonce, *worst = nonce;

	for (unsigned i = 0; i < WINDOW_WAYS; i++) {
		if (nonce[i].tag == u->tag && nonce[i].made_ms == u->made_ms)
			return take_count(&nonce[i], u);
		if (nonce[i].made_ms < worst->made_ms)
			worst = &nonce[i];
	}
	if (u->made_ms <= w->set[at].forgotten_ms)
		return false;
	if (worst->tag != 0 && worst->made_ms >= u->oldest_ms)
		w->set[at].forgotten_ms = worst->made_ms;
	*worst = (struct window_nonce){.tag = u->tag, .made_ms = u->made_ms};
	return take_count(worst, u);
}
