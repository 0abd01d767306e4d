/*
 * Compiles what a member of a split has in place of its pool: the standby
 * endpoints, the origin of an edge, and those of that.  Called for each member
 * of a service; decides nothing.
 */
#include "steering/policy_build.h"

#include <string.h>

#include "base/arena.h"
#include "base/hash.h"
#include "steering/position.h"

/* The salt of a trickle is that of the service's split, mixed with the pool and
 * this, so that it has nothing to do with the split or with another pool. */
#define SALT_TRICKLE UINT64_C(0x747269636b6c65) /* "trickle" */

/* Standby endpoints, the origin, and its standby endpoints. */
#define MOST_ALTERNATES 3

/* The next alternate of ${member}: pool number ${number}. */
static int
add(struct policy_build *b, const struct policy_service *service,
    struct policy_alternate *list, struct policy_member *member,
    uint32_t number)
{
	struct policy_alternate *a = &list[member->n_alternates++];

	a->pool = b->pools[number];
	if (member->weight > 0)
		a->outcome = policy_outcomes_build(b, service, &a->pool);
	return member->weight == 0 || a->outcome != NULL ? 0 : -1;
}

/* The standby endpoints of ${pool} of the file, if it has any; its number in
 * the policy is ${number}. */
static int
add_standby(struct policy_build *b, const struct policy_service *service,
    struct policy_alternate *list, struct policy_member *member,
    const struct pool_config *pool, uint32_t number)
{
	struct policy_alternate *a = &list[member->n_alternates];
	uint64_t name =
	    hash_bytes(pool->name, strlen(pool->name), SALT_TRICKLE);

	if (b->standby[number] == STEERING_NONE)
		return 0;
	if (pool->trickle_ppm > 0) {
		a->trickle = position_threshold(pool->trickle_ppm, 1000000);
		a->salt = hash_mix(service->salt_split, name);
	}
	return add(b, service, list, member, b->standby[number]);
}

/* The origin of ${pool} and its standby endpoints; ${number} is that of the
 * origin in the policy. */
static int
add_origin(struct policy_build *b, struct policy_service *service,
    struct policy_alternate *list, struct policy_member *member,
    const struct pool_config *origin, uint32_t number)
{
	service->spread |= origin->spread > 1;
	service->checked |= steering_is_checked(origin);
	if (add(b, service, list, member, number) != 0)
		return -1;
	return add_standby(b, service, list, member, origin, number);
}

int
policy_alternate_build(struct policy_build *b, struct policy_service *service,
    uint32_t pool, struct policy_member *member)
{
	const struct pool_config *from = &service->config->pools[pool];
	uint32_t number = member->pool.number;
	struct policy_alternate *list;

	service->spread |= from->spread > 1;
	if (b->standby[number] == STEERING_NONE &&
	    from->origin == STEERING_NONE)
		return 0;
	service->alternates = true;
	list = arena_array(b->arena, MOST_ALTERNATES, sizeof(*list));
	if (list == NULL)
		return policy_out_of_memory(b);
	member->alternates = list;
	if (add_standby(b, service, list, member, from, number) != 0)
		return -1;
	/* Pools of the file have their numbers in its order. */
	return from->origin == STEERING_NONE
	    ? 0
	    : add_origin(b, service, list, member,
		  &service->config->pools[from->origin],
		  number - pool + from->origin);
}

uint64_t
policy_member_regions(const struct policy_member *member)
{
	uint64_t regions = member->pool.regions;

	for (uint32_t i = 0; i < member->n_alternates; i++)
		regions |= member->alternates[i].pool.regions;
	return regions;
}
