// Values in the order they were set; a second array has them sorted, so that a list of a hundred
// thousand networks is searched like one of ten.
#include "config/setting.h"

#include "config/gap.h"

// Where `value` stands among the sorted, or would.
static unsigned search(const struct setting *s, const char *value, bool *found)
{
	unsigned low = 0, high = s->n_values;

	while (low < high) {
		unsigned middle = low + (high - low) / 2;

		if (strcmp(s->sorted[middle], value) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	*found = low < s->n_values && strcmp(s->sorted[low], value) == 0;
	return low;
}

bool setting_has(const struct setting *s, const char *value)
{
	bool found;

	(void)search(s, value, &found);
	return found;
}

bool setting_add(struct setting *s, const char *value)
{
	const unsigned n = s->n_values;
	bool found;
	unsigned at = search(s, value, &found);
	char *copy = strdup(value);

	if (copy == NULL || !gap_open((void **)&s->value, n, n, sizeof(copy)) ||
	        !gap_open((void **)&s->sorted, n, at, sizeof(copy))) {
		free(copy);
		return false;
	}
	s->value[n] = copy;
	s->sorted[at] = copy;
	s->n_values++;
	return true;
}

bool setting_remove(struct setting *s, const char *value)
{
	bool found;
	unsigned sorted = search(s, value, &found), at = 0;

	if (!found)
		return false;
	while (s->value[at] != s->sorted[sorted])
		at++;
	free(s->value[at]);
	gap_close(s->value, s->n_values, at, sizeof(s->value[0]));
	gap_close(s->sorted, s->n_values, sorted, sizeof(s->sorted[0]));
	s->n_values--;
	return true;
}

void setting_clear(struct setting *s)
{
	for (unsigned i = 0; i < s->n_values; i++)
		free(s->value[i]);
	free(s->value);
	free(s->sorted);
	s->value = s->sorted = NULL;
	s->n_values = 0;
}

bool setting_copy(struct setting *to, const struct setting *from)
{
	for (unsigned i = 0; i < from->n_values; i++) {
		if (!setting_add(to, from->value[i]))
			return false;
	}
	return true;
}
