/*
 * Makes, compares and frees `live`.  Called by the health model in the control
 * thread; workers only read what it made.
 */
#include "steering/live.h"

#include <stdlib.h>
#include <string.h>

#include "steering/records.h"

/* All that is there of each endpoint, group, pool, service and member; what
 * nobody touches of it costs nothing, however large.  0, or -1 without memory.
 */
static int
make_room(struct live *live, const struct policy *policy)
{
	size_t n = policy->n_endpoints + 1;

	live->n_endpoints = policy->n_endpoints;
	live->n_groups = policy->n_groups;
	live->n_resolved = policy->n_resolved;
	live->n_services = policy->n_services;
	live->n_members = policy->n_members;
	live->endpoint = malloc(n);
	live->presumed = calloc(n, 1);
	live->said = calloc(n, 1);
	live->found = calloc(n, 1);
	live->pending_s = malloc(n * sizeof(*live->pending_s));
	live->factor = malloc(n * sizeof(*live->factor));
	live->up_ms = malloc(n * sizeof(*live->up_ms));
	live->group = calloc(policy->n_groups + 1, sizeof(*live->group));
	live->pool = calloc(policy->n_pools + 1, sizeof(*live->pool));
	live->split = calloc(policy->n_services + 1, sizeof(*live->split));
	live->share = calloc(policy->n_members + 1, sizeof(*live->share));
	live->resolved =
	    calloc(policy->n_resolved + 1, sizeof(*live->resolved));
	return live->endpoint != NULL && live->presumed != NULL &&
		live->said != NULL && live->found != NULL &&
		live->pending_s != NULL && live->factor != NULL &&
		live->up_ms != NULL && live->group != NULL &&
		live->pool != NULL && live->split != NULL &&
		live->share != NULL && live->resolved != NULL
	    ? 0
	    : -1;
}

struct live *
live_create(const struct policy *policy)
{
	struct live *live = calloc(1, sizeof(*live));

	if (live == NULL)
		return NULL;
	if (make_room(live, policy) != 0) {
		live_destroy(live);
		return NULL;
	}
	memset(live->endpoint, USABLE_UNCHECKED, policy->n_endpoints);
	for (size_t i = 0; i < live->n_endpoints; i++) {
		live->pending_s[i] = LIVE_NOT_PENDING;
		live->up_ms[i] = LIVE_LONG_UP;
		live->factor[i] = UINT32_C(1) << LIVE_FACTOR_BITS;
	}
	for (size_t i = 0; policy->n_resolved > 0 && i < live->n_endpoints; i++)
		if (policy->endpoints[i].resolved != STEERING_NONE)
			live->endpoint[i] = USABLE_EMPTY;
	for (size_t i = 0; i < policy->n_groups; i++)
		live->group[i] =
		    (struct live_group){.pending_s = LIVE_NOT_PENDING,
			.keep = policy->groups[i].keep,
			.thinned = REASON_LOAD};
	live_begin_ramps(live, policy);
	return live;
}

int
live_room(struct live *live, size_t n)
{
	live->known = calloc(n + 1, sizeof(*live->known));
	live->images = malloc(n * RECORD_MAX + 1);
	live->known_left = n;
	return live->known != NULL && live->images != NULL ? 0 : -1;
}

/* Those of the ${n} addresses ${known} that are in answers, as ${usable} as the
 * best and at most LIVE_MAX_ADDRESSES, to ${out}.  Returns how many. */
static size_t
choose_addresses(const struct live_address *known, size_t n, int usable,
    struct address out[LIVE_MAX_ADDRESSES])
{
	size_t ipv4 = 0, ipv6 = 0, chosen = 0;

	for (size_t i = 0; i < n; i++) {
		ipv4 +=
		    known[i].usable == usable && known[i].address.family == 4;
		ipv6 +=
		    known[i].usable == usable && known[i].address.family == 6;
	}
	/* Half for either; what one does not need is the other's. */
	if (ipv6 > LIVE_MAX_ADDRESSES / 2 && ipv4 + ipv6 > LIVE_MAX_ADDRESSES)
		ipv6 = ipv4 < LIVE_MAX_ADDRESSES / 2 ? LIVE_MAX_ADDRESSES - ipv4
						     : LIVE_MAX_ADDRESSES / 2;
	if (ipv4 > LIVE_MAX_ADDRESSES - ipv6)
		ipv4 = LIVE_MAX_ADDRESSES - ipv6;
	for (size_t i = 0; i < n; i++) {
		size_t *left = known[i].address.family == 4 ? &ipv4 : &ipv6;

		if (known[i].usable != usable || *left == 0)
			continue;
		out[chosen++] = known[i].address;
		--*left;
	}
	return chosen;
}

/* The records of the ${n} addresses ${chosen}, at ${image}. */
static void
write_records(struct live_resolved *r, const struct address *chosen, size_t n,
    uint8_t *image)
{
	records_write(chosen, n, 4, image, &r->sets[FORM_IPV4]);
	records_write(
	    chosen, n, 6, image + r->sets[FORM_IPV4].size, &r->sets[FORM_IPV6]);
}

