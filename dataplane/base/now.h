// Clocks of everything that is not a worker (workers count TSC cycles).
#pragma once

#include <stdint.h>

// CLOCK_MONOTONIC in nanoseconds: all intervals, heartbeats and deadlines.
uint64_t now_ns(void);
// CLOCK_BOOTTIME in seconds: when bindings expire. It goes on while the machine sleeps.
uint32_t now_boot_s(void);
// Since 1970: seconds for dates, milliseconds.
uint64_t now_unix_s(void);
uint64_t now_unix_ms(void);
