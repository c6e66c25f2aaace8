// Log lines to stderr, each written by one write(2) so that lines of two processes do not mix.
#include "dataplane/base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

enum { LOG_LINE_MAX = 1024 };

static const char *log_program = "spry";
static enum log_level log_last = LOG_LEVEL_INFO;
static bool log_prefix = true;

void log_init(const char *program, enum log_level last)
{
	log_program = program;
	log_last = last;
	log_prefix = !isatty(STDERR_FILENO);
}

// Copies text to out with control bytes as \xNN: a log line must not be able to forge another one
// or to talk to the terminal. Returns the length.
static size_t log_escape(const char *text, char *out, size_t room)
{
	static const char hex[] = "0123456789abcdef";
	size_t n = 0;

	for (; *text != '\0'; text++) {
		unsigned char c = (unsigned char)*text;

		if (c >= 0x20 && c != 0x7f) {
			if (n + 1 > room)
				break;
			out[n++] = *text;
			continue;
		}
		if (n + 4 > room)
			break;
		out[n++] = '\\';
		out[n++] = 'x';
		out[n++] = hex[c >> 4];
		out[n++] = hex[c & 15];
	}
	return n;
}

void log_line(enum log_level level, const char *format, ...)
{
	char text[LOG_LINE_MAX], line[LOG_LINE_MAX];
	va_list args;
	size_t n;
	int head;

	if (level > log_last)
		return;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (log_prefix)
		head = snprintf(line, 64, "<%d>%s: ", (int)level, log_program);
	else
		head = snprintf(line, 64, "%s: ", log_program);
	n = head < 64 ? (size_t)head : 63;
	n += log_escape(text, line + n, sizeof(line) - n - 1);
	line[n++] = '\n';
	// Nowhere to report that the log itself can't be written.
	if (write(STDERR_FILENO, line, n) < 0)
		return;
}

bool log_limit_pass(struct log_limit *l, uint64_t at_ns)
{
	uint64_t full = (uint64_t)l->burst * 1000;

	if (l->last_ns == 0) {
		l->tokens_milli = full;
		l->last_ns = at_ns;
	} else if (at_ns > l->last_ns && l->per_second > 0) {
		uint64_t elapsed = at_ns - l->last_ns;

		if (elapsed / 1000000u > full / l->per_second) {
			l->tokens_milli = full;
			l->last_ns = at_ns;
		} else {
			// Only the time of whole thousandths of a token is used up, so that
			// frequent callers do not round their tokens away.
			uint64_t earned = elapsed * l->per_second / 1000000u;

			l->last_ns += earned * 1000000u / l->per_second;
			l->tokens_milli += earned;
			if (l->tokens_milli > full)
				l->tokens_milli = full;
		}
	}
	if (l->tokens_milli < 1000) {
		l->suppressed++;
		return false;
	}
	l->tokens_milli -= 1000;
	return true;
}
