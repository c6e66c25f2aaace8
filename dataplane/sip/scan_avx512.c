// The scanner for CPUs with AVX-512 BW.
#include <immintrin.h>
#include <stdint.h>

struct block {
	uint64_t lf, cr;
};

static inline struct block block_load(const char *p)
{
	__m512i bytes = _mm512_loadu_si512(p);

	return (struct block){
	        _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8('\n')),
	        _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8('\r')),
	};
}

#define SCAN_LINES scan_lines_avx512
#include "dataplane/sip/scan_block.inc.h"
