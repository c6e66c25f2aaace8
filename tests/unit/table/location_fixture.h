// A location table in a region of its own on tmpfs, and contacts whose texts say whether they are
// whole: each carries its own length and a checksum.
#pragma once

#include <stdlib.h>
#include <unistd.h>

#include "dataplane/base/now.h"
#include "dataplane/table/location.h"

enum { FIXTURE_SCRATCH = LOCATION_CONTACTS_MAX * LOCATION_TEXT_MAX };

struct location_fixture {
	char base[64], dir[96];
	struct region region;
	struct location *writer;
};

static inline int location_fixture_init(struct location_fixture *f, uint64_t slots)
{
	*f = (struct location_fixture){.writer = NULL};
	snprintf(f->base, sizeof(f->base), "/dev/shm/spry-test-location.XXXXXX");
	if (mkdtemp(f->base) == NULL) {
		snprintf(f->base, sizeof(f->base), "/tmp/spry-test-location.XXXXXX");
		if (mkdtemp(f->base) == NULL)
			return -1;
	}
	snprintf(f->dir, sizeof(f->dir), "%s/run", f->base);
	if (region_create(&f->region, f->dir, false, NULL, NULL) != 0)
		return -1;
	f->writer = location_create(&f->region, slots, NULL, NULL, NULL);
	return f->writer != NULL ? 0 : -1;
}

static inline int location_fixture_fini(struct location_fixture *f)
{
	location_detach(f->writer);
	region_remove(&f->region);
	return rmdir(f->base);
}

// Any key: what the hash of an AoR would be.
static inline struct location_key fixture_key(uint64_t number)
{
	return (struct location_key){.h = {(number + 1) * 0x9e3779b97f4a7c15u,
	                                     (number + 1) * 0xc2b2ae3d27d4eb4fu ^ number << 7}};
}

// A contact of record `number` in version `version`; the URI has `len` bytes (at least 40).
struct fixture_contact {
	char uri[LOCATION_TEXT_MAX], call_id[32];
	struct location_contact contact;
};

static inline uint64_t fixture_sum(const char *p, size_t len)
{
	return hash_13((struct hash_key){1, 2}, p, len);
}

static inline void fixture_fill(
        struct fixture_contact *c, uint64_t number, uint64_t version, size_t len)
{
	memset(c->uri, (int)('a' + version % 26), len);
	memcpy(c->uri + 16, &number, 8);
	memcpy(c->uri + 24, &version, 8);
	memcpy(c->uri + 8, &len, 8);
	const uint64_t sum = fixture_sum(c->uri + 8, len - 8);
	memcpy(c->uri, &sum, 8);
	snprintf(c->call_id, sizeof(c->call_id), "%llu", (unsigned long long)number);
	c->contact = (struct location_contact){
	        .uri = {c->uri, len},
	        .call_id = str_of(c->call_id),
	        .expires_s = 1000,
	        .cseq = (uint32_t)version,
	        .flow = version,
	        .reg_id = (uint32_t)number,
	        .q = 1000,
	        .transport = TRANSPORT_UDP,
	};
}

// The contact is whole and the record's own.
static inline bool fixture_whole(const struct location_contact *c, uint64_t number)
{
	uint64_t sum, len, of, version;

	if (c->uri.len < 40)
		return false;
	memcpy(&sum, c->uri.p, 8);
	memcpy(&len, c->uri.p + 8, 8);
	memcpy(&of, c->uri.p + 16, 8);
	memcpy(&version, c->uri.p + 24, 8);
	return len == c->uri.len && of == number && version == c->flow &&
	       c->reg_id == (uint32_t)of && sum == fixture_sum(c->uri.p + 8, c->uri.len - 8);
}

// The record of a key as a reader sees it, whose contacts have its number in `methods`: version <<
// 8 | contacts, 0 when there is none, UINT64_MAX when it is not whole and of one version.
static inline uint64_t fixture_state(const struct location *l, uint64_t number,
        struct location_contact found[LOCATION_CONTACTS_MAX], char scratch[FIXTURE_SCRATCH])
{
	const struct location_key key = fixture_key(number);
	const int n = location_lookup(l, &key, 0, found, LOCATION_CONTACTS_MAX, scratch);

	for (int i = 0; i < n; i++)
		if (!fixture_whole(&found[i], number) || found[i].flow != found[0].flow ||
		        found[i].methods != (uint32_t)n)
			return UINT64_MAX;
	return n <= 0 ? 0 : found[0].flow << 8 | (uint64_t)n;
}
