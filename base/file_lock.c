/* A lock that the kernel takes back.  Called before a job is begun that only
 * one process may do; never deletes the file of a lock. */
#include "base/file_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/file.h>
#include <unistd.h>

/* Open the file of the lock; -1 with errno. */
static int
open_lock(const char *path, const char *ending, int flags)
{
	char name[PATH_MAX];

	if (snprintf(name, sizeof(name), "%s%s", path, ending) >=
	    (int)sizeof(name)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	return open(name, flags | O_CLOEXEC | O_NOFOLLOW, 0640);
}

int
file_lock_take(const char *path, const char *ending)
{
	int lock = open_lock(path, ending, O_RDWR | O_CREAT), error;

	if (lock < 0 || flock(lock, LOCK_EX | LOCK_NB) == 0)
		return lock;
	error = errno;
	close(lock);
	errno = error;
	return -1;
}

void
file_lock_give(int lock)
{
	(void)close(lock);
}

bool
file_lock_held(const char *path, const char *ending)
{
	int lock = open_lock(path, ending, O_RDONLY | O_NONBLOCK);
	bool held;

	if (lock < 0)
		return false;
	held = flock(lock, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
	close(lock);
	return held;
}
