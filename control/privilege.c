// From root to user spry, with CAP_NET_ADMIN only: see privilege.h.
#include "control/privilege.h"

#include <cap-ng.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#define PRIVILEGE_USER "spry"

bool privilege_can_drop(void)
{
	return geteuid() == 0 && getpwnam(PRIVILEGE_USER) != NULL;
}

int privilege_may_give(const char *dir, struct error *e)
{
	static const char *const marks[] = {
	        "spryd.pid", "spryd.lock", "twin.plan", "token.keys", "root", "location.mdb"};
	const struct passwd *pw = getpwnam(PRIVILEGE_USER);
	DIR *d = opendir(dir);
	bool ours = false, empty = true;
	struct dirent *entry;
	struct stat st;

	if (d == NULL)
		return error_set(e, "%s: %s", dir, strerror(errno));
	if (pw != NULL && fstat(dirfd(d), &st) == 0)
		ours = st.st_uid == pw->pw_uid;
	while (!ours && (entry = readdir(d)) != NULL) {
		empty = empty && entry->d_name[0] == '.' &&
		        strspn(entry->d_name, ".") == strlen(entry->d_name);
		for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
			ours = ours ||
			       (strcmp(entry->d_name, marks[i]) == 0 &&
			               fstatat(dirfd(d), marks[i], &st, AT_SYMLINK_NOFOLLOW) == 0 &&
			               S_ISREG(st.st_mode));
	}
	closedir(d);
	if (ours || empty)
		return 0;
	return error_set(e,
	        "%s: holds files that are not of spry, which takes the directory for itself: "
	        "name an empty or a new one",
	        dir);
}

int privilege_give(const char *dir, struct error *e)
{
	const struct passwd *pw = getpwnam(PRIVILEGE_USER);
	DIR *d = opendir(dir);
	struct dirent *entry;
	struct stat st;

	if (pw == NULL || d == NULL || fchown(dirfd(d), pw->pw_uid, pw->pw_gid) != 0 ||
	        fchmod(dirfd(d), 0750) != 0) {
		error_set(e, "%s: cannot give it to user %s: %s", dir, PRIVILEGE_USER,
		        strerror(errno));
		if (d != NULL)
			closedir(d);
		return -1;
	}
	while ((entry = readdir(d)) != NULL)
		if (fstatat(dirfd(d), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		        S_ISREG(st.st_mode) && st.st_nlink == 1)
			(void)!fchownat(dirfd(d), entry->d_name, pw->pw_uid, pw->pw_gid,
			        AT_SYMLINK_NOFOLLOW);
	closedir(d);
	return 0;
}

int privilege_drop(struct error *e)
{
	const struct passwd *pw = getpwnam(PRIVILEGE_USER);
	int rc;

	if (privilege_can_drop() && pw != NULL) {
		capng_clear(CAPNG_SELECT_ALL);
		capng_updatev(CAPNG_ADD,
		        CAPNG_EFFECTIVE | CAPNG_PERMITTED | CAPNG_INHERITABLE | CAPNG_BOUNDING_SET,
		        CAP_NET_ADMIN, -1);
		rc = capng_change_id((int)pw->pw_uid, (int)pw->pw_gid, CAPNG_INIT_SUPP_GRP);
		// nft is run with it.
		if (rc != 0 ||
		        prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_NET_ADMIN, 0, 0) != 0)
			return error_set(e, "cannot become user %s (%d): %s", PRIVILEGE_USER, rc,
			        strerror(errno));
	}
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return error_set(e, "no_new_privs: %s", strerror(errno));
	return 0;
}
