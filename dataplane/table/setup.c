// Ports and cores of the dataplane: one row, checked before the dataplane starts anything by it.
#include "dataplane/table/setup.h"

static const char *const setup_engine_name[SETUP_ENGINES] = {
#define X(id, name) [SETUP_##id] = name,
        setup_engine_rows(X)
#undef X
};

enum setup_engine setup_engine_find(struct str name)
{
	unsigned i = 0;

	while (i < SETUP_ENGINES && !str_eq(name, str_of(setup_engine_name[i])))
		i++;
	return (enum setup_engine)i;
}

const struct setup *setup_get(const struct table_view *v)
{
	return v->count[TABLE_SETUP] == 1 ? v->rows[TABLE_SETUP] : NULL;
}

static bool text_ends(const char *text, size_t room)
{
	return memchr(text, 0, room) != NULL;
}

bool setup_check(const struct table_view *v, struct error *e)
{
	const struct setup *s = setup_get(v);

	if (v->count[TABLE_SETUP] == 0)
		return true;
	if (s == NULL || s->n_ports > SETUP_PORTS_MAX || s->n_cores > SETUP_CORES_MAX ||
	        s->idle > SETUP_ADAPTIVE || s->engine >= SETUP_ENGINES) {
		error_set(e, "setup: more than one row, or numbers out of range");
		return false;
	}
	for (unsigned i = 0; i < s->n_ports; i++) {
		const struct setup_port *p = &s->port[i];

		if (!text_ends(p->name, sizeof(p->name)) || p->name[0] == 0 ||
		        !text_ends(p->device, sizeof(p->device))) {
			error_set(e, "setup: name or device of port %u", i);
			return false;
		}
	}
	for (unsigned i = 0; i < s->n_cores; i++) {
		for (unsigned k = 0; k < i; k++) {
			if (s->core[k] == s->core[i]) {
				error_set(e, "setup: core %u twice", s->core[i]);
				return false;
			}
		}
	}
	return true;
}
