/*
 * All zones of a node, found by the longest apex that a name lies below.
 * Immutable once made.  It does not own the zones: those outlive many tables.
 */
#ifndef DNS_ZONE_ZONE_TABLE_H
#define DNS_ZONE_ZONE_TABLE_H

#include <stddef.h>
#include <stdint.h>

#include "dns/zone/zone.h"

struct zone_table;

/* table = zone_table_create(zones, n): a table of ${n} zones with distinct
 * apexes; the index of a zone in ${zones} is its number.  NULL without
 * memory. */
struct zone_table *zone_table_create(const struct zone *const *zones, size_t n);

/* zone_table_destroy(table): free the table, not the zones.  NULL is fine. */
void zone_table_destroy(struct zone_table *table);

/*
 * zone = zone_table_find(table, lower, len, index): the zone with the longest
 * apex at or above the lower case name ${lower}; its number goes to ${index}.
 * NULL when no zone holds the name.
 */
const struct zone *zone_table_find(const struct zone_table *table,
    const uint8_t *lower, size_t len, uint32_t *index);

#endif
