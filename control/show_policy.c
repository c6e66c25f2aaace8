// The show commands of policy: the rules that run, and how often they were met.
#include "control/show.h"

#include <stdlib.h>

#include "control/listing.h"
#include "dataplane/sip/method.h"
#include "dataplane/sip/transport.h"
#include "dataplane/table/acl.h"
#include "dataplane/table/leg.h"
#include "dataplane/table/limit.h"
#include "dataplane/table/pattern.h"

// Of all workers, since the last clear.
static uint64_t hits_of(struct control *c, const struct hit_ref *r)
{
	const bool cleared = c->baseline != NULL && c->baseline_boot == c->areas.boot;
	uint64_t n = 0;

	for (unsigned i = 0; i < c->areas.n; i++) {
		const uint64_t now = hits_read(c->areas.area[i]->hits, r);
		const uint64_t then = cleared ? hits_read(c->baseline[i].hits, r) : 0;

		n += now >= then ? now - then : now; // the cell was another rule's meanwhile
	}
	return n;
}

static const char *leg_name(const struct table_view *v, uint16_t id)
{
	const struct leg *l = id != LEG_NONE ? leg_by_id(v, id) : NULL;

	return l != NULL ? l->name : "";
}

// How many networks each rule is for; malloc'ed, NULL = out of memory.
static uint32_t *count_networks(const struct table_view *v)
{
	uint32_t *n = calloc((size_t)v->count[TABLE_ACL_RULES] + 1, sizeof(*n));
	const uint32_t *refs = v->rows[TABLE_ACL_REFS];

	for (uint32_t i = 0; n != NULL && i < v->count[TABLE_ACL_REFS]; i++)
		n[refs[i]]++;
	return n;
}

enum command_end show_acl(struct command_call *call)
{
	static const struct listing_column columns[] = {{"name", 20, false}, {"action", 8, false},
	        {"networks", -10, true}, {"leg", 16, false}, {"port", 12, false},
	        {"transport", 10, false}, {"hits", -14, true}};
	static const char *const action[] = {"permit", "drop", "exempt"};
	struct listing l = {.out = call->out, .json = call->json, .columns = columns, .n = 7};
	const struct table_view *v = publish_view(&call->control->publish, ROOT_CONFIG);
	const struct acl_rule *rules = v != NULL ? v->rows[TABLE_ACL_RULES] : NULL;
	uint32_t *networks = v != NULL ? count_networks(v) : NULL;

	if (v != NULL && networks == NULL)
		return command_fail(call, "out of memory");
	areas_refresh(&call->control->areas);
	listing_begin(&l, "acl");
	for (uint32_t i = 0; v != NULL && i < v->count[TABLE_ACL_RULES]; i++) {
		const struct acl_rule *r = &rules[i];
		char ports[16] = "";

		if (r->first_port > 0 || r->last_port < UINT16_MAX)
			snprintf(ports, sizeof(ports),
			        r->first_port < r->last_port ? "%u-%u" : "%u", r->first_port,
			        r->last_port);
		listing_row(&l, "%.*s\t%s\t%u\t%s\t%s\t%.*s\t%llu", STR_ARG(acl_name(v, r)),
		        action[r->action], networks[i], leg_name(v, r->leg), ports,
		        STR_ARG(transport_name((enum transport)r->transport)),
		        (unsigned long long)hits_of(call->control, &r->hit));
	}
	free(networks);
	listing_end(&l);
	return COMMAND_DONE;
}

// "INVITE,MESSAGE"; empty = all it may count.
static void methods_text(const struct limit *l, char *out, size_t room)
{
	size_t at = 0;

	out[0] = '\0';
	if ((l->methods & 1u << METHOD_OTHER) != 0)
		return;
	for (unsigned m = METHOD_OTHER + 1; m < METHOD_COUNT && at < room; m++) {
		if ((l->methods >> m & 1) != 0)
			at += (size_t)snprintf(out + at, room - at, "%s%.*s", at > 0 ? "," : "",
			        STR_ARG(method_name((enum method)m)));
	}
}

