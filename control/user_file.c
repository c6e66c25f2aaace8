// The credentials store: see user_file.h.
#include "control/user_file.h"

#include <errno.h>
#include <fcntl.h>
#include <lmdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/schema.h"
#include "control/storage.h"
#include "control/store_scan.h"
#include "control/user_list.h"

enum {
	PATH_ROOM = 512,
	HEAD = 8, // checksum, version, known, 0
	VERSION = 1,
	RECORD_MAX = HEAD + DIGEST_ALGORITHMS * DIGEST_BYTES_MAX,
};
// Address space only: the file is as long as what it holds.
static const size_t map_bytes = (size_t)64 << 30;

bool user_file_key(struct str name, struct str realm, char *out, size_t *realm_at)
{
	char text[USER_FILE_KEY_MAX + 1];
	const struct schema_row row = {.path = "user <name@realm>", .type = TYPE_USER};
	struct str whole = {text, name.len + 1 + realm.len};

	if (name.len == 0 || realm.len == 0 || whole.len > USER_FILE_KEY_MAX)
		return false;
	memcpy(text, name.p, name.len);
	text[name.len] = '@';
	memcpy(text + name.len + 1, realm.p, realm.len);
	*realm_at = name.len + 1;
	return type_check(TYPE_USER, &row, whole, out, USER_FILE_KEY_MAX + 1, NULL) == 0;
}

static uint32_t checksum(struct str key, struct str rest)
{
	struct hash_state s;

	hash_start_24(&s, (struct hash_key){0, 0});
	hash_add_str(&s, rest);
	hash_add_str(&s, key);
	return (uint32_t)hash_end(&s);
}

static size_t record_write(char *out, struct str key, const struct user_secret *s)
{
	size_t len = HEAD;
	uint32_t sum;

	memset(out, 0, HEAD);
	out[4] = VERSION;
	out[5] = (char)s->known;
	for (unsigned a = 0; a < DIGEST_ALGORITHMS; a++) {
		if ((s->known & 1u << a) == 0)
			continue;
		memcpy(out + len, s->ha1[a], digest_bytes((enum digest_algorithm)a));
		len += digest_bytes((enum digest_algorithm)a);
	}
	sum = checksum(key, (struct str){out + sizeof(sum), len - sizeof(sum)});
	memcpy(out, &sum, sizeof(sum));
	return len;
}

static bool record_read(struct str key, struct str value, struct user_secret *out)
{
	size_t at = HEAD;
	uint32_t sum;

	*out = (struct user_secret){0};
	if (value.len < HEAD || value.len > RECORD_MAX || value.p[4] != VERSION)
		return false;
	memcpy(&sum, value.p, sizeof(sum));
	if (sum != checksum(key, str_skip(value, sizeof(sum))))
		return false;
	out->known = (uint8_t)value.p[5];
	for (unsigned a = 0; a < DIGEST_ALGORITHMS; a++) {
		size_t len = digest_bytes((enum digest_algorithm)a);

		if ((out->known & 1u << a) == 0)
			continue;
		if (value.len - at < len)
			return false;
		memcpy(out->ha1[a], value.p + at, len);
		at += len;
	}
	return at == value.len && out->known != 0 && out->known >> DIGEST_ALGORITHMS == 0;
}

struct reading {
	user_file_fn fn;
	void *arg;
	struct user_file_found *found;
	bool stopped;
};

static bool on_record(void *arg, struct str key, struct str value)
{
	struct reading *r = arg;
	struct user_secret secret;
	struct str name, realm;

	if (!user_split(key, &name, &realm) || !record_read(key, value, &secret)) {
		r->found->damaged++;
		return true;
	}
	r->found->users++;
	r->stopped = r->fn != NULL && !r->fn(r->arg, name, realm, &secret);
	return !r->stopped;
}

