/* Notes rows that nobody controls any more.  Called by control.c on the loop of
 * the prober. */
#include "probes/control/leavings.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"

static bool
has_region(const struct control_pool *pool, const char *name)
{
	for (size_t r = 0; r < pool->file.n_regions; r++)
		if (strcmp(pool->file.regions[r].name, name) == 0)
			return pool->regions >> r & 1;
	return false;
}

void
leavings_keep(struct leavings *l, const struct control_plan *plan,
    const struct state_keep *row)
{
	size_t p = control_plan_pool(plan, row->zone, row->pool);
	struct state_keep *grown;

	if (p < plan->n && plan->pools[p].spills &&
	    has_region(&plan->pools[p], row->region))
		return;
	grown = array_grow(
	    l->keep, l->n_keep, &l->size_keep, sizeof(*grown), LEAVINGS_MAX);
	if (grown == NULL)
		return;
	l->keep = grown;
	grown[l->n_keep++] = *row;
}

void
leavings_factor(struct leavings *l, const struct control_plan *plan,
    const struct state_factor *row)
{
	size_t p = control_plan_pool(plan, row->zone, row->pool);
	struct state_factor *grown;

	if (p < plan->n && plan->pools[p].evens &&
	    control_plan_endpoint(&plan->pools[p], row->endpoint) <
		plan->pools[p].n)
		return;
	grown = array_grow(l->factor, l->n_factor, &l->size_factor,
	    sizeof(*grown), LEAVINGS_MAX);
	if (grown == NULL)
		return;
	l->factor = grown;
	grown[l->n_factor++] = *row;
}

void
leavings_each(struct leavings *l,
    void (*take)(void *context, enum state_table table, const void *row),
    void *context)
{
	for (size_t i = 0; i < l->n_keep; i++)
		take(context, TABLE_KEEP, &l->keep[i]);
	for (size_t i = 0; i < l->n_factor; i++)
		take(context, TABLE_FACTOR, &l->factor[i]);
	leavings_forget(l);
}

void
leavings_forget(struct leavings *l)
{
	free(l->keep);
	free(l->factor);
	*l = (struct leavings){0};
}
