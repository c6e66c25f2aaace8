// For the tests of the journal: a directory of their own, AoRs by number whose contact says which
// put it is of, and what came back.
#pragma once

#include "tests/unit/unit.h"

#include <dirent.h>
#include <unistd.h>

#include "control/store.h"
#include "control/store_record.h"
#include "dataplane/base/log.h"
#include "dataplane/base/now.h"

enum { LONG_MS = 20000, ROOM = 4096 };

static char dir[] = "/tmp/spry-test-store-XXXXXX";
static char file[80];

static inline int empty_dir(void **state)
{
	struct dirent *entry;
	DIR *d = opendir(dir);
	char path[400];

	(void)state;
	while (d != NULL && (entry = readdir(d)) != NULL) {
		snprintf(path, sizeof(path), "%s/%s", dir, entry->d_name);
		if (entry->d_name[0] != '.')
			(void)unlink(path);
	}
	if (d != NULL)
		closedir(d);
	return 0;
}

static inline int make_dir(void **state)
{
	(void)state;
	log_init("test", 0); // damage is what is tested here
	if (mkdtemp(dir) == NULL)
		return -1;
	snprintf(file, sizeof(file), "%s/location.mdb", dir);
	return 0;
}

static inline int remove_dir(void **state)
{
	empty_dir(state);
	return rmdir(dir);
}

static inline uint64_t rnd(void)
{
	static uint64_t x = 0x9e3779b97f4a7c15u;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return x;
}

struct numbered {
	char aor[40], uri[60], call_id[40], path[3000];
	struct location_contact c;
};

// AoR `i` as put number `cseq` leaves it; each 16th has a value of several pages.
static inline struct location_contact *number(struct numbered *n, unsigned i, uint32_t cseq)
{
	snprintf(n->aor, sizeof(n->aor), "sip:u%u@example.com", i);
	snprintf(n->uri, sizeof(n->uri), "sip:u%u@198.51.100.7:5060", i);
	snprintf(n->call_id, sizeof(n->call_id), "call-%u-%u", i, cseq);
	memset(n->path, 'a' + (int)(cseq % 26), sizeof(n->path));
	n->c = (struct location_contact){
	        .aor = str_of(n->aor),
	        .uri = str_of(n->uri),
	        .call_id = str_of(n->call_id),
	        .path = {n->path, i % 16 == 0 ? sizeof(n->path) : 20},
	        .expires_s = store_now_s() + 3600,
	        .cseq = cseq,
	};
	return &n->c;
}

static inline bool put_number(struct store *s, unsigned i, uint32_t cseq)
{
	struct numbered n;
	struct location_contact *c = number(&n, i, cseq);

	return store_put(s, c->aor, c, 1);
}

// What came back of the numbered AoRs: 0 = nothing.
struct seen {
	unsigned records;
	uint32_t cseq[ROOM];
};

static inline void see(void *arg, struct str aor, const struct location_contact *c, unsigned n)
{
	struct seen *seen = arg;
	struct numbered want;
	uint64_t i = 0;

	aor = str_skip(aor, 5);
	assert_true(str_decimal(str_head(aor, str_find(aor, '@')), ROOM - 1, &i));
	assert_int_equal(n, 1);
	number(&want, (unsigned)i, c->cseq); // no half record, none of another AoR
	unit_str(c->uri, want.uri);
	unit_str(c->call_id, want.call_id);
	assert_true(str_eq(c->path, want.c.path));
	seen->cseq[i] = c->cseq;
	seen->records++;
}

static inline struct store *open_with(struct store_options o)
{
	struct error e = {0};
	struct store *s;

	o.dir = o.dir != NULL ? o.dir : dir;
	s = store_open(&o, &e);
	if (s == NULL)
		fail_msg("%s", e.text);
	return s;
}

typedef void store_fn(void *arg, struct str aor, const struct location_contact *c, unsigned n);

static inline void load(struct store *s, store_fn fn, void *arg)
{
	const struct store_taker taker = {.record = fn, .arg = arg};
	const uint64_t until_ns = now_ns() + LONG_MS * 1000000ull;
	enum store_end end;

	while ((end = store_load(s, 100, &taker)) != STORE_LOADED) {
		assert_true(now_ns() < until_ns);
		if (end == STORE_WAIT)
			usleep(200);
	}
}

static inline struct store *open_seen(struct store_options o, struct seen *seen)
{
	struct store *s = open_with(o);

	memset(seen, 0, sizeof(*seen));
	load(s, see, seen);
	return s;
}

static inline struct store_status status_of(struct store *s)
{
	struct store_status st;

	store_status(s, &st);
	return st;
}
