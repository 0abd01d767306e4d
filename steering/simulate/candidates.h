/*
 * Networks that clients of a simulation may be in: real ones of the geography,
 * in groups by where they are.  Called by the population while it is made.
 */
#ifndef STEERING_SIMULATE_CANDIDATES_H
#define STEERING_SIMULATE_CANDIDATES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/errbuf.h"
#include "steering/geo/geography.h"
#include "steering/policy.h"
#include "steering/simulate/draw.h"
#include "steering/simulate/population_config.h"

/* A /24. */
struct candidate {
	uint32_t network; /* its first 24 bits */
	uint16_t country; /* 0: unknown */
	int16_t longitude;
	uint8_t near;
	uint16_t group; /* index into the groups */
};

/* Those of one region or country: ${n} that follow each other, by country. */
struct candidate_group {
	double share; /* of the demand, of a sum of 1 */
	size_t first, n;
};

struct candidates {
	struct candidate *all;
	size_t n;
	struct candidate_group *groups; /* those with a share */
	size_t n_groups;
};

/*
 * status = candidates_create(out, config, geo, service, draw, eb): draw them.
 * 0, or -1 with an error in ${eb}: a group that has a share is empty, or no
 * memory.  candidates_finish() is needed in either case.
 */
int candidates_create(struct candidates *out,
    const struct population_config *config, const struct geography *geo,
    const struct policy_service *service, struct draw *draw, struct errbuf *eb);

/* candidates_finish(candidates): free what it holds. */
void candidates_finish(struct candidates *candidates);

/* address = candidate_address(candidate): the first one of its network. */
struct address candidate_address(const struct candidate *candidate);

/* found = candidate_beside(geo, service, one, network, out): ${network}, of
 * which there are clients in the country of ${one} and in its region. */
bool candidate_beside(const struct geography *geo,
    const struct policy_service *service, const struct candidate *one,
    uint32_t network, struct candidate *out);

/* n = candidates_of_country(candidates, one, first): those of the group and
 * country of ${one}; the number of the first is written to ${first}. */
size_t candidates_of_country(const struct candidates *candidates,
    const struct candidate *one, size_t *first);

#endif
