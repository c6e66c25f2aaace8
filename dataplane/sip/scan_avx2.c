// The scanner for CPUs with AVX2.
#include <immintrin.h>
#include <stdint.h>

static inline uint64_t block_equal(const char *p, char c)
{
	const __m256i low = _mm256_loadu_si256((const void *)p);
	const __m256i high = _mm256_loadu_si256((const void *)(p + 32));
	const __m256i want = _mm256_set1_epi8(c);
	const uint32_t l = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(low, want));
	const uint32_t h = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(high, want));

	return (uint64_t)h << 32 | l;
}

static inline uint64_t block_nul(const char *p)
{
	const __m256i low = _mm256_loadu_si256((const void *)p);
	const __m256i high = _mm256_loadu_si256((const void *)(p + 32));
	const __m256i less = _mm256_min_epu8(low, high);

	return (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(less, _mm256_setzero_si256()));
}

#define SCAN_LINES scan_lines_avx2
#include "dataplane/sip/scan_block.inc.h"
