// The scanner: finds the lines of a message head, 64 bytes at a time.
// A scalar reference, AVX2 and AVX-512 variants made from one body; chosen once at start by CPU,
// forced by the environment (SPRY_SCAN=scalar|avx2|avx512) so that tests can compare them.
#pragma once

#include "dataplane/base/str.h"

struct scan_result {
	uint16_t n;        // lines found before the empty line (folded lines count each)
	uint16_t head_end; // offset after the empty line's CRLF; 0 = no empty line
	uint16_t bare;     // offset of the first CR without LF or LF without CR, 0xffff = none
	bool full;         // there were more than `max` lines
	bool nul;          // there is a NUL in what was scanned, or some bytes behind it
};

// Scans from `text` (<= 65535 bytes) up to and including the first empty line. Never reads past
// text's end. Stops at the first bare CR or LF. Fills ends[] with the offset of each line's CR: a
// line ends with CR LF, the next one starts two bytes behind that offset. Behind the n-th, ends[]
// may hold anything then.
typedef struct scan_result (*scan_fn)(struct str text, uint16_t *ends, uint16_t max);

// The variants. Call scan_lines: not every CPU can run each of them.
struct scan_result scan_lines_scalar(struct str text, uint16_t *ends, uint16_t max);
struct scan_result scan_lines_avx2(struct str text, uint16_t *ends, uint16_t max);
struct scan_result scan_lines_avx512(struct str text, uint16_t *ends, uint16_t max);

// The variant in use. scan_lines is the scalar one until scan_init() was called.
extern scan_fn scan_lines;
// Chooses by SPRY_SCAN, else the best this CPU has. Returns its name, NULL when SPRY_SCAN names one
// that is unknown or that this CPU can't run.
const char *scan_init(void);

struct scan_variant {
	const char *name;
	scan_fn lines;
	bool (*usable)(void);
};
// All variants of this build, the scalar reference first, ended by a row with name NULL.
extern const struct scan_variant scan_variants[];
