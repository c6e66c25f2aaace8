// The container of all tables: sections of rows, appended by the builder, laid out into one image,
// and checked before anybody reads them. What the rows mean is the business of the other files
// here.
#include "dataplane/table/table.h"

#include <stdlib.h>

#include "dataplane/table/acl.h"
#include "dataplane/table/auth.h"
#include "dataplane/table/domain.h"
#include "dataplane/table/group.h"
#include "dataplane/table/home.h"
#include "dataplane/table/leg.h"
#include "dataplane/table/limit.h"
#include "dataplane/table/nexthop.h"
#include "dataplane/table/pattern.h"
#include "dataplane/table/prefix.h"
#include "dataplane/table/root.h"
#include "dataplane/table/overload.h"
#include "dataplane/table/sanity.h"
#include "dataplane/table/setup.h"
#include "dataplane/table/trust.h"
#include "dataplane/table/user.h"

enum { IMAGE_ALIGN = 64 };

static const size_t row_bytes_of[TABLE_SECTIONS] = {
        [TABLE_SETUP] = sizeof(struct setup),
        [TABLE_KEYS] = sizeof(struct token_key),
        [TABLE_LEGS] = sizeof(struct leg),
        [TABLE_LEG_INDEX] = sizeof(uint8_t),
        [TABLE_DOMAINS] = sizeof(struct domain),
        [TABLE_DOMAIN_INDEX] = sizeof(uint32_t),
        [TABLE_HOMES] = sizeof(struct home),
        [TABLE_HOME_SOURCES] = sizeof(struct home_source),
        [TABLE_PREFIXES] = sizeof(struct prefix_node),
        [TABLE_GROUPS] = sizeof(struct group),
        [TABLE_MEMBERS] = sizeof(struct member),
        [TABLE_MAGLEV] = sizeof(uint16_t),
        [TABLE_AUTH] = sizeof(struct auth),
        [TABLE_SANITY] = sizeof(struct sanity),
        [TABLE_OVERLOAD] = sizeof(struct overload),
        [TABLE_LIMITS] = sizeof(struct limit),
        [TABLE_PATTERNS] = sizeof(struct pattern),
        [TABLE_PATTERN_DATABASES] = sizeof(struct pattern_database),
        [TABLE_PATTERN_BYTES] = 1,
        [TABLE_TRUST_HEADERS] = sizeof(struct trust_header),
        [TABLE_ACL_RULES] = sizeof(struct acl_rule),
        [TABLE_ACL_NETWORKS] = sizeof(struct acl_network),
        [TABLE_ACL_REFS] = sizeof(uint32_t),
        [TABLE_ACL4] = sizeof(struct acl_range4),
        [TABLE_ACL6] = sizeof(struct acl_range6),
        [TABLE_USERS] = sizeof(struct user),
        [TABLE_USER_INDEX] = sizeof(struct user_bucket),
        [TABLE_USER_HA1] = USER_HA1_ROW,
        [TABLE_LINKS] = sizeof(struct link_row),
        [TABLE_ROUTES4] = sizeof(struct route_range),
        [TABLE_ROUTES6] = sizeof(struct route_range),
        [TABLE_HOPS] = sizeof(struct route_hop),
        [TABLE_NEIGHBOURS] = sizeof(struct neighbour),
        [TABLE_NEIGHBOUR_INDEX] = sizeof(uint32_t),
        [TABLE_TEXT] = 1,
};

static const char *const section_name[TABLE_SECTIONS] = {
#define X(id) [TABLE_##id] = #id,
        table_rows(X)
#undef X
};

void table_begin(struct table_builder *b, struct hash_key key)
{
	memset(b, 0, sizeof(*b));
	b->hash_key = key;
}

void table_abandon(struct table_builder *b)
{
	for (unsigned s = 0; s < TABLE_SECTIONS; s++)
		free(b->section[s].rows);
	memset(b, 0, sizeof(*b));
}

// Room for n more rows of a section.
static bool section_grow(struct table_builder *b, enum table_section s, size_t n)
{
	size_t row = row_bytes_of[s], need = b->section[s].count + n;

	if (need <= b->section[s].room)
		return true;
	size_t room = need + need / 2 + 16;
	if (need > UINT32_MAX || room > SIZE_MAX / row)
		return false;
	void *rows = realloc(b->section[s].rows, room * row);
	if (rows == NULL)
		return false;
	b->section[s].rows = rows;
	b->section[s].room = room;
	b->section[s].row = row;
	return true;
}

size_t table_append(
        struct table_builder *b, enum table_section s, const void *rows, size_t n, size_t row_bytes)
{
	size_t first = b->section[s].count;

	if (row_bytes != row_bytes_of[s] || !section_grow(b, s, n)) {
		b->failed = true;
		return first;
	}
	if (n == 0)
		return first;
	uint8_t *to = (uint8_t *)b->section[s].rows + first * row_bytes;
	if (rows != NULL)
		memcpy(to, rows, n * row_bytes);
	else
		memset(to, 0, n * row_bytes);
	b->section[s].count += n;
	return first;
}

static uint64_t align_up(uint64_t n)
{
	return (n + IMAGE_ALIGN - 1) & ~(uint64_t)(IMAGE_ALIGN - 1);
}

