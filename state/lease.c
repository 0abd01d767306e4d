/*
 * Identity and death of the daemon that writes as a vantage.  Called by the
 * writer; sends no signal but the empty one.
 */
#include "state/lease.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BOOT_ID "/proc/sys/kernel/random/boot_id"
#define PID_SPACE "/proc/self/ns/pid"

/* The boot id of this machine without its newline, or "". */
static void
read_boot(char *out, size_t size)
{
	FILE *file = fopen(BOOT_ID, "re");

	out[0] = '\0';
	if (file == NULL)
		return;
	if (fgets(out, (int)size, file) == NULL)
		out[0] = '\0';
	out[strcspn(out, "\n")] = '\0';
	fclose(file);
}

void
lease_owner_init(struct lease_owner *owner, int64_t pid, const char *id)
{
	char boot[48], space[40];
	ssize_t n = readlink(PID_SPACE, space, sizeof(space) - 1);

	memset(owner, 0, sizeof(*owner));
	if (gethostname(owner->host, sizeof(owner->host) - 1) != 0)
		snprintf(owner->host, sizeof(owner->host), "?");
	read_boot(boot, sizeof(boot));
	space[n > 0 ? n : 0] = '\0';
	/* Containers of one machine have numbers of their own. */
	if (boot[0] != '\0' && space[0] != '\0')
		snprintf(
		    owner->boot, sizeof(owner->boot), "%s %s", boot, space);
	owner->pid = pid;
	snprintf(owner->id, sizeof(owner->id), "%s", id);
}

bool
lease_owner_dead(const struct lease_owner *owner, const struct lease_owner *me)
{
	if (me->boot[0] == '\0' || strcmp(owner->boot, me->boot) != 0 ||
	    strcmp(owner->host, me->host) != 0)
		return false;
	/* Two runs of one number: the older has ended. */
	if (owner->pid == me->pid)
		return true;
	if (owner->pid <= 0 || owner->pid > INT32_MAX)
		return false;
	return kill((pid_t)owner->pid, 0) != 0 && errno == ESRCH;
}
