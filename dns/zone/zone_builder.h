/*
 * Builds zones: takes records and services one by one, checks that they are
 * what a zone must hold, lays them out for queries.  Called while files are
 * loaded; zonefile.c feeds it.
 */
#ifndef DNS_ZONE_ZONE_BUILDER_H
#define DNS_ZONE_ZONE_BUILDER_H

#include <stddef.h>
#include <stdint.h>

#include "base/errbuf.h"
#include "dns/zone/zone.h"

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
 * zone_builder_service(builder, at, owner, index, flags, eb): ${owner} is
 * steered by service ${index}: its A and AAAA, and the HTTPS and SVCB that
 * ${flags} (NODE_SERVICE_...) name, or as a CNAME all of it; its own records of
 * these types may stand beside it.  ${at}->file as above.  0, or -1 with an
 * error: not in the zone, or named twice.
 */
int zone_builder_service(struct zone_builder *builder, const struct mark *at,
    const uint8_t *owner, uint32_t index, uint8_t flags, struct errbuf *eb);

/*
 * zone = zone_builder_finish(builder, eb): check the whole and build it.
 * Errors: not one SOA and at least one NS at the apex, CNAME beside other data
 * (RFC 2181, 10.1), two CNAMEs, DNAMEs or NSECs, data below a DNAME or NS
 * beside one (RFC 6672, 2.3, 2.4), NS at a wildcard (RFC 4592, 4.2), a set that
 * no message holds, a service at or below a cut, below or beside a DNAME,
 * beside a CNAME or in a zone with DNSKEY or a signed SOA, one that is a CNAME
 * at the apex or beside other data than a CNAME; in a signed zone, a
 * chain of NSEC or NSEC3 that does not prove all (RFC 4035, 2.3; RFC 5155,
 * 7.1).  Warnings: exact duplicates, which are dropped (RFC 2181, 5), several
 * TTLs in a set, of which the least counts (5.2), RRSIG with another TTL than
 * what they sign (RFC 4034, 3), data that a delegation hides, name servers
 * without address, NS, MX and SRV that name a CNAME (10.3), hints of SVCB and
 * HTTPS for a name that is steered, which are left out; in a signed zone, what
 * resolvers would not believe.
 * Frees the builder in every case.  NULL with errors in ${eb}; else the caller
 * owns the zone.  Records of a set keep the order in which they were added.
 */
struct zone *zone_builder_finish(
    struct zone_builder *builder, struct errbuf *eb);

/*
 * zone = zone_builder_unavailable(apex): a zone at the wire name ${apex}
 * without records, for one whose files could not be read: zone_available() says
 * no. NULL without memory; else the caller owns it.
 */
struct zone *zone_builder_unavailable(const uint8_t *apex);

#endif