// The lock's descriptor. -1 with errno.
static int lock(const char *dir, int how, bool make)
{
	char path[PATH_ROOM];
	int fd, flags = O_RDONLY | O_CLOEXEC | O_NOFOLLOW | (make ? O_CREAT : 0);

	snprintf(path, sizeof(path), "%s/users.lock", dir);
	fd = open(path, flags, 0600);
	if (fd < 0)
		return -1;
	while (flock(fd, how) != 0) {
		int saved = errno;

		if (saved == EINTR)
			continue;
		close(fd);
		errno = saved;
		return -1;
	}
	return fd;
}

static enum user_file_state read_file(const char *path, struct reading *r, struct error *e)
{
	enum user_file_state state = USER_FILE_SOUND;
	struct store_scan scan;
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);

	if (fd < 0 && errno == ENOENT)
		return USER_FILE_MISSING;
	if (fd < 0 || fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
		error_set(e, "%s: %s", path, fd < 0 ? strerror(errno) : "not a file");
		if (fd >= 0)
			close(fd);
		return USER_FILE_FAILED;
	}
	r->found->bytes = (uint64_t)st.st_size;
	if (store_scan(fd, on_record, r, &scan) != 0) {
		error_set(e, "%s: damaged: %s", path, scan.why.text);
		state = USER_FILE_DAMAGED;
	} else if (r->found->damaged > 0) {
		error_set(e, "%s: damaged: %llu records", path,
		        (unsigned long long)r->found->damaged);
		state = USER_FILE_DAMAGED;
	}
	close(fd);
	return state;
}

enum user_file_state user_file_read(
        const char *dir, user_file_fn fn, void *arg, struct user_file_found *found, struct error *e)
{
	struct reading r = {.fn = fn, .arg = arg, .found = found};
	enum user_file_state state;
	char path[PATH_ROOM];
	int held;

	*found = (struct user_file_found){0};
	held = lock(dir, LOCK_SH | LOCK_NB, false);
	if (held < 0 && errno == EWOULDBLOCK)
		return USER_FILE_BUSY;
	if (held < 0 && errno != ENOENT) {
		error_set(e, "%s/users.lock: %s", dir, strerror(errno));
		return USER_FILE_FAILED;
	}
	// Without a lock file nobody has ever written here; a file put there by hand is read.
	snprintf(path, sizeof(path), "%s/users.mdb", dir);
	state = read_file(path, &r, e);
	if (held >= 0)
		close(held);
	return state;
}

struct user_file {
	int held;
	MDB_env *env;
	MDB_txn *txn;
	MDB_dbi dbi;
	char path[PATH_ROOM],
	        final[PATH_ROOM]; // of the file; what it is to be called when not empty
};

static int lmdb_error(const struct user_file *f, int rc, struct error *e)
{
	return error_set(e, "%s: %s", f->path, mdb_strerror(rc));
}

static int open_env(struct user_file *f, bool write, struct error *e)
{
	const unsigned flags = MDB_NOSUBDIR | MDB_NOLOCK | (write ? 0 : MDB_RDONLY);
	int rc = mdb_env_create(&f->env);

	if (rc == 0)
		rc = mdb_env_set_mapsize(f->env, map_bytes);
	if (rc == 0)
		rc = mdb_env_open(f->env, f->path, flags, 0600);
	if (rc == 0)
		rc = mdb_txn_begin(f->env, NULL, write ? 0 : MDB_RDONLY, &f->txn);
	if (rc == 0)
		rc = mdb_dbi_open(f->txn, NULL, 0, &f->dbi);
	return rc == 0 ? 0 : lmdb_error(f, rc, e);
}

// What is there must be sound; only a writer may begin where there is nothing.
static int look_first(struct user_file *f, bool write, struct error *e)
{
	struct user_file_found found = {0};
	struct reading r = {.found = &found};
	enum user_file_state state = read_file(f->path, &r, e);

	if (state == USER_FILE_MISSING && !write)
		return error_set(e, "%s: there are no users", f->path);
	return state == USER_FILE_SOUND || state == USER_FILE_MISSING ? 0 : -1;
}

struct user_file *user_file_open(const char *dir, bool write, bool anew, struct error *e)
{
	struct user_file *f = calloc(1, sizeof(*f));
	int rc = 0;

