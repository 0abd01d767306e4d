/*
 * Picks the endpoints of an answer from those of one region, by weighted
 * rendezvous hashing.  Called by the ladder in workers; chooses no region.
 */
#include "steering/pick.h"

#include "steering/rendezvous.h"
#include "steering/spread.h"
#include "steering/trace.h"

/*
 * What the rendezvous hashes besides the endpoints, by affinity: the network of
 * the client, so that it keeps its endpoint; the name, so that one cache has
 * it; or the number of the query, so that endpoints take turns.
 */
static uint64_t
make_seed(struct walk *w, const struct policy_pool *pool)
{
	const struct policy_service *service = w->service;

	if (service->affinity != AFFINITY_CLIENT) {
		if (service->affinity == AFFINITY_NONE)
			return hash_mix(w->request->turn, service->salt_pick);
		if (walk_by_name(w, pool))
			return walk_name(w, service->salt_pick);
	}
	return walk_hash(w, service->salt_pick);
}

/* Weighted rendezvous (Thaler and Ravishankar; weights by -log(u) / w): the
 * first ${max} usable endpoints of ${g}, to ${out}. */
static void
pick_best(struct walk *w, const struct policy_pool *pool,
    const struct rendezvous_group *g, unsigned max, uint32_t *out)
{
	struct rendezvous best[ANSWER_MAX_SETS], c;
	uint64_t seed = make_seed(w, pool);
	unsigned n = 0;

	for (c.endpoint = g->of->first; c.endpoint < g->of->first + g->of->n;
	     c.endpoint++) {
		if (!rendezvous_usable(w, g, c.endpoint))
			continue;
		rendezvous_enter(w, g, seed, &c);
		n = rendezvous_insert(best, n, max, &c);
	}
	for (unsigned i = 0; i < n; i++)
		out[i] = best[i].endpoint;
}

/* Of the usable endpoints of ${g}, which are more than that, ${max} to ${out}.
 * With as many in the answer as the name lives on each client has them all. */
static void
pick_some(struct walk *w, const struct policy_pool *pool,
    const struct rendezvous_group *g, unsigned max, uint32_t *out)
{
	if (w->service->spread && pool->spread > max && walk_by_name(w, pool))
		spread_pick(w, pool, g, max, out);
	else
		pick_best(w, pool, g, max, out);
}

/* Write the first ${max} usable endpoints of ${g} to ${out}; returns how many
 * there are in all. */
static uint32_t
find_usable(const struct walk *w, const struct rendezvous_group *g,
    unsigned max, uint32_t *out)
{
	uint32_t usable = 0;

	for (uint32_t e = g->of->first; e < g->of->first + g->of->n; e++) {
		if (!rendezvous_usable(w, g, e))
			continue;
		if (usable < max)
			out[usable] = e;
		usable++;
	}
	return usable;
}

/* From one region.  Returns how many endpoints are usable there. */
static uint32_t
pick_one_region(struct walk *w, const struct policy_pool *pool, uint8_t region)
{
	unsigned max = w->service->answers;
	struct rendezvous_group g;
	uint32_t usable;

	rendezvous_group(w, pool->group[region], &g);
	usable = find_usable(w, &g, max, w->out->endpoint);
	w->out->n = (uint8_t)walk_least(usable, max);
	if (usable > max)
		pick_some(w, pool, &g, max, w->out->endpoint);
	return usable;
}

/* What an answer takes of one region. */
struct part {
	struct rendezvous_group group;
	uint32_t usable;
	uint32_t endpoint[ANSWER_MAX_SETS];
	unsigned n; /* of them are in the answer */
};

/* Divide the answer among the regions: one of each in turn, as long as it has
 * more.  Returns how many endpoints that makes. */
static unsigned
divide(const struct walk *w, struct part *part, unsigned n_parts)
{
	unsigned n = 0, before;

	do {
		before = n;
		for (unsigned i = 0; i < n_parts; i++) {
			if (n == w->service->answers ||
			    part[i].n == part[i].usable)
				continue;
			part[i].n++;
			n++;
		}
	} while (n > before);
	return n;
}

/* From several regions.  Returns how many endpoints are usable there. */
static uint32_t
pick_regions(struct walk *w, const struct policy_pool *pool,
    const struct walk_ranked *ranked)
{
	struct part part[ANSWER_MAX_SETS];
	uint32_t usable = 0;
	unsigned n = 0;

	for (unsigned i = 0; i < ranked->n; i++) {
		rendezvous_group(
		    w, pool->group[ranked->region[i]], &part[i].group);
		part[i].n = 0;
		part[i].usable = find_usable(
		    w, &part[i].group, w->service->answers, part[i].endpoint);
		usable += part[i].usable;
	}
	w->out->n = (uint8_t)divide(w, part, ranked->n);
	for (unsigned i = 0; i < ranked->n; i++)
		if (part[i].n < part[i].usable)
			pick_some(w, pool, &part[i].group, part[i].n,
			    part[i].endpoint);
	for (unsigned turn = 0; n < w->out->n; turn++)
		for (unsigned i = 0; i < ranked->n; i++)
			if (turn < part[i].n)
				w->out->endpoint[n++] = part[i].endpoint[turn];
	return usable;
}

void
pick_endpoints(struct walk *w, const struct policy_pool *pool,
    const struct walk_ranked *ranked)
{
	uint32_t usable;

	if (ranked->n == 1)
		usable = pick_one_region(w, pool, ranked->region[0]);
	else
		usable = pick_regions(w, pool, ranked);
	if (w->trace != NULL)
		trace_pick(w, pool, usable);
}
