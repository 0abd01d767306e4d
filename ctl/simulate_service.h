/*
 * The service that is simulated, with its regions and its clients, from the
 * operator's files.  Called by meridianctl simulate; says what is wrong to an
 * errbuf.
 */
#ifndef CTL_SIMULATE_SERVICE_H
#define CTL_SIMULATE_SERVICE_H

#include "base/errbuf.h"
#include "ctl/service_named.h"
#include "ctl/simulate_options.h"
#include "ctl/simulated.h"
#include "node/generation.h"
#include "steering/simulate/population.h"

struct simulate_service {
	const struct policy_zone *zone;
	const struct policy_service *service;
	struct population *population;
	char name[SERVICE_NAMED_TEXT]; /* without the last dot */
	/* Its regions, and their numbers in the zone. */
	struct simulated_region regions[STEERING_MAX_REGIONS];
	uint32_t numbers[STEERING_MAX_REGIONS];
	size_t n_regions;
};

/*
 * status = simulate_service_find(s, generation, name, eb): the service ${name},
 * with or without its last dot; NULL: the first that can be simulated.  It
 * lives as long as ${generation}.  0, or -1 with an error in ${eb}: there is
 * none, with the nearest; it lacks capacity.
 */
int simulate_service_find(struct simulate_service *s,
    const struct generation *generation, const char *name, struct errbuf *eb);

/* status = simulate_service_populate(s, generation, o, eb): draw its clients.
 * 0, or -1 with an error in ${eb}. */
int simulate_service_populate(struct simulate_service *s,
    const struct generation *generation, const struct simulate_options *o,
    struct errbuf *eb);

/* simulate_service_finish(s): free its clients. */
void simulate_service_finish(struct simulate_service *s);

/* status = simulate_service_region(s, name, i, eb): write to ${i} which of its
 * regions ${name} is; NULL: that of most clients.  0, or -1 with an error. */
int simulate_service_region(const struct simulate_service *s, const char *name,
    size_t *i, struct errbuf *eb);

/* status = simulate_service_pool(s, name, i, eb): the same for a pool of its
 * split; NULL: the last one with a share. */
int simulate_service_pool(const struct simulate_service *s, const char *name,
    uint32_t *i, struct errbuf *eb);

/* status = simulate_service_endpoint(s, policy, name, region, i, eb): the same
 * for the number in ${policy} of an endpoint; NULL: the first one of ${region},
 * which is a number of the zone. */
int simulate_service_endpoint(const struct simulate_service *s,
    const struct policy *policy, const char *name, uint32_t region, uint32_t *i,
    struct errbuf *eb);

#endif
