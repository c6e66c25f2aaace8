// The body of the vector scanners: a file for one CPU defines `uint64_t block_equal(const char *,
// char)` (a bit for each of 64 bytes: is it that one), `uint64_t block_nul(const char *)` (not 0
// when one of them is NUL) and SCAN_LINES (the name of its function), then includes this. It may
// define SCAN_BLOCK_LINES, the name of a function (uint16_t *at, uint64_t bits, uint32_t base),
// too: writes base and the number of each bit, at most 32, and returns the end; up to the 32nd it
// may write anything behind that.
#include "dataplane/base/vec.h"
#include "dataplane/sip/scan.h"

enum { BLOCK = 64 };

// Both bits of a line's end stand where its CR is.
struct block {
	uint64_t cr, lf; // this byte is CR, the one behind it LF
};

struct scan_state {
	struct scan_result r;
	uint16_t *at, *full; // next end to write; where there is no more room
	uint64_t nul;        // not 0: there was one
	uint64_t last;       // bits where a CR in the next block makes an empty line
};

// With the byte behind the block.
static inline struct block block_load(const char *p)
{
	return (struct block){block_equal(p, '\r'), block_equal(p + 1, '\n')};
}

// The last len bytes of the text, 1 to BLOCK of them: an LF behind it is none.
static inline struct block block_tail(struct scan_state *s, struct str text, uint32_t len)
{
	const char *p = str_end(text) - BLOCK;
	uint32_t before = BLOCK - len; // bytes that were looked at
	char whole[BLOCK];

	if (__builtin_expect(text.len < BLOCK, false)) {
		memset(whole, ' ', sizeof(whole));
		memcpy(whole + before, text.p, len);
		p = whole;
	}
	s->nul |= block_nul(p);
	return (struct block){block_equal(p, '\r') >> before, block_equal(p, '\n') >> 1 >> before};
}

// Takes the lines whose CRs these are.
static inline void take_lines(struct scan_state *s, uint64_t cr, uint32_t base)
{
#ifdef SCAN_BLOCK_LINES
	if (__builtin_expect(s->full - s->at >= BLOCK / 2, true)) {
		s->at = SCAN_BLOCK_LINES(s->at, cr, base);
		return;
	}
#endif
	for (; cr != 0; cr &= cr - 1) {
		if (__builtin_expect(s->at == s->full, false)) {
			s->r.full = true;
			return;
		}
		*s->at++ = (uint16_t)(base + (uint32_t)_tzcnt_u64(cr));
	}
}

// The block in which the head ends, by an empty line or a fault: at the first of these bits.
static void take_last(struct scan_state *s, struct block b, uint64_t stop, uint32_t base)
{
	const uint32_t at = (uint32_t)_tzcnt_u64(stop);
	const bool cr = (b.cr >> at & 1) != 0, lf = (b.lf >> at & 1) != 0;

	take_lines(s, b.cr & (((uint64_t)1 << at) - 1), base);
	if (s->r.full)
		return;
	if (cr && lf)
		s->r.head_end = (uint16_t)(base + at + 2);
	else
		s->r.bare = (uint16_t)(base + at + !cr);
}

// Takes a block. True when the scan is over.
static inline bool take_block(struct scan_state *s, struct block b, uint32_t base)
{
	// A CR without LF, an LF without CR, a CR where a line begins.
	const uint64_t stop = (b.cr ^ b.lf) | (b.cr & (b.cr << 2 | s->last));

	if (__builtin_expect(stop != 0, false)) {
		take_last(s, b, stop, base);
		return true;
	}
	take_lines(s, b.cr, base);
	s->last = b.cr >> 62;
	return s->r.full;
}

static inline void take_blocks(struct scan_state *s, struct str text)
{
	const uint32_t len = (uint32_t)text.len;
	uint32_t base = 0;

	// Each with the byte behind it: there is a last one, of at least a byte.
	for (; base + BLOCK < len; base += BLOCK) {
		s->nul |= block_nul(text.p + base);
		if (take_block(s, block_load(text.p + base), base))
			return;
	}
	take_block(s, block_tail(s, text, len - base), base);
}

struct scan_result SCAN_LINES(struct str text, uint16_t *ends, uint16_t max) {
	struct scan_state s = {.r.bare = 0xffff, .at = ends, .full = ends + max, .last = 1};

	if (text.len > 0 && text.p[0] != '\n')
		take_blocks(&s, text);
	else if (text.len > 0) // the one LF that no byte stands before
		s.r.bare = 0;
	s.r.n = (uint16_t)(s.at - ends);
	s.r.nul = s.nul != 0;
	return s.r;
}
