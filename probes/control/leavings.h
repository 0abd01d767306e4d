/*
 * Rows of what was controlled once: of pools, regions and endpoints that the
 * files no longer have, or no longer want controlled.  They are taken away, so
 * that what comes back begins anew and not where it was long ago.  Called by
 * control.c; writes nothing itself.
 */
#ifndef PROBES_CONTROL_LEAVINGS_H
#define PROBES_CONTROL_LEAVINGS_H

#include "probes/control/plan.h"
#include "state/schema.h"

/* More than this wait for a later reading. */
#define LEAVINGS_MAX 65536

struct leavings {
	struct state_keep *keep;
	size_t n_keep, size_keep;
	struct state_factor *factor;
	size_t n_factor, size_factor;
};

/* leavings_keep(leavings, plan, row), leavings_factor(leavings, plan, row): a
 * row that is stored: note it, unless ${plan} controls what it is of.  Without
 * memory the next reading sees it again. */
void leavings_keep(struct leavings *leavings, const struct control_plan *plan,
    const struct state_keep *row);
void leavings_factor(struct leavings *leavings, const struct control_plan *plan,
    const struct state_factor *row);

/* leavings_each(leavings, take, context): give each to ${take}; there is none
 * after that. */
void leavings_each(struct leavings *leavings,
    void (*take)(void *context, enum state_table table, const void *row),
    void *context);

/* leavings_forget(leavings): there is none, and nothing is held. */
void leavings_forget(struct leavings *leavings);

#endif
