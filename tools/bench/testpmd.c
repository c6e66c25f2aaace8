// Lines in, text out: see testpmd.h.
#include "tools/bench/testpmd.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "dataplane/base/now.h"
#include "tools/bench/blast.h"

#define PROMPT "testpmd> "

enum { SAY_S = 5 };

static const char *behind_last(struct str text, const char *word)
{
	const size_t n = strlen(word);
	const char *hit = NULL, *at;

	while (text.len > 0 && (at = memmem(text.p, text.len, word, n)) != NULL) {
		hit = at + n;
		text = str_from(hit, str_end(text));
	}
	return hit;
}

bool testpmd_number(struct str text, const char *word, double *out)
{
	const char *at = behind_last(text, word);
	char number[32], *end;

	if (at == NULL)
		return false;
	snprintf(number, sizeof(number), "%.*s",
	        (int)(str_end(text) - at < 31 ? str_end(text) - at : 31), at);
	const double n = strtod(number, &end);
	if (end == number)
		return false;
	*out = n;
	return true;
}

bool testpmd_cost(struct str text, double *ns)
{
	double cycles, mhz;

	if (!testpmd_number(text, "CPU cycles/packet=", &cycles) ||
	        !testpmd_number(text, ") at ", &mhz) || mhz <= 0)
		return false;
	*ns = cycles * 1000 / mhz;
	return true;
}

bool testpmd_link_up(struct str text)
{
	const char *at = behind_last(text, "Link status: ");

	return at != NULL && str_end(text) - at >= 2 && memcmp(at, "up", 2) == 0;
}

static bool at_prompt(const struct testpmd *t)
{
	const size_t n = sizeof(PROMPT) - 1;

	return t->len >= n && memcmp(t->text + t->len - n, PROMPT, n) == 0;
}

bool testpmd_prompt(struct testpmd *t, double seconds)
{
	const uint64_t until = now_ns() + (uint64_t)(seconds * 1e9);
	struct pollfd p = {.fd = t->child.out, .events = POLLIN};

	while (!at_prompt(t)) {
		if (blast_stop || now_ns() > until)
			return false;
		if (poll(&p, 1, 50) <= 0)
			continue;
		if (t->len == sizeof(t->text)) { // only the end matters
			memmove(t->text, t->text + t->len / 2, t->len / 2);
			t->len /= 2;
		}
		const ssize_t n = read(t->child.out, t->text + t->len, sizeof(t->text) - t->len);
		if (n <= 0)
			return false;
		t->len += (size_t)n;
	}
	return true;
}

bool testpmd_say(struct testpmd *t, const char *line)
{
	char text[128];
	const int n = snprintf(text, sizeof(text), "%s\n", line);

	t->len = 0;
	if (write(t->child.in, text, (size_t)n) != n)
		return false;
	return testpmd_prompt(t, SAY_S);
}
