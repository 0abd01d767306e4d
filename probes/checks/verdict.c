/*
 * Streaks of results made into health.  Called by the daemon; does nothing but
 * arithmetic.
 */
#include "probes/checks/verdict.h"

#include <stdio.h>
#include <string.h>

void
verdict_init(struct verdict *v, int64_t now_ms)
{
	memset(v, 0, sizeof(*v));
	v->health = HEALTH_UNKNOWN;
	v->since_ms = now_ms;
}

static void
count(uint32_t *streak, uint32_t *other)
{
	if (*streak < UINT32_MAX)
		(*streak)++;
	*other = 0;
}

static bool
turn(struct verdict *v, enum state_health health, int64_t now_ms)
{
	v->turned = v->health != HEALTH_UNKNOWN;
	v->health = health;
	v->since_ms = now_ms;
	return true;
}

bool
verdict_pass(
    struct verdict *v, unsigned rise, const char *degraded, int64_t now_ms)
{
	bool decides = v->health == HEALTH_UNKNOWN;

	v->checked_ms = now_ms;
	count(&v->passes, &v->fails);
	snprintf(v->degraded, sizeof(v->degraded), "%s", degraded);
	/* While it is down, the reason stays that of its failures, until it has
	 * passed often enough to be up. */
	if (v->health != HEALTH_DOWN || v->passes >= rise)
		v->reason[0] = '\0';
	if (decides || (v->health == HEALTH_DOWN && v->passes >= rise))
		return turn(v, HEALTH_UP, now_ms);
	return false;
}

bool
verdict_fail(
    struct verdict *v, unsigned fall, const char *reason, int64_t now_ms)
{
	v->checked_ms = now_ms;
	count(&v->fails, &v->passes);
	snprintf(v->reason, sizeof(v->reason), "%s", reason);
	v->degraded[0] = '\0';
	if (v->health != HEALTH_DOWN && v->fails >= fall)
		return turn(v, HEALTH_DOWN, now_ms);
	return false;
}

void
verdict_restore(struct verdict *v, const struct state_endpoint *row)
{
	if (v->checked_ms == 0) {
		v->health = row->health;
		v->since_ms = row->since_ms;
		v->checked_ms = row->checked_ms;
		v->passes = row->passes;
		v->fails = row->fails;
		snprintf(v->degraded, sizeof(v->degraded), "%s", row->degraded);
		/* That it could not be checked then says nothing of now. */
		if (strncmp(row->reason, VERDICT_OURS, strlen(VERDICT_OURS)) !=
		    0)
			snprintf(
			    v->reason, sizeof(v->reason), "%s", row->reason);
	} else if (v->health == row->health && !v->turned &&
	    row->since_ms < v->since_ms) {
		v->since_ms = row->since_ms;
	}
}
