/*
 * RDATA of every type whose inside is known: its form by a table, where names
 * stand in it, when two are the same.  Used while a zone is built, never by a
 * worker; what is particular to one type is looked at in rdata_check.c.
 */
#ifndef DNS_ZONE_RDATA_H
#define DNS_ZONE_RDATA_H

#include <stdbool.h>
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
 * odd = rdata_odd(type, rdata, len): what a record that has passed
 * rdata_check() says that nobody can mean, in words; NULL when there is nothing
 * to say.
 */
const char *rdata_odd(uint16_t type, const uint8_t *rdata, size_t len);

/*
 * alone = rdata_alone(type, rdata): what makes a record, which has passed
 * rdata_check(), one that others of its set make no sense beside, in words; NULL
 * for all others.
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
 * target = rdata_host(type, rdata): the host that an NS, MX or SRV record
 * names, wire form inside ${rdata}; NULL for other types.
 */
const uint8_t *rdata_host(uint16_t type, const uint8_t *rdata);

/* is_data = rdata_type_is_data(type): false for 0, OPT and 128 to 255, which
 * are questions and parts of messages (RFC 6895, 3.1). */
bool rdata_type_is_data(uint16_t type);

/* Longest text of a type, with the NUL. */
#define TYPE_TEXT 16

/* rdata_type_text(type, out): its mnemonic as far as this file knows it, else
 * "TYPE123" (RFC 3597, 5).  Returns out. */
const char *rdata_type_text(uint16_t type, char out[TYPE_TEXT]);

/* known = rdata_type_named(text, out): the type with the mnemonic ${text}, in
 * any case. */
bool rdata_type_named(const char *text, uint16_t *out);

#endif
