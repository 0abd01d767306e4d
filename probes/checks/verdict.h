/*
 * The verdict on one endpoint: from results of checks to up or down.  It takes
 * `fall` failures in a row to be down and `rise` passes in a row to be up
 * again. Pure functions over a struct, called by the daemon for each result;
 * reads no clock and knows nothing of HTTP.
 */
#ifndef PROBES_CHECKS_VERDICT_H
#define PROBES_CHECKS_VERDICT_H

#include <stdbool.h>
#include <stdint.h>

#include "state/rows.h"

/* How the reason of a check begins that could not be made. */
#define VERDICT_OURS "probe: "

struct verdict {
	enum state_health health;
	/* Why its last check failed, or why it is down; "" when it is up and
	 * its last check passed. */
	char reason[STATE_REASON];
	/* It passes, but not as it should, and why; or "". */
	char degraded[STATE_REASON];
	int64_t since_ms;       /* wall clock: when health became so */
	int64_t checked_ms;     /* wall clock: the last check; 0 never */
	uint32_t passes, fails; /* streak of the last checks; one is 0 */
	bool turned;            /* in this run it went down or up again */
};

/* verdict_init(v, now_ms): unknown since ${now_ms} (wall clock). */
void verdict_init(struct verdict *v, int64_t now_ms);

/*
 * changed = verdict_pass(v, rise, degraded, now_ms), verdict_fail(v, fall,
 * reason, now_ms): take the result of a check that ended at ${now_ms} (wall
 * clock); one that passed may have been ${degraded}, else "".
 * From up, ${fall} failures in a row lead to down; from down, ${rise} passes in
 * a row to up.  From unknown the first pass leads to up, and ${fall} failures
 * in a row to down: one lost packet at a start is no verdict, and what has
 * failed but once has a result, so that nobody waits for it.  True when the
 * health is another than before.
 */
bool verdict_pass(
    struct verdict *v, unsigned rise, const char *degraded, int64_t now_ms);
bool verdict_fail(
    struct verdict *v, unsigned fall, const char *reason, int64_t now_ms);

/*
 * verdict_restore(v, row): take over what an earlier run left in ${row}, unless
 * this run has made a check already.  Where that came to the same health, the
 * time since when is still taken from ${row}.
 */
void verdict_restore(struct verdict *v, const struct state_endpoint *row);

#endif
