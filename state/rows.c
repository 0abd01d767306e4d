/* Words of rows: the states of health, and how reasons begin.  Called by
 * whatever prints, stores or reads one. */
#include "state/rows.h"

#include <string.h>

static const char *const health_names[] = {[HEALTH_UNKNOWN] = "unknown",
    [HEALTH_UP] = "up",
    [HEALTH_DOWN] = "down",
    [HEALTH_DEGRADED] = "degraded"};

const char *
state_health_name(enum state_health health)
{
	return health_names[health];
}

int
state_health_parse(const char *name, enum state_health *out)
{
	for (int i = HEALTH_UNKNOWN; i <= HEALTH_DEGRADED; i++) {
		if (strcmp(health_names[i], name) == 0) {
			*out = (enum state_health)i;
			return 0;
		}
	}
	return -1;
}

bool
state_is_deep(const char *reason)
{
	return strncmp(reason, STATE_DEEP, strlen(STATE_DEEP)) == 0;
}
