// One flag, set by any of them.
#include "tools/bench/interrupt.h"

#include <signal.h>
#include <time.h>

static volatile sig_atomic_t seen;

static void on_signal(int number)
{
	seen = number;
}

void interrupt_init(void)
{
	static const int numbers[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
	struct sigaction a = {.sa_handler = on_signal}; // no SA_RESTART: reads end

	for (unsigned i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		sigaction(numbers[i], &a, NULL);
	signal(SIGPIPE, SIG_IGN);
}

bool interrupt_seen(void)
{
	return seen != 0;
}

bool interrupt_nap(unsigned ms)
{
	const struct timespec nap = {.tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000};

	return !interrupt_seen() && nanosleep(&nap, NULL) == 0;
}

void interrupt_forget(void)
{
	seen = 0;
}
