// `spry user add|import|delete|show`: see user_command.h. spryd takes up by itself what changed.
// Passwords come from the terminal or standard input, never from the command line, which everybody
// on the machine can read.
#include "control/cli/user_command.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "control/cli/user_import.h"
#include "control/user_file.h"
#include "control/user_list.h"
#include "dataplane/base/now.h"

enum { DONE, REFUSED, USAGE, PASSWORD_MAX = 1024 };

static const char usage[] =
        "usage: spry user add NAME@REALM [ALGORITHM=HEX ...]\n"
        "           asks for the password, or takes the first line of standard input;\n"
        "           or the hash of NAME:REALM:PASSWORD by md5, sha-256, sha-512-256\n"
        "       spry user delete NAME@REALM ...\n"
        "       spry user import [--replace] [--skip-bad] FILE\n"
        "           comma-separated, the first line names the columns: name,realm,password\n"
        "           or ha1-md5, ha1-sha256, ha1-sha512-256 for password; - = standard input\n"
        "           --replace   who is not in FILE is no user any more\n"
        "           --skip-bad  leave out rows that are wrong (else nothing is changed)\n"
        "       spry user show [NAME@REALM|PREFIX|summary]\n"
        "spryd takes up changes by itself, within seconds. All take -s STATEDIR before `user`.\n";

static int refuse(const struct error *e)
{
	fprintf(stderr, "%s\n", e->text);
	return REFUSED;
}

// Root works as the directory's owner: the files have to be his, and no link he might have put
// there leads root anywhere.
static bool become_owner(const char *dir, struct error *e)
{
	struct stat st;

	if (stat(dir, &st) != 0 || !S_ISDIR(st.st_mode)) {
		error_set(e, "%s: %s; start spryd once, or name its directory with -s", dir,
		        strerror(errno));
		return false;
	}
	if (geteuid() != 0 || (st.st_uid == 0 && st.st_gid == 0))
		return true;
	if (setegid(st.st_gid) == 0 && seteuid(st.st_uid) == 0)
		return true;
	error_set(e, "cannot become the owner of %s: %s", dir, strerror(errno));
	return false;
}

// The canonical key of an argument.
static bool key_of(const char *text, char *out, struct error *e)
{
	struct str name, realm;
	size_t realm_at;

	if (user_split(str_of(text), &name, &realm) && user_file_key(name, realm, out, &realm_at))
		return true;
	error_set(e, "%.300s: expected a user like alice@example.com", text);
	return false;
}

