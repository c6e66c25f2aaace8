// The part of `show worker` that tells how work gets to a worker: which share its queues bring
// (what receive side scaling of the ports gives it), how busy that makes it, and what it hands to
// others.
#include "control/show.h"

#include "dataplane/table/setup.h"

static uint64_t from_queues(const struct stats *s)
{
	return s->received + s->count[STATS_STEERED_OUT] - s->count[STATS_STEERED_IN] -
	       s->count[STATS_INJECTED];
}

static double share_of(uint64_t part, uint64_t all)
{
	return all == 0 ? 0 : (double)part / (double)all;
}

static const char *mode_of(const struct root_worker *w)
{
	static const char *const name[] = {"off", "auto", "on"};

	return w->steer < sizeof(name) / sizeof(name[0]) ? name[w->steer] : "?";
}

static const char *state_of(const struct root_worker *w)
{
	static const char *const name[] = {"not needed", "spreading", "ending"};

	return w->steer == SETUP_STEER_OFF                       ? "off"
	       : w->steer_state < sizeof(name) / sizeof(name[0]) ? name[w->steer_state]
	                                                         : "?";
}

static uint64_t lost(const struct stats *s)
{
	return s->way[WAY_DROPPED][VERDICT_STEER_FULL];
}

void show_steer_json(
        struct command_call *call, unsigned worker, const struct stats *s, const struct stats *all)
{
	const struct root_worker *w = &call->control->region.root->worker[worker];

	evbuffer_add_printf(call->out,
	        "\"queue_share\": %.4f, \"busy\": %.3f, \"steer\": {\"mode\": \"%s\", "
	        "\"state\": \"%s\", \"away\": %.3f, \"out\": %llu, \"in\": %llu, \"full\": %llu, "
	        "\"moved\": %llu}",
	        share_of(from_queues(s), from_queues(all)), w->busy / 1000.0, mode_of(w),
	        state_of(w), w->steer_away / 1024.0,
	        (unsigned long long)s->count[STATS_STEERED_OUT],
	        (unsigned long long)s->count[STATS_STEERED_IN], (unsigned long long)lost(s),
	        (unsigned long long)s->count[STATS_STEER_MOVED]);
}

void show_steer_text(
        struct command_call *call, unsigned worker, const struct stats *s, const struct stats *all)
{
	const struct root_worker *w = &call->control->region.root->worker[worker];

	evbuffer_add_printf(call->out, "  queues   %.1f %% of what the ports brought",
	        100 * share_of(from_queues(s), from_queues(all)));
	if (w->steer == SETUP_STEER_OFF) {
		evbuffer_add_printf(call->out, "\n");
		return;
	}
	evbuffer_add_printf(call->out,
	        ", busy %.1f %%\n  steer    %s, %s: %.1f %% of its Call-IDs to others; "
	        "%llu out, %llu in, %llu lost, %llu moves\n",
	        w->busy / 10.0, mode_of(w), state_of(w), 100 * w->steer_away / 1024.0,
	        (unsigned long long)s->count[STATS_STEERED_OUT],
	        (unsigned long long)s->count[STATS_STEERED_IN], (unsigned long long)lost(s),
	        (unsigned long long)s->count[STATS_STEER_MOVED]);
}

// What a port's device offers for choosing a queue.
static const char *rss_of(const struct root_port *p)
{
	if (p->n_queues < 2)
		return "one queue";
	switch (p->rss) {
	case ROOT_RSS_PORTS:
		return "addresses and ports";
	case ROOT_RSS_ADDRESSES:
		return "addresses";
	default:
		return "as the driver likes";
	}
}

void show_steer_ports(struct command_call *call)
{
	const struct root *root = call->control->region.root;
	const uint32_t n = atomic_load(&root->n_ports);

	if (call->json)
		evbuffer_add_printf(call->out, ", \"ports\": [");
	for (uint32_t i = 0; i < n && i < ROOT_PORTS_MAX; i++) {
		const struct root_port p = root->port[i];

		if (call->json)
			evbuffer_add_printf(call->out,
			        "%s\n  {\"port\": \"%.31s\", \"queues\": %u, \"queue_by\": \"%s\"}",
			        i == 0 ? "" : ",", p.name, p.n_queues, rss_of(&p));
		else
			evbuffer_add_printf(call->out, "port %.31s  %u queues by %s\n", p.name,
			        p.n_queues, rss_of(&p));
	}
	if (call->json)
		evbuffer_add_printf(call->out, "]");
}
