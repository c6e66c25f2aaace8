// Compiles patterns (Hyperscan). A thousand of them take a while, and most commits change none: the
// last database of each place is kept, with what it was made of.
#include "control/build_pattern.h"

#include <hs.h>
#include <stdio.h>
#include <stdlib.h>

#include "dataplane/table/pattern.h"

static struct {
	char *made_of;
	size_t made_of_len;
	char *bytes;
	size_t len;
} kept[PATTERN_PLACES];

// All that decides what comes out, as one text; NULL when out of memory.
static char *describe(const struct pattern_source *s, size_t *len)
{
	char *text = NULL;
	FILE *f = open_memstream(&text, len);

	if (f == NULL)
		return NULL;
	for (unsigned i = 0; i < s->n; i++)
		fprintf(f, "%u %s\n", s->id[i], s->text[i]);
	if (fclose(f) == 0)
		return text;
	free(text);
	return NULL;
}

bool build_pattern_kept(unsigned place, const struct pattern_source *s)
{
	size_t len = 0;
	char *text = s->n > 0 ? describe(s, &len) : NULL;
	bool same = s->n == 0 ||
	            (text != NULL && kept[place].len > 0 && len == kept[place].made_of_len &&
	                    memcmp(text, kept[place].made_of, len) == 0);

	free(text);
	return same;
}

static int compile(
        const struct pattern_source *s, hs_database_t **db, unsigned *bad, struct error *e)
{
	unsigned *flags = calloc(s->n, sizeof(*flags));
	hs_compile_error_t *fault = NULL;
	int rc = 0;

	if (flags == NULL)
		return error_set(e, "out of memory");
	for (unsigned i = 0; i < s->n; i++)
		flags[i] = HS_FLAG_MULTILINE | HS_FLAG_SINGLEMATCH;
	if (hs_compile_multi(s->text, flags, s->id, s->n, HS_MODE_BLOCK, NULL, db, &fault) !=
	        HS_SUCCESS) {
		if (fault->expression >= 0)
			*bad = (unsigned)fault->expression;
		rc = error_set(e, "%s", fault->message);
		hs_free_compile_error(fault);
	}
	free(flags);
	return rc;
}

static int keep(unsigned place, hs_database_t *db, char *made_of, size_t made_of_len)
{
	char *bytes = NULL;
	size_t len;

	if (hs_serialize_database(db, &bytes, &len) != HS_SUCCESS)
		return -1;
	free(kept[place].made_of);
	free(kept[place].bytes);
	kept[place].made_of = made_of;
	kept[place].made_of_len = made_of_len;
	kept[place].bytes = bytes;
	kept[place].len = len;
	return 0;
}

int build_pattern_database(unsigned place, const struct pattern_source *s, struct str *out,
        unsigned *bad, struct error *e)
{
	hs_database_t *db = NULL;
	size_t len;
	char *made_of;
	int rc = 0;

	*out = STR_NONE;
	*bad = s->n;
	if (s->n == 0)
		return 0;
	made_of = describe(s, &len);
	if (made_of == NULL)
		return error_set(e, "out of memory");
	if (build_pattern_kept(place, s)) {
		free(made_of);
	} else if (compile(s, &db, bad, e) != 0) {
		free(made_of);
		return -1;
	} else {
		rc = keep(place, db, made_of, len);
		hs_free_database(db);
		if (rc != 0) {
			free(made_of);
			return error_set(e, "out of memory");
		}
	}
	*out = (struct str){kept[place].bytes, kept[place].len};
	return 0;
}
