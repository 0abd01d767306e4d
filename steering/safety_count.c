/*
 * Counts what the classes of a service have before and after a change: groups
 * first, then those of each pool that a class reaches.  Called by safety.c;
 * judges nothing.
 */
#include "steering/safety_count.h"

#include <stdlib.h>
#include <string.h>

struct safety_counts {
	const struct policy *policy;
	struct safety_count *groups; /* of each: its part of a count */
	bool *changed;               /* of each pool: a group of it has */
	/* Of each pool: the regions that the walk has counted; two members may
	 * have one origin, and several ways lead to one pool. */
	uint64_t *counted;
};

static void
add(struct safety_sum *to, const struct safety_sum *more)
{
	to->n += more->n;
	to->weight += more->weight;
	to->capacity += more->capacity;
}

/* What ${live} has of ${group}, in each tier, to ${out}, and whatever endpoint
 * it was last to ${last}.  A region below min_up has nothing. */
static void
count_live(const struct policy *policy, const struct live *live,
    uint32_t number, struct safety_sum out[SAFETY_TIERS],
    uint32_t last[SAFETY_TIERS])
{
	const struct policy_group *g = &policy->groups[number];

	if (live->group[number].usable < USABLE_UNCHECKED)
		return;
	for (uint32_t e = g->first; e < g->first + g->n; e++) {
		const struct policy_endpoint *endpoint = &policy->endpoints[e];
		const struct safety_sum one = {
		    1, endpoint->weight, endpoint->capacity};
		enum usable told = live_told(live, e);

		if (told == USABLE_YES) {
			add(&out[SAFETY_UP], &one);
			last[SAFETY_UP] = e;
		}
		if (told >= USABLE_UNCHECKED) {
			add(&out[SAFETY_ANY], &one);
			last[SAFETY_ANY] = e;
		}
	}
}

static void
count_group(struct safety_counts *c, const struct live *before,
    const struct live *after, uint32_t number)
{
	const struct policy_group *g = &c->policy->groups[number];
	struct safety_count *out = &c->groups[number];
	uint32_t unused[SAFETY_TIERS];

	out->capacity = true;
	for (uint32_t e = g->first; e < g->first + g->n; e++) {
		const struct policy_endpoint *endpoint =
		    &c->policy->endpoints[e];
		const struct safety_sum one = {
		    1, endpoint->weight, endpoint->capacity};

		add(&out->all, &one);
		out->capacity = out->capacity && endpoint->capacity > 0;
	}
	count_live(c->policy, before, number, out->before, out->last);
	count_live(c->policy, after, number, out->after, unused);
}

/* Whether ${before} and ${after} of a group differ in what is counted. */
static bool
differs(const struct safety_count *group)
{
	for (unsigned t = 0; t < SAFETY_TIERS; t++)
		if (group->before[t].n != group->after[t].n)
			return true;
	return false;
}

struct safety_counts *
safety_counts_create(const struct policy *policy, const struct live *before,
    const struct live *after)
{
	struct safety_counts *c = calloc(1, sizeof(*c));

	if (c == NULL)
		return NULL;
	c->policy = policy;
	c->groups = calloc(policy->n_groups + 1, sizeof(*c->groups));
	c->changed = calloc(policy->n_pools + 1, sizeof(*c->changed));
	c->counted = calloc(policy->n_pools + 1, sizeof(*c->counted));
	if (c->groups == NULL || c->changed == NULL || c->counted == NULL) {
		safety_counts_destroy(c);
		return NULL;
	}
	for (size_t i = 0; i < policy->n_pools; i++) {
		const struct policy_pool *pool = &policy->pools[i];

		for (uint64_t left = pool->nested == NULL ? pool->regions : 0;
		     left != 0; left &= left - 1) {
			uint32_t number = pool->group[__builtin_ctzll(left)];

			count_group(c, before, after, number);
			c->changed[i] |= differs(&c->groups[number]);
		}
	}
	return c;
}

void
safety_counts_destroy(struct safety_counts *c)
{
	if (c == NULL)
		return;
	free(c->groups);
	free(c->changed);
	free(c->counted);
	free(c);
}

bool
safety_counts_changed(
    const struct safety_counts *c, const struct policy_service *service)
{
	for (unsigned m = 0; m < service->n_members; m++) {
		const struct policy_member *member = &service->members[m];

		if (member->weight == 0)
			continue;
		if (member->pool.nested != NULL) {
			/* At most STEERING_MAX_DEPTH deep. */
			if (safety_counts_changed(c, member->pool.nested))
				return true;
			continue;
		}
		for (unsigned k = 0; k <= member->n_alternates; k++)
			if (c->changed[policy_chosen(service, m, k)->number])
				return true;
	}
	return false;
}

/* Add group ${from}, in ${region}. */
static void
take_group(
    struct safety_count *out, const struct safety_count *from, uint64_t region)
{
	add(&out->all, &from->all);
	out->capacity = out->capacity && from->capacity;
	out->regions |= region;
	for (unsigned t = 0; t < SAFETY_TIERS; t++) {
		add(&out->before[t], &from->before[t]);
		add(&out->after[t], &from->after[t]);
		if (from->before[t].n == 0)
			continue;
		out->had[t] |= region;
		out->last[t] = from->last[t];
	}
}

static void
take_pool(struct safety_counts *c, const struct policy_pool *pool,
    uint64_t inside, struct safety_count *out)
{
	uint64_t left = pool->regions & inside & ~c->counted[pool->number];

	c->counted[pool->number] |= left;
	for (; left != 0; left &= left - 1)
		take_group(out, &c->groups[pool->group[__builtin_ctzll(left)]],
		    left & -left);
}

/* The regions that ${class} may be sent to by ${service} alone. */
static uint64_t
fence_of(const struct policy_service *service, const struct safety_class *class)
{
	const struct service_config *config =
	    &service->config->services[service->config_index];
	size_t i = 0;

	while (class->list[i] != config)
		i++;
	return class->rule[i] < config->n_fences
	    ? config->fences[class->rule[i]].regions
	    : UINT64_MAX;
}

static void
take_service(struct safety_counts *c, const struct policy_service *service,
    const struct safety_class *class, uint64_t inside, struct safety_count *out)
{
	inside &= fence_of(service, class);
	for (unsigned m = 0; m < service->n_members && inside != 0; m++) {
		const struct policy_member *member = &service->members[m];

		if (member->weight == 0)
			continue;
		if (member->pool.nested != NULL) {
			/* At most STEERING_MAX_DEPTH deep. */
			take_service(
			    c, member->pool.nested, class, inside, out);
			continue;
		}
		for (unsigned k = 0; k <= member->n_alternates; k++)
			take_pool(c, policy_chosen(service, m, k), inside, out);
	}
}

void
safety_counts_class(struct safety_counts *c,
    const struct policy_service *service, const struct safety_class *class,
    struct safety_count *out)
{
	*out = (struct safety_count){.capacity = true};
	memset(c->counted, 0, c->policy->n_pools * sizeof(*c->counted));
	take_service(c, service, class, UINT64_MAX, out);
}

double
safety_share(const struct safety_count *count, enum safety_tier tier)
{
	const struct safety_sum *left = &count->after[tier];
	const struct safety_sum *all = &count->all;

	return count->capacity
	    ? (double)left->capacity * 1e6 / (double)all->capacity
	    : (double)left->weight * 1e6 / (double)all->weight;
}
