/*
 * One zone as queries see it: a hash of owner names, each with its record sets
 * as prebuilt wire images.  Immutable once built; many threads read it.
 */
#ifndef DNS_ZONE_ZONE_H
#define DNS_ZONE_ZONE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dns/wire/rrset.h"

#define ZONE_NO_SERVICE UINT32_MAX

enum zone_node_flag {
	NODE_APEX = 1,
	NODE_CUT = 2,        /* NS below the apex: a delegation */
	NODE_OCCLUDED = 4,   /* below a cut (glue) or a DNAME */
	NODE_WILDCARD = 8,   /* has a child "*" */
	NODE_HAS_CNAME = 16, /* holds a CNAME, and no other data but what
				signs it */
	/* What its service answers beside, or in place of, A and AAAA. */
	NODE_SERVICE_CNAME = 32, /* a CNAME, and no other data */
	NODE_SERVICE_HTTPS = 64,
	NODE_SERVICE_SVCB = 128,
};

/* An owner name, or an empty non-terminal (no record sets, no service).  Its
 * sets are in the order of their types, but RRSIG come last. */
struct zone_node {
	const uint8_t *name; /* wire form, lower case */
	const struct rrset *rrsets;
	uint32_t
	    service; /* index into the zone's services, or ZONE_NO_SERVICE */
	uint16_t n_rrsets;
	uint8_t name_len; /* octets */
	uint8_t flags;    /* enum zone_node_flag */
};

struct zone;

/* apex = zone_apex(zone): its name, wire form, lower case. */
const uint8_t *zone_apex(const struct zone *zone);

/* node = zone_apex_node(zone): the node of the apex; never NULL. */
const struct zone_node *zone_apex_node(const struct zone *zone);

/* node = zone_find(zone, lower, len, hash): the node of exactly this name in
 * lower case, of ${len} octets and with ${hash} = name_hash(lower, len). NULL
 * when there is none. */
const struct zone_node *zone_find(
    const struct zone *zone, const uint8_t *lower, size_t len, uint64_t hash);

/*
 * node = zone_closest(zone, lower, len): the node of the longest name that
 * there is at or above the name ${lower} of ${len} octets, in lower case and at
 * or below the apex: its own, or its closest encloser (RFC 4592, 3.3.1).  Never
 * NULL.  Hashes at most as many names as the zone has different lengths.
 */
const struct zone_node *zone_closest(
    const struct zone *zone, const uint8_t *lower, size_t len);

/* node = zone_wildcard(zone, encloser): the child "*" of a node that has one,
 * as NODE_WILDCARD says; never NULL. */
const struct zone_node *zone_wildcard(
    const struct zone *zone, const struct zone_node *encloser);

/* rrset = zone_node_rrset(node, type): NULL when it has none. */
const struct rrset *zone_node_rrset(
    const struct zone_node *node, uint16_t type);

/* sigs = zone_node_sigs(node, covers): the RRSIG records that sign the set of
 * the type ${covers}; NULL when it has none. */
const struct rrset *zone_node_sigs(
    const struct zone_node *node, uint16_t covers);

/*
 * negative = zone_negative_soa(zone): the SOA set as it stands in the authority
 * section of a negative answer: its TTL is the lesser of its own and the
 * MINIMUM field (RFC 2308, 3).  NULL in one that is not available.
 */
const struct rrset *zone_negative_soa(const struct zone *zone);

/*
 * signed = zone_signed(zone): its SOA is signed, so RRSIG records go with its
 * answers to those who want them (DO), and denials are proved.
 */
bool zone_signed(const struct zone *zone);

/*
 * available = zone_available(zone): false for one without records, made by
 * zone_builder_unavailable(): nothing can be said of its names.
 */
bool zone_available(const struct zone *zone);

/* n = zone_names(zone), zone_records(zone), zone_serial(zone): owner names with
 * records or a service, records, serial of the SOA. */
size_t zone_names(const struct zone *zone);
size_t zone_records(const struct zone *zone);
uint32_t zone_serial(const struct zone *zone);

/* h = zone_hash(zone): of all its records, in whatever order its names stand in
 * the file: another one answers differently.  0 without records. */
uint64_t zone_hash(const struct zone *zone);

/* zone_destroy(zone): free it.  NULL is fine. */
void zone_destroy(struct zone *zone);

#endif
