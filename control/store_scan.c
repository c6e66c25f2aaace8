// Reads an LMDB file without LMDB: see store_scan.h.
#include "control/store_scan.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	MAGIC = (int)0xBEEFC0DE,
	DATA_VERSION = 1,
	METAS = 2,
	PAGE_HEAD = 16,
	NODE_HEAD = 8,
	KEY_MAX = 511,
	DEPTH_MAX = 30,
	GROUP = 256,    // pages read at once
	TAIL = 1 << 16, // pages a transaction may have counted and never written
	FLAG_BRANCH = 1,
	FLAG_LEAF = 2,
	FLAG_OVERFLOW = 4,
	FLAG_META = 8,
	NODE_BIG = 1, // the data lies in pages of its own
};
#define NO_PAGE UINT64_MAX

struct page_head {
	uint64_t number;
	uint16_t pad, flags, lower, upper; // of an overflow page lower and upper are the count
};

struct node {
	uint16_t low, high, flags, key_len;
};

struct tree_head {
	uint32_t pad; // the free tree's: page size
	uint16_t flags, depth;
	uint64_t branches, leaves, overflows, entries, root;
};

struct meta {
	uint32_t magic, version;
	uint64_t address, map_bytes;
	struct tree_head tree[2]; // free pages, records
	uint64_t last_page, txn;
};

enum { TREE_FREE, TREE_RECORDS };

struct scan {
	int fd;
	uint32_t page; // bytes
	uint64_t n;    // pages of the file
	uint64_t last; // the last the file may use
	uint8_t *used, *leaf;
	char *group; // GROUP pages
	char *big;   // an overflow value
	size_t big_room;
	int tree;
	bool stopped;
	store_scan_fn fn;
	void *arg;
	struct store_scan *out;
};

__attribute__((format(printf, 2, 0))) static bool fault(
        struct scan *s, const char *format, uint64_t page)
{
	s->out->faults++;
	if (s->out->faults == 1)
		error_set(&s->out->why, format, (unsigned long long)page);
	return false;
}

