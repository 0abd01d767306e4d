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

#include "state/boot.h"

#define PID_SPACE "/proc/self/ns/pid"

void
lease_owner_init(struct lease_owner *owner, int64_t pid, const char *id)
{
	char space[40];
	ssize_t n = readlink(PID_SPACE, space, sizeof(space) - 1);
	const char *boot = state_boot();

	memset(owner, 0, sizeof(*owner));
	if (gethostname(owner->host, sizeof(owner->host) - 1) != 0)
		snprintf(owner->host, sizeof(owner->host), "?");
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
