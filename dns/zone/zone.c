/*
 * Reading a built zone: names by hash, record sets by type.  Called by workers
 * for every query; allocates nothing.
 */
#include "dns/zone/zone.h"

#include <stdlib.h>
#include <string.h>

#include "dns/wire/protocol.h"
#include "dns/zone/zone_private.h"

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

const struct zone_node *
zone_closest(const struct zone *zone, const uint8_t *lower, size_t len)
{
	const struct zone_node *apex = zone_apex_node(zone), *node;

	while (len > apex->name_len) {
		if (zone->lengths[len / 64] >> (len % 64) & 1) {
			node =
			    zone_find(zone, lower, len, name_hash(lower, len));
			if (node != NULL)
				return node;
		}
		len -= *lower + 1u;
		lower += *lower + 1;
	}
	return apex;
}

const struct zone_node *
zone_wildcard(const struct zone *zone, const struct zone_node *encloser)
{
	uint8_t name[NAME_MAX_WILDCARD];
	size_t len = name_wildcard(name, encloser->name, encloser->name_len);

	return zone_find(zone, name, len, name_hash(name, len));
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
zone_node_sigs(const struct zone_node *node, uint16_t covers)
{
	for (unsigned i = node->n_rrsets; i > 0; i--) {
		const struct rrset *set = &node->rrsets[i - 1];

		if (set->type != TYPE_RRSIG)
			return NULL;
		if (set->covers == covers)
			return set;
	}
	return NULL;
}

const struct rrset *
zone_negative_soa(const struct zone *zone)
{
	return zone->negative;
}

bool
zone_available(const struct zone *zone)
{
	return zone->negative != NULL;
}

bool
zone_signed(const struct zone *zone)
{
	return zone->chain != NULL;
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

uint64_t
zone_hash(const struct zone *zone)
{
	return zone->hash;
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
