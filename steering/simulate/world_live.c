/*
 * What is live in a simulated world: what is up and, laid over that as in the
 * server, what was said and what is kept.  Called when any of it has changed.
 */
#include <math.h>

#include "steering/simulate/world_private.h"

/* Of 2^64. */
static uint64_t
positions(double share)
{
	return share >= 1 ? POLICY_KEEP_ALL : (uint64_t)ldexp(share, 64);
}

/* A rival has no rows. */
static void
keep_of_rival(
    const struct world *w, struct live *live, const struct pilot_pool *p)
{
	for (size_t r = 0; r < w->config->zone->config->n_regions; r++)
		if (p->pool->group[r] != STEERING_NONE)
			live_thin(
			    live, p->pool->group[r], positions(p->out[r]), 0);
}

int
world_live(struct world *w)
{
	const struct policy *policy = w->config->policy;
	struct live *live = live_create(policy);
	int64_t next_ms;

	if (live == NULL)
		return -1;
	for (size_t i = 0; i < w->servers.n; i++)
		live->endpoint[w->servers.all[i].endpoint] =
		    w->servers.all[i].down ? USABLE_NO : USABLE_YES;
	next_ms = overlay_apply(w->overlay, policy, live, world_mono_ms(w));
	for (size_t i = 0;
	     w->config->rival == RIVAL_REACTIVE && i < w->pilot.n_pools; i++)
		keep_of_rival(w, live, &w->pilot.pools[i]);
	live_judge(live, policy);
	for (size_t i = 0; i < w->servers.n; i++)
		w->servers.all[i].drained =
		    live->endpoint[w->servers.all[i].endpoint] ==
		    USABLE_DRAINED;
	live_destroy(w->live);
	w->live = live;
	w->stale = false;
	/* It changes by itself, at a second at the earliest. */
	w->due_s = next_ms < 0 ? UINT32_MAX
			       : w->now_s + 1 + (uint32_t)(next_ms / 1000);
	return 0;
}
