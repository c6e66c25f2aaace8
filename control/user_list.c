// Users of the configuration: see user_list.h.
#include "control/user_list.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "dataplane/base/log.h"

enum { PASSWORD_MAX = 1024 };

static const struct {
	const char *keyword;
	enum digest_algorithm algorithm;
} hashes[] = {
        {"ha1-md5", DIGEST_MD5},
        {"ha1-sha256", DIGEST_SHA256},
        {"ha1-sha512-256", DIGEST_SHA512_256},
};

bool user_split(struct str text, struct str *user, struct str *realm)
{
	size_t at = text.len;

	while (at > 0 && text.p[at - 1] != '@')
		at--;
	if (at < 2 || at == text.len)
		return false;
	*user = str_head(text, at - 1);
	*realm = str_skip(text, at);
	return true;
}

bool user_hash_password(struct digest *d, struct str user, struct str realm, struct str password,
        struct user_secret *out)
{
	const struct str parts[3] = {user, realm, password};

	for (unsigned a = 0; a < DIGEST_ALGORITHMS; a++) {
		if (!digest_ha1(d, (enum digest_algorithm)a, parts, out->ha1[a]))
			return false;
		out->known |= (uint8_t)(1u << a);
	}
	return true;
}

// The first line of a file nobody else may read or change. Its length, -1 with the reason.
static ssize_t read_password(const char *path, char *out, size_t room, struct error *e)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct stat st;
	ssize_t n = -1;

	if (fd < 0 || fstat(fd, &st) != 0)
		error_set(e, "%s: %s", path, strerror(errno));
	else if (!S_ISREG(st.st_mode))
		error_set(e, "%s: not a file", path);
	else if ((st.st_mode & (S_IWGRP | S_IRWXO)) != 0)
		error_set(e, "%s: others may read or change it (chmod 0640)", path);
	else if ((n = read(fd, out, room)) < 0)
		error_set(e, "%s: %s", path, strerror(errno));
	if (fd >= 0)
		close(fd);
	if (n < 0)
		return -1;
	const char *end = memchr(out, '\n', (size_t)n);
	n = end != NULL ? end - out : n;
	n -= n > 0 && out[n - 1] == '\r';
	if (n > 0 && n < (ssize_t)room)
		return n;
	error_set(e, "%s: no password in its first line, or too long a one", path);
	return -1;
}

static int hash_file(struct user_row *r, struct digest *d, const char *path, struct error *e)
{
	char password[PASSWORD_MAX];
	ssize_t n = read_password(path, password, sizeof(password), e);
	int rc = n < 0 ? -1 : 0;

	if (n > 0 && !user_hash_password(
	                     d, r->user, r->realm, (struct str){password, (size_t)n}, &r->secret))
		rc = error_set(e, "libcrypto cannot hash");
	OPENSSL_cleanse(password, sizeof(password));
	return rc;
}

// A hash that is given goes before that of the file.
static int read_row(struct user_row *r, const struct node *user, struct digest *d, struct error *e)
{
	const char *file = node_value(user, "password-file");
	struct error why = {0};

	r->name = strdup(node_key(user));
	if (r->name == NULL || !user_split(str_of(r->name), &r->user, &r->realm))
		return error_set(e, "user %s: out of memory", node_key(user));
	if (file != NULL && hash_file(r, d, file, &why) != 0)
		return error_set(e, "user %s: %s", r->name, why.text);
	for (unsigned i = 0; i < sizeof(hashes) / sizeof(hashes[0]); i++) {
		const char *hex = node_value(user, hashes[i].keyword);
		enum digest_algorithm a = hashes[i].algorithm;

		if (hex == NULL)
			continue;
		if (!digest_unhex(str_of(hex), r->secret.ha1[a], digest_bytes(a)))
			return error_set(e, "user %s %s: not %zu hex digits", r->name,
			        hashes[i].keyword, 2 * digest_bytes(a));
		r->secret.known |= (uint8_t)(1u << a);
	}
	if (r->secret.known == 0)
		return error_set(e, "user %s: needs a password-file or a ha1", r->name);
	return 0;
}

int user_list_read(struct user_list *l, const struct tree *t, bool lenient, struct error *e)
{
	const struct node *root = tree_root(t), *user = NULL;
	struct digest *d;
	size_t n = 0;
	int rc = 0;

	*l = (struct user_list){NULL, 0};
	while ((user = node_next(root, "user", user)) != NULL)
		n++;
	if (n == 0)
		return 0;
	l->row = calloc(n, sizeof(*l->row));
	d = digest_create();
	if (l->row == NULL || d == NULL)
		rc = error_set(e, "user: out of memory");
	while (rc == 0 && (user = node_next(root, "user", user)) != NULL) {
		rc = read_row(&l->row[l->n], user, d, e);
		if (rc != 0 && lenient) {
			log_error("left out: %s", e->text);
			free(l->row[l->n].name);
			memset(&l->row[l->n], 0, sizeof(*l->row));
			rc = 0;
			continue;
		}
		l->n++;
	}
	digest_destroy(d);
	if (rc != 0)
		user_list_clear(l);
	return rc;
}

void user_list_clear(struct user_list *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->row[i].name);
	if (l->row != NULL)
		OPENSSL_cleanse(l->row, l->n * sizeof(*l->row));
	free(l->row);
	*l = (struct user_list){NULL, 0};
}

int user_list_build(const struct user_list *l, struct table_builder *b, struct error *e)
{
	for (size_t i = 0; i < l->n; i++) {
		const struct user_row *r = &l->row[i];

		if (user_add(b, r->user, r->realm, &r->secret, e) < 0)
			return -1;
	}
	return 0;
}
