/*
 * What is live in a simulated world: what is up and, laid over that as in the
 * server, what was said and what is kept.  Called when any of it has changed.
 */
#include <math.h>

#include "steering/simulate/world_private.h"
#include "steering/slow_start.h"

/* What came back is given more so often. */
#define SLOW_START_MS 1000

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

/* In how many milliseconds what came back is to have more, -1: nothing is. */
static int64_t
judge_servers(const struct world *w, struct live *live)
{
	int64_t next_ms = -1;

	for (size_t i = 0; i < w->servers.n; i++) {
		const struct server *s = &w->servers.all[i];
		uint32_t ago_s = w->now_s - s->back_s;

		live->endpoint[s->endpoint] = s->down ? USABLE_NO : USABLE_YES;
		if (s->down || s->back_s == UINT32_MAX)
			continue;
		live_came_back(live, s->endpoint, (int64_t)ago_s * 1000);
		if (ago_s <= w->config->policy->groups[s->group].slow_start_s)
			next_ms = SLOW_START_MS;
	}
	return next_ms;
}

static int64_t
earlier(int64_t a_ms, int64_t b_ms)
{
	if (a_ms < 0 || b_ms < 0)
		return a_ms < 0 ? b_ms : a_ms;
	return a_ms < b_ms ? a_ms : b_ms;
}

int
world_live(struct world *w)
{
	const struct policy *policy = w->config->policy;
	struct live *live = live_create(policy);
	int64_t next_ms;

	if (live == NULL)
		return -1;
	next_ms = judge_servers(w, live);
	next_ms = earlier(
	    next_ms, overlay_apply(w->overlay, policy, live, world_mono_ms(w)));
	for (size_t i = 0;
	     w->config->rival == RIVAL_REACTIVE && i < w->pilot.n_pools; i++)
		keep_of_rival(w, live, &w->pilot.pools[i]);
	slow_start_lay(live, policy);
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
