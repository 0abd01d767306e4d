/*
 * Walks fences, pools and last resorts for whole classes of clients, as the
 * ladder does for one.  Called by the publisher, the pages and meridianctl;
 * changes nothing and never runs for a query.
 */
#include "steering/outlook.h"

#include <stdlib.h>
#include <string.h>

/* What a pool has, over all its endpoints with a weight. */
struct pool_count {
	/* Regions of its zone by the least that is taken, as struct live_pool
	 * has them. */
	uint64_t usable[USABLE_YES + 1];
	uint32_t endpoints, up, unchecked, drained;
	bool below; /* a region of it has too little of its weight up */
};

struct outlook {
	bool stale;
	struct pool_count *pools; /* numbered as in the policy */
};

static void
count_group(const struct policy_group *g, const struct live *live,
    struct pool_count *pool)
{
	for (uint32_t e = g->first; e < g->first + g->n; e++) {
		pool->endpoints++;
		pool->up += live_told(live, e) == USABLE_YES;
		pool->unchecked += live_told(live, e) == USABLE_UNCHECKED;
		pool->drained += live->said[e] == SAID_DRAINED;
	}
}

static void
count_pool(const struct policy *policy, const struct live *live,
    const struct policy_pool *pool, struct pool_count *out)
{
	for (uint64_t left = pool->regions; left != 0; left &= left - 1) {
		uint32_t number = pool->group[__builtin_ctzll(left)];

		count_group(&policy->groups[number], live, out);
		out->below |= live->group[number].usable < USABLE_UNCHECKED &&
		    live->group[number].usable != USABLE_DRAINED;
	}
}

/* The regions where ${member} has something that is taken at ${tier}, of
 * whatever pool. */
static uint64_t
usable_regions(const struct outlook *o, const struct policy_member *member,
    enum usable tier)
{
	uint64_t usable = o->pools[member->pool.number].usable[tier];

	for (uint32_t i = 0; i < member->n_alternates; i++)
		usable |=
		    o->pools[member->alternates[i].pool.number].usable[tier];
	return usable;
}

struct outlook *
outlook_create(const struct policy *policy, const struct live *live)
{
	struct outlook *o = calloc(1, sizeof(*o));

	if (o == NULL)
		return NULL;
	o->stale = live->stale;
	o->pools = calloc(policy->n_pools + 1, sizeof(*o->pools));
	if (o->pools == NULL) {
		free(o);
		return NULL;
	}
	for (size_t i = 0; i < policy->n_pools; i++) {
		memcpy(o->pools[i].usable, live->pool[i].usable,
		    sizeof(o->pools[i].usable));
		if (policy->pools[i].nested == NULL)
			count_pool(
			    policy, live, &policy->pools[i], &o->pools[i]);
	}
	return o;
}

void
outlook_destroy(struct outlook *o)
{
	if (o == NULL)
		return;
	free(o->pools);
	free(o);
}

static const struct service_config *
config_of(const struct policy_service *service)
{
	return &service->config->services[service->config_index];
}

uint32_t
outlook_classes(const struct policy_service *service)
{
	const struct service_config *config = config_of(service);

	for (size_t i = 0; i < config->n_fences; i++)
		if (config->fences[i].clients.everyone)
			return (uint32_t)i + 1;
	return (uint32_t)config->n_fences + 1;
}

/* The members, with a weight or without, that have something that is taken at
 * ${tier} in the regions ${inside}. */
static uint32_t
members_at(const struct outlook *o, const struct policy_service *service,
    enum usable tier, bool weighted, uint64_t inside)
{
	uint32_t members = 0;

	for (unsigned m = 0; m < service->n_members; m++) {
		const struct policy_member *member = &service->members[m];

		if ((member->weight > 0) == weighted &&
		    (usable_regions(o, member, tier) & inside) != 0)
			members |= UINT32_C(1) << m;
	}
	return members;
}

/* The same of what can be used. */
static uint32_t
usable_members(const struct outlook *o, const struct policy_service *service,
    bool weighted, uint64_t inside)
{
	return members_at(o, service, USABLE_UNCHECKED, weighted, inside);
}

/* All as if they were up, and then what is drained: the first of these that
 * gives any. */
