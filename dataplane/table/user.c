// Users: an index of buckets over keyed hashes of their names. A user is in one of two buckets, and
// no two users of a bucket have the same tag: so a lookup reads two lines of the index, at once,
// and one row, whoever is looked for (RELIABILITY A2).
#include "dataplane/table/user.h"

enum { USER_BUCKETS_MIN = 2, USER_BUCKETS_MAX = 1 << 28 };

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

// One of the two buckets of a key.
static uint32_t bucket_of(const struct user_key *key, unsigned which, uint32_t buckets)
{
	return (uint32_t)(key->h[0] >> 32 * which) & (buckets - 1);
}

static uint32_t tag_of(const struct user_key *key)
{
	return (uint32_t)key->h[1];
}

// Four of a bucket at once, on any CPU with registers of 16 bytes.
typedef uint32_t four __attribute__((vector_size(16)));

// Row + 1 of the user in the bucket who has the tag; 0 when nobody has. Without a branch: a guess
// of the CPU's would let it read the row of nobody before it knows, and that of somebody not.
static uint32_t tagged(const struct user_bucket *b, uint32_t tag)
{
	const four *t = (const four *)b->tag, *r = (const four *)b->row;
	four row = ((four)(t[0] == tag) & r[0]) | ((four)(t[1] == tag) & r[1]);

	row |= __builtin_shufflevector(row, row, 2, 3, 0, 1);
	return row[0] | row[1];
}

static unsigned users_in(const struct user_bucket *b)
{
	unsigned n = 0;

	while (n < USER_BUCKET && b->row[n] != 0)
		n++;
	return n;
}

struct index {
	const struct user *users;
	const struct user_bucket *bucket;
	uint32_t buckets; // power of two
};

static struct index builder_index(const struct table_builder *b)
{
	return (struct index){b->section[TABLE_USERS].rows, b->section[TABLE_USER_INDEX].rows,
	        (uint32_t)b->section[TABLE_USER_INDEX].count};
}

// Enters a row. False when there is no place: both buckets are full, or have its tag.
static bool index_enter(struct table_builder *b, const struct user_key *key, uint32_t row)
{
	struct user_bucket *index = b->section[TABLE_USER_INDEX].rows, *best = NULL;
	const uint32_t buckets = (uint32_t)b->section[TABLE_USER_INDEX].count;

	for (unsigned i = 0; i < 2; i++) {
		struct user_bucket *at = &index[bucket_of(key, i, buckets)];

		if (users_in(at) < USER_BUCKET && tagged(at, tag_of(key)) == 0 &&
		        (best == NULL || users_in(at) < users_in(best)))
			best = at;
	}
	if (best == NULL)
		return false;
	best->tag[users_in(best)] = tag_of(key);
	best->row[users_in(best)] = row + 1;
	return true;
}

// The row of that key + 1, 0 = there is none.
static uint32_t index_find(const struct index *x, const struct user_key *key)
{
	for (unsigned i = 0; i < 2 && x->buckets > 0; i++) {
		const uint32_t row = tagged(&x->bucket[bucket_of(key, i, x->buckets)], tag_of(key));

		if (row != 0 && key_eq(&x->users[row - 1].key, key))
			return row;
	}
	return 0;
}

// Twice as many buckets, all rows entered anew; again until each has a place.
static void index_grow(struct table_builder *b)
{
	const size_t rows = b->section[TABLE_USERS].count;
	const struct user *users = b->section[TABLE_USERS].rows;
	size_t entered;

	do {
		const size_t had = b->section[TABLE_USER_INDEX].count;

		if (had >= USER_BUCKETS_MAX)
			b->failed = true;
		table_append(b, TABLE_USER_INDEX, NULL, had > 0 ? had : USER_BUCKETS_MIN,
		        sizeof(struct user_bucket));
		if (b->failed)
			return;
		memset(b->section[TABLE_USER_INDEX].rows, 0, had * sizeof(struct user_bucket));
		for (entered = 0; entered < rows; entered++)
			if (!index_enter(b, &users[entered].key, (uint32_t)entered))
				break;
	} while (entered < rows);
}

