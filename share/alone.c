/* A lock that the kernel gives back.  Called once, by the sharer. */
#include "share/alone.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file_lock.h"
#include "base/log.h"
#include "base/number.h"

static int
say(char why[ALONE_WHY], const char *state, const char *words)
{
	(void)snprintf(why, ALONE_WHY, "%s: %s", state, words);
	return -1;
}

int
alone_take(const char *state, char why[ALONE_WHY])
{
	int lock = file_lock_take(state, "-share");
	char words[128];

	if (lock >= 0)
		return lock;
	if (errno == EWOULDBLOCK)
		return say(why, state,
		    "another meridian-share carries its rows: give this one "
		    "another `state`, or end that one");
	(void)snprintf(words, sizeof(words),
	    "its lock, the same name and \"-share\", cannot be made: %s",
	    strerror(errno));
	return say(why, state, words);
}

void
alone_give(int lock)
{
	file_lock_give(lock);
}

/* --- the lease --- */

/* A number of this start of the machine, in text of this length. */
#define BOOT 36

static int
read_boot(char boot[BOOT + 1])
{
	int file =
	    open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	ssize_t len = file >= 0 ? read(file, boot, BOOT) : -1;

	if (file >= 0)
		close(file);
	boot[BOOT] = '\0';
	return len == BOOT ? 0 : -1;
}

void
alone_note(int lock, int64_t lease)
{
	char boot[BOOT + 1], line[BOOT + 32];
	int len;

	if (read_boot(boot) != 0)
		return;
	len = snprintf(line, sizeof(line), "%s %020" PRId64 "\n", boot, lease);
	if (pwrite(lock, line, (size_t)len, 0) != len)
		log_warn("the lease in etcd cannot be noted beside the state "
			 "database (%s): after a kill -9, meridian-share waits "
			 "for its end",
		    strerror(errno));
}

int64_t
alone_noted(int lock)
{
	char boot[BOOT + 1], line[BOOT + 32] = "";
	uint64_t lease;
	ssize_t len = pread(lock, line, sizeof(line) - 1, 0);

	if (len != BOOT + 22 || read_boot(boot) != 0 ||
	    strncmp(line, boot, BOOT) != 0 || line[BOOT] != ' ' ||
	    number_parse(line + BOOT + 1, 20, 0, INT64_MAX, &lease) != 0)
		return 0;
	return (int64_t)lease;
}
