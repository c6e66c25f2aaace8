// The window of what is under way.
#include "dataplane/generator/pending.h"

enum { PENDING_SWEEPS = 16 }; // blocks a call

static uint64_t block_settle(struct pending *p)
{
	uint64_t *bits = &p->bits[p->swept % PENDING_WINDOW / 64];
	uint64_t lost = 0;

	for (unsigned i = 0; i < PENDING_BLOCK / 64; i++) {
		lost += (uint64_t)__builtin_popcountll(bits[i]);
		bits[i] = 0;
	}
	p->swept += PENDING_BLOCK;
	p->count -= (uint32_t)lost;
	return lost;
}

uint64_t pending_add(struct pending *p, uint64_t tsc, uint64_t *lost)
{
	const uint64_t block = p->next % PENDING_WINDOW / PENDING_BLOCK;

	// (a sequence number that is skipped is never sent)
	if (p->next % PENDING_BLOCK != 0 && tsc - p->tsc[block] > PENDING_SPAN_TSC)
		p->next += PENDING_BLOCK - p->next % PENDING_BLOCK;
	const uint64_t n = p->next++;
	const uint64_t at = n % PENDING_WINDOW;

	if (n % PENDING_BLOCK == 0) {
		if (n - p->swept >= PENDING_WINDOW)
			*lost += block_settle(p);
		p->tsc[at / PENDING_BLOCK] = tsc;
	}
	p->bits[at / 64] |= (uint64_t)1 << at % 64;
	p->count++;
	p->last_tsc = tsc;
	return n;
}

enum pending_result pending_take(struct pending *p, uint64_t sequence)
{
	const uint64_t at = sequence % PENDING_WINDOW;
	const uint64_t bit = (uint64_t)1 << at % 64;

	if (sequence >= p->next)
		return PENDING_NEVER;
	if (sequence < p->swept)
		return PENDING_LATE;
	if ((p->bits[at / 64] & bit) == 0)
		return PENDING_TWICE;
	p->bits[at / 64] &= ~bit;
	p->count--;
	return PENDING_MATCHED;
}

// When the oldest block's last message was sent, or later.
static uint64_t oldest_end(const struct pending *p)
{
	const uint64_t after = p->swept + PENDING_BLOCK;

	return p->next > after ? p->tsc[after % PENDING_WINDOW / PENDING_BLOCK] : p->last_tsc;
}

uint64_t pending_sweep(struct pending *p, uint64_t until)
{
	uint64_t lost = 0;

	for (unsigned i = 0; i < PENDING_SWEEPS && p->swept < p->next; i++) {
		if (oldest_end(p) >= until)
			break;
		lost += block_settle(p);
		if (p->next < p->swept)
			p->next = p->swept; // the rest of the last block is not used
	}
	return lost;
}
