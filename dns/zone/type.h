/*
 * The types of records that are known here: their numbers, their mnemonics, and
 * the fields of their RDATA, in one table.  Called while zones are built, and
 * by all who read or print the name of a type; never by a worker.
 */
#ifndef DNS_ZONE_TYPE_H
#define DNS_ZONE_TYPE_H

#include <stdbool.h>
#include <stdint.h>

/* is_data = type_is_data(type): false for 0, OPT and 128 to 255, which are
 * questions and parts of messages (RFC 6895, 3.1). */
bool type_is_data(uint16_t type);

/* Longest text of a type, with the NUL. */
#define TYPE_TEXT 16

/* type_text(type, out): its mnemonic when it is known, else "TYPE123" (RFC
 * 3597, 5).  Returns out. */
const char *type_text(uint16_t type, char out[TYPE_TEXT]);

/* type_parse(text, out): a mnemonic, in any case, or TYPE123.  0, or -1. */
int type_parse(const char *text, uint16_t *out);

/*
 * fields = type_fields(type): the RDATA of the type as a row of fields, each a
 * letter that says what its octets are (rdata.c checks them) and how its text
 * is read (rdata_text.c does).  NULL for a type that is not known, whose RDATA
 * is opaque (RFC 3597, 3).
 *
 *   1 2 4 8   a number of so many octets
 *   t         a time span in 4 octets: 3600, 1h
 *   T         a moment in 4 octets: 20300101000000 (RFC 4034, 3.2)
 *   y         a type in 2 octets
 *   g c       a DNSSEC algorithm in 1 octet, a certificate type in 2
 *   U V W     usage, selector and matching type of TLSA, 1 octet each
 *   a A       an IPv4, an IPv6 address
 *   e E i     an EUI-48, an EUI-64, an ILNP identifier of 8 octets
 *   o         a place on the globe in 16 octets (LOC)
 *   n         a name that is compared without case (RFC 4034, 6.2)
 *   u         a name that is not
 *   s k       a character string (RFC 1035, 3.3); k: of letters and digits
 *   z         the same in hexadecimal, or -: a salt
 *   q         the same in base 32: a hash
 *   S f       character strings up to the end, one at least; f: two at most
 * up to the end, of octets that there may be none of:
 *   l L       a string without a length; L: not empty
 *   h H       hexadecimal; H: not empty
 *   m M       base 64; M: not empty
 *   b B       a type bitmap (RFC 4034, 4.1.2); B may be empty
 *   p         service parameters (RFC 9460, 2.2)
 *   P         address prefixes (APL)
 *   K G       keys of HIP, gateway and key of IPSECKEY
 *
 * A row that begins with TYPE_NO_TEXT has no text form here.
 */
const char *type_fields(uint16_t type);
#define TYPE_NO_TEXT '-'

#endif
