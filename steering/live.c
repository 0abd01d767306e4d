/*
 * Makes, compares and frees `live`.  Called by the health model in the control
 * thread; workers only read what it made.
 */
#include "steering/live.h"

#include <stdlib.h>
#include <string.h>

#include "steering/records.h"

struct live *
live_create(const struct policy *policy)
{
	struct live *live = calloc(1, sizeof(*live));

	if (live == NULL)
		return NULL;
	live->n_endpoints = policy->n_endpoints;
	live->n_groups = policy->n_groups;
	live->endpoint = malloc(policy->n_endpoints + 1);
	live->presumed = calloc(policy->n_endpoints + 1, 1);
	live->group = calloc(policy->n_groups + 1, sizeof(*live->group));
	live->pool = calloc(policy->n_pools + 1, sizeof(*live->pool));
	live->n_resolved = policy->n_resolved;
	live->resolved =
	    calloc(policy->n_resolved + 1, sizeof(*live->resolved));
	if (live->endpoint == NULL || live->presumed == NULL ||
	    live->group == NULL || live->pool == NULL ||
	    live->resolved == NULL) {
		live_destroy(live);
		return NULL;
	}
	memset(live->endpoint, USABLE_UNCHECKED, policy->n_endpoints);
	for (size_t i = 0; policy->n_resolved > 0 && i < live->n_endpoints; i++)
		if (policy->endpoints[i].resolved != STEERING_NONE)
			live->endpoint[i] = USABLE_EMPTY;
	for (size_t i = 0; i < policy->n_groups; i++)
		live->group[i] =
		    (struct live_group){.pending_s = LIVE_NOT_PENDING,
			.keep = policy->groups[i].keep};
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

static enum usable
judge_group(const struct live *live, const struct policy *policy,
    const struct policy_group *g)
{
	uint64_t need = g->min_up > 1 ? g->min_up : 1;
	/* By enum usable, from the least on. */
	uint64_t by_usable[USABLE_YES - USABLE_EMPTY + 1] = {0};
	const uint64_t *weight = by_usable - USABLE_EMPTY;

	for (uint32_t e = g->first; e < g->first + g->n; e++)
		by_usable[live->endpoint[e] - USABLE_EMPTY] +=
		    policy->endpoints[e].weight;
	if (weight[USABLE_YES] >= need)
		return USABLE_YES;
	if (weight[USABLE_YES] + weight[USABLE_UNCHECKED] >= need)
		return USABLE_UNCHECKED;
	return weight[USABLE_YES] + weight[USABLE_UNCHECKED] +
		    weight[USABLE_NO] >
		0
	    ? USABLE_NO
	    : USABLE_EMPTY;
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

void
live_judge(struct live *live, const struct policy *policy)
{
	memset(live->pool, 0, policy->n_pools * sizeof(*live->pool));
	for (size_t i = 0; i < policy->n_pools; i++) {
		const struct policy_pool *pool = &policy->pools[i];

		if (pool->nested != NULL)
			continue;
		for (uint64_t left = pool->regions; left != 0;
		     left &= left - 1) {
			uint32_t number = pool->group[__builtin_ctzll(left)];
			int usable =
			    judge_group(live, policy, &policy->groups[number]);

			live->group[number].usable = (int8_t)usable;
			if (live->group[number].pending_s != LIVE_NOT_PENDING)
				live->pool[i].pending |= left & -left;
			if (live->group[number].keep != POLICY_KEEP_ALL)
				live->pool[i].sheds |= left & -left;
			/* Taken at a tier, it is taken at each lower one. */
			for (int tier = 0; tier <= usable; tier++)
				live->pool[i].usable[tier] |= left & -left;
		}
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

bool
live_equal(const struct live *a, const struct live *b)
{
	if (a->stale != b->stale || a->n_endpoints != b->n_endpoints ||
	    a->n_groups != b->n_groups)
		return false;
	if (memcmp(a->endpoint, b->endpoint, a->n_endpoints) != 0 ||
	    memcmp(a->presumed, b->presumed, a->n_endpoints) != 0)
		return false;
	for (size_t i = 0; i < a->n_groups; i++)
		if (a->group[i].usable != b->group[i].usable ||
		    a->group[i].pending_s != b->group[i].pending_s ||
		    a->group[i].keep != b->group[i].keep)
			return false;
	return same_addresses(a, b);
}

void
live_destroy(struct live *live)
{
	if (live == NULL)
		return;
	free(live->endpoint);
	free(live->presumed);
	free(live->group);
	free(live->pool);
	free(live->resolved);
	free(live->known);
	free(live->images);
	free(live);
}
