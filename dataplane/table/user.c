// Users: a hash index over keyed hashes of their names, at most half full.
#include "dataplane/table/user.h"

enum { USER_SLOTS_MIN = 16 };

void user_key_make(struct hash_key key, struct str name, struct str realm, struct user_key *out)
{
	uint64_t len = name.len;
	struct hash_state s;

	for (unsigned i = 0; i < 2; i++) {
		hash_start_24(&s, (struct hash_key){key.k0 + i, key.k1});
		hash_add(&s, &len, sizeof(len));
		hash_add(&s, name.p, name.len);
		hash_add_nocase(&s, realm);
		out->h[i] = hash_end(&s);
	}
}

static unsigned ha1_rows(enum digest_algorithm a)
{
	return (unsigned)digest_bytes(a) / USER_HA1_ROW;
}

static bool key_eq(const struct user_key *a, const struct user_key *b)
{
	return ((a->h[0] ^ b->h[0]) | (a->h[1] ^ b->h[1])) == 0;
}

struct index {
	const struct user *users;
	const uint32_t *slot;
	size_t slots; // power of two
};

// Slot of that key, or the empty slot where it belongs; *seen is the last row looked at, + 1. At
// most every slot is looked at.
static size_t index_find(const struct index *x, const struct user_key *key, uint32_t *seen)
{
	size_t at = key->h[0] & (x->slots - 1);

	*seen = 0;
	for (size_t i = 0; i < x->slots && x->slot[at] != 0; i++, at = (at + 1) & (x->slots - 1)) {
		*seen = x->slot[at];
		if (key_eq(&x->users[*seen - 1].key, key))
			return at;
	}
	return at;
}

static struct index builder_index(const struct table_builder *b)
{
	return (struct index){b->section[TABLE_USERS].rows, b->section[TABLE_USER_INDEX].rows,
	        b->section[TABLE_USER_INDEX].count};
}

// Room in the index for one more; all rows are entered anew when it grows.
static void index_grow(struct table_builder *b)
{
	size_t rows = b->section[TABLE_USERS].count, slots = b->section[TABLE_USER_INDEX].count;
	size_t wanted = slots != 0 ? slots : USER_SLOTS_MIN;

	while (wanted < 2 * (rows + 1))
		wanted *= 2;
	if (wanted == slots)
		return;
	table_append(b, TABLE_USER_INDEX, NULL, wanted - slots, sizeof(uint32_t));
	if (b->failed)
		return;
	uint32_t *slot = b->section[TABLE_USER_INDEX].rows;
	memset(slot, 0, wanted * sizeof(*slot));
	struct index x = builder_index(b);
	uint32_t seen;
	for (size_t i = 0; i < rows; i++)
		slot[index_find(&x, &x.users[i].key, &seen)] = (uint32_t)i + 1;
}

int user_add(struct table_builder *b, struct str name, struct str realm,
        const struct user_secret *s, struct error *e)
{
	struct user u = {.known = s->known, .ha1 = (uint32_t)b->section[TABLE_USER_HA1].count};
	uint32_t seen;

	index_grow(b);
	if (b->failed)
		return error_set(e, "user %.*s: out of memory", STR_ARG(name));
	user_key_make(b->hash_key, name, realm, &u.key);
	struct index x = builder_index(b);
	size_t at = index_find(&x, &u.key, &seen);
	if (x.slot[at] != 0)
		return 1;
	for (unsigned a = 0; a < DIGEST_ALGORITHMS; a++)
		if ((s->known & 1u << a) != 0)
			table_append(b, TABLE_USER_HA1, s->ha1[a],
			        ha1_rows((enum digest_algorithm)a), USER_HA1_ROW);
	size_t row = table_append(b, TABLE_USERS, &u, 1, sizeof(u));
	if (b->failed)
		return error_set(e, "user %.*s: out of memory", STR_ARG(name));
	((uint32_t *)b->section[TABLE_USER_INDEX].rows)[at] = (uint32_t)row + 1;
	return 0;
}

