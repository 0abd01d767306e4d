/*
 * Fuzz target: any text as a master file of the zone example., with services.
 * What is accepted must be a zone whose every set is well formed and found.
 */
#include <stdlib.h>
#include <string.h>

#include "dns/wire/name.h"
#include "dns/wire/protocol.h"
#include "dns/wire/wire.h"
#include "dns/zone/rdata.h"
#include "dns/zone/zone_chain.h"
#include "dns/zone/zone_private.h"
#include "dns/zone/zonefile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
require(bool holds)
{
	if (!holds)
		abort();
}

static void
check_set(const struct rrset *set)
{
	size_t at = 0, count = 0;

	require(set->size <= RRSET_MAX);
	for (; at + 12 <= set->size; count++) {
		const uint8_t *record = set->image + at;
		size_t len = wire_get16(record + 10);

		require(wire_get16(record) == POINTER_QNAME);
		require(wire_get16(record + 2) == set->type);
		require(wire_get16(record + 4) == CLASS_IN);
		require(wire_get32(record + 6) <= 0x7fffffff);
		require(at + 12 + len <= set->size);
		require(rdata_check(set->type, record + 12, len) == NULL);
		at += 12 + len;
	}
	require(at == set->size && count == set->count && count > 0);
}

/* Sorted, and every name has its place.  The records of NSEC3. */
static size_t
check_chain(const struct zone *zone)
{
	const struct zone_chain *chain = zone->chain;
	size_t records = 0;

	for (uint32_t i = 0; i < chain->n_nsec; i++)
		require(
		    zone_chain_nsec(zone, chain->nsec[i].node->name,
			chain->nsec[i].node->name_len) == chain->nsec[i].node);
	for (uint32_t i = 0; i < chain->n_nsec3; i++) {
		const struct zone_chain_nsec3 *nsec3 = &chain->nsec3[i];

		require(zone_chain_place(chain, nsec3->hash) == (i << 1 | 1));
		require(nsec3->rrsets[0].type == TYPE_NSEC3);
		for (uint32_t k = 0; k < nsec3->n_rrsets; k++) {
			check_set(&nsec3->rrsets[k]);
			records += nsec3->rrsets[k].count;
		}
	}
	require((chain->n_nsec > 0) != (chain->n_nsec3 > 0));
	if (chain->n_nsec3 > 0)
		require(zone_chain_of_node(zone, zone_apex_node(zone)).own);
	return records;
}

static void
check_zone(const struct zone *zone)
{
	size_t records = zone_signed(zone) ? check_chain(zone) : 0;

	for (size_t i = 0; i <= zone->mask; i++) {
		const struct zone_node *node;
		char text[NAME_TEXT];
		uint8_t again[NAME_MAX_WIRE];

		if (zone->slots[i].node == 0)
			continue;
		node = &zone->nodes[zone->slots[i].node - 1];
		require(name_length(node->name) == node->name_len);
		require(zone_find(zone, node->name, node->name_len,
			    name_hash(node->name, node->name_len)) == node);
		/* What is above a name is there as well. */
		require(node == zone_apex_node(zone) ||
		    zone_closest(zone, name_parent(node->name),
			node->name_len - (node->name[0] + 1u))
			    ->name_len ==
			node->name_len - (node->name[0] + 1u));
		name_format(node->name, text);
		require(name_parse(text, NULL, again) == node->name_len);
		require(memcmp(again, node->name, node->name_len) == 0);
		for (unsigned k = 0; k < node->n_rrsets; k++) {
			check_set(&node->rrsets[k]);
			records += node->rrsets[k].count;
		}
	}
	require(records == zone_records(zone));
	check_set(zone_negative_soa(zone));
}

/* What is steered has no hint of the zone file, and a CNAME nothing beside it.
 */
static void
check_services(const struct zone *zone, const struct zone_service *services)
{
	static const uint16_t types[] = {TYPE_SVCB, TYPE_HTTPS};

	for (size_t i = 0; i < 2; i++) {
		const uint8_t *owner = services[i].owner;
		size_t len = name_length(owner);
		const struct zone_node *node =
		    zone_find(zone, owner, len, name_hash(owner, len));

		if (node == NULL || node->service == ZONE_NO_SERVICE)
			continue;
		require((node->flags & NODE_SERVICE_CNAME) ==
		    (services[i].flags & NODE_SERVICE_CNAME));
		require(!(node->flags & NODE_SERVICE_CNAME) ||
		    node->n_rrsets == 0 ||
		    (node->n_rrsets == 1 && node->flags & NODE_HAS_CNAME));
		for (size_t k = 0; k < 2; k++) {
			const struct rrset *set =
			    zone_node_rrset(node, types[k]);

			/* After the priority the target: the name itself. */
			if (set != NULL && set->image[RECORD_FIXED + 2] == 0)
				require(
				    rdata_hints(types[k],
					set->image + RECORD_FIXED,
					wire_get16(set->image + 10)) == NULL);
		}
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t apex[] = "\7example";
	static struct zone_service services[2];
	static struct errbuf eb;
	struct zone *zone;

	name_parse("chat.example.", NULL, services[0].owner);
	name_parse("*.models.example.", NULL, services[1].owner);
	/* Addresses with the records beside them, or CNAMEs. */
	services[0].flags = size > 1 && data[1] & 1 ? NODE_SERVICE_HTTPS : 0;
	services[1].flags = size > 1 && data[1] & 2 ? NODE_SERVICE_CNAME : 0;
	errbuf_init(&eb);
	zone = zonefile_parse("fuzz", (const char *)data, size, apex, services,
	    size > 0 ? data[0] % 3 : 0, &eb);
	require((zone == NULL) == (eb.errors > 0));
	if (zone != NULL) {
		check_zone(zone);
		check_services(zone, services);
	}
	zone_destroy(zone);
	return 0;
}
