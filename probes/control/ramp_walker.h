/*
 * One ramp while it walks: the law's state, what is seen, what is stored, and
 * what an operator said of it.  Called by ramps.c; knows no database and no
 * clock of its own.
 */
#ifndef PROBES_CONTROL_RAMP_WALKER_H
#define PROBES_CONTROL_RAMP_WALKER_H

#include "probes/control/ramp_view.h"
#include "steering/overrides.h"
#include "steering/ramp.h"

/* Both clocks at one moment. */
struct ramp_now {
	int64_t mono_ms, wall_ms;
};

struct ramp_walker {
	const struct ramp_plan *plan;
	struct ramp_view *view;
	struct ramp ramp;
	bool walking; /* we lead, and ${ramp} goes on */
	bool known;   /* there is a stored row: */
	struct state_ramp stored;
	struct state_ramp told; /* the last that people were told of */
	int64_t looked_ms;      /* monotonic */
	int64_t written_ms;     /* monotonic: the last row; -1: none by us */
	int64_t since_ms;       /* wall clock: when the share became so */
	bool waited;            /* as the last row says */
};

/* walker = ramp_walker_create(plan): NULL without memory.
 * ramp_walker_destroy(walker): free it; NULL is fine. */
struct ramp_walker *ramp_walker_create(const struct ramp_plan *plan);
void ramp_walker_destroy(struct ramp_walker *walker);

/* ramp_walker_leave(walker): another one walks it now. */
void ramp_walker_leave(struct ramp_walker *walker);

/*
 * write = ramp_walker_step(walker, seers, overrides, now, words): go on; the
 * first time from what is stored, if that is of this ramp.  True when a row is
 * to be written; ${words} is what is to be said of it to people, or "".
 */
bool ramp_walker_step(struct ramp_walker *walker, const struct seers *seers,
    const struct overrides *overrides, struct ramp_now now,
    char words[STATE_REASON]);

/*
 * back = ramp_walker_hear(walker, row, words): while another one walks it,
 * ${row} is what is stored now.  ${words} is what has become of it since the
 * row before, in the words of who walks it, or "": nothing.  True when it went
 * back.
 */
bool ramp_walker_hear(struct ramp_walker *walker, const struct state_ramp *row,
    char words[STATE_REASON]);

/* ramp_walker_row(walker, now, row): where it is; taken to be stored. */
void ramp_walker_row(
    struct ramp_walker *walker, struct ramp_now now, struct state_ramp *row);

#endif
