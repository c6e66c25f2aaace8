// How the workers authenticate: one row of the configuration.
#pragma once

#include "dataplane/sip/digest.h"
#include "dataplane/table/table.h"

enum { AUTH_LIFETIME_MAX = 3600, AUTH_WRONG_MAX = 100000 };

struct auth {
	uint32_t realm;     // offset in TEXT
	uint16_t realm_len; // 0 = the domain's name
	uint8_t n_algorithms;
	uint8_t algorithm[DIGEST_ALGORITHMS]; // enum digest_algorithm, as they are to be offered
	uint8_t any_identity;                 // From (REGISTER: To) need not be the user
	uint8_t reserved;
	uint32_t lifetime_s;  // of a nonce: 1..AUTH_LIFETIME_MAX
	uint32_t wrong_per_s; // wrong passwords checked for all sources together: 1..AUTH_WRONG_MAX
};

// The row; `realm` may be empty. -1 when it is there already, or a value is out of range.
int auth_set(struct table_builder *b, const struct auth *a, struct str realm, struct error *e);
bool auth_check(const struct table_view *v, struct error *e);
// The row, or NULL: nobody can be authenticated.
const struct auth *auth_get(const struct table_view *v);
struct str auth_realm(const struct table_view *v);
