// Rows of registrar domains.
#include "dataplane/table/home.h"

#include "dataplane/table/location.h"

int home_add(struct table_builder *b, const struct home *h, struct str service_route,
        const struct home_source *sources, struct error *e)
{
	struct home row = *h;
	size_t index;

	if (service_route.len > 0) {
		row.service_route = (uint32_t)table_append(
		        b, TABLE_TEXT, service_route.p, service_route.len, 1);
		row.service_route_len = (uint16_t)service_route.len;
	}
	if (h->n_sources > 0)
		row.source = (uint32_t)table_append(
		        b, TABLE_HOME_SOURCES, sources, h->n_sources, sizeof(*sources));
	index = table_append(b, TABLE_HOMES, &row, 1, sizeof(row));
	if (b->failed)
		return error_set(e, "out of memory");
	if (index >= UINT16_MAX)
		return error_set(e, "more than %u registrar domains", UINT16_MAX);
	return (int)index;
}

static bool row_good(const struct table_view *v, const struct home *h)
{
	return h->min_expires > 0 && h->min_expires <= h->default_expires &&
	       h->default_expires <= h->max_expires && h->max_contacts > 0 &&
	       h->max_contacts <= LOCATION_CONTACTS_MAX &&
	       h->service_route <= v->count[TABLE_TEXT] &&
	       h->service_route_len <= v->count[TABLE_TEXT] - h->service_route && h->ping_s > 0 &&
	       h->source <= v->count[TABLE_HOME_SOURCES] &&
	       h->n_sources <= v->count[TABLE_HOME_SOURCES] - h->source;
}

bool home_check(const struct table_view *v, struct error *e)
{
	const struct home *h = v->rows[TABLE_HOMES];

	for (uint32_t i = 0; i < v->count[TABLE_HOMES]; i++) {
		if (!row_good(v, &h[i])) {
			error_set(e, "registrar domain %u has a value out of range", i);
			return false;
		}
	}
	return true;
}

static bool source_has(const struct home_source *s, const struct addr *a)
{
	const unsigned whole = s->len / 8, bits = s->len % 8;
	const unsigned mask = 0xff00u >> bits & 0xff;

	if (s->addr.family != a->family || s->len > 8 * addr_ip_len(a))
		return false;
	return memcmp(s->addr.ip, a->ip, whole) == 0 &&
	       (bits == 0 || ((s->addr.ip[whole] ^ a->ip[whole]) & mask) == 0);
}

bool home_third_party(const struct table_view *v, const struct home *h, const struct addr *from)
{
	const struct home_source *s =
	        (const struct home_source *)v->rows[TABLE_HOME_SOURCES] + h->source;

	for (unsigned i = 0; i < h->n_sources; i++)
		if (source_has(&s[i], from))
			return true;
	return false;
}
