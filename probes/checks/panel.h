/*
 * The health of an endpoint, from the verdicts of all its checks, each with the
 * verdict of its generations beside it.  Pure functions over a struct, called
 * by the daemon for each result, and when time alone may change it; reads no
 * clock.
 *
 * A check is up when its requests are, unless its generations are down.  The
 * endpoint is up when enough of its checks are, and degraded when, beside that,
 * something of it is not as it should be.
 */
#ifndef PROBES_CHECKS_PANEL_H
#define PROBES_CHECKS_PANEL_H

#include "config/check.h"
#include "probes/checks/verdict.h"

/* Times that it went down which are kept, for damping: as many as may be asked
 * for. */
#define PANEL_DOWNS 32

struct panel_rules {
	unsigned need;         /* checks that must be up; 1 of one */
	uint64_t fail_back_ms; /* so long it passes before it is up again */
	struct damping_config damping;
	bool maintenance; /* that it goes down now is not counted as damping
			     does */
};

/* One check: its requests, and its generations or NULL. */
struct panel_vote {
	const char *name; /* where there are several, for reasons; or NULL */
	const struct verdict *plan, *deep;
};

struct panel {
	/* Monotonic: since when its checks pass while it is down, or -1; until
	 * when damping holds it down; when it went down, the last of which is
	 * at ${downs} - 1, modulo PANEL_DOWNS. */
	int64_t passing_ms, held_ms;
	uint64_t hold_ms; /* how long it was held last; 0: it was not */
	int64_t down_ms[PANEL_DOWNS];
	unsigned downs;
	bool recalled; /* what is degraded is of an earlier run */
};

/* panel_init(panel): nothing is known of what was. */
void panel_init(struct panel *panel);

/*
 * panel_restore(panel, damping, held_ms, hold_ms, wall_ms, mono_ms): it was
 * held last until ${held_ms} (wall clock, -1: never) for ${hold_ms}, as an
 * earlier run left it; not for longer than is said now, whatever clocks say.
 * held_ms = panel_held(panel, wall_ms, mono_ms): to be kept for that.
 */
void panel_restore(struct panel *panel, const struct damping_config *damping,
    int64_t held_ms, int64_t hold_ms, int64_t wall_ms, int64_t mono_ms);
int64_t panel_held(const struct panel *panel, int64_t wall_ms, int64_t mono_ms);

/*
 * changed = panel_judge(panel, rules, votes, n, wall_ms, mono_ms, v): make the
 * state ${v} of the endpoint from the ${n} of ${votes}, at most CHECK_SET_MAX.
 * True when it is in another state than before: another health, or degraded and
 * not before, or the other way.  ${v} of one check with no generations is that
 * of its requests.  The streak of ${v} is that of the check with which it
 * turns; its reason has all checks that are down.
 */
bool panel_judge(struct panel *panel, const struct panel_rules *rules,
    const struct panel_vote *votes, size_t n, int64_t wall_ms, int64_t mono_ms,
    struct verdict *v);

/* at_ms = panel_next(panel, rules, v, mono_ms): when it has to be judged again,
 * by time alone (monotonic); -1: it has not. */
int64_t panel_next(const struct panel *panel, const struct panel_rules *rules,
    const struct verdict *v, int64_t mono_ms);

#endif
