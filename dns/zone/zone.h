/*
 * One zone as queries see it: a hash of owner names, each with its record sets
 * as prebuilt wire images.  Immutable once built; many threads read it.  The
 * builder checks what a zone must hold; zonefile.c feeds it from master files.
 */
#ifndef DNS_ZONE_ZONE_H
#define DNS_ZONE_ZONE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/errbuf.h"
#include "dns/wire/rrset.h"

#define ZONE_NO_SERVICE UINT32_MAX

enum zone_node_flag {
	NODE_APEX = 1,
	NODE_CUT = 2,        /* NS below the apex: a delegation */
	NODE_OCCLUDED = 4,   /* below a cut (glue) or a DNAME */
	NODE_WILDCARD = 8,   /* has a child "*" */
	NODE_HAS_CNAME = 16, /* holds a CNAME, and no other data but what
				signs it */
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
 * node = zone_closest(zone, lower, len): the node of the longest name that there
 * is at or above the name ${lower} of ${len} octets, in lower case and at or
 * below the apex: its own, or its closest encloser (RFC 4592, 3.3.1).  Never
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
 * zone_create_unavailable(): nothing can be said of its names.
 */
bool zone_available(const struct zone *zone);

/* n = zone_names(zone), zone_records(zone), zone_serial(zone): owner names with
 * records or a service, records, serial of the SOA. */
size_t zone_names(const struct zone *zone);
size_t zone_records(const struct zone *zone);
uint32_t zone_serial(const struct zone *zone);

/*
 * zone = zone_create_unavailable(apex): stand in for a zone at the wire name
 * ${apex} whose records are not known.  NULL without memory; else the caller
 * owns it.
 */
struct zone *zone_create_unavailable(const uint8_t *apex);

/* zone_destroy(zone): free it.  NULL is fine. */
void zone_destroy(struct zone *zone);

struct zone_builder;

/*
 * Record sets that a name may have, so that a query finds its own among them in
 * bounded time: more than there are types in use, each with its signatures.
 */
#define ZONE_MAX_SETS 512

/* Errors, and warnings, that one zone adds to a report; further ones are
 * counted in a last line. */
#define ZONE_MAX_MESSAGES 20

/*
 * builder = zone_builder_create(apex): start a zone at the wire name ${apex}.
 * NULL without memory.
 */
struct zone_builder *zone_builder_create(const uint8_t *apex);

/* zone_builder_destroy(builder): give a zone up.  NULL is fine. */
void zone_builder_destroy(struct zone_builder *builder);

/*
 * zone_builder_add(builder, at, owner, type, ttl_s, rdata, len, eb): add one
 * record of class IN whose RDATA is in wire form without compression, names in
 * the case they have.  ${at}->file must live until the builder ends.  0, or -1
 * with an error at ${at} in ${eb}: out of the zone, SOA below the apex, a type
 * that is no data, TTL above 2^31-1 (RFC 2181, 8), RDATA not of the form of its
 * type, out of memory.
 */
int zone_builder_add(struct zone_builder *builder, const struct mark *at,
    const uint8_t *owner, uint16_t type, uint32_t ttl_s, const uint8_t *rdata,
    size_t len, struct errbuf *eb);

/*
 * zone_builder_service(builder, at, owner, index, eb): the A and AAAA of
 * ${owner} are steered by service ${index}; its own A and AAAA may stand beside
 * it.  ${at}->file as above.  0, or -1 with an error: not in the zone, or named
 * twice.
 */
int zone_builder_service(struct zone_builder *builder, const struct mark *at,
    const uint8_t *owner, uint32_t index, struct errbuf *eb);

/*
 * zone = zone_builder_finish(builder, eb): check the whole and build it.
 * Errors: not one SOA and at least one NS at the apex, CNAME beside other data
 * (RFC 2181, 10.1), two CNAMEs, DNAMEs or NSECs, data below a DNAME or NS
 * beside one (RFC 6672, 2.3, 2.4), NS at a wildcard (RFC 4592, 4.2), a set that
 * no message holds, a service at or below a cut, below or beside a DNAME,
 * beside a CNAME or in a zone with DNSKEY or a signed SOA; in a signed zone, a
 * chain of NSEC or NSEC3 that does not prove all (RFC 4035, 2.3; RFC 5155,
 * 7.1).  Warnings: exact duplicates, which are dropped (RFC 2181, 5), several
 * TTLs in a set, of which the least counts (5.2), RRSIG with another TTL than
 * what they sign (RFC 4034, 3), data that a delegation hides, name servers
 * without address, NS, MX and SRV that name a CNAME (10.3); in a signed zone,
 * what resolvers would not believe.
 * Frees the builder in every case.  NULL with errors in ${eb}; else the caller
 * owns the zone.  Records of a set keep the order in which they were added.
 */
struct zone *zone_builder_finish(
    struct zone_builder *builder, struct errbuf *eb);

#endif