void
live_resolve(struct live *live, const struct policy *policy, size_t e,
    const struct live_address *known, size_t n)
{
	struct live_resolved *r =
	    &live->resolved[policy->endpoints[e].resolved];
	struct address chosen[LIVE_MAX_ADDRESSES];
	enum usable best = USABLE_EMPTY;
	bool presumed = true;

	if (n > live->known_left)
		n = live->known_left;
	live->known_left -= n;
	r->known =
	    memcpy(live->known + live->known_left, known, n * sizeof(*known));
	r->n = n;
	for (size_t i = 0; i < n; i++)
		if (known[i].usable > (int)best)
			best = (enum usable)known[i].usable;
	for (size_t i = 0; i < n; i++)
		presumed &= known[i].presumed || known[i].usable != (int)best;
	live->endpoint[e] = (int8_t)best;
	live->presumed[e] = best == USABLE_YES && presumed;
	write_records(r, chosen, choose_addresses(known, n, best, chosen),
	    live->images + live->known_left * RECORD_MAX);
}

/* The policy has no records of ${form} of it. */
const struct answer_set *
live_set_of_name(const struct live *live, const struct policy *policy, size_t e,
    enum answer_form form)
{
	const struct policy_endpoint *endpoint = &policy->endpoints[e];

	if (endpoint->resolved == STEERING_NONE)
		return &endpoint->sets[form];
	return &live->resolved[endpoint->resolved].sets[form];
}

uint64_t
live_need(const struct live *live, const struct policy *policy,
    const struct policy_group *g)
{
	uint64_t weight = 0, need;

	/* Who takes some out of a region means the others to serve. */
	for (uint32_t e = g->first; e < g->first + g->n; e++)
		if (live->said[e] != SAID_DRAINED)
			weight += policy->endpoints[e].weight;
	/* At most 65,536 endpoints of 1,000,000, times 1,000,000: fits. */
	need = (weight * g->min_up_ppm + 999999) / 1000000;
	return need > 1 ? need : 1;
}

static enum usable
judge_group(const struct live *live, const struct policy *policy,
    const struct policy_group *g)
{
	/* By enum usable, from the least on. */
	uint64_t by_usable[USABLE_YES - USABLE_EMPTY + 1] = {0};
	const uint64_t *weight = by_usable - USABLE_EMPTY;
	uint64_t need = live_need(live, policy, g);

	for (uint32_t e = g->first; e < g->first + g->n; e++)
		by_usable[live->endpoint[e] - USABLE_EMPTY] +=
		    policy->endpoints[e].weight;
	if (weight[USABLE_YES] >= need)
		return USABLE_YES;
	if (weight[USABLE_YES] + weight[USABLE_UNCHECKED] >= need)
		return USABLE_UNCHECKED;
	if (weight[USABLE_YES] + weight[USABLE_UNCHECKED] + weight[USABLE_NO] >
	    0)
		return USABLE_NO;
	return weight[USABLE_DRAINED] > 0 ? USABLE_DRAINED : USABLE_EMPTY;
}

/* What its endpoints weigh, and when one of them may change. */
static void
weigh_group(const struct live *live, const struct policy_group *g,
    struct live_group *out)
{
	const uint32_t one = UINT32_C(1) << LIVE_FACTOR_BITS;
	uint32_t first = live->factor[g->first];
	uint8_t with = 0, without = 0;

	out->even = g->even;
	out->weighed = false;
	for (uint32_t e = g->first; e < g->first + g->n; e++) {
		/* The tiers at which it is taken. */
		uint8_t tiers = (uint8_t)((1u << (live->endpoint[e] + 1)) - 1);

		if (live->pending_s[e] < out->pending_s)
			out->pending_s = live->pending_s[e];
		out->weighed |= live->factor[e] != one;
		out->even &= live->factor[e] == first;
		if (live->factor[e] != 0)
			with |= tiers;
		else
			without |= tiers;
	}
	out->idle = with & without;
}

/* Add what ${in} has to ${out}. */
static void
join_pool(struct live_pool *out, const struct live_pool *in)
{
	for (unsigned tier = 0; tier <= USABLE_YES; tier++)
		out->usable[tier] |= in->usable[tier];
	out->pending |= in->pending;
}

/* A pool that is a service has what members with a weight have, wherever fences
 * let clients go; those inside it come first. */
static void
judge_nested(struct live *live, const struct policy_pool *pool)
{
	const struct policy_service *service = pool->nested;
	struct live_pool *out = &live->pool[pool->number];

	for (unsigned m = 0; m < service->n_members; m++)
		for (unsigned k = 0; service->members[m].weight > 0 &&
		     k <= service->members[m].n_alternates;
		     k++)
			join_pool(out,
			    &live->pool[policy_chosen(service, m, k)->number]);
}