static bool read_at(int fd, void *to, size_t len, uint64_t offset)
{
	char *p = to;

	while (len > 0) {
		ssize_t n = pread(fd, p, len, (off_t)offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		p += n;
		len -= (size_t)n;
		offset += (uint64_t)n;
	}
	return true;
}

// True when the page is one nobody used yet; it is used from now on.
static bool take(struct scan *s, uint64_t page)
{
	uint8_t bit = (uint8_t)(1u << (page & 7));

	if (page < METAS || page > s->last || page >= s->n)
		return fault(s, "page %llu is outside of the file", page);
	if ((s->used[page / 8] & bit) != 0)
		return fault(s, "page %llu is used twice", page);
	s->used[page / 8] |= bit;
	return true;
}

static struct str key_of(const char *page, uint32_t at, const struct node *n)
{
	return (struct str){page + at + NODE_HEAD, n->key_len};
}

static uint32_t data_len(const struct node *n)
{
	return (uint32_t)n->low | (uint32_t)n->high << 16;
}

static bool node_at(const struct scan *s, const char *page, unsigned i, struct node *n,
        uint32_t *at) // within bounds, or false
{
	struct page_head h;
	uint16_t offset;
	uint64_t len;

	memcpy(&h, page, sizeof(h));
	memcpy(&offset, page + PAGE_HEAD + 2 * i, 2);
	if (offset < h.upper || (offset & 1) != 0 || offset > s->page - NODE_HEAD)
		return false;
	memcpy(n, page + offset, sizeof(*n));
	len = NODE_HEAD + n->key_len;
	if (h.flags == FLAG_LEAF)
		len += (n->flags & NODE_BIG) != 0 ? 8 : data_len(n);
	*at = offset;
	return offset + len <= s->page && n->key_len <= KEY_MAX;
}

// LMDB's order: bytes, shorter first; the free tree's keys are numbers.
static bool ascends(const struct scan *s, struct str a, struct str b)
{
	size_t common = a.len < b.len ? a.len : b.len;
	uint64_t x, y;
	int c;

	if (s->tree == TREE_FREE) {
		memcpy(&x, a.p, 8);
		memcpy(&y, b.p, 8);
		return x < y;
	}
	c = common > 0 ? memcmp(a.p, b.p, common) : 0;
	return c < 0 || (c == 0 && a.len < b.len);
}

// Head, nodes, order of the keys, and that the nodes fill the page without holes. Returns how many
// nodes, 0 = faulty.
static unsigned check_page(struct scan *s, const char *page, uint64_t number, uint16_t flags)
{
	struct str before = STR_NONE;
	struct page_head h;
	uint32_t at, sum = 0;
	struct node n;
	unsigned count;

	memcpy(&h, page, sizeof(h));
	s->out->pages++;
	if (h.number != number || h.flags != flags || h.lower < PAGE_HEAD || h.lower > h.upper ||
	        h.upper > s->page || (h.lower & 1) != 0)
		return fault(s, "page %llu has no sound head", number);
	count = (h.lower - PAGE_HEAD) / 2u;
	if (count < (flags == FLAG_BRANCH ? 2 : 1))
		return fault(s, "page %llu is empty", number);
	for (unsigned i = 0; i < count; i++) {
		bool first = flags == FLAG_BRANCH && i == 0; // its key is never looked at
		uint32_t len;

		if (!node_at(s, page, i, &n, &at))
			return fault(s, "page %llu has a node outside of it", number);
		if (!first && (n.key_len == 0 || (s->tree == TREE_FREE && n.key_len != 8)))
			return fault(s, "page %llu has a key of impossible length", number);
		if (before.p != NULL && !ascends(s, before, key_of(page, at, &n)))
			return fault(s, "page %llu has keys out of order", number);
		if (!first)
			before = key_of(page, at, &n);
		if (flags == FLAG_LEAF && (n.flags & ~NODE_BIG) != 0)
			return fault(s, "page %llu has a node of unknown kind", number);
		len = NODE_HEAD + n.key_len;
		if (flags == FLAG_LEAF)
			len += (n.flags & NODE_BIG) != 0 ? 8 : data_len(&n);
		sum += (len + 1) & ~1u;
	}
	if (sum != s->page - h.upper)
		return fault(s, "page %llu has holes", number);
	return count;
}

// Goes down the branches; leaves are only noted, to be read in the file's order.
static void walk(struct scan *s, uint64_t page, unsigned level, unsigned depth)
{
	unsigned count;
	struct node n;
	uint32_t at;
	char *bytes;

	if (!take(s, page))
		return;
	if (level == depth) {
		s->leaf[page / 8] |= (uint8_t)(1u << (page & 7));
		return;
	}
	bytes = malloc(s->page);
	if (bytes == NULL || !read_at(s->fd, bytes, s->page, page * s->page)) {
		fault(s, "page %llu cannot be read", page);
		free(bytes);
		return;
	}
	count = check_page(s, bytes, page, FLAG_BRANCH);
	for (unsigned i = 0; i < count && !s->stopped; i++) {
		if (!node_at(s, bytes, i, &n, &at))
			break;
		walk(s, data_len(&n) | (uint64_t)n.flags << 32, level + 1, depth);
	}
	free(bytes);
}

// A value in pages of its own.
static bool big_value(struct scan *s, const char *where, uint32_t len, struct str *value)
{
	uint64_t page, pages = (PAGE_HEAD - 1 + (uint64_t)len) / s->page + 1;
	struct page_head h;
	uint32_t said;

	memcpy(&page, where, 8);
	if (page > s->last || page >= s->n || pages > s->n - page)
		return fault(s, "the value at page %llu is outside of the file", page);
	for (uint64_t i = 0; i < pages; i++)
		if (!take(s, page + i))
			return false;
	if (PAGE_HEAD + (size_t)len > s->big_room) {
		char *grown = realloc(s->big, PAGE_HEAD + (size_t)len);

		if (grown == NULL)
			return fault(s, "no memory for the value at page %llu", page);
		s->big = grown;
		s->big_room = PAGE_HEAD + (size_t)len;
	}
	if (!read_at(s->fd, s->big, PAGE_HEAD + (size_t)len, page * s->page))
		return fault(s, "the value at page %llu cannot be read", page);
	memcpy(&h, s->big, sizeof(h));
	memcpy(&said, &h.lower, sizeof(said)); // lower and upper together
	if (h.number != page || h.flags != FLAG_OVERFLOW || said != pages)
		return fault(s, "the value at page %llu has no sound head", page);
	s->out->pages += pages;
	*value = (struct str){s->big + PAGE_HEAD, len};
	return true;
}

// A list of free pages: count, then numbers going down. None of them may be in use.
static void check_free(struct scan *s, struct str value)
{
	uint64_t n, page, before = NO_PAGE;

	if (value.len < 8 || value.len % 8 != 0) {
		fault(s, "a free list has a length of %llu", value.len);
		return;
	}
	memcpy(&n, value.p, 8);
	if (n > value.len / 8 - 1) {
		fault(s, "a free list of %llu pages is cut", n);
		return;
	}
	for (uint64_t i = 1; i <= n; i++, before = page) {
		memcpy(&page, value.p + 8 * i, 8);
		if (page < METAS || page > s->last || page >= before) {
			fault(s, "page %llu in a free list", page);
			return;
		}
		// Pages behind the end were never written: nothing can be in use there.
		if (page < s->n && !take(s, page))
			return;
	}
}

static void read_leaf(struct scan *s, const char *page, uint64_t number)
{
	unsigned count = check_page(s, page, number, FLAG_LEAF);
	struct str value;
	struct node n;
	uint32_t at;

	for (unsigned i = 0; i < count && !s->stopped; i++) {
		if (!node_at(s, page, i, &n, &at))
			return;
		value = (struct str){page + at + NODE_HEAD + n.key_len, data_len(&n)};
		if ((n.flags & NODE_BIG) != 0 && !big_value(s, value.p, data_len(&n), &value))
			continue;
		if (s->tree == TREE_FREE) {
			check_free(s, value);
			continue;
		}
		s->out->records++;
		s->stopped = !s->fn(s->arg, key_of(page, at, &n), value);
	}
}

static bool is_leaf(const struct scan *s, uint64_t page)
{
	return (s->leaf[page / 8] >> (page & 7) & 1) != 0;
}

static void read_leaves(struct scan *s)
{
	for (uint64_t from = 0; from < s->n && !s->stopped; from += GROUP) {
		uint64_t to = from + GROUP < s->n ? from + GROUP : s->n, first = from;

		while (first < to && !is_leaf(s, first))
			first++;
		while (to > first && !is_leaf(s, to - 1))
			to--;
		if (first == to)
			continue;
		if (!read_at(s->fd, s->group, (to - first) * s->page, first * s->page)) {
			fault(s, "page %llu or one behind it cannot be read", first);
			continue;
		}
		for (uint64_t p = first; p < to && !s->stopped; p++)
			if (is_leaf(s, p))
				read_leaf(s, s->group + (p - first) * s->page, p);
	}
}

static void read_tree(struct scan *s, const struct tree_head *t, int which)
{
	if (t->root == NO_PAGE)
		return;
	s->tree = which;
	memset(s->leaf, 0, s->n / 8 + 1);
	if (t->depth == 0 || t->depth > DEPTH_MAX) {
		fault(s, "a tree of depth %llu", t->depth);
		return;
	}
	walk(s, t->root, 1, t->depth);
	read_leaves(s);
}

// The newer of the two; LMDB wants both sound.
static bool read_meta(struct scan *s, struct meta *out)
{
	char bytes[PAGE_HEAD + sizeof(struct meta)];
	struct page_head h;
	struct meta m;

	s->page = 0;
	for (unsigned i = 0; i < METAS; i++) {
		if (!read_at(s->fd, bytes, sizeof(bytes), (uint64_t)i * s->page))
			return fault(s, "no head %llu", i);
		memcpy(&h, bytes, sizeof(h));
		memcpy(&m, bytes + PAGE_HEAD, sizeof(m));
		if (h.number != i || h.flags != FLAG_META || m.magic != (uint32_t)MAGIC ||
		        m.version != DATA_VERSION || m.tree[TREE_RECORDS].flags != 0 ||
		        (m.tree[TREE_FREE].flags & ~0x4000u) != 0x08 /* integer keys */)
			return fault(s, "head %llu is none of a journal", i);
		if (i == 0)
			s->page = m.tree[TREE_FREE].pad;
		if (s->page < 512 || s->page > 32768 || (s->page & (s->page - 1)) != 0 ||
		        m.tree[TREE_FREE].pad != s->page)
			return fault(s, "head %llu names an impossible page size", i);
		if (i == 0 || m.txn > out->txn)
			*out = m;
	}
	return true;
}

int store_scan(int fd, store_scan_fn fn, void *arg, struct store_scan *out)
{
	struct scan s = {.fd = fd, .fn = fn, .arg = arg, .out = out};
	struct stat st;
	struct meta m = {0};

	*out = (struct store_scan){0};
	if (fstat(fd, &st) != 0)
		return error_set(&out->why, "%s", strerror(errno));
	if (st.st_size == 0)
		return 0; // LMDB begins a new one in it
	if (!read_meta(&s, &m))
		return -1;
	s.n = (uint64_t)st.st_size / s.page;
	s.last = m.last_page;
	if (s.last > s.n + TAIL)
		return fault(&s, "page %llu is said to be the last", s.last), -1;
	out->total = s.n;
	s.used = calloc(1, s.n / 8 + 1);
	s.leaf = calloc(1, s.n / 8 + 1);
	s.group = malloc((size_t)GROUP * s.page);
	if (s.used == NULL || s.leaf == NULL || s.group == NULL) {
		fault(&s, "no memory for %llu pages", s.n);
	} else {
		read_tree(&s, &m.tree[TREE_RECORDS], TREE_RECORDS);
		if (!s.stopped)
			read_tree(&s, &m.tree[TREE_FREE], TREE_FREE);
	}
	free(s.used);
	free(s.leaf);
	free(s.group);
	free(s.big);
	return out->faults == 0 ? 0 : -1;
}
