/*
 * All zones of a node, found by the longest apex that a name lies below.
 * Immutable once made.  It does not own the zones: those outlive many sets.
 */
#ifndef DNS_ZONE_ZONESET_H
#define DNS_ZONE_ZONESET_H

#include <stddef.h>
#include <stdint.h>

#include "dns/zone/zone.h"

struct zone_set;

/* set = zone_set_create(zones, n): a set of ${n} zones with distinct apexes;
 * the index of a zone in ${zones} is its number.  NULL without memory. */
struct zone_set *zone_set_create(const struct zone *const *zones, size_t n);

/* zone_set_destroy(set): free the set, not the zones.  NULL is fine. */
void zone_set_destroy(struct zone_set *set);

/*
 * zone = zone_set_find(set, lower, len, index): the zone with the longest apex
 * at or above the lower case name ${lower}; its number goes to ${index}.  NULL
 * when no zone holds the name.
 */
const struct zone *zone_set_find(const struct zone_set *set,
    const uint8_t *lower, size_t len, uint32_t *index);

#endif