static bool row_check(const struct table_view *v, const struct user *u)
{
	uint64_t end = u->ha1;

	for (unsigned a = 0; a < DIGEST_ALGORITHMS; a++)
		if ((u->known & 1u << a) != 0)
			end += ha1_rows((enum digest_algorithm)a);
	return u->known != 0 && u->known >> DIGEST_ALGORITHMS == 0 &&
	       end <= v->count[TABLE_USER_HA1];
}

bool user_check(const struct table_view *v, struct error *e)
{
	const struct user *u = v->rows[TABLE_USERS];
	const uint32_t *slot = v->rows[TABLE_USER_INDEX];
	uint32_t n = v->count[TABLE_USERS], slots = v->count[TABLE_USER_INDEX], used = 0;
	bool good = (slots & (slots - 1)) == 0 && (n == 0 || slots / 2 >= n);

	for (uint32_t i = 0; good && i < n; i++)
		good = row_check(v, &u[i]);
	for (uint32_t i = 0; good && i < slots; i++) {
		good = slot[i] <= n;
		used += slot[i] != 0;
	}
	if (good && used == n)
		return true;
	error_set(e, "table of users is damaged");
	return false;
}

// The row of a key, 0 = none, else its number + 1; *seen as index_find.
static uint32_t find(const struct table_view *v, const struct user_key *key, uint32_t *seen)
{
	struct index x = {
	        v->rows[TABLE_USERS], v->rows[TABLE_USER_INDEX], v->count[TABLE_USER_INDEX]};

	*seen = 0;
	return x.slots != 0 && x.users != NULL ? x.slot[index_find(&x, key, seen)] : 0;
}

bool user_known(const struct table_view *v, struct str name, struct str realm)
{
	struct user_key key;
	uint32_t seen;

	user_key_make(v->header->hash_key, name, realm, &key);
	return find(v, &key, &seen) != 0;
}

// Copies the HA1 of a row, if it has one of that algorithm. Reads memory in either case.
static uint8_t copy_ha1(
        const struct table_view *v, uint32_t row, enum digest_algorithm a, uint8_t *out)
{
	const struct user *u = (const struct user *)v->rows[TABLE_USERS] + row;
	uint32_t at = u->ha1;

	for (unsigned i = 0; i < DIGEST_ALGORITHMS && i < a; i++)
		at += (u->known & 1u << i) != 0 ? ha1_rows((enum digest_algorithm)i) : 0;
	if ((u->known & 1u << a) == 0)
		return 0;
	memcpy(out, (const uint8_t *)v->rows[TABLE_USER_HA1] + (size_t)at * USER_HA1_ROW,
	        digest_bytes(a));
	return 1;
}

bool user_ha1(const struct table_view *v, struct hash_key nobody, const struct str name_realm[2],
        enum digest_algorithm a, uint8_t *out)
{
	uint8_t real[DIGEST_BYTES_MAX] = {0}, has = 0, mask;
	struct user_key fake[2], key;
	uint32_t row, seen;

	user_key_make(nobody, name_realm[0], name_realm[1], &fake[0]);
	fake[1] = (struct user_key){{~fake[0].h[1], ~fake[0].h[0]}};
	if (v != NULL && v->count[TABLE_USERS] > 0) {
		user_key_make(v->header->hash_key, name_realm[0], name_realm[1], &key);
		row = find(v, &key, &seen);
		// Who is not there costs the same memory: that of somebody else, who stood in the
		// way or else is chosen by the key.
		if (seen == 0)
			seen = (uint32_t)key.h[1] % v->count[TABLE_USERS] + 1;
		has = copy_ha1(v, seen - 1, a, real);
		has &= row != 0;
	}
	mask = (uint8_t)-has;
	for (unsigned i = 0; i < DIGEST_BYTES_MAX; i++)
		out[i] = (uint8_t)((real[i] & mask) | (((const uint8_t *)fake)[i] & ~mask));
	return has != 0;
}
