/*
 * The policy while it is built, shared by the files that build it (policy.c,
 * policy_binding.c, policy_pools.c, policy_pool.c, policy_service.c).  No other
 * file includes it.
 */
#ifndef STEERING_POLICY_BUILD_H
#define STEERING_POLICY_BUILD_H

#include "base/intern.h"
#include "steering/policy.h"

struct policy_build {
	struct policy *policy;
	struct arena *arena;
	struct map_set *maps;
	const struct policy_outcomes *outcomes;
	struct errbuf *eb;
	struct policy_endpoint *endpoints;
	const char **names; /* as in the policy */
	struct policy_group *groups;
	struct policy_pool *pools;
	/* Of each pool that of its standby endpoints, or STEERING_NONE. */
	uint32_t *standby;
	struct policy_check *checks;
	uint32_t pool_check; /* that of the pool that is built, or NONE */
	uint32_t *nested;    /* pools that are services, inner ones first */
	/* Filled so far. */
	size_t n_endpoints, n_resolved, n_groups, n_pools, n_checks, n_nested;
	size_t n_services, n_members;
	bool drains, starts;
	struct intern regions; /* struct policy_region, of all zones */
};

/* Say that memory is out: -1. */
static inline int
policy_out_of_memory(struct policy_build *b)
{
	return errbuf_error(
	    b->eb, NULL, "no memory for the steering of all zones");
}

/* policy_begin(b): an arena, and no region yet.  0, or -1 with an error. */
int policy_begin(struct policy_build *b);

/* policy_room(b, zones, n): room for all endpoints, checks, and the most pools
 * and groups there can be.  0, or -1 with an error. */
int policy_room(
    struct policy_build *b, const struct policy_input *zones, size_t n);

/*
 * policy_regions_build(b, zone): the policy's numbers of the regions of
 * ${zone}; those that no other zone has named are new.
 * policy_regions_take(b): to the policy, when all zones have named theirs.
 * Both: 0, or -1 with an error.
 */
int policy_regions_build(struct policy_build *b, struct policy_zone *zone);
int policy_regions_take(struct policy_build *b);

/*
 * policy_pool_build(b, zone, from, pool): build ${pool}, which is among those
 * of the policy already, and add its endpoints, groups, and the pool of its
 * standby endpoints.  The regions of ${zone} are numbered already.  0, or -1
 * with an error.
 */
int policy_pool_build(struct policy_build *b, const struct policy_zone *zone,
    const struct pool_config *from, struct policy_pool *pool);

/*
 * p = policy_binding_build(b, config, type): the record of ${type}, HTTPS or
 * SVCB, that ${config} describes.  NULL with an error.
 */
const struct policy_binding *policy_binding_build(
    struct policy_build *b, const struct binding_config *config, uint16_t type);

/*
 * policy_alternate_build(b, service, pool, member): give ${member}, whose pool
 * is number ${pool} of the file, its alternates, and ${service} what it needs
 * to know of them.  0, or -1 with an error.
 */
int policy_alternate_build(struct policy_build *b,
    struct policy_service *service, uint32_t pool,
    struct policy_member *member);

/* slots = policy_outcomes_build(b, service, pool): the counters of what
 * ${service} answers from ${pool}, by region of its zone; NULL with an error.
 */
const uint32_t *policy_outcomes_build(struct policy_build *b,
    const struct policy_service *service, const struct policy_pool *pool);

/*
 * policy_demand_build(b, zone, service): where clients of those members of
 * ${service} of ${zone} are counted whose pools have `spill`, by the classes of
 * its map, which is made.  0, or -1 with an error.
 */
int policy_demand_build(
    struct policy_build *b, const char *zone, struct policy_service *service);

/*
 * policy_service_build(b, config, apex, first_pool, zone): build the services
 * of ${zone}, whose pools are those from number ${first_pool} on.  All are
 * tried, so that all errors are found.  0, or -1 with errors.
 */
int policy_service_build(struct policy_build *b,
    const struct steering_config *config, const uint8_t *apex,
    size_t first_pool, struct policy_zone *zone);

/*
 * policy_nest_build(b, service, sound): make the services inside ${service},
 * whose map and members are built, what they are there.  If it is ${sound}, its
 * own fence no error, try whether those on the ways leave clients of each
 * country and network something: those to whom hard ones leave no region are an
 * error, others a warning.  0, or -1 with an error.
 */
int policy_nest_build(
    struct policy_build *b, struct policy_service *service, bool sound);

#endif