static uint32_t
all_members(const struct outlook *o, const struct policy_service *service,
    uint64_t inside, uint64_t lifted)
{
	uint32_t members = 0;

	for (int tier = USABLE_NO; members == 0 && tier >= USABLE_DRAINED;
	     tier--)
		for (unsigned i = 0; members == 0 && i < 4; i++)
			members = members_at(o, service, (enum usable)tier,
			    i % 2 == 0, i < 2 ? inside : lifted);
	return members;
}

/* The first step of the last resort that answers. */
static void
find_resort(const struct outlook *o, const struct policy_service *service,
    uint64_t inside, uint64_t lifted, struct outlook_class *out)
{
	bool weightless = false;
	uint64_t now = inside;

	out->resort = true;
	for (unsigned i = 0; i < service->n_resorts; i++) {
		out->answer = (enum last_resort)service->resorts[i];
		if (out->answer == RESORT_RECORDS ||
		    out->answer == RESORT_SERVFAIL)
			return;
		if (out->answer == RESORT_ALL)
			break;
		if (out->answer == RESORT_POOLS)
			weightless = true;
		else
			now = lifted;
		out->members = usable_members(o, service, true, now);
		if (out->members == 0 && weightless)
			out->members = usable_members(o, service, false, now);
		if (out->members != 0)
			return;
	}
	out->answer = RESORT_ALL;
	out->members = all_members(o, service, inside, lifted);
	if (out->members == 0)
		out->answer = RESORT_SERVFAIL;
}

/* Which of the members of ${out}, which answer in the regions ${inside}, do so
 * by what takes the place of their pool. */
static void
find_alternates(const struct outlook *o, const struct policy_service *service,
    uint64_t inside, struct outlook_class *out)
{
	for (uint32_t left = out->members; left != 0; left &= left - 1) {
		unsigned m = (unsigned)__builtin_ctz(left), k = 0;
		unsigned last = service->members[m].n_alternates;
		const struct policy_pool *pool = policy_chosen(service, m, 0);

		while (k < last &&
		    (o->pools[pool->number].usable[USABLE_UNCHECKED] &
			inside) == 0)
			pool = policy_chosen(service, m, ++k);
		if (strcmp(pool->name, service->members[m].pool.name) != 0)
			out->origin |= left & -left;
		else if (k > 0)
			out->standby |= left & -left;
	}
}

void
outlook_class(const struct outlook *o, const struct policy_service *service,
    uint32_t class, struct outlook_class *out)
{
	const struct service_config *config = config_of(service);
	uint64_t inside = UINT64_MAX, lifted = UINT64_MAX;

	*out = (struct outlook_class){.resort = false};
	if (class < config->n_fences) {
		inside = config->fences[class].regions;
		if (config->fences[class].hard)
			lifted = inside;
	}
	out->members = usable_members(o, service, true, inside);
	if (out->members == 0)
		find_resort(o, service, inside, lifted, out);
	else
		find_alternates(o, service, inside, out);
}

/* Pools that are counted for one service: on all ways, with the alternates of
 * each. */
#define COUNTED (4 * (STEERING_MAX_SPLIT + STEERING_MAX_PATHS))

/* What is counted of a service. */
struct service_count {
	uint32_t pools[COUNTED]; /* numbers of those that were */
	size_t n;
	uint64_t regions, usable, left; /* left: of all but the drained */
	bool below;
};

/* Count ${pool}, once: two members may have one origin, and several ways
 * through services lead to one pool. */
static void
count_one(const struct outlook *o, const struct policy_pool *pool,
    struct service_count *count, struct outlook_service *out)
{
	const struct pool_count *has = &o->pools[pool->number];

	for (size_t i = 0; i < count->n; i++)
		if (count->pools[i] == pool->number)
			return;
	if (count->n < COUNTED)
		count->pools[count->n++] = pool->number;
	out->endpoints += has->endpoints;
	out->up += has->up;
	out->unchecked += has->unchecked;
	out->drained += has->drained;
	count->regions |= pool->regions;
	count->usable |= has->usable[USABLE_UNCHECKED];
	count->left |= pool->regions &
	    ~(has->usable[USABLE_DRAINED] & ~has->usable[USABLE_NO]);
	count->below = count->below || has->below;
}

/* Count the members of ${service} that have a weight, and those of the services
 * inside it, at most STEERING_MAX_DEPTH deep. */
