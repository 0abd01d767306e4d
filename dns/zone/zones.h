/*
 * All zones of a node, found by the longest apex that a name lies below.
 * Immutable once made.  It does not own the zones: those outlive many sets.
 */
#ifndef DNS_ZONE_ZONES_H
#define DNS_ZONE_ZONES_H

#include <stddef.h>
#include <stdint.h>

#include "dns/zone/zone.h"

struct zones;

/* set = zones_create(zones, n): a set of ${n} zones with distinct apexes;
 * the index of a zone in ${zones} is its number.  NULL without memory. */
struct zones *zones_create(const struct zone *const *zones, size_t n);

/* zones_destroy(set): free the set, not the zones.  NULL is fine. */
void zones_destroy(struct zones *set);

/*
 * zone = zones_find(set, lower, len, index): the zone with the longest apex
 * at or above the lower case name ${lower}; its number goes to ${index}.  NULL
 * when no zone holds the name.
 */
const struct zone *zones_find(
    const struct zones *set, const uint8_t *lower, size_t len, uint32_t *index);

#endif
