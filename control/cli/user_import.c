// Users from comma-separated values: see user_import.h.
#include "control/cli/user_import.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "control/cli/csv.h"
#include "control/cli/progress.h"
#include "control/user_list.h"

enum { SAID_MAX = 10 };

// Meaning of a column: a hash by its algorithm, or
enum { NAME = DIGEST_ALGORITHMS, REALM, PASSWORD, MEANINGS };

static const struct {
	const char *title;
	int meaning;
} titles[] = {
        {"name", NAME},
        {"username", NAME},
        {"user", NAME},
        {"realm", REALM},
        {"domain", REALM},
        {"password", PASSWORD},
        {"ha1-md5", DIGEST_MD5},
        {"ha1", DIGEST_MD5},
        {"ha1-sha256", DIGEST_SHA256},
        {"ha1_sha256", DIGEST_SHA256},
        {"ha1-sha512-256", DIGEST_SHA512_256},
        {"ha1_sha512t256", DIGEST_SHA512_256},
};

struct import {
	struct csv csv;
	struct digest *digest;
	int column[MEANINGS]; // of the meaning, -1 = none
};

static int read_titles(struct import *i, struct error *e)
{
	struct str field[CSV_FIELDS];
	int n = csv_row(&i->csv, field, e);

	for (int m = 0; m < MEANINGS; m++)
		i->column[m] = -1;
	if (n < 0)
		return -1;
	for (int c = 0; c < n; c++)
		for (size_t t = 0; t < sizeof(titles) / sizeof(titles[0]); t++)
			if (str_eq_nocase(field[c], str_of(titles[t].title)) &&
			        i->column[titles[t].meaning] < 0)
				i->column[titles[t].meaning] = c;
	if (i->column[NAME] >= 0 &&
	        (i->column[PASSWORD] >= 0 || i->column[DIGEST_MD5] >= 0 ||
	                i->column[DIGEST_SHA256] >= 0 || i->column[DIGEST_SHA512_256] >= 0))
		return 0;
	return error_set(e, "the first line has to name the columns: name,realm,password, or "
	                    "ha1-md5, ha1-sha256, ha1-sha512-256 for password");
}

static struct str field_of(const struct import *i, const struct str *field, int n, int meaning)
{
	int c = i->column[meaning];

	return c >= 0 && c < n ? field[c] : STR_NONE;
}

static int read_secret(const struct import *i, const struct str *field, int n,
        const struct str name_realm[2], struct user_secret *out, struct error *e)
{
	struct str password = field_of(i, field, n, PASSWORD);

	*out = (struct user_secret){0};
	if (password.len > 0 &&
	        !user_hash_password(i->digest, name_realm[0], name_realm[1], password, out))
		return error_set(e, "libcrypto cannot hash");
	for (int a = 0; a < DIGEST_ALGORITHMS; a++) {
		struct str hex = field_of(i, field, n, a);
		size_t len = digest_bytes((enum digest_algorithm)a);

		if (hex.len == 0)
			continue;
		if (!digest_unhex(hex, out->ha1[a], len))
			return error_set(
			        e, "column %d: not %zu hex digits", i->column[a] + 1, 2 * len);
		out->known |= (uint8_t)(1u << a);
	}
	return out->known != 0 ? 0 : error_set(e, "neither a password nor a hash");
}

// -1 a bad row, -2 the file of users failed.
static int import_row(
        struct import *i, const struct str *field, int n, struct user_file *f, struct error *e)
{
	struct str name_realm[2] = {field_of(i, field, n, NAME), field_of(i, field, n, REALM)};
	char key[USER_FILE_KEY_MAX + 1];
	struct user_secret secret;
	struct str canonical;
	size_t realm_at;
	int rc;

	if (i->column[REALM] < 0 && !user_split(name_realm[0], &name_realm[0], &name_realm[1]))
		return error_set(e, "no realm: a column realm, or name@realm, is needed");
	if (!user_file_key(name_realm[0], name_realm[1], key, &realm_at))
		return error_set(e, "no name and realm like alice and example.com");
	// What a phone hashes is the realm it is challenged with: as it is kept.
	canonical = str_of(key);
	name_realm[0] = str_head(canonical, realm_at - 1);
	name_realm[1] = str_skip(canonical, realm_at);
	if (read_secret(i, field, n, name_realm, &secret, e) != 0)
		return -1;
	rc = user_file_put(f, canonical, &secret, e) != 0 ? -2 : 0;
	explicit_bzero(&secret, sizeof(secret));
	return rc;
}

static int import_rows(struct import *i, struct user_file *f, const struct user_import *from,
        uint64_t *users, uint64_t *bad)
{
	struct str field[CSV_FIELDS];
	struct progress progress;
	struct error e = {0};
	struct stat st;
	int n;

	progress_begin(&progress, "users",
	        fstat(from->fd, &st) == 0 && S_ISREG(st.st_mode) ? (uint64_t)st.st_size : 0);
	while ((n = csv_row(&i->csv, field, &e)) != 0) {
		int rc = n < 0 ? n : import_row(i, field, n, f, &e);

		*users += rc == 0;
		progress_at(&progress, i->csv.bytes, *users);
		if (rc == 0)
			continue;
		if (++*bad <= SAID_MAX || rc == -2)
			fprintf(stderr, "%s:%llu: %s\n", from->name, i->csv.number, e.text);
		if (rc == -2 || (!from->skip_bad && *bad >= SAID_MAX))
			break;
	}
	progress_end(&progress);
	return n == 0 && (*bad == 0 || from->skip_bad) ? 0 : -1;
}

int user_import(struct user_file *f, const struct user_import *from, uint64_t *users, uint64_t *bad)
{
	struct import i = {.csv = {.f = fdopen(from->fd, "r")}, .digest = digest_create()};
	struct error e = {0};
	int rc = -1;

	*users = *bad = 0;
	if (i.csv.f == NULL || i.digest == NULL)
		fprintf(stderr, "%s: out of memory\n", from->name);
	else if (read_titles(&i, &e) != 0)
		fprintf(stderr, "%s:1: %s\n", from->name, e.text);
	else
		rc = import_rows(&i, f, from, users, bad);
	csv_clear(&i.csv);
	digest_destroy(i.digest);
	if (i.csv.f != NULL)
		fclose(i.csv.f);
	else
		close(from->fd);
	return rc;
}