	if (f == NULL) {
		error_set(e, "out of memory");
		return NULL;
	}
	snprintf(f->path, sizeof(f->path), "%s/users.mdb", dir);
	f->held = lock(dir, write ? LOCK_EX : LOCK_SH, write);
	if (f->held < 0)
		rc = errno == ENOENT ? error_set(e, "%s: there are no users", f->path)
		                     : error_set(e, "%s/users.lock: %s", dir, strerror(errno));
	if (rc == 0 && anew) {
		snprintf(f->final, sizeof(f->final), "%s", f->path);
		snprintf(f->path, sizeof(f->path), "%s/users.new", dir);
		if (unlink(f->path) != 0 && errno != ENOENT)
			rc = error_set(e, "%s: %s", f->path, strerror(errno));
	} else if (rc == 0) {
		rc = look_first(f, write, e);
	}
	if (rc == 0 && open_env(f, write, e) == 0)
		return f;
	user_file_close(f);
	return NULL;
}

void user_file_close(struct user_file *f)
{
	if (f == NULL)
		return;
	if (f->txn != NULL)
		mdb_txn_abort(f->txn);
	if (f->env != NULL)
		mdb_env_close(f->env);
	if (f->final[0] != '\0')
		(void)unlink(f->path); // what was committed has its final name already
	if (f->held >= 0)
		close(f->held);
	free(f);
}

int user_file_put(struct user_file *f, struct str key, const struct user_secret *s, struct error *e)
{
	char record[RECORD_MAX];
	MDB_val k = {key.len, (void *)(uintptr_t)key.p};
	MDB_val v = {record_write(record, key, s), record};
	int rc = mdb_put(f->txn, f->dbi, &k, &v, 0);

	return rc == 0 ? 0 : lmdb_error(f, rc, e);
}

int user_file_delete(struct user_file *f, struct str key, struct error *e)
{
	MDB_val k = {key.len, (void *)(uintptr_t)key.p};
	int rc = mdb_del(f->txn, f->dbi, &k, NULL);

	if (rc == MDB_NOTFOUND)
		return 1;
	return rc == 0 ? 0 : lmdb_error(f, rc, e);
}

int user_file_each(
        struct user_file *f, struct str prefix, user_file_fn fn, void *arg, struct error *e)
{
	MDB_val k = {prefix.len, (void *)(uintptr_t)prefix.p}, v;
	struct user_file_found found = {0};
	struct reading r = {.fn = fn, .arg = arg, .found = &found};
	MDB_cursor *c = NULL;
	int rc = mdb_cursor_open(f->txn, f->dbi, &c);

	if (rc == 0)
		rc = mdb_cursor_get(c, &k, &v, prefix.len > 0 ? MDB_SET_RANGE : MDB_FIRST);
	while (rc == 0) {
		struct str key = {k.mv_data, k.mv_size};

		if (!str_eq(str_head(key, prefix.len), prefix) ||
		        !on_record(&r, key, (struct str){v.mv_data, v.mv_size}))
			break;
		rc = mdb_cursor_get(c, &k, &v, MDB_NEXT);
	}
	if (c != NULL)
		mdb_cursor_close(c);
	return rc == 0 || rc == MDB_NOTFOUND ? 0 : lmdb_error(f, rc, e);
}

uint64_t user_file_count(struct user_file *f)
{
	MDB_stat st;

	return mdb_stat(f->txn, f->dbi, &st) == 0 ? st.ms_entries : 0;
}

int user_file_commit(struct user_file *f, struct error *e)
{
	int rc = mdb_txn_commit(f->txn);

	f->txn = NULL;
	if (rc != 0)
		return lmdb_error(f, rc, e);
	if (f->final[0] == '\0')
		return 0;
	mdb_env_close(f->env); // it has written and synced all
	f->env = NULL;
	if (storage_rename(f->path, f->final) != 0)
		return error_set(e, "%s: %s", f->final, strerror(errno));
	f->final[0] = '\0';
	return 0;
}