int user_add(struct table_builder *b, struct str name, struct str realm,
        const struct user_secret *s, struct error *e)
{
	struct user u = {.known = s->known, .ha1 = (uint32_t)b->section[TABLE_USER_HA1].count};
	const struct index x = builder_index(b);

	user_key_make(b->hash_key, name, realm, &u.key);
	if (index_find(&x, &u.key) != 0)
		return 1;
	for (unsigned a = 0; a < DIGEST_ALGORITHMS; a++)
		if ((s->known & 1u << a) != 0)
			table_append(b, TABLE_USER_HA1, s->ha1[a],
			        ha1_rows((enum digest_algorithm)a), USER_HA1_ROW);
	const size_t row = table_append(b, TABLE_USERS, &u, 1, sizeof(u));
	if (!b->failed && (x.buckets == 0 || !index_enter(b, &u.key, (uint32_t)row)))
		index_grow(b);
	return b->failed ? error_set(e, "user %.*s: out of memory", STR_ARG(name)) : 0;
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

static bool bucket_check(const struct user_bucket *b, uint32_t users)
{
	const unsigned n = users_in(b);

	for (unsigned i = 0; i < USER_BUCKET; i++) {
		if (b->row[i] > users || (i >= n && b->row[i] != 0))
			return false;
		for (unsigned k = 0; i < n && k < i; k++)
			if (b->tag[k] == b->tag[i])
				return false;
	}
	return true;
}

bool user_check(const struct table_view *v, struct error *e)
{
	const struct user *u = v->rows[TABLE_USERS];
	const struct user_bucket *bucket = v->rows[TABLE_USER_INDEX];
	const uint32_t n = v->count[TABLE_USERS], buckets = v->count[TABLE_USER_INDEX];
	bool good = (buckets & (buckets - 1)) == 0;
	uint32_t used = 0;

	for (uint32_t i = 0; good && i < n; i++)
		good = row_check(v, &u[i]);
	for (uint32_t i = 0; good && i < buckets; i++) {
		good = bucket_check(&bucket[i], n);
		used += users_in(&bucket[i]);
	}
	if (good && used == n)
		return true;
	error_set(e, "table of users is damaged");
	return false;
}

static struct index view_index(const struct table_view *v)
{
	return (struct index){
	        v->rows[TABLE_USERS], v->rows[TABLE_USER_INDEX], v->count[TABLE_USER_INDEX]};
}

bool user_known(const struct table_view *v, struct str name, struct str realm)
{
	const struct index x = view_index(v);
	struct user_key key;

	user_key_make(v->header->hash_key, name, realm, &key);
	return index_find(&x, &key) != 0;
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

// The row to look at for a key. Who is not there costs the same memory: that of somebody else,
// chosen by the key.
static uint32_t row_for(const struct index *x, const struct user_key *key, uint32_t users)
{
	const uint32_t first = tagged(&x->bucket[bucket_of(key, 0, x->buckets)], tag_of(key));
	const uint32_t second = tagged(&x->bucket[bucket_of(key, 1, x->buckets)], tag_of(key));
	uint32_t row = first, other;

	row |= second & -(uint32_t)(row == 0);
	other = second & -(uint32_t)(row != second);
	row |= ((uint32_t)(key->h[1] >> 32) % users + 1) & -(uint32_t)(row == 0);
	// (Two with one tag, each in a bucket of its own: one lookup in a thousand million.)
	if (other != 0 && key_eq(&x->users[other - 1].key, key))
		row = other;
	return row - 1;
}

bool user_ha1(const struct table_view *v, struct hash_key nobody, const struct str name_realm[2],
        enum digest_algorithm a, uint8_t *out)
{
	const uint64_t fake[] = {nobody.k0, nobody.k1, ~nobody.k1, ~nobody.k0};
	uint8_t real[DIGEST_BYTES_MAX] = {0}, has = 0, mask;
	struct user_key key;

	if (v != NULL && v->count[TABLE_USERS] > 0 && v->count[TABLE_USER_INDEX] > 0) {
		const struct index x = view_index(v);

		user_key_make(v->header->hash_key, name_realm[0], name_realm[1], &key);
		const uint32_t row = row_for(&x, &key, v->count[TABLE_USERS]);
		has = copy_ha1(v, row, a, real);
		has &= key_eq(&x.users[row].key, &key);
	}
	mask = (uint8_t)-has;
	for (unsigned i = 0; i < DIGEST_BYTES_MAX; i++)
		out[i] = (uint8_t)((real[i] & mask) | (((const uint8_t *)fake)[i] & ~mask));
	return has != 0;
}
