/* A lock that the kernel gives back.  Called once, by the sharer. */
#include "share/alone.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/file_lock.h"
#include "base/log.h"
#include "base/number.h"
#include "state/boot.h"
#include "state/node_parts.h"

static int
say(char why[ALONE_WHY], const char *state, const char *words)
{
	(void)snprintf(why, ALONE_WHY, "%s: %s", state, words);
	return -1;
}

/* Who looks whether somebody has the lock has it for an instant. */
#define TRIES 5
#define TRY_MS 20

static int
take(const char *state)
{
	const struct timespec pause = {.tv_nsec = TRY_MS * 1000000};
	int lock = file_lock_take(state, NODE_SHARE_LOCK);

	for (int i = 1; lock < 0 && errno == EWOULDBLOCK && i < TRIES; i++) {
		(void)nanosleep(&pause, NULL);
		lock = file_lock_take(state, NODE_SHARE_LOCK);
	}
	return lock;
}

int
alone_take(const char *state, char why[ALONE_WHY])
{
	int lock = take(state);
	char words[128];

	if (lock >= 0)
		return lock;
	if (errno == EWOULDBLOCK)
		return say(why, state,
		    "another meridian-share carries its rows: give this one "
		    "another `state`, or end that one");
	(void)snprintf(words, sizeof(words),
	    "its lock, the same name and \"" NODE_SHARE_LOCK
	    "\", cannot be made: %s",
	    strerror(errno));
	return say(why, state, words);
}

void
alone_give(int lock)
{
	file_lock_give(lock);
}

/* --- the lease --- */

/* The line: the name of this boot and the lease, in so many characters. */
#define BOOT 36
#define LEASE 20
#define LINE (BOOT + 1 + LEASE + 1)

void
alone_note(int lock, int64_t lease)
{
	const char *boot = state_boot();
	char line[LINE + 1];

	if (strlen(boot) != BOOT)
		return;
	(void)snprintf(
	    line, sizeof(line), "%s %0*" PRId64 "\n", boot, LEASE, lease);
	if (pwrite(lock, line, LINE, 0) != LINE)
		log_warn("the lease in etcd cannot be noted beside the state "
			 "database (%s): after a kill -9, meridian-share waits "
			 "for its end",
		    strerror(errno));
}

int64_t
alone_noted(int lock)
{
	const char *boot = state_boot();
	char line[LINE + 1];
	uint64_t lease;

	/* Not more than a line, either. */
	if (pread(lock, line, sizeof(line), 0) != LINE ||
	    strlen(boot) != BOOT || strncmp(line, boot, BOOT) != 0 ||
	    line[BOOT] != ' ' ||
	    number_parse(line + BOOT + 1, LEASE, 0, INT64_MAX, &lease) != 0)
		return 0;
	return (int64_t)lease;
}
