/*
 * What vantages say of the two pools of a ramp: which of their endpoints are
 * up, and what was counted since the last look.  Filled from the rows of the
 * state database, those of our own vantage among them.  Pure but for memory; of
 * one thread.
 *
 * The counters of an endpoint are read by one vantage alone, the first that
 * does, until that is silent: two that count would count twice.  One of this
 * node goes before those of others, of which comes only what changed: what such
 * a one says goes on while its heartbeat moves.  One that is blind counts
 * nothing outside its region.
 */
#ifndef PROBES_CONTROL_RAMP_VIEW_H
#define PROBES_CONTROL_RAMP_VIEW_H

#include "probes/control/ramp_plan.h"
#include "probes/control/seers.h"
#include "steering/ramp_evidence.h"

struct ramp_view; /* of one ramp */

/* view = ramp_view_create(plan): nothing is known.  ${plan} must live as long.
 * NULL without memory.  ramp_view_destroy(view): free it; NULL is fine. */
struct ramp_view *ramp_view_create(const struct ramp_plan *plan);
void ramp_view_destroy(struct ramp_view *view);

/*
 * ramp_view_begin(view), ramp_view_endpoint(), ramp_view_load(),
 * ramp_view_commit(view): take a change of the state database; begin and commit
 * are of one that is full: what it lacks is forgotten.  ${seer} is who wrote
 * the row.  Without memory a row is as if it was not there.
 */
void ramp_view_begin(struct ramp_view *view);
void ramp_view_endpoint(
    struct ramp_view *view, uint32_t seer, const struct state_endpoint *row);
void ramp_view_load(struct ramp_view *view, const struct seers *seers,
    uint32_t seer, const struct state_load *row, int64_t now_ms);
void ramp_view_commit(struct ramp_view *view);

/* ramp_view_look(view, seers, now_ms, looks): what is seen of each side as of
 * seers_sit(), and was counted since the last look. */
void ramp_view_look(struct ramp_view *view, const struct seers *seers,
    int64_t now_ms, struct ramp_look looks[RAMP_SIDES]);

#endif
