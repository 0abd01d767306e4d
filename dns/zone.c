/*
 * Reading a built zone: names by hash, record sets by type.  Called by workers
 * for every query; allocates nothing.
 */
#include "dns/zone.h"

#include <stdlib.h>
#include <string.h>

#include "dns/zone_layout.h"

const uint8_t *
zone_apex(const struct zone *zone)
{
	return zone->nodes[0].name;
}

const struct zone_node *
zone_apex_node(const struct zone *zone)
{
	return &zone->nodes[0];
}

const struct zone_node *
zone_find(
    const struct zone *zone, const uint8_t *lower, size_t len, uint64_t hash)
{
	/* There is always a free slot, so the walk ends. */
	for (size_t i = hash & zone->mask;; i = (i + 1) & zone->mask) {
		const struct zone_slot *slot = &zone->slots[i];
		const struct zone_node *node;

		if (slot->node == 0)
			return NULL;
		if (slot->tag != zone_tag(hash))
			continue;
		node = &zone->nodes[slot->node - 1];
		if (node->name_len == len &&
		    memcmp(node->name, lower, len) == 0)
			return node;
	}
}

const struct rrset *
zone_node_rrset(const struct zone_node *node, uint16_t type)
{
	for (unsigned i = 0; i < node->n_rrsets; i++)
		if (node->rrsets[i].type == type)
			return &node->rrsets[i];
	return NULL;
}

const struct rrset *
zone_negative_soa(const struct zone *zone)
{
	return zone->negative;
}

size_t
zone_names(const struct zone *zone)
{
	return zone->names;
}

size_t
zone_records(const struct zone *zone)
{
	return zone->records;
}

uint32_t
zone_serial(const struct zone *zone)
{
	return zone->serial;
}

void
zone_destroy(struct zone *zone)
{
	if (zone == NULL)
		return;
	free(zone->slots);
	free(zone->nodes);
	arena_destroy(zone->arena);
	free(zone);
}
