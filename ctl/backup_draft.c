/*
 * The folder of a backup while it is not whole.  Called by meridianctl backup;
 * removes nothing that a backup does not consist of.
 */
#include "ctl/backup_draft.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define SUFFIX ".part"

/* Folders below the last good files; nftw() holds so many open. */
#define DEPTH 4

static int
say(char why[BACKUP_WHY], const char *path, const char *words)
{
	(void)snprintf(why, BACKUP_WHY, "%s: %s", path, words);
	return -1;
}

static int
cannot(char why[BACKUP_WHY], const char *path, const char *verb)
{
	(void)snprintf(why, BACKUP_WHY, "%s: cannot be %s: %s", path, verb,
	    strerror(errno));
	return -1;
}

/* --- names --- */

/* Whoever writes "backup.tar" expects one file. */
static bool
is_called_like_file(const char *folder)
{
	static const char *const ends[] = {
	    ".tar", ".tgz", ".gz", ".xz", ".zst", ".bz2", ".zip", ".db"};
	size_t len = strlen(folder);

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		size_t n = strlen(ends[i]);

		if (len > n && strcasecmp(folder + len - n, ends[i]) == 0)
			return true;
	}
	return false;
}

/* A link that leads nowhere is something, too. */
static int
check_name(const char *folder, char why[BACKUP_WHY])
{
	struct stat st;
	bool there = lstat(folder, &st) == 0;

	if ((there && S_ISREG(st.st_mode)) || is_called_like_file(folder))
		return say(why, folder,
		    "a backup is a folder, so that restore can look at its "
		    "databases where they are: name a new folder, and pack "
		    "that "
		    "with tar(1) for one file");
	if (there && !S_ISDIR(st.st_mode))
		return say(why, folder, "is there, and is no folder");
	if (there && rmdir(folder) != 0)
		return errno == ENOTEMPTY || errno == EEXIST
		    ? say(why, folder,
			  "is there, and not empty: name a new folder")
		    : cannot(why, folder, "replaced");
	return 0;
}

/* --- what is left --- */

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)at;
	if (type == FTW_DP)
		(void)rmdir(path);
	else
		(void)unlink(path);
	return 0;
}

/* All that a backup is made of, and what SQLite has beside a database. */
static void
empty(const char *folder)
{
	static const char *const beside[] = {"", "-journal", "-wal", "-shm"};
	char path[PATH_MAX], file[PATH_MAX + 16];

	for (unsigned i = 0; i < BACKUP_PARTS; i++) {
		backup_set_path(folder, i, path);
		for (size_t k = 0; k < sizeof(beside) / sizeof(beside[0]);
		     k++) {
			snprintf(file, sizeof(file), "%s%s", path, beside[k]);
			(void)unlink(file);
		}
	}
	snprintf(file, sizeof(file), "%s/" BACKUP_MANIFEST, folder);
	(void)unlink(file);
	snprintf(file, sizeof(file), "%s/" BACKUP_LAST_GOOD, folder);
	(void)nftw(file, remove_one, DEPTH, FTW_DEPTH | FTW_PHYS);
}

/* --- the draft --- */

/* What was left is nobody's once its lock can be taken. */
static int
take(struct backup_draft *draft, char why[BACKUP_WHY])
{
	draft->lock =
	    open(draft->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (draft->lock < 0)
		return cannot(why, draft->path, "written");
	if (flock(draft->lock, LOCK_EX | LOCK_NB) == 0)
		return 0;
	close(draft->lock);
	draft->lock = -1;
	return errno == EWOULDBLOCK
	    ? say(why, draft->path, "another backup is being written there")
	    : cannot(why, draft->path, "locked");
}

int
backup_draft_begin(
    struct backup_draft *draft, const char *folder, char why[BACKUP_WHY])
{
	size_t len = strlen(folder);

	draft->folder = folder;
	draft->lock = -1;
	while (len > 1 && folder[len - 1] == '/')
		len--;
	if (len + sizeof(SUFFIX) > sizeof(draft->path))
		return say(why, folder, "is too long a path");
	snprintf(
	    draft->path, sizeof(draft->path), "%.*s" SUFFIX, (int)len, folder);
	if (check_name(folder, why) != 0)
		return -1;
	if (mkdir(draft->path, 0750) == 0)
		return take(draft, why);
	if (errno != EEXIST)
		return cannot(why, draft->path, "made");
	if (take(draft, why) != 0)
		return -1;
	empty(draft->path);
	if (rmdir(draft->path) == 0 && mkdir(draft->path, 0750) == 0) {
		close(draft->lock);
		return take(draft, why);
	}
	(void)cannot(why, draft->path, "replaced");
	close(draft->lock);
	draft->lock = -1;
	return -1;
}

static int
sync_folder(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), status;

	if (fd < 0)
		return -1;
	status = fsync(fd);
	close(fd);
	return status;
}

int
backup_draft_commit(struct backup_draft *draft, char why[BACKUP_WHY])
{
	char above[PATH_MAX];
	char *slash;

	if (fsync(draft->lock) != 0)
		return cannot(why, draft->path, "written");
	if (rename(draft->path, draft->folder) != 0)
		return cannot(why, draft->folder, "made");
	close(draft->lock);
	draft->lock = -1;
	snprintf(above, sizeof(above), "%s", draft->path);
	slash = strrchr(above, '/');
	if (slash == NULL)
		snprintf(above, sizeof(above), ".");
	else
		slash[slash == above] = '\0';
	return sync_folder(above) == 0 ? 0 : cannot(why, above, "written");
}

void
backup_draft_finish(struct backup_draft *draft)
{
	if (draft->lock < 0)
		return;
	empty(draft->path);
	(void)rmdir(draft->path);
	close(draft->lock);
	draft->lock = -1;
}
