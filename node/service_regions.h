/*
 * Where a service, or one pool of it, sends its clients: by region, how usable
 * that is, what it keeps, and how soon any of it may change.
 */
#ifndef NODE_SERVICE_REGIONS_H
#define NODE_SERVICE_REGIONS_H

#include <stdint.h>

#include "steering/live.h"
#include "steering/policy.h"

/* word = service_regions_usable(live, service, members, bit): how usable the
 * best of ${members} (a bit set) is in region number ${bit} of the zone, as the
 * status has it. */
const char *service_regions_usable(const struct live *live,
    const struct policy_service *service, uint32_t members, unsigned bit);

/* keep = service_regions_keep(live, service, members, bit): the least share of
 * its clients that any of ${members} keeps there, and of the pools of those
 * that are services. */
double service_regions_keep(const struct live *live,
    const struct policy_service *service, uint32_t members, unsigned bit);

/* regions = service_regions(service, members): those where ${members} have
 * endpoints with a weight (a bit set, as its zone numbers them). */
uint64_t service_regions(
    const struct policy_service *service, uint32_t members);

/* seconds = service_regions_pending_s(live, service): until a change that has
 * begun may alter any of its answers; LIVE_NOT_PENDING: none has. */
uint32_t service_regions_pending_s(
    const struct live *live, const struct policy_service *service);

#endif
