/*
 * RDATA of every type that is known: whether its octets are such a record,
 * where names stand in it, what is odd about it.  Used while a zone is built,
 * never by a worker; the fields of each type are in type.c, what else its RFC
 * demands in rdata_rules.c.
 */
#ifndef DNS_ZONE_RDATA_H
#define DNS_ZONE_RDATA_H

#include <stddef.h>
#include <stdint.h>

/*
 * wrong = rdata_check(type, rdata, len): NULL when the ${len} octets are what
 * the RFC of ${type} lets such a record hold: lengths, names without
 * compression, strings, type bitmaps, digests, keys, service parameters.  Types
 * that are not known here are opaque (RFC 3597, 3).  Else what is wrong, in
 * words.
 */
const char *rdata_check(uint16_t type, const uint8_t *rdata, size_t len);

/*
 * odd = rdata_odd(type, rdata, len): what a record, which has passed
 * rdata_check(), says that its author cannot have meant, in words; NULL when
 * there is nothing of the kind.
 */
const char *rdata_odd(uint16_t type, const uint8_t *rdata, size_t len);

/*
 * alone = rdata_alone(type, rdata): why a record, which has passed
 * rdata_check(), must be the only one of its set, in words; NULL for all
 * others.
 */
const char *rdata_alone(uint16_t type, const uint8_t *rdata);

/*
 * source = rdata_apex(type, rdata): for a record, which has passed
 * rdata_check(), that belongs at the apex of a zone and nowhere else: the RFC
 * that says so, in parentheses; NULL for all others.
 */
const char *rdata_apex(uint16_t type, const uint8_t *rdata);

/*
 * rdata_fold(type, rdata, len): fold the names inside to lower case, in place,
 * where the type is one whose records are compared so (RFC 4034, 6.2, without
 * NSEC as RFC 6840, 5.1, has it; A6 is historic and left out).  ${rdata} has
 * passed rdata_check().
 */
void rdata_fold(uint16_t type, uint8_t *rdata, size_t len);

/*
 * host = rdata_host(type, rdata): the host that an NS, MX or SRV record
 * names, wire form inside ${rdata}; NULL for other types.
 */
const uint8_t *rdata_host(uint16_t type, const uint8_t *rdata);

/*
 * target = rdata_target(type, rdata): the name that a CNAME, DNAME, SVCB or
 * HTTPS record leads to, wire form inside ${rdata}; NULL for other types.
 */
const uint8_t *rdata_target(uint16_t type, const uint8_t *rdata);

/*
 * hints = rdata_hints(type, rdata, len): the address hints of a SVCB or HTTPS
 * record, which has passed rdata_check(), in words; NULL when it has none, and
 * in AliasMode, where parameters mean nothing (RFC 9460, 2.4.2).
 * len = rdata_drop_hints(rdata, len): take them out of such a record, and out
 * of what it says is mandatory; its new length.
 */
const char *rdata_hints(uint16_t type, const uint8_t *rdata, size_t len);
size_t rdata_drop_hints(uint8_t *rdata, size_t len);

#endif
