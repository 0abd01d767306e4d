/*
 * Moves a corrupt database away.  Called by the writer after it let go of the
 * file: closing it here would end SQLite's locks (POSIX).  Deletes nothing but
 * what was set aside before, and the index of the log, which is made anew.
 */
#include "state/aside.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* The head of a database: SQLite's own name, and at 68 the id of the program
 * that it is of, its first octet first. */
#define HEAD_BYTES 72
#define HEAD_ID 68

static bool
is_of(int file, uint32_t application_id)
{
	static const char name[16] = "SQLite format 3";
	unsigned char head[HEAD_BYTES];
	const unsigned char *id = head + HEAD_ID;

	return pread(file, head, sizeof(head), 0) == sizeof(head) &&
	    memcmp(head, name, sizeof(name)) == 0 &&
	    ((uint32_t)id[0] << 24 | (uint32_t)id[1] << 16 |
		(uint32_t)id[2] << 8 | id[3]) == application_id;
}

static const char *
add(char out[4096], const char *path, const char *suffix, const char *more)
{
	int n = snprintf(out, 4096, "%s%s%s", path, suffix, more);

	return n > 0 && n < 4096 ? out : NULL;
}

/* Whether the path leads to what is open, and not by a link. */
static bool
is_there(const char *path, const struct file_identity *open)
{
	struct stat st;
	struct file_identity is;

	return lstat(path, &st) == 0 && S_ISREG(st.st_mode) &&
	    file_identify(path, &is) == 0 && is.inode == open->inode &&
	    is.device == open->device;
}

/*
 * The log first: a database without it is corrupt as before and is found here
 * again after a death in between.  Whereas whoever makes a new database beside
 * a log that was left would delete that (SQLite, of a file without pages).
 */
static int
move_all(const char *path)
{
	char from[4096], to[4096];

	if (add(to, path, ASIDE_SUFFIX, "-wal") == NULL ||
	    add(from, path, "-wal", "") == NULL) {
		errno = ENAMETOOLONG;
		return -1;
	}
	if (unlink(to) != 0 && errno != ENOENT)
		return -1;
	if (rename(from, to) != 0 && errno != ENOENT)
		return -1;
	(void)unlink(add(from, path, "-shm", ""));
	return rename(path, add(to, path, ASIDE_SUFFIX, ""));
}

int
aside_move(const char *path, const struct file_identity *spoiled,
    uint32_t application_id, bool held)
{
	int file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	struct file_identity is;
	int status = 0;

	if (file < 0)
		return errno == ENOENT || errno == ELOOP ? 0 : -1;
	/* Another vantage's writer may find the same at the same time.  Who is
	 * second finds another file at the path, or the lock taken. */
	if (file_identify_open(file, &is) == 0 && is.inode == spoiled->inode &&
	    is.device == spoiled->device &&
	    (held || is_of(file, application_id)) &&
	    flock(file, LOCK_EX | LOCK_NB) == 0 && is_there(path, &is))
		status = move_all(path) == 0 ? 1 : -1;
	close(file);
	return status;
}

int64_t
aside_since_ms(const char *path)
{
	char aside[4096];
	struct stat st;

	if (add(aside, path, ASIDE_SUFFIX, "") == NULL ||
	    lstat(aside, &st) != 0)
		return -1;
	return (int64_t)st.st_ctim.tv_sec * 1000 + st.st_ctim.tv_nsec / 1000000;
}
