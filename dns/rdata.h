/*
 * RDATA of the types whose inside a server must know: where names stand in it,
 * whether it has the form its type demands, when two are the same.  Used while
 * a zone is built, never by a worker.
 */
#ifndef DNS_RDATA_H
#define DNS_RDATA_H

#include <stddef.h>
#include <stdint.h>

/*
 * wrong = rdata_check(type, rdata, len): NULL when the ${len} octets have the
 * form of ${type}: lengths, and names without compression.  Types that are not
 * known here are opaque (RFC 3597, 3).  Else what is wrong, in words.
 */
const char *rdata_check(uint16_t type, const uint8_t *rdata, size_t len);

/*
 * rdata_fold(type, rdata, len): fold the names inside to lower case, in place,
 * where the type is one whose records are compared so (RFC 4034, 6.2; A6 is
 * historic and left out).  ${rdata} has passed rdata_check().
 */
void rdata_fold(uint16_t type, uint8_t *rdata, size_t len);

/*
 * target = rdata_target(type, rdata): the host that an NS, MX or SRV record
 * names, wire form inside ${rdata}; NULL for other types.
 */
const uint8_t *rdata_target(uint16_t type, const uint8_t *rdata);

/* Longest text of a type, with the NUL. */
#define TYPE_TEXT 16

/* rdata_type_text(type, out): its mnemonic as far as this file knows it, else
 * "TYPE123" (RFC 3597, 5).  Returns out. */
const char *rdata_type_text(uint16_t type, char out[TYPE_TEXT]);

#endif
