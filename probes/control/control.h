/*
 * Controls the pools with `spill` or `even` by their load: follows what all
 * vantages and name servers wrote to the state database, and writes what each
 * region is to keep and the factor of each endpoint.  Called by the prober on
 * its loop; measures nothing itself and decides nothing that controller.h and
 * even.h do not.
 *
 * Of vantages that share a state database one controls, the others watch: the
 * one that lives and has the first name.  Each goes on from what is stored.
 */
#ifndef PROBES_CONTROL_CONTROL_H
#define PROBES_CONTROL_CONTROL_H

#include <uv.h>

#include "probes/control/judged.h"
#include "probes/control/plan.h"
#include "state/recorder.h"

struct control;

/*
 * control = control_start(loop, path, vantage, recorder): nothing is controlled
 * yet.  ${path} is of the state database, which ${recorder} writes; all must
 * live as long.  NULL without memory.
 */
struct control *control_start(uv_loop_t *loop, const char *path,
    const char *vantage, struct state_recorder *recorder);

/*
 * control_share(control, node, silent_ms): from now on this is ${node}, which
 * shares with others: it steps only for pools whose lock it holds, and while
 * it is not cut off, ${silent_ms} being how long its row may stand
 * still.  NULL, as at first: it shares with none.
 */
void control_share(
    struct control *control, const char *node, uint64_t silent_ms);

/* control_follow(control, plan, judged): control the pools of ${plan} by what
 * is ${judged}; both must live until the next call or the end. */
void control_follow(struct control *control, const struct control_plan *plan,
    const struct judged *judged);

/* control_again(control): rows that were given may be lost. */
void control_again(struct control *control);

/* control_stop(control): before the recorder is stopped; frees itself while the
 * loop runs on.  NULL is fine. */
void control_stop(struct control *control);

#endif
