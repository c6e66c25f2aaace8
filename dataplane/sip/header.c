// Header field names: name to id and back. A name is looked up by two words made from the rows at
// compile time: the set of rows of its length and the set of rows with its third letter. What is in
// both (one row, rarely two) is compared.
#include "dataplane/sip/header.h"
#include "dataplane/base/vec.h"

_Static_assert(HEADER_COUNT <= 64, "a set of rows is one word");

// Names lie in the rows, not behind pointers: one load less on the way.
static const struct {
	char name[VEC_BYTES];
	uint8_t len;
	uint8_t flags;
} rows[HEADER_COUNT] = {
#define X(id, name, compact, flags) [HEADER_##id] = {name, sizeof(name) - 1, flags},
        header_rows(X)
#undef X
};

#define INLINE static inline __attribute__((always_inline))

// Length and third letter (of names with two the second) tell almost all rows apart.
#define MARKING(len) ((len) > 2 ? 2 : (len) / 2)
// A letter's place in the alphabet, whatever its case.
#define LETTER(c) ((c)&0x1f)

INLINE uint64_t rows_of_length(size_t len)
{
#define X(id, name, compact, flags) | (uint64_t)(sizeof(name) - 1 == len) << HEADER_##id
	return 0 header_rows(X);
#undef X
}

INLINE uint64_t rows_of_letter(int letter)
{
#define X(id, name, compact, flags) \
	| (uint64_t)(LETTER((name)[MARKING(sizeof(name) - 1)]) == letter) << HEADER_##id
	return 0 header_rows(X);
#undef X
}

INLINE uint64_t rows_of_compact(int letter)
{
#define X(id, name, compact, flags) \
	| (uint64_t)((compact) != 0 && LETTER(compact) == letter) << HEADER_##id
	return 0 header_rows(X);
#undef X
}

// clang-format off
#define NUMBERS(C)                                                                               \
	C(0) C(1) C(2) C(3) C(4) C(5) C(6) C(7) C(8) C(9) C(10) C(11) C(12) C(13) C(14) C(15) C(16) \
	C(17) C(18) C(19) C(20) C(21) C(22) C(23) C(24) C(25) C(26) C(27) C(28) C(29) C(30) C(31)
// clang-format on

// Called with constants only, the functions above fold to words, and these switches to tables.
#define SETS(name, rows_of)              \
	INLINE uint64_t name(unsigned n) \
	{                                \
		switch (n & 0x1f) {      \
			NUMBERS(rows_of) \
		}                        \
		__builtin_unreachable(); \
	}
#define OF_LENGTH(n) \
	case n:      \
		return rows_of_length(n);
#define OF_LETTER(n) \
	case n:      \
		return rows_of_letter(n);
#define OF_COMPACT(n) \
	case n:       \
		return rows_of_compact(n);
SETS(length_set, OF_LENGTH)
SETS(letter_set, OF_LETTER)
SETS(compact_set, OF_COMPACT)

static struct str row_name(unsigned id)
{
	return (struct str){rows[id].name, rows[id].len};
}

// Letters differ in their case by one bit. No control character may become '-' by it.
INLINE bool is_row(unsigned id, struct str name)
{
	const struct vec small = vec_fill(0x20), v = vec_load(name);
	const uint32_t same = vec_same(vec_or(v, small), vec_or(vec_read(rows[id].name), small));

	return ((~same | vec_up_to(v, ' ')) & vec_low(name.len)) == 0;
}

static enum header_id lookup_compact(char c)
{
	const uint64_t set = compact_set(LETTER((unsigned char)c));
	const char lower = char_lower(c);

	return set != 0 && lower >= 'a' && lower <= 'z' ? (enum header_id)__builtin_ctzll(set)
	                                                : HEADER_OTHER;
}

enum header_id header_lookup(struct str name)
{
	uint64_t set;

	if (name.len == 1)
		return lookup_compact(name.p[0]);
	if (name.len - 2 >= VEC_BYTES - 2)
		return HEADER_OTHER;
	set = length_set((unsigned)name.len) & letter_set((unsigned char)name.p[MARKING(name.len)]);
	for (; set != 0; set &= set - 1) {
		const unsigned id = (unsigned)__builtin_ctzll(set);

		if (is_row(id, name))
			return (enum header_id)id;
	}
	return HEADER_OTHER;
}

enum header_id header_lookup_exact(const char *name, uint32_t len)
{
	// Of rows with the same length and letter only the first.
	const uint64_t set = length_set(len) & letter_set((unsigned char)name[MARKING(len)]);
	const unsigned id = set != 0 ? (unsigned)__builtin_ctzll(set) : HEADER_OTHER;
	const uint32_t same = vec_same(vec_read(name), vec_read(rows[id].name));

	return (~same & vec_low(len)) == 0 && len < VEC_BYTES ? (enum header_id)id : HEADER_OTHER;
}

struct str header_name(enum header_id id)
{
	return row_name(id);
}

unsigned header_flags(enum header_id id)
{
	return rows[id].flags;
}
