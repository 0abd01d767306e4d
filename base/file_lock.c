/* A lock that the kernel takes back.  Called before a job is begun that only
 * one process may do; never deletes the file of a lock. */
#include "base/file_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/file.h>
#include <unistd.h>

int
file_lock_take(const char *path, const char *ending)
{
	char name[PATH_MAX];
	int lock, error;

	if (snprintf(name, sizeof(name), "%s%s", path, ending) >=
	    (int)sizeof(name)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	lock = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640);
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
