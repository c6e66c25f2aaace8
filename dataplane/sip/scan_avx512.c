// The scanner for CPUs with AVX-512 VBMI2 (Ice Lake, Zen 4 and later).
#include <immintrin.h>
#include <stdint.h>

static inline uint64_t block_equal(const char *p, char c)
{
	return _mm512_cmpeq_epi8_mask(_mm512_loadu_si512(p), _mm512_set1_epi8(c));
}

static inline uint64_t block_nul(const char *p)
{
	const __m512i bytes = _mm512_loadu_si512(p);

	return _mm512_testn_epi8_mask(bytes, bytes);
}

static inline uint16_t *block_lines(uint16_t *at, uint64_t bits, uint32_t base)
{
	const __m512i numbers = _mm512_set_epi64(0x3f3e3d3c3b3a3938, 0x3736353433323130,
	        0x2f2e2d2c2b2a2928, 0x2726252423222120, 0x1f1e1d1c1b1a1918, 0x1716151413121110,
	        0x0f0e0d0c0b0a0908, 0x0706050403020100);
	const __m256i found = _mm512_castsi512_si256(_mm512_maskz_compress_epi8(bits, numbers));
	const __m512i from = _mm512_set1_epi16((short)base);

	_mm512_storeu_si512(at, _mm512_add_epi16(_mm512_cvtepu8_epi16(found), from));
	return at + _mm_popcnt_u64(bits);
}

#define SCAN_BLOCK_LINES block_lines
#define SCAN_LINES scan_lines_avx512
#include "dataplane/sip/scan_block.inc.h"
