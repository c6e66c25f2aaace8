// Rules met: see hitlist.h.
#include "tools/replay/hitlist.h"

#include <stdio.h>

#include "dataplane/table/acl.h"
#include "dataplane/table/limit.h"
#include "dataplane/table/pattern.h"

struct text {
	char *out;
	size_t room, len;
	struct hit *hits;
};

static void take(struct text *t, const char *kind, struct str name, const struct hit_ref *r)
{
	if (hits_read(t->hits, r) == 0)
		return;
	t->hits[r->slot & (HITS_MAX - 1)].count = 0;
	if (t->len < t->room)
		t->len += (size_t)snprintf(t->out + t->len, t->room - t->len, "%s%s %.*s",
		        t->len > 0 ? ", " : "", kind, STR_ARG(name));
}

void hitlist_take(const struct table_view *v, struct hit *hits, char *out, size_t room)
{
	const struct acl_rule *a = v->rows[TABLE_ACL_RULES];
	const struct limit *l = v->rows[TABLE_LIMITS];
	const struct pattern *p = v->rows[TABLE_PATTERNS];
	struct text t = {.out = out, .room = room, .hits = hits};

	out[0] = '\0';
	for (uint32_t i = 0; i < v->count[TABLE_ACL_RULES]; i++)
		take(&t, "acl", acl_name(v, &a[i]), &a[i].hit);
	for (uint32_t i = 0; i < v->count[TABLE_PATTERNS]; i++)
		take(&t, "pattern", table_text(v, p[i].name, p[i].name_len), &p[i].hit);
	for (uint32_t i = 0; i < v->count[TABLE_LIMITS]; i++)
		take(&t, "limit", limit_name(v, &l[i]), &l[i].hit);
}
