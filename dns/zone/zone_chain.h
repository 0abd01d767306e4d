/*
 * The chain by which a signed zone proves that something is not there: NSEC
 * records in canonical order (RFC 4035, 3.1.3), or NSEC3 records in the order
 * of their hashes (RFC 5155, 7).  Searched by workers; made by
 * zone_builder_nsec.c and zone_builder_nsec3.c.
 */
#ifndef DNS_ZONE_ZONE_CHAIN_H
#define DNS_ZONE_ZONE_CHAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dns/zone/nsec.h"
#include "dns/zone/zone.h"

/* An NSEC3 record; its owner's name is no name of the zone otherwise. */
struct zone_chain_nsec3 {
	uint8_t hash[NSEC3_HASH];
	uint32_t n_rrsets;
	const struct rrset *rrsets; /* the NSEC3, then its RRSIG, if any */
};

/*
 * What the chain says of a name: its own NSEC3 record, or the one before its
 * hash, which covers it.
 */
struct zone_chain_match {
	const struct zone_chain_nsec3 *nsec3;
	bool own;
};

/* yes = zone_chain_is_nsec3(zone): the chain of a signed zone is one of
 * NSEC3. */
bool zone_chain_is_nsec3(const struct zone *zone);

/*
 * node = zone_chain_nsec(zone, name, len): the node whose NSEC is that of the
 * lower case name ${name} of ${len} octets, at or below the apex, or covers
 * it.  For a chain of NSEC.
 */
const struct zone_node *zone_chain_nsec(
    const struct zone *zone, const uint8_t *name, size_t len);

/*
 * Of a chain of NSEC3: match = zone_chain_of_node(zone, node): of the name of a
 * node; zone_chain_of_wildcard(zone, node): of "*" below it, be it there or
 * not, except below a delegation and when such a name would be too long;
 * zone_chain_of_name(zone, name, len): of any name, which costs a hash.
 */
struct zone_chain_match zone_chain_of_node(
    const struct zone *zone, const struct zone_node *node);
struct zone_chain_match zone_chain_of_wildcard(
    const struct zone *zone, const struct zone_node *node);
struct zone_chain_match zone_chain_of_name(
    const struct zone *zone, const uint8_t *name, size_t len);

#endif