// A line without echo. Its length, -1 at the end.
static ssize_t read_line(const char *prompt, char *out, size_t room)
{
	struct termios was, quiet;
	bool terminal = isatty(STDIN_FILENO) == 1 && tcgetattr(STDIN_FILENO, &was) == 0;
	size_t len = 0;
	char c;
	ssize_t n;

	if (terminal) {
		fputs(prompt, stderr);
		quiet = was;
		quiet.c_lflag &= (tcflag_t)~ECHO;
		(void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
	}
	while ((n = read(STDIN_FILENO, &c, 1)) == 1 && c != '\n')
		if (len < room)
			out[len++] = c;
	if (terminal) {
		(void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &was);
		fputc('\n', stderr);
	}
	return n < 0 || (n == 0 && len == 0) ? -1 : (ssize_t)len;
}

static int ask_password(struct str key, struct user_secret *out, struct error *e)
{
	char password[PASSWORD_MAX], again[PASSWORD_MAX];
	struct digest *d = digest_create();
	struct str name, realm;
	ssize_t n = read_line("Password: ", password, sizeof(password));
	int rc = 0;

	if (n <= 0 || n == (ssize_t)sizeof(password))
		rc = error_set(e, "no password, or too long a one");
	else if (isatty(STDIN_FILENO) == 1 && (read_line("Again: ", again, sizeof(again)) != n ||
	                                              memcmp(again, password, (size_t)n) != 0))
		rc = error_set(e, "that was not the same");
	else if (d == NULL || !user_split(key, &name, &realm) ||
	         !user_hash_password(d, name, realm, (struct str){password, (size_t)n}, out))
		rc = error_set(e, "libcrypto cannot hash");
	explicit_bzero(password, sizeof(password));
	explicit_bzero(again, sizeof(again));
	digest_destroy(d);
	return rc;
}

// "md5=HEX"
static int read_hash(const char *text, struct user_secret *out, struct error *e)
{
	struct str all = str_of(text);
	size_t at = str_find(all, '=');
	enum digest_algorithm a = digest_find(str_head(all, at));

	if (a == DIGEST_ALGORITHMS)
		return error_set(e, "expected md5=HEX, sha-256=HEX or sha-512-256=HEX");
	if (!digest_unhex(str_skip(all, at + 1), out->ha1[a], digest_bytes(a)))
		return error_set(e, "%.*s: not %zu hex digits", STR_ARG(str_head(all, at)),
		        2 * digest_bytes(a));
	out->known |= (uint8_t)(1u << a);
	return 0;
}

static int add(const char *dir, int argc, char **argv)
{
	char key[USER_FILE_KEY_MAX + 1];
	struct user_secret secret = {0};
	struct user_file *f;
	struct error e = {0};
	int rc = 0;

	if (argc < 2)
		return fputs(usage, stderr), USAGE;
	if (!key_of(argv[1], key, &e))
		return refuse(&e);
	for (int i = 2; rc == 0 && i < argc; i++)
		rc = read_hash(argv[i], &secret, &e);
	if (rc == 0 && secret.known == 0)
		rc = ask_password(str_of(key), &secret, &e);
	f = rc == 0 && become_owner(dir, &e) ? user_file_open(dir, true, false, &e) : NULL;
	rc = f != NULL && user_file_put(f, str_of(key), &secret, &e) == 0 &&
	                     user_file_commit(f, &e) == 0
	             ? DONE
	             : refuse(&e);
	user_file_close(f);
	explicit_bzero(&secret, sizeof(secret));
	return rc;
}

static int delete (const char *dir, int argc, char **argv)
{
	char key[USER_FILE_KEY_MAX + 1];
	struct user_file *f;
	struct error e = {0};
	int rc = 0;

	if (argc < 2)
		return fputs(usage, stderr), USAGE;
	f = become_owner(dir, &e) ? user_file_open(dir, true, false, &e) : NULL;
	for (int i = 1; f != NULL && rc == 0 && i < argc; i++) {
		rc = key_of(argv[i], key, &e) ? user_file_delete(f, str_of(key), &e) : -1;
		if (rc > 0)
			error_set(&e, "%s: no such user, nothing has changed", key);
	}
	rc = f != NULL && rc == 0 && user_file_commit(f, &e) == 0 ? DONE : refuse(&e);
	user_file_close(f);
	return rc;
}

static int import_into(const char *dir, const struct user_import *from, bool replace)
{
	const uint64_t start = now_ns();
	struct error e = {0};
	uint64_t users, bad;
	struct user_file *f = NULL;
	double seconds;
	int rc = DONE;

	if (become_owner(dir, &e))
		f = user_file_open(dir, true, replace, &e);
	if (f == NULL) {
		close(from->fd);
		return refuse(&e);
	}
	if (user_import(f, from, &users, &bad) != 0) {
		fputs("nothing was changed\n", stderr);
		rc = REFUSED;
	} else if (user_file_commit(f, &e) != 0) {
		rc = refuse(&e);
	} else {
		seconds = (double)(now_ns() - start) / 1e9;
		printf("%llu users in %.1f s (%.0f/s)", (unsigned long long)users, seconds,
		        (double)users / seconds);
		if (bad > 0)
			printf(", %llu rows left out", (unsigned long long)bad);
		putchar('\n');
	}
	user_file_close(f);
	return rc;
}

static int import(const char *dir, int argc, char **argv)
{
	struct user_import from = {0};
	struct error e = {0};
	bool replace = false;
	int at = 1;

	for (; at < argc && strncmp(argv[at], "--", 2) == 0; at++) {
		if (strcmp(argv[at], "--replace") == 0)
			replace = true;
		else if (strcmp(argv[at], "--skip-bad") == 0)
			from.skip_bad = true;
		else
			return fputs(usage, stderr), USAGE;
	}
	if (at + 1 != argc)
		return fputs(usage, stderr), USAGE;
	from.name = argv[at];
	from.fd = strcmp(from.name, "-") == 0 ? dup(STDIN_FILENO)
	                                      : open(from.name, O_RDONLY | O_CLOEXEC);
	if (from.fd < 0) {
		error_set(&e, "%s: %s", from.name, strerror(errno));
		return refuse(&e), USAGE;
	}
	return import_into(dir, &from, replace);
}

static bool print_user(void *arg, struct str name, struct str realm, const struct user_secret *s)
{
	uint64_t *n = arg;

	printf("%.*s@%.*s", STR_ARG(name), STR_ARG(realm));
	for (unsigned a = 0; a < DIGEST_ALGORITHMS; a++)
		if ((s->known & 1u << a) != 0)
			printf(" %.*s", STR_ARG(digest_name((enum digest_algorithm)a)));
	putchar('\n');
	++*n;
	return ferror(stdout) == 0;
}

static int show(const char *dir, int argc, char **argv)
{
	const char *which = argc > 1 ? argv[1] : "";
	struct error e = {0};
	struct user_file *f;
	uint64_t n = 0;
	int rc = DONE;

	if (argc > 2)
		return fputs(usage, stderr), USAGE;
	f = become_owner(dir, &e) ? user_file_open(dir, false, false, &e) : NULL;
	if (f == NULL)
		return refuse(&e);
	if (strcmp(which, "summary") == 0)
		printf("%llu users\n", (unsigned long long)user_file_count(f));
	else if (user_file_each(f, str_of(which), print_user, &n, &e) != 0)
		rc = refuse(&e);
	else if (n == 0 && which[0] != '\0')
		rc = REFUSED;
	user_file_close(f);
	return rc;
}

int user_command(const char *state_dir, int argc, char **argv)
{
	static const struct {
		const char *word;
		int (*run)(const char *dir, int argc, char **argv);
	} rows[] = {{"add", add}, {"delete", delete}, {"import", import}, {"show", show}};

	for (size_t i = 0; argc > 0 && i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(argv[0], rows[i].word) == 0)
			return rows[i].run(state_dir, argc, argv);
	fputs(usage, stderr);
	return USAGE;
}
