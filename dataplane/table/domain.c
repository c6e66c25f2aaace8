// Domains: a hash index over names, hashed backwards so that one pass over a host gives the hash of
// the host and of every wildcard above it ("*.example.com" backwards is "moc.elpmaxe.*").
#include "dataplane/table/domain.h"

enum {
	DOMAIN_NAME_MAX = 255,
	DOMAIN_SLOTS_MIN = 16,
	// Of a wildcard: strangers choose how many labels a host has, each costs a probe.
	DOMAIN_LABELS_MAX = 16,
};

// A host in lower case, forwards and backwards, without trailing dot.
struct host {
	char name[DOMAIN_NAME_MAX], backwards[DOMAIN_NAME_MAX];
	size_t len;
};

static bool host_set(struct host *h, struct str text)
{
	if (text.len > 1 && text.p[text.len - 1] == '.')
		text.len--;
	if (text.len == 0 || text.len > DOMAIN_NAME_MAX)
		return false;
	h->len = text.len;
	for (size_t i = 0; i < text.len; i++) {
		h->name[i] = char_lower(text.p[i]);
		h->backwards[text.len - 1 - i] = h->name[i];
	}
	return true;
}

static unsigned dots(const struct host *h)
{
	unsigned n = 0;

	for (size_t i = 0; i < h->len; i++)
		n += h->name[i] == '.';
	return n;
}

// What a probe of the index needs: the builder's or the view's.
struct index {
	const struct domain *domains;
	const char *text;
	const uint32_t *slot;
	size_t slots; // power of two
};

// Slot of the row named wildcard + name ("*" or ""), or the empty slot where it belongs. At most
// every slot is looked at, so that a full (hostile) index ends too.
static size_t index_find(const struct index *x, uint64_t hash, struct str wildcard, struct str name)
{
	size_t at = hash & (x->slots - 1);

	for (size_t i = 0; i < x->slots && x->slot[at] != 0; i++, at = (at + 1) & (x->slots - 1)) {
		const struct domain *d = &x->domains[x->slot[at] - 1];
		const char *text = x->text + d->name;

		if (d->name_len == wildcard.len + name.len &&
		        memcmp(text, wildcard.p, wildcard.len) == 0 &&
		        memcmp(text + wildcard.len, name.p, name.len) == 0)
			return at;
	}
	return at;
}

static uint64_t host_hash(struct hash_key key, const struct host *h)
{
	return hash_13(key, h->backwards, h->len);
}

static struct index builder_index(struct table_builder *b)
{
	return (struct index){b->section[TABLE_DOMAINS].rows, b->section[TABLE_TEXT].rows,
	        b->section[TABLE_DOMAIN_INDEX].rows, b->section[TABLE_DOMAIN_INDEX].count};
}

// Makes the index large enough for one more row (at most half full) and enters all rows anew.
static void index_grow(struct table_builder *b)
{
	size_t rows = b->section[TABLE_DOMAINS].count;
	size_t slots = b->section[TABLE_DOMAIN_INDEX].count;
	size_t wanted = slots != 0 ? slots : DOMAIN_SLOTS_MIN;

	while (wanted < 2 * (rows + 1))
		wanted *= 2;
	if (wanted == slots)
		return;
	table_append(b, TABLE_DOMAIN_INDEX, NULL, wanted - slots, sizeof(uint32_t));
	if (b->failed)
		return;
	uint32_t *slot = b->section[TABLE_DOMAIN_INDEX].rows;
	memset(slot, 0, wanted * sizeof(*slot));
	struct index x = builder_index(b);
	for (size_t i = 0; i < rows; i++) {
		const struct domain *d = &x.domains[i];
		struct str name = {x.text + d->name, d->name_len};
		struct host h;

		if (host_set(&h, name))
			slot[index_find(&x, host_hash(b->hash_key, &h), STR(""), name)] =
			        (uint32_t)i + 1;
	}
}

