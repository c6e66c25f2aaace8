// What is kept for the domains whose users register here (`domain ... registrar`).
#pragma once

#include "dataplane/table/domain.h"

enum home_flag {
	HOME_REFRESH = 1, // workers answer a REGISTER that changes nothing but time
	HOME_FOREIGN = 2, // a Contact may be another host than the REGISTER came from
	// What is sent to bindings behind a NAT (of all rows the same)
	HOME_PING_CRLF = 4,
	HOME_PING_OPTIONS = 8,
};

struct home {
	uint32_t min_expires, max_expires, default_expires; // seconds
	uint16_t max_contacts;                              // of an AoR
	uint16_t flags;                                     // enum home_flag
	uint32_t service_route;                             // in TEXT: a Service-Route value
	uint16_t service_route_len;                         // 0 = none
	uint16_t n_sources;                                 // who may register others:
	uint32_t source;                                    // first in HOME_SOURCES
	uint32_t ping_s;                                    // interval of pings
};

// An address prefix.
struct home_source {
	struct addr addr; // bits behind `len` are 0
	uint8_t len;
	uint8_t reserved[3];
};

// Adds a row with h->n_sources sources for domain_add(..., DOMAIN_REGISTRAR, index, ...). -1 with
// error.
int home_add(struct table_builder *b, const struct home *h, struct str service_route,
        const struct home_source *sources, struct error *e);
bool home_check(const struct table_view *v, struct error *e);

// The row of a domain that is a registrar's, NULL for others (and NULL).
static inline const struct home *home_of(const struct table_view *v, const struct domain *d)
{
	if (d == NULL || d->action != DOMAIN_REGISTRAR)
		return NULL;
	return (const struct home *)v->rows[TABLE_HOMES] + d->group;
}

// May who sends from there register others than himself (From is not To)?
bool home_third_party(const struct table_view *v, const struct home *h, const struct addr *from);

// Seconds granted to a binding for which `asked` were (REGISTRATION_UNSAID = none were); 0 when it
// asks for less than the minimum (and not for 0).
static inline uint32_t home_expires(const struct home *h, uint32_t asked)
{
	if (asked == UINT32_MAX)
		return h->default_expires;
	if (asked < h->min_expires)
		return 0;
	return asked < h->max_expires ? asked : h->max_expires;
}

static inline struct str home_service_route(const struct table_view *v, const struct home *h)
{
	return table_text(v, h->service_route, h->service_route_len);
}

// HOME_PING_... of the configuration, 0 = none are sent.
static inline unsigned home_pings(const struct table_view *v)
{
	const struct home *h = v->rows[TABLE_HOMES];

	return v->count[TABLE_HOMES] > 0 ? h->flags & (HOME_PING_CRLF | HOME_PING_OPTIONS) : 0;
}

static inline uint32_t home_ping_interval(const struct table_view *v)
{
	const struct home *h = v->rows[TABLE_HOMES];

	return v->count[TABLE_HOMES] > 0 ? h->ping_s : 0;
}
