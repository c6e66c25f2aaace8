// The bytes of users.mdb, as a disk or a hand left them: reading comes to its end, hands over users
// that are users, and says what is wrong where something is.
#include <fcntl.h>
#include <unistd.h>

#include "control/user_file.h"
#include "tests/fuzz/oracle.h"

static char dir[] = "/dev/shm/spry-fuzz-users.XXXXXX", path[64];

static void clean_up(void)
{
	(void)unlink(path);
	(void)rmdir(dir);
}

static bool on_user(void *arg, struct str name, struct str realm, const struct user_secret *s)
{
	uint64_t *users = arg;

	oracle(name.len + 1 + realm.len <= 511); // what LMDB takes for a key
	oracle(s->known != 0 && s->known >> DIGEST_ALGORITHMS == 0);
	++*users;
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct user_file_found found;
	enum user_file_state state;
	struct error e = {0};
	uint64_t users = 0;
	int fd;

	if (path[0] == '\0') {
		oracle(mkdtemp(dir) != NULL);
		snprintf(path, sizeof(path), "%s/users.mdb", dir);
		atexit(clean_up);
	}
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	oracle(fd >= 0 && write(fd, data, size) == (ssize_t)size);
	close(fd);
	state = user_file_read(dir, on_user, &users, &found, &e);
	oracle(found.users == users && found.bytes == size);
	oracle(state == USER_FILE_SOUND || state == USER_FILE_DAMAGED || state == USER_FILE_FAILED);
	oracle((state == USER_FILE_SOUND) == (e.text[0] == '\0'));
	oracle(state != USER_FILE_SOUND || found.damaged == 0);
	return 0;
}