// Over the header as if its checksum were 0, and everything behind it.
static uint64_t image_checksum(const void *image, size_t len)
{
	struct table_header header;
	struct hash_state s;

	memcpy(&header, image, sizeof(header));
	header.checksum = 0;
	hash_start_24(&s, (struct hash_key){0, 0});
	hash_add(&s, &header, sizeof(header));
	hash_add(&s, (const char *)image + sizeof(header), len - sizeof(header));
	return hash_end(&s);
}

void *table_finish(
        struct table_builder *b, unsigned chain, uint64_t generation, size_t *len, struct error *e)
{
	struct table_header header = {
	        .layout = ROOT_LAYOUT,
	        .chain = chain,
	        .generation = generation,
	        .hash_key = b->hash_key,
	};
	uint64_t bytes = align_up(sizeof(header));
	char *image = NULL;

	memcpy(header.magic, TABLE_MAGIC, sizeof(header.magic));
	for (unsigned s = 0; s < TABLE_SECTIONS; s++) {
		header.section[s].offset = bytes;
		header.section[s].count = b->section[s].count;
		header.section[s].row = row_bytes_of[s];
		bytes = align_up(bytes + b->section[s].count * row_bytes_of[s]);
	}
	header.bytes = bytes;
	if (!b->failed)
		image = aligned_alloc(IMAGE_ALIGN, bytes);
	if (image == NULL) {
		table_abandon(b);
		error_set(e, "out of memory for the tables of generation %llu",
		        (unsigned long long)generation);
		return NULL;
	}
	memset(image, 0, bytes);
	for (unsigned s = 0; s < TABLE_SECTIONS; s++)
		if (b->section[s].count > 0)
			memcpy(image + header.section[s].offset, b->section[s].rows,
			        b->section[s].count * row_bytes_of[s]);
	memcpy(image, &header, sizeof(header));
	header.checksum = image_checksum(image, bytes);
	memcpy(image, &header, sizeof(header));
	table_abandon(b);
	*len = bytes;
	return image;
}

static int header_check(const struct table_header *h, size_t len, unsigned chain, struct error *e)
{
	if (memcmp(h->magic, TABLE_MAGIC, sizeof(h->magic)) != 0)
		return error_set(e, "not a table image");
	if (h->layout != ROOT_LAYOUT)
		return error_set(e, "table image has layout %u, this program reads layout %u",
		        h->layout, ROOT_LAYOUT);
	if (h->chain != chain)
		return error_set(e, "table image is of chain %u, not %u", h->chain, chain);
	if (h->bytes != len)
		return error_set(e, "table image says %llu bytes, has %zu",
		        (unsigned long long)h->bytes, len);
	return 0;
}

// Offset, count and row size of each section; the view is filled.
static int sections_check(struct table_view *v, const void *image, size_t len, struct error *e)
{
	for (unsigned s = 0; s < TABLE_SECTIONS; s++) {
		uint64_t offset = v->header->section[s].offset;
		uint64_t count = v->header->section[s].count;
		size_t row = row_bytes_of[s];

		if (count == 0)
			continue;
		if (v->header->section[s].row != row)
			return error_set(e, "section %s has rows of %llu bytes, not %zu",
			        section_name[s], (unsigned long long)v->header->section[s].row,
			        row);
		if (offset % IMAGE_ALIGN != 0 || offset < sizeof(struct table_header) ||
		        offset > len || count > (len - offset) / row || count >= UINT32_MAX)
			return error_set(e, "section %s lies outside the image", section_name[s]);
		v->rows[s] = (const char *)image + offset;
		v->count[s] = (uint32_t)count;
	}
	return 0;
}

static bool keys_check(const struct table_view *v, struct error *e)
{
	if (v->count[TABLE_KEYS] > TOKEN_KEYS_MAX) {
		error_set(e, "%u keys, at most %u", v->count[TABLE_KEYS], TOKEN_KEYS_MAX);
		return false;
	}
	const struct token_key *key = v->rows[TABLE_KEYS];
	for (uint32_t i = 0; i < v->count[TABLE_KEYS]; i++) {
		if (key[i].epoch > 15) {
			error_set(e, "key %u: epoch %u is over 15", i, key[i].epoch);
			return false;
		}
	}
	return true;
}

int table_open(struct table_view *v, const void *image, size_t len, unsigned chain, struct error *e)
{
	memset(v, 0, sizeof(*v));
	if (len < sizeof(struct table_header) || (uintptr_t)image % IMAGE_ALIGN != 0)
		return error_set(e, "table image of %zu bytes is too short or not aligned", len);
	v->header = image;
	if (header_check(v->header, len, chain, e) != 0)
		return -1;
	if (v->header->checksum != image_checksum(image, len))
		return error_set(e, "checksum of the table image is wrong");
	if (sections_check(v, image, len, e) != 0)
		return -1;
	bool good = setup_check(v, e) && keys_check(v, e) && leg_check(v, e) && group_check(v, e) &&
	            prefix_check(v, e) && home_check(v, e) && domain_check(v, e) &&
	            auth_check(v, e) && sanity_check(v, e) && overload_check(v, e) &&
	            limit_check(v, e) && pattern_check(v, e) && trust_check(v, e) &&
	            acl_check(v, e) && user_check(v, e) && nexthop_check(v, e);
	if (!good)
		return -1;
	leg_hosts_fill(v);
	return 0;
}