enum command_end show_limit(struct command_call *call)
{
	static const struct listing_column columns[] = {{"name", 20, false}, {"by", 8, false},
	        {"method", 24, false}, {"leg", 16, false}, {"rate", -10, true}, {"per", 8, false},
	        {"burst", -10, true}, {"status", -6, true}, {"refused", -14, true},
	        {"applies", 14, false}};
	static const char *const by[] = {"source", "from", "to", "uri", "leg", "all"};
	struct listing l = {.out = call->out, .json = call->json, .columns = columns, .n = 10};
	const struct table_view *v = publish_view(&call->control->publish, ROOT_CONFIG);
	const struct limit *limits = v != NULL ? v->rows[TABLE_LIMITS] : NULL;

	areas_refresh(&call->control->areas);
	listing_begin(&l, "limits");
	for (uint32_t i = 0; v != NULL && i < v->count[TABLE_LIMITS]; i++) {
		const struct limit *r = &limits[i];
		char methods[100], status[8] = "";

		methods_text(r, methods, sizeof(methods));
		if (r->status != 0)
			snprintf(status, sizeof(status), "%u", r->status);
		listing_row(&l, "%.*s\t%s\t%s\t%s\t%u\t%s\t%u\t%s\t%llu\t%s",
		        STR_ARG(limit_name(v, r)), by[r->by], methods, leg_name(v, r->leg),
		        r->amount,
		        r->per_s == 1    ? "second"
		        : r->per_s == 60 ? "minute"
		                         : "hour",
		        r->burst, status, (unsigned long long)hits_of(call->control, &r->hit),
		        (r->flags & LIMIT_PATTERN) != 0 ? "by pattern"
		        : (r->flags & LIMIT_EARLY) != 0 ? "before parse"
		                                        : "to requests");
	}
	listing_end(&l);
	return COMMAND_DONE;
}

static void pattern_action_text(
        const struct table_view *v, const struct pattern *r, char *out, size_t room)
{
	const struct limit *limits = v->rows[TABLE_LIMITS];

	if (r->action == PATTERN_REJECT)
		snprintf(out, room, "reject %u", r->status);
	else if (r->action == PATTERN_LIMIT)
		snprintf(out, room, "limit %.*s", STR_ARG(limit_name(v, &limits[r->limit])));
	else
		snprintf(out, room, "%s", r->action == PATTERN_TAG ? "tag" : "drop");
}

enum command_end show_pattern(struct command_call *call)
{
	static const struct listing_column columns[] = {{"name", 20, false}, {"in", 24, false},
	        {"action", 20, false}, {"hits", -14, true}, {"match", 60, false}};
	struct listing l = {.out = call->out, .json = call->json, .columns = columns, .n = 5};
	const struct table_view *v = publish_view(&call->control->publish, ROOT_CONFIG);
	const struct pattern *rows = v != NULL ? v->rows[TABLE_PATTERNS] : NULL;

	areas_refresh(&call->control->areas);
	listing_begin(&l, "patterns");
	for (uint32_t i = 0; v != NULL && i < v->count[TABLE_PATTERNS]; i++) {
		const struct pattern *r = &rows[i];
		struct str header = table_text(v, r->header_name, r->header_name_len);
		char action[64];

		pattern_action_text(v, r, action, sizeof(action));
		listing_row(&l, "%.*s\t%s%.*s\t%s\t%llu\t%.*s",
		        STR_ARG(table_text(v, r->name, r->name_len)),
		        r->place == PATTERN_IN_BODY     ? "body"
		        : r->place == PATTERN_IN_HEADER ? "header "
		                                        : "request",
		        STR_ARG(header), action,
		        (unsigned long long)hits_of(call->control, &r->hit),
		        STR_ARG(table_text(v, r->text, r->text_len)));
	}
	listing_end(&l);
	return COMMAND_DONE;
}
