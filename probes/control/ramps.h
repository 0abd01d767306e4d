/*
 * Walks the ramps of canaries: follows what vantages and operators wrote to the
 * state database, lets each ramp go on, and writes where it is.  Called by the
 * prober on its loop; measures nothing itself and decides nothing that ramp.h
 * does not.
 *
 * Where a ramp is is stored before anybody acts on it, since whoever answers
 * reads it there: so it goes on from there after any end.  Of vantages that
 * share a state database one walks, the others watch: the one that lives and
 * has the first name.
 */
#ifndef PROBES_CONTROL_RAMPS_H
#define PROBES_CONTROL_RAMPS_H

#include <uv.h>

#include "probes/control/judged.h"
#include "probes/control/ramp_plan.h"
#include "state/recorder.h"

struct ramps;

/*
 * ramps = ramps_start(loop, path, vantage, recorder): nothing walks yet.
 * ${path} is of the state database, which ${recorder} writes; all must live as
 * long.  NULL without memory.
 */
struct ramps *ramps_start(uv_loop_t *loop, const char *path,
    const char *vantage, struct state_recorder *recorder);

/*
 * ramps_share(ramps, node, silent_ms): from now on this is ${node}, which
 * shares with others: it steps only for pools whose lock it holds, and while
 * it is not cut off, ${silent_ms} being how long its row may stand
 * still.  NULL, as at first: it shares with none.
 */
void ramps_share(struct ramps *ramps, const char *node, uint64_t silent_ms);

/* ramps_follow(ramps, plans, judged): walk those of ${plans} by what is
 * ${judged}; both must live until the next call or the end. */
void ramps_follow(struct ramps *ramps, const struct ramp_plans *plans,
    const struct judged *judged);

/* ramps_again(ramps): rows that were given may be lost. */
void ramps_again(struct ramps *ramps);

/* ramps_stop(ramps): before the recorder is stopped; frees itself while the
 * loop runs on.  NULL is fine. */
void ramps_stop(struct ramps *ramps);

#endif
