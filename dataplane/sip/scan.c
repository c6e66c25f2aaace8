// The scanner's variants, and the choice between them.
#include "dataplane/sip/scan.h"

#include <stdlib.h>

static bool usable_always(void)
{
	return true;
}

// These stand here and not beside their scanners: what is compiled for a CPU must not run before it
// is known to be that CPU.
static bool usable_avx2(void)
{
	__builtin_cpu_init();
	return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi");
}

static bool usable_avx512(void)
{
	return usable_avx2() && __builtin_cpu_supports("popcnt") &&
	       __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
	       __builtin_cpu_supports("avx512vbmi2");
}

const struct scan_variant scan_variants[] = {
        {"scalar", scan_lines_scalar, usable_always},
        {"avx2", scan_lines_avx2, usable_avx2},
        {"avx512", scan_lines_avx512, usable_avx512},
        {NULL, NULL, NULL},
};

scan_fn scan_lines = scan_lines_scalar;

const char *scan_init(void)
{
	const char *forced = getenv("SPRY_SCAN");
	const struct scan_variant *best = NULL;

	for (const struct scan_variant *v = scan_variants; v->name != NULL; v++) {
		if (forced != NULL && strcmp(v->name, forced) != 0)
			continue;
		if (v->usable())
			best = v;
	}
	if (best == NULL)
		return NULL;
	scan_lines = best->lines;
	return best->name;
}
