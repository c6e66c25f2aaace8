// The scanner for CPUs with AVX2.
#include <immintrin.h>
#include <stdint.h>

struct block {
	uint64_t lf, cr;
};

static inline uint64_t equal_mask(__m256i low, __m256i high, __m256i want)
{
	uint32_t l = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(low, want));
	uint32_t h = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(high, want));

	return (uint64_t)h << 32 | l;
}

static inline struct block block_load(const char *p)
{
	const __m256i low = _mm256_loadu_si256((const void *)p);
	const __m256i high = _mm256_loadu_si256((const void *)(p + 32));

	return (struct block){equal_mask(low, high, _mm256_set1_epi8('\n')),
	        equal_mask(low, high, _mm256_set1_epi8('\r'))};
}

#define SCAN_LINES scan_lines_avx2
#include "dataplane/sip/scan_block.inc.h"