int domain_add(struct table_builder *b, struct str name, enum domain_action action, uint16_t group,
        uint16_t status, struct error *e)
{
	struct host h;

	if (!host_set(&h, name))
		return error_set(e, "domain %.*s: name empty or too long", STR_ARG(name));
	if (memchr(h.name + 1, '*', h.len - 1) != NULL ||
	        (h.name[0] == '*' && (h.len < 3 || h.name[1] != '.')))
		return error_set(e, "domain %.*s: a * only as first label", STR_ARG(name));
	if (h.name[0] == '*' && dots(&h) > DOMAIN_LABELS_MAX)
		return error_set(e, "domain %.*s: more than %u labels after the *", STR_ARG(name),
		        DOMAIN_LABELS_MAX);
	index_grow(b);
	if (b->failed)
		return error_set(e, "domain %.*s: out of memory", STR_ARG(name));
	struct index x = builder_index(b);
	size_t at =
	        index_find(&x, host_hash(b->hash_key, &h), STR(""), (struct str){h.name, h.len});
	if (x.slot[at] != 0)
		return error_set(e, "domain %.*s is there already", STR_ARG(name));
	struct domain d = {
	        .name = (uint32_t)table_append(b, TABLE_TEXT, h.name, h.len, 1),
	        .name_len = (uint16_t)h.len,
	        .action = (uint8_t)action,
	        .group = group,
	        .status = status,
	};
	size_t row = table_append(b, TABLE_DOMAINS, &d, 1, sizeof(d));
	if (b->failed)
		return error_set(e, "domain %.*s: out of memory", STR_ARG(name));
	((uint32_t *)b->section[TABLE_DOMAIN_INDEX].rows)[at] = (uint32_t)row + 1;
	return 0;
}

void domain_index(struct table_builder *b)
{
	index_grow(b);
}

static bool row_check(const struct table_view *v, const struct domain *d)
{
	if (d->name > v->count[TABLE_TEXT] || d->name_len > v->count[TABLE_TEXT] - d->name ||
	        d->name_len == 0)
		return false;
	switch (d->action) {
	case DOMAIN_FORWARD:
	case DOMAIN_PREFIX:
		return true;
	case DOMAIN_GROUP:
		return d->group < v->count[TABLE_GROUPS];
	case DOMAIN_REGISTRAR:
		return d->group < v->count[TABLE_HOMES];
	case DOMAIN_REJECT:
		return d->status >= 300 && d->status <= 699;
	default:
		return false;
	}
}

bool domain_check(const struct table_view *v, struct error *e)
{
	const struct domain *d = v->rows[TABLE_DOMAINS];
	const uint32_t *slot = v->rows[TABLE_DOMAIN_INDEX];
	uint32_t n = v->count[TABLE_DOMAINS], slots = v->count[TABLE_DOMAIN_INDEX], used = 0;

	for (uint32_t i = 0; i < n; i++) {
		if (!row_check(v, &d[i])) {
			error_set(e, "domain %u has a value out of range", i);
			return false;
		}
	}
	bool good = (slots & (slots - 1)) == 0 && (n == 0 || slots / 2 >= n);
	for (uint32_t i = 0; good && i < slots; i++) {
		good = slot[i] <= n;
		used += slot[i] != 0;
	}
	if (!good || used != n)
		error_set(e, "index of domains is damaged");
	return good && used == n;
}

const struct domain *domain_lookup(const struct table_view *v, struct str host)
{
	struct index x = {v->rows[TABLE_DOMAINS], v->rows[TABLE_TEXT], v->rows[TABLE_DOMAIN_INDEX],
	        v->count[TABLE_DOMAIN_INDEX]};
	uint32_t found = 0;
	size_t hashed = 0;
	struct hash_state s;
	struct host h;

	if (x.slots == 0 || x.domains == NULL || !host_set(&h, host))
		return NULL;
	hash_start_13(&s, v->header->hash_key);
	for (size_t i = 0, labels = 0; i + 1 < h.len && labels < DOMAIN_LABELS_MAX; i++) {
		if (h.backwards[i] != '.')
			continue;
		hash_add(&s, h.backwards + hashed, i + 1 - hashed);
		hashed = i + 1;
		labels++;
		struct hash_state wildcard = s;
		hash_add(&wildcard, "*", 1);
		size_t at = index_find(&x, hash_end(&wildcard), STR("*"),
		        (struct str){h.name + h.len - hashed, hashed});
		if (x.slot[at] != 0)
			found = x.slot[at]; // a later one is longer
	}
	hash_add(&s, h.backwards + hashed, h.len - hashed);
	size_t at = index_find(&x, hash_end(&s), STR(""), (struct str){h.name, h.len});
	if (x.slot[at] != 0)
		found = x.slot[at];
	return found != 0 ? &x.domains[found - 1] : NULL;
}

const struct domain *domain_default(const struct table_view *v)
{
	return domain_lookup(v, STR("default"));
}
