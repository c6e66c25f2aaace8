// Messages made once, when an order comes, and copied for each one sent with a few words put in:
// the mark, the number of the call (Call-ID and From tag), the users, the CSeq. Pure text: no DPDK.
#pragma once

#include "dataplane/table/bench.h"

enum {
	TEMPLATE_PLACES_MAX = 12,
	TEMPLATE_ROOM = BENCH_SIZE_MAX + 600,
	TEMPLATE_CSEQ_FIRST = 1000, // four digits
	TEMPLATE_CSEQS = 9000,
};

enum template_id {
	TEMPLATE_INVITE,
	TEMPLATE_ACK,
	TEMPLATE_BYE,
	TEMPLATE_OPTIONS,
	TEMPLATE_REGISTER, // without Authorization, CSeq of eight digits
	TEMPLATE_MESSAGE,
	TEMPLATES,
};

enum template_word {
	TEMPLATE_CALL,   // eight hex digits
	TEMPLATE_CALLEE, // seven decimal digits behind the character that stands there
	TEMPLATE_CALLER,
	TEMPLATE_CSEQ, // four decimal digits
};

struct template_place {
	uint16_t at;
	uint8_t word; // enum template_word
};

struct template
{
	uint16_t len;
	uint16_t mark_at;  // of its 40 digits; 0 = has none
	uint16_t head_len; // start line with its CRLF
	uint16_t n_places;
	struct template_place place[TEMPLATE_PLACES_MAX];
	uint64_t sum; // one's complement sum of the text, what is put in taken as zero bytes
	char text[TEMPLATE_ROOM];
};

// What is put in.
struct template_words {
	uint64_t mark[5];
	uint32_t call, callee, caller; // numbers
	uint16_t cseq;                 // from 0
};

// What all messages of an order have in common.
struct template_plan {
	const struct bench_order *order;
	uint32_t run; // number of this run: Call-IDs differ from those of others
};

// Makes the message of a kind as the order has it, as long as it says or, when it must, longer.
void template_make(struct template *t, enum template_id id, const struct template_plan *plan);
// One of a message that is there: only the mark at mark_at is put in.
void template_take(struct template *t, struct str text, uint16_t mark_at);

// Copies it to `out` (TEMPLATE_ROOM), puts the words in, returns the one's complement sum of it (64
// bits, in the order of ip_sum()).
uint64_t template_write(const struct template *t, const struct template_words *w, char *out);

// A 64-bit one's complement sum folded to 16 bits.
static inline uint16_t template_fold(uint64_t sum)
{
	sum = (sum & 0xffffffff) + (sum >> 32);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)((sum & 0xffff) + (sum >> 16));
}
