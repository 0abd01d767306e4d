/*
 * Which clients a region passes on.  Called by the ladder for each region on a
 * client's way that sheds; no allocation, lock, system call or floating point.
 *
 * What a region keeps may move, while it is drained, comes back or sheds load.
 * Two thresholds cut positions then: what it keeps now, and what it will keep
 * when the longest TTL that is given now is over.  Clients between them get the
 * time until the first of their prefix is reached, so that all who share an
 * answer share its TTL; others get an answer that is good for as long as any.
 */
#include "steering/spill.h"

#include "base/hash.h"
#include "steering/position.h"
#include "steering/trace.h"

static const struct live_group *
group_of(const struct walk *w, const struct policy_pool *pool, uint8_t region)
{
	return &w->live->group[pool->group[region]];
}

/* What ${g} will keep ${seconds} from now. */
static uint64_t
keep_later(const struct live_group *g, uint32_t seconds)
{
	bool up = g->slope > 0;
	uint64_t room = up ? UINT64_MAX - g->keep : g->keep;
	uint64_t each = up ? (uint64_t)g->slope : -(uint64_t)g->slope;

	if (each != 0 && seconds > room / each)
		return up ? POLICY_KEEP_ALL : 0;
	return up ? g->keep + each * seconds : g->keep - each * seconds;
}

/* Until the keep of ${g} comes to the prefix of ${length} bits around ${p},
 * which lies between now and later. */
static uint32_t
time_to(const struct live_group *g, const struct position *p, unsigned length)
{
	uint64_t first, last, seconds;

	position_range(p, length, &first, &last);
	if (g->slope > 0)
		seconds = (first - g->keep) / (uint64_t)g->slope;
	else
		seconds = (g->keep - last) / -(uint64_t)g->slope;
	return seconds < LIVE_NOT_PENDING ? (uint32_t)seconds
					  : LIVE_NOT_PENDING - 1;
}

/* What the keep of a region makes of the client. */
static void
judge(const struct walk *w, const struct policy_pool *pool, uint8_t region,
    struct walk_spill *out)
{
	const struct live_group *g = group_of(w, pool, region);
	uint64_t later = keep_later(g, w->service->ttl_max_s);
	uint64_t low = g->keep < later ? g->keep : later;
	uint64_t high = g->keep < later ? later : g->keep;
	uint32_t number = w->policy->groups[pool->group[region]].region;
	struct position p;

	*out = (struct walk_spill){.keep = g->keep,
	    .later = later,
	    .kept = low > 0,
	    .pending_s = LIVE_NOT_PENDING};
	/* A region that all clients pass, or none, tells none from another. */
	if (high == 0 || low == POLICY_KEEP_ALL)
		return;
	position_find(&w->client, walk_block_length(w),
	    hash_mix(w->service->salt_spill, w->policy->regions[number].hash),
	    &p);
	out->hashed = true;
	out->position = p.value;
	out->kept = p.value < g->keep || g->keep == POLICY_KEEP_ALL;
	if (p.value < low) {
		out->length = position_length(&p, 0, low - 1);
	} else if (p.value >= high && high != POLICY_KEEP_ALL) {
		out->length = position_length(&p, high, UINT64_MAX);
	} else {
		out->length = position_length(
		    &p, low, high == POLICY_KEEP_ALL ? UINT64_MAX : high - 1);
		out->pending_s = time_to(g, &p, out->length);
	}
}

bool
spill_keeps(struct walk *w, const struct policy_pool *pool, uint8_t region)
{
	struct walk_spill spill;

	judge(w, pool, region, &spill);
	if (spill.hashed) {
		w->out->hashed = true;
		walk_look(w, FACT_SHARE, spill.length);
		w->pending_s = walk_least(w->pending_s, spill.pending_s);
	}
	if (w->trace != NULL && (spill.hashed || !spill.kept))
		trace_spill(w, region, &spill);
	return spill.kept;
}

unsigned
spill_kept_length(const struct walk *w, const struct policy_pool *pool,
    uint8_t region, uint32_t *pending_s)
{
	struct walk_spill spill;

	judge(w, pool, region, &spill);
	*pending_s = spill.pending_s;
	return spill.kept ? spill.length : SPILL_PASSED;
}
