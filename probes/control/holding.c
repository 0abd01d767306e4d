/* Locks of pools.  Called by the controllers on the loop of the prober. */
#include "probes/control/holding.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"

void
holding_share(
    struct holding *h, const char *node, uint64_t silent_ms, int64_t mono_ms)
{
	h->silent_ms = silent_ms;
	cutoff_share(&h->cutoff, node, mono_ms);
}

void
holding_finish(struct holding *h)
{
	free(h->lock);
	h->lock = NULL;
	h->n = h->size = 0;
}

void
holding_begin(struct holding *h)
{
	h->n = 0;
}

void
holding_node(struct holding *h, const struct state_node *row, int64_t mono_ms)
{
	cutoff_take(&h->cutoff, row, mono_ms);
}

static struct state_lock *
find(const struct holding *h, const char *zone, const char *pool)
{
	for (size_t i = 0; i < h->n; i++)
		if (strcmp(h->lock[i].pool, pool) == 0 &&
		    strcmp(h->lock[i].zone, zone) == 0)
			return &h->lock[i];
	return NULL;
}

void
holding_lock(struct holding *h, const struct state_lock *row)
{
	struct state_lock *known = find(h, row->zone, row->pool), *grown;

	if (known != NULL) {
		*known = *row;
		return;
	}
	grown =
	    array_grow(h->lock, h->n, &h->size, sizeof(*grown), HOLDING_MAX);
	/* Without memory for its lock nobody steps for a pool. */
	if (grown == NULL)
		return;
	h->lock = grown;
	h->lock[h->n++] = *row;
}

bool
holding_shares(const struct holding *h)
{
	return h->cutoff.node[0] != '\0';
}

bool
holding_cut(const struct holding *h, int64_t mono_ms)
{
	return holding_shares(h) &&
	    cutoff_is(&h->cutoff, h->silent_ms, mono_ms);
}

bool
holding_may(const struct holding *h, const char *zone, const char *pool,
    int64_t mono_ms)
{
	const struct state_lock *lock = find(h, zone, pool);

	if (!holding_shares(h))
		return true;
	return !holding_cut(h, mono_ms) && lock != NULL &&
	    strcmp(lock->node, h->cutoff.node) == 0;
}
