// Made in one go: a million in about a second.
#include "tools/bench/phones.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dataplane/base/now.h"
#include "dataplane/table/leg.h"

enum { PHONES_EXPIRE_S = 86400 };

int phones_register(struct location *l, uint64_t n, const char *domain, const char *host,
        const char *leg, struct error *e)
{
	char aor[128], uri[128], call_id[64];
	struct location_contact c = {.leg = leg_id(str_of(leg)),
	        .q = 1000,
	        .cseq = 1,
	        .transport = TRANSPORT_UDP,
	        .registered_s = now_boot_s(),
	        .expires_s = now_boot_s() + PHONES_EXPIRE_S};
	struct location_key key;

	if (!addr_parse(str_of(host), &c.received))
		return error_set(e, "%s: no address", host);
	for (uint64_t i = 0; i < n; i++) {
		const unsigned long long u = i;

		c.aor = (struct str){
		        aor, (size_t)snprintf(aor, sizeof(aor), "user%07llu@%s", u, domain)};
		c.uri = (struct str){
		        uri, (size_t)snprintf(uri, sizeof(uri), "sip:user%07llu@%s", u, host)};
		c.call_id = (struct str){
		        call_id, (size_t)snprintf(call_id, sizeof(call_id), "bench-%07llu", u)};
		location_make_key(l, c.aor, &key);
		if (location_put(l, &key, &c, 1, e) != 0)
			return -1;
	}
	return 0;
}

int phones_password(struct user_list *users, uint64_t n, const char *realm, const char *password,
        struct error *e)
{
	struct digest *d = digest_create();
	char name[128];

	*users = (struct user_list){calloc(n, sizeof(*users->row)), 0};
	while (d != NULL && users->row != NULL && users->n < n) {
		struct user_row *r = &users->row[users->n];

		snprintf(name, sizeof(name), "user%07zu@%s", users->n, realm);
		r->name = strdup(name);
		if (r->name == NULL || !user_split(str_of(r->name), &r->user, &r->realm) ||
		        !user_hash_password(d, r->user, r->realm, str_of(password), &r->secret))
			break;
		users->n++;
	}
	digest_destroy(d);
	if (users->n == n)
		return 0;
	user_list_clear(users);
	return error_set(e, "%llu users: out of memory", (unsigned long long)n);
}
