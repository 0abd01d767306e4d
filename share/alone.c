/* A lock that the kernel gives back.  Called once, by the sharer. */
#include "share/alone.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

static int
say(char why[ALONE_WHY], const char *state, const char *words)
{
	(void)snprintf(why, ALONE_WHY, "%s: %s", state, words);
	return -1;
}

int
alone_take(const char *state, char why[ALONE_WHY])
{
	char path[PATH_MAX], words[128];
	int lock, error;

	if (snprintf(path, sizeof(path), "%s-share", state) >=
	    (int)sizeof(path))
		return say(why, state, "its name is too long for a lock");
	lock = open(path, O_RDONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640);
	error = errno;
	if (lock >= 0 && flock(lock, LOCK_EX | LOCK_NB) == 0)
		return lock;
	if (lock >= 0) {
		error = errno;
		close(lock);
	}
	if (error == EWOULDBLOCK)
		return say(why, state,
		    "another meridian-share carries its rows: give this one "
		    "another `state`, or end that one");
	(void)snprintf(words, sizeof(words),
	    "its lock, the same name and \"-share\", cannot be made: %s",
	    strerror(error));
	return say(why, state, words);
}

void
alone_give(int lock)
{
	(void)close(lock);
}
