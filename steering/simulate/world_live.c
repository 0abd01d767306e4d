/*
 * What is live in a simulated world: what is up, drained, kept and shifted now,
 * laid over each other as in the server.  Called when any of it has changed.
 */
#include <math.h>

#include "steering/simulate/world_private.h"

/* Of 2^64. */
static uint64_t
positions(double share)
{
	return share >= 1 ? POLICY_KEEP_ALL : (uint64_t)ldexp(share, 64);
}

/* So many a second, of a share that moves by ${slope} a second; what is faster
 * than whole seconds is over in one. */
static int64_t
positions_a_second(double slope)
{
	return (int64_t)ldexp(fmin(fmax(slope, -0.25), 0.25), 64);
}

/* Drains are known beforehand, and clients get the time to theirs. */
static void
keep_regions(struct world *w, struct live *live, const struct pilot_pool *p)
{
	for (size_t r = 0; r < w->config->zone->config->n_regions; r++) {
		uint32_t g = p->pool->group[r];

		if (g == STEERING_NONE)
			continue;
		if (w->open[r] < 1)
			live_thin(live, g, positions(w->open[r]),
			    positions_a_second(w->slope[r]));
		if (!rivals_deals(w->config->rival) && p->out[r] < 1)
			live_thin(live, g, positions(p->out[r]), 0);
	}
}

static void
place_borders(struct world *w, struct live *live)
{
	for (unsigned m = 0; m < w->config->service->n_members; m++) {
		const struct world_border *b = &w->borders[m];

		if (b->shifted)
			live_shift(live, w->config->service, m, b->share,
			    b->next, b->pending_s);
	}
}

int
world_live(struct world *w)
{
	const struct policy *policy = w->config->policy;
	struct live *live = live_create(policy);

	if (live == NULL)
		return -1;
	for (size_t i = 0; i < w->servers.n; i++) {
		const struct server *s = &w->servers.all[i];

		live->endpoint[s->endpoint] = s->down ? USABLE_NO : USABLE_YES;
		if (w->open[s->region] <= 0)
			live_drain(live, s->endpoint);
	}
	for (size_t i = 0; i < w->pilot.n_pools; i++)
		keep_regions(w, live, &w->pilot.pools[i]);
	place_borders(w, live);
	live_judge(live, policy);
	live_destroy(w->live);
	w->live = live;
	w->stale = false;
	return 0;
}
