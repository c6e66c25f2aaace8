// How the workers authenticate: see auth.h.
#include "dataplane/table/auth.h"

static bool row_good(const struct auth *a)
{
	bool good = a->n_algorithms > 0 && a->n_algorithms <= DIGEST_ALGORITHMS &&
	            a->realm_len <= DIGEST_REALM_MAX && a->lifetime_s > 0 &&
	            a->lifetime_s <= AUTH_LIFETIME_MAX && a->wrong_per_s > 0 &&
	            a->wrong_per_s <= AUTH_WRONG_MAX;

	for (unsigned i = 0; good && i < a->n_algorithms; i++)
		good = a->algorithm[i] < DIGEST_ALGORITHMS;
	return good;
}

int auth_set(struct table_builder *b, const struct auth *a, struct str realm, struct error *e)
{
	struct auth row = *a;

	row.realm_len = (uint16_t)(realm.len <= UINT16_MAX ? realm.len : UINT16_MAX);
	if (!row_good(&row) || b->section[TABLE_AUTH].count > 0)
		return error_set(e, "auth: a value is out of range, or it is said twice");
	row.realm = (uint32_t)table_append(b, TABLE_TEXT, realm.p, realm.len, 1);
	table_append(b, TABLE_AUTH, &row, 1, sizeof(row));
	return b->failed ? error_set(e, "auth: out of memory") : 0;
}

bool auth_check(const struct table_view *v, struct error *e)
{
	const struct auth *a = v->rows[TABLE_AUTH];

	if (v->count[TABLE_AUTH] == 0)
		return true;
	if (v->count[TABLE_AUTH] == 1 && row_good(a) && a->realm <= v->count[TABLE_TEXT] &&
	        a->realm_len <= v->count[TABLE_TEXT] - a->realm)
		return true;
	error_set(e, "auth has a value out of range");
	return false;
}

const struct auth *auth_get(const struct table_view *v)
{
	return v->rows[TABLE_AUTH];
}

struct str auth_realm(const struct table_view *v)
{
	const struct auth *a = v->rows[TABLE_AUTH];

	return a != NULL ? table_text(v, a->realm, a->realm_len) : STR_NONE;
}