/* A group of ${pool}, in ${region} as a set. */
static void
judge_region(struct live *live, const struct policy *policy,
    const struct policy_pool *pool, uint64_t region)
{
	uint32_t number = pool->group[__builtin_ctzll(region)];
	const struct policy_group *g = &policy->groups[number];
	struct live_group *group = &live->group[number];
	struct live_pool *out = &live->pool[pool->number];
	int usable = judge_group(live, policy, g);

	weigh_group(live, g, group);
	group->usable = (int8_t)usable;
	if (group->pending_s != LIVE_NOT_PENDING)
		out->pending |= region;
	if (group->keep != POLICY_KEEP_ALL || group->slope < 0)
		out->sheds |= region;
	/* Taken at a tier, it is taken at each lower one. */
	for (int tier = 0; tier <= usable; tier++)
		out->usable[tier] |= region;
}

void
live_judge(struct live *live, const struct policy *policy)
{
	for (size_t e = 0; policy->drains && e < policy->n_endpoints; e++)
		if (policy->endpoints[e].drained)
			live_drain(live, e);
	memset(live->pool, 0, policy->n_pools * sizeof(*live->pool));
	for (size_t i = 0; i < policy->n_pools; i++) {
		const struct policy_pool *pool = &policy->pools[i];

		if (pool->nested != NULL)
			continue;
		for (uint64_t left = pool->regions; left != 0; left &= left - 1)
			judge_region(live, policy, pool, left & -left);
	}
	for (size_t i = 0; i < policy->n_nested; i++)
		judge_nested(live, &policy->pools[policy->nested[i]]);
}

enum usable
live_told(const struct live *live, size_t endpoint)
{
	return live->presumed[endpoint] ? USABLE_UNCHECKED
					: (enum usable)live->endpoint[endpoint];
}

enum usable
live_found(const struct live *live, size_t endpoint)
{
	return live->said[endpoint] == SAID_NOTHING
	    ? live_told(live, endpoint)
	    : (enum usable)live->found[endpoint];
}

/* The same addresses of each name, and as usable. */
static bool
same_addresses(const struct live *a, const struct live *b)
{
	if (a->n_resolved != b->n_resolved)
		return false;
	for (size_t i = 0; i < a->n_resolved; i++) {
		const struct live_resolved *x = &a->resolved[i];
		const struct live_resolved *y = &b->resolved[i];

		if (x->n != y->n)
			return false;
		for (size_t k = 0; k < x->n; k++)
			if (x->known[k].usable != y->known[k].usable ||
			    x->known[k].presumed != y->known[k].presumed ||
			    !address_equal(
				&x->known[k].address, &y->known[k].address))
				return false;
	}
	return true;
}

/* As usable, by what is found and said, and of the same weight. */
static bool
same_endpoints(const struct live *a, const struct live *b)
{
	size_t n = a->n_endpoints;

	if (n != b->n_endpoints || memcmp(a->endpoint, b->endpoint, n) != 0 ||
	    memcmp(a->presumed, b->presumed, n) != 0 ||
	    memcmp(a->said, b->said, n) != 0 ||
	    memcmp(a->factor, b->factor, n * sizeof(*a->factor)) != 0)
		return false;
	for (size_t i = 0; i < n; i++)
		if (a->said[i] != SAID_NOTHING && a->found[i] != b->found[i])
			return false;
	return true;
}

static bool
same_groups(const struct live *a, const struct live *b)
{
	if (a->n_groups != b->n_groups)
		return false;
	for (size_t i = 0; i < a->n_groups; i++)
		if (a->group[i].usable != b->group[i].usable ||
		    a->group[i].pending_s != b->group[i].pending_s ||
		    a->group[i].keep != b->group[i].keep ||
		    a->group[i].thinned != b->group[i].thinned ||
		    a->group[i].slope != b->group[i].slope)
			return false;
	return true;
}

/* The same splits; shares that are as the policy says are zeros. */
static bool
same_splits(const struct live *a, const struct live *b)
{
	if (a->n_services != b->n_services || a->n_members != b->n_members)
		return false;
	for (size_t i = 0; i < a->n_services; i++)
		if ((a->split[i].share == NULL) !=
			(b->split[i].share == NULL) ||
		    a->split[i].pending_s != b->split[i].pending_s)
			return false;
	return memcmp(a->share, b->share, a->n_members * sizeof(*a->share)) ==
	    0;
}

bool
live_equal(const struct live *a, const struct live *b)
{
	return a->stale == b->stale && same_endpoints(a, b) &&
	    same_groups(a, b) && same_splits(a, b) && same_addresses(a, b);
}

void
live_destroy(struct live *live)
{
	if (live == NULL)
		return;
	free(live->endpoint);
	free(live->presumed);
	free(live->said);
	free(live->found);
	free(live->pending_s);
	free(live->factor);
	free(live->up_ms);
	free(live->group);
	free(live->pool);
	free(live->split);
	free(live->share);
	free(live->resolved);
	free(live->known);
	free(live->images);
	free(live);
}
