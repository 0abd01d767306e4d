/*
 * Goes into services inside services, with the fences of all on the way.
 * Called by the steps of the ladder in workers: no allocation, lock, system
 * call or floating point.  What recurs does so STEERING_MAX_DEPTH deep at most
 * and over STEERING_MAX_PATHS ways: other policies are refused.
 */
#include "steering/nest.h"

/* The regions that ${service} alone lets this client be sent to. */
static uint64_t
own_fence(const struct walk *w, const struct policy_service *service,
    struct map_leaf *leaf)
{
	map_lookup(service->map, &w->client, leaf);
	return w->lifted ? leaf->class->lifted : leaf->class->inside;
}

/* The same of the regions ${inside}, without a look where it has no fence. */
static uint64_t
fenced(
    const struct walk *w, const struct policy_service *service, uint64_t inside)
{
	struct map_leaf leaf;

	return service->fenced ? inside & own_fence(w, service, &leaf) : inside;
}

/* How many pools ${member} of a service inside another may be served by: its
 * own and the alternates, but none without a weight. */
static unsigned
pools_of(const struct policy_member *member)
{
	return member->weight > 0 ? 1 + member->n_alternates : 0;
}

/* The regions ${inside} where ${pool}, which may be a service, has something
 * usable. */
static uint64_t
usable(const struct walk *w, const struct policy_pool *pool, uint64_t inside)
{
	const struct policy_service *service = pool->nested;
	uint64_t regions = 0;

	inside &= walk_live(w, pool)->usable[w->tier];
	if (inside == 0 || service == NULL || !service->fenced_within)
		return inside;
	inside = fenced(w, service, inside);
	if (!service->nests)
		return inside;
	for (unsigned m = 0; m < service->n_members; m++)
		for (unsigned k = 0; k < pools_of(&service->members[m]); k++)
			regions |=
			    usable(w, policy_chosen(service, m, k), inside);
	return regions;
}

uint64_t
nest_usable(const struct walk *w, const struct policy_pool *pool)
{
	return usable(w, pool, w->inside);
}

unsigned
nest_set(const struct walk *w, const struct policy_pool *pool)
{
	const struct policy_service *service = pool->nested;
	unsigned bits = 0;

	if (service == NULL || !service->fenced_within)
		return 0;
	if (service->fenced) {
		struct map_leaf leaf;

		(void)own_fence(w, service, &leaf);
		bits = leaf.set;
	}
	for (unsigned m = 0; m < service->n_members; m++)
		if (service->members[m].weight > 0)
			bits = walk_greatest(
			    bits, nest_set(w, &service->members[m].pool));
	return bits;
}

static void
note_pending(struct walk *w, const struct policy_pool *pool, uint64_t inside)
{
	const struct policy_service *service = pool->nested;

	if ((walk_live(w, pool)->pending & inside) == 0)
		return;
	if (service == NULL) {
		walk_note_changes(w, pool, inside);
		return;
	}
	inside = fenced(w, service, inside);
	for (unsigned m = 0; m < service->n_members; m++)
		for (unsigned k = 0; k < pools_of(&service->members[m]); k++)
			note_pending(w, policy_chosen(service, m, k), inside);
}

void
nest_pass_over(struct walk *w, const struct policy_pool *pool)
{
	const struct live_pool *live = walk_live(w, pool);

	if ((live->usable[w->tier] | live->pending) == 0)
		return;
	walk_look(w, FACT_FENCE, w->leaf.set);
	walk_look(w, FACT_FENCE, nest_set(w, pool));
	note_pending(w, pool, w->inside);
}

static void
look_leaves(struct walk *w, const struct policy_service *service)
{
	for (unsigned m = 0; m < service->n_members; m++) {
		const struct policy_service *inner =
		    service->members[m].pool.nested;
		struct map_leaf leaf;

		if (inner == NULL)
			continue;
		map_lookup(inner->map, &w->client, &leaf);
		walk_look(w, FACT_LEAF, leaf.depth);
		look_leaves(w, inner);
	}
}

void
nest_look_leaves(struct walk *w)
{
	walk_look(w, FACT_LEAF, w->leaf.depth);
	look_leaves(w, w->service);
}

/* Clients of a private block that is told from others share with nobody outside
 * it. */
static void
look_private(struct walk *w)
{
	if (w->leaf.private_length > 0)
		walk_look(w, FACT_LEAF, w->leaf.depth);
}

void
nest_enter(struct walk *w, const struct policy_pool *pool)
{
	if (w->service->fenced)
		walk_look(w, FACT_FENCE, w->leaf.set);
	look_private(w);
	w->service = pool->nested;
	w->inside &= own_fence(w, w->service, &w->leaf);
	w->class = w->leaf.class;
	w->weighted = true;
	look_private(w);
}

bool
nest_leave(struct walk *w)
{
	const struct policy_service *outermost = w->service->outermost;

	if (outermost == NULL)
		return false;
	w->service = outermost;
	w->inside = own_fence(w, outermost, &w->leaf);
	w->class = w->leaf.class;
	return false;
}
