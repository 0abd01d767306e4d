/*
 * Which clients a region passes on.  Called by the ladder for each region on a
 * client's way that sheds; no allocation, lock, system call or floating point.
 */
#include "steering/spill.h"

#include "base/hash.h"
#include "steering/position.h"
#include "steering/trace.h"

static uint64_t
keep_of(const struct walk *w, const struct policy_pool *pool, uint8_t region)
{
	return w->live->group[pool->group[region]].keep;
}

static void
find_position(const struct walk *w, const struct policy_pool *pool,
    uint8_t region, struct position *out)
{
	uint32_t number = w->policy->groups[pool->group[region]].region;

	position_find(&w->client, walk_block_length(w),
	    hash_mix(w->service->salt_spill, w->policy->regions[number].hash),
	    out);
}

bool
spill_keeps(struct walk *w, const struct policy_pool *pool, uint8_t region)
{
	uint64_t keep = keep_of(w, pool, region);
	struct position p = {0};
	bool kept;

	if (keep == POLICY_KEEP_ALL)
		return true;
	/* A region that all clients pass tells none from another. */
	if (keep > 0) {
		find_position(w, pool, region, &p);
		w->out->hashed = true;
	}
	kept = p.value < keep;
	if (keep > 0)
		walk_look(w, FACT_SHARE,
		    kept ? position_length(&p, 0, keep - 1)
			 : position_length(&p, keep, UINT64_MAX));
	if (w->trace != NULL)
		trace_spill(w, region, keep, p.value, kept);
	return kept;
}

unsigned
spill_kept_length(
    const struct walk *w, const struct policy_pool *pool, uint8_t region)
{
	uint64_t keep = keep_of(w, pool, region);
	struct position p;

	if (keep == POLICY_KEEP_ALL)
		return 0;
	if (keep == 0)
		return SPILL_PASSED;
	find_position(w, pool, region, &p);
	return p.value < keep ? position_length(&p, 0, keep - 1) : SPILL_PASSED;
}
