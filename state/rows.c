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

const char *
state_override_about(const struct state_override *row)
{
	return strcmp(row->action, "undrain") == 0 ? "drain" : row->action;
}

bool
state_override_same(
    const struct state_override *a, const struct state_override *b)
{
	return strcmp(a->kind, b->kind) == 0 &&
	    strcmp(a->target, b->target) == 0 &&
	    strcmp(state_override_about(a), state_override_about(b)) == 0;
}

bool
state_is_deep(const char *reason)
{
	return strncmp(reason, STATE_DEEP, strlen(STATE_DEEP)) == 0;
}
