// The body of the vector scanners: a file for one CPU defines `struct block block_load(const char
// *)` (one bit per byte of 64: is it LF, CR) and SCAN_LINES (the name of its function), then
// includes this.
#include "dataplane/base/vec.h"
#include "dataplane/sip/scan.h"

enum { BLOCK = 64 };

struct scan_state {
	struct scan_result r;
	uint16_t *at, *full; // next end to write; where there is no more room
	uint64_t cr_last;    // the block before ended with CR
	uint64_t lf_last;    // bits where an LF in the next block makes an empty line
};

// The len bytes at p, less than a block. Nothing behind them counts.
static struct block block_tail(const char *p, uint32_t len)
{
	const uint64_t left = ((uint64_t)1 << len) - 1;
	char whole[BLOCK];
	struct block b;

	if (len == 0)
		return (struct block){0};
	if (!vec_readable(p, BLOCK)) {
		memset(whole, 0, sizeof(whole));
		memcpy(whole, p, len);
		p = whole;
	}
	b = block_load(p);
	return (struct block){b.lf & left, b.cr & left};
}

// Takes the lines whose LFs these are.
static inline void take_lines(struct scan_state *s, uint64_t lf, uint32_t base)
{
	for (; lf != 0; lf &= lf - 1) {
		if (__builtin_expect(s->at == s->full, false)) {
			s->r.full = true;
			return;
		}
		*s->at++ = (uint16_t)(base + (uint32_t)_tzcnt_u64(lf) - 1);
	}
}

// The block in which the head ends, by an empty line or a fault. `wrong`: LFs missing or too many.
static void take_last(struct scan_state *s, struct block b, uint64_t wrong, uint32_t base)
{
	const uint64_t stop = wrong | (b.lf & (b.lf << 2 | s->lf_last));
	const uint32_t at = (uint32_t)_tzcnt_u64(stop);

	take_lines(s, b.lf & (((uint64_t)1 << at) - 1), base);
	if (s->r.full)
		return;
	if ((wrong >> at & 1) == 0)
		s->r.head_end = (uint16_t)(base + at + 1);
	else // an LF missing after a CR: the CR is the bare one
		s->r.bare = (uint16_t)(base + at - !(b.lf >> at & 1));
}

// Takes a block. True when the scan is over.
static inline bool take_block(struct scan_state *s, struct block b, uint32_t base)
{
	// Where an LF must be: after each CR. Any difference is a bare CR or LF.
	const uint64_t wrong = (b.cr << 1 | s->cr_last) ^ b.lf;

	if (__builtin_expect((wrong | (b.lf & (b.lf << 2 | s->lf_last))) != 0, false)) {
		take_last(s, b, wrong, base);
		return true;
	}
	take_lines(s, b.lf, base);
	s->cr_last = b.cr >> 63;
	s->lf_last = b.lf >> 62;
	return s->r.full;
}

struct scan_result SCAN_LINES(struct str text, uint16_t *ends, uint16_t max) {
	struct scan_state s = {.r.bare = 0xffff, .at = ends, .full = ends + max, .lf_last = 2};
	const uint32_t len = (uint32_t)text.len;
	bool over = false;
	uint32_t base = 0;

	for (; !over && base + BLOCK <= len; base += BLOCK)
		over = take_block(&s, block_load(text.p + base), base);
	// Also when nothing is left: a CR as the very last byte misses its LF.
	if (!over)
		take_block(&s, block_tail(text.p + base, len - base), base);
	s.r.n = (uint16_t)(s.at - ends);
	return s.r;
}
