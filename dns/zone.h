/*
 * One zone as queries see it: a hash of owner names, each with its record sets
 * as prebuilt wire images.  Immutable once built; many threads read it.  The
 * builder checks what a zone must hold; zonefile.c feeds it from master files.
 */
#ifndef DNS_ZONE_H
#define DNS_ZONE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/errbuf.h"

#define ZONE_NO_SERVICE UINT32_MAX

enum zone_node_flag {
	NODE_APEX = 1,
	NODE_CUT = 2,        /* NS below the apex: a delegation */
	NODE_OCCLUDED = 4,   /* below a cut (glue) or a DNAME */
	NODE_WILDCARD = 8,   /* has a child "*" */
	NODE_HAS_CNAME = 16, /* holds a CNAME, and no other data */
};

/*
 * A record set.  ${image} holds its records ready to copy into an answer: for
 * each one the owner as a compression pointer to offset 12 (0xC00C), type,
 * class IN, TTL, RDLENGTH and RDATA, names inside uncompressed.
 */
struct rrset {
	const uint8_t *image;
	uint32_t size; /* octets of the image */
	uint32_t ttl_s;
	uint16_t type;
	uint16_t count;
};

/* An owner name, or an empty non-terminal (no record sets, no service). */
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

/* rrset = zone_node_rrset(node, type): NULL when it has none. */
const struct rrset *zone_node_rrset(
    const struct zone_node *node, uint16_t type);

/*
 * negative = zone_negative_soa(zone): the SOA set as it stands in the authority
 * section of a negative answer: its TTL is the lesser of its own and the
 * MINIMUM field (RFC 2308, 3).
 */
const struct rrset *zone_negative_soa(const struct zone *zone);

/* n = zone_names(zone), zone_records(zone), zone_serial(zone). */
size_t zone_names(const struct zone *zone);
size_t zone_records(const struct zone *zone);
uint32_t zone_serial(const struct zone *zone);

/* zone_destroy(zone): free it.  NULL is fine. */
void zone_destroy(struct zone *zone);

struct zone_builder;

/*
 * builder = zone_builder_create(apex): start a zone at the wire name ${apex}.
 * NULL without memory.
 */
struct zone_builder *zone_builder_create(const uint8_t *apex);

/*
 * zone_builder_add(builder, at, owner, type, ttl_s, rdata, len, eb): add one
 * record of class IN whose RDATA is in canonical wire form without compression.
 * 0, or -1 with an error at ${at} in ${eb}: out of zone, out of memory.
 * Exact duplicates are dropped with a warning (RFC 2181, 5).
 */
int zone_builder_add(struct zone_builder *builder, const struct mark *at,
    const uint8_t *owner, uint16_t type, uint32_t ttl_s, const uint8_t *rdata,
    size_t len, struct errbuf *eb);

/*
 * zone_builder_service(builder, at, owner, index, eb): the A and AAAA of
 * ${owner} are steered by service ${index}.  0, or -1 with an error: not in
 * the zone, or named twice.
 */
int zone_builder_service(struct zone_builder *builder, const struct mark *at,
    const uint8_t *owner, uint32_t index, struct errbuf *eb);

/*
 * zone = zone_builder_finish(builder, eb): check the whole and build it: one
 * SOA and at least one NS at the apex, no CNAME beside other data, one TTL a
 * set (the least, with a warning), no service at or below a cut, beside a CNAME
 * or in a zone with DNSKEY.  Frees the builder in every case.  NULL with errors
 * in ${eb}; else the caller owns the zone.
 */
struct zone *zone_builder_finish(
    struct zone_builder *builder, struct errbuf *eb);

#endif