static void
count_members(const struct outlook *o, const struct policy_service *service,
    struct service_count *count, struct outlook_service *out)
{
	for (unsigned m = 0; m < service->n_members; m++) {
		const struct policy_member *member = &service->members[m];

		if (member->weight == 0)
			continue;
		if (member->pool.nested != NULL) {
			count_members(o, member->pool.nested, count, out);
			continue;
		}
		for (unsigned k = 0; k <= member->n_alternates; k++)
			count_one(o, policy_chosen(service, m, k), count, out);
	}
}

/* Its endpoints and regions, and whether all of them can be used. */
static bool
count_service(const struct outlook *o, const struct policy_service *service,
    struct outlook_service *out)
{
	struct service_count count = {.n = 0};

	count_members(o, service, &count, out);
	out->regions = (uint32_t)__builtin_popcountll(count.regions);
	out->regions_usable = (uint32_t)__builtin_popcountll(count.usable);
	out->drained_regions = count.regions & ~count.left;
	out->down = count.left & ~count.usable;
	return !count.below &&
	    out->up + out->unchecked + out->drained == out->endpoints;
}

void
outlook_service(const struct outlook *o, const struct policy_service *service,
    struct outlook_service *out)
{
	*out = (struct outlook_service){.stale = o->stale && service->checked,
	    .classes = outlook_classes(service)};
	out->state =
	    count_service(o, service, out) ? OUTLOOK_HEALTHY : OUTLOOK_DEGRADED;
	for (uint32_t i = 0; i < out->classes; i++) {
		struct outlook_class class;

		outlook_class(o, service, i, &class);
		out->members |= class.members;
		out->standby |= class.standby;
		out->origin |= class.origin;
		if (!class.resort)
			continue;
		out->state = OUTLOOK_LAST_RESORT;
		if (out->resorts++ > 0)
			continue;
		out->worst = i;
		out->worst_class = class;
	}
}

const char *
outlook_word(enum outlook_state state)
{
	static const char *const words[] = {
	    [OUTLOOK_HEALTHY] = "healthy",
	    [OUTLOOK_DEGRADED] = "degraded",
	    [OUTLOOK_LAST_RESORT] = "last-resort",
	};

	return words[state];
}

void
outlook_clients(
    const struct policy_service *service, uint32_t class, struct text *out)
{
	const struct service_config *config = config_of(service);

	if (outlook_classes(service) == 1)
		text_add(out, "everyone");
	else if (class < config->n_fences)
		text_add(out, "clients of rule %u", class + 1);
	else
		text_add(out, "clients of no rule");
}

void
outlook_resorts(const struct outlook *o, const struct policy_service *service,
    struct text *out)
{
	const struct service_config *config = config_of(service);
	struct outlook_service all;
	const char *before = "clients of rule ";

	outlook_service(o, service, &all);
	if (all.resorts == all.classes) {
		text_add(out, "everyone");
		return;
	}
	if (all.resorts == 1) {
		outlook_clients(service, all.worst, out);
		return;
	}
	for (uint32_t i = all.worst; i < all.classes; i++) {
		struct outlook_class class;

		outlook_class(o, service, i, &class);
		if (!class.resort)
			continue;
		if (i < config->n_fences)
			text_add(out, "%s%u", before, i + 1);
		else
			text_add(out, " and of no rule");
		before = ", ";
	}
}

void
outlook_members(
    const struct policy_service *service, uint32_t members, struct text *out)
{
	const char *before = "";

	for (unsigned m = 0; m < service->n_members; m++)
		if (members >> m & 1) {
			text_add(
			    out, "%s%s", before, service->members[m].pool.name);
			before = ", ";
		}
}

void
outlook_regions(
    const struct policy_service *service, uint64_t regions, struct text *out)
{
	const char *before = "";

	for (uint64_t left = regions; left != 0; left &= left - 1) {
		size_t i = (size_t)__builtin_ctzll(left);

		text_add(out, "%s%s", before, service->config->regions[i].name);
		before = ", ";
	}
}

void
outlook_answer(const struct policy_service *service,
    const struct outlook_class *class, struct text *out)
{
	static const char *const words[] = {
	    [RESORT_POOLS] = "pools: ",
	    [RESORT_UNFENCED] = "unfenced: ",
	    [RESORT_ALL] = "all as if up: ",
	    [RESORT_RECORDS] = "records",
	    [RESORT_SERVFAIL] = "SERVFAIL",
	};

	if (class->resort)
		text_add(out, "%s", words[class->answer]);
	outlook_members(service, class->members, out);
}
