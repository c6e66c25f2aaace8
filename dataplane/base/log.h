// Log lines to stderr with a journald level prefix ("<4>"); control bytes are escaped, lines cut at
// 1 kB. Never called by a worker.
#pragma once

#include "dataplane/base/str.h"

enum log_level {
	LOG_LEVEL_ERROR = 3,
	LOG_LEVEL_WARNING = 4,
	LOG_LEVEL_INFO = 6,
	LOG_LEVEL_DEBUG = 7,
};

// Program name of the prefix, and the last level that is printed. Prefix "<N>" only when stderr is
// not a terminal (journald strips it).
void log_init(const char *program, enum log_level last);

void log_line(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

#define log_error(...) log_line(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warning(...) log_line(LOG_LEVEL_WARNING, __VA_ARGS__)
#define log_info(...) log_line(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...) log_line(LOG_LEVEL_DEBUG, __VA_ARGS__)

// A token bucket for one place that could flood: `burst` lines, then `per_second`.
struct log_limit {
	uint32_t per_second, burst;
	uint64_t tokens_milli, last_ns;
	uint64_t suppressed; // since the last line that was let through
};

// True if a line may be printed now; the caller says how many were suppressed.
bool log_limit_pass(struct log_limit *l, uint64_t at_ns);
