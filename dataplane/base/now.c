// Clocks of everything that is not a worker.
#include "dataplane/base/now.h"

#include <time.h>

uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static uint64_t seconds(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (uint64_t)t.tv_sec;
}

uint32_t now_boot_s(void)
{
	return (uint32_t)seconds(CLOCK_BOOTTIME);
}

uint64_t now_unix_s(void)
{
	return seconds(CLOCK_REALTIME);
}

uint64_t now_unix_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}
