/*
 * Is a text what a field of a record may hold?  Asked by rdata_text.c before
 * it gives the text to ldns, whose readers were not written for text that wants
 * to hurt: they cut numbers, wander off ends, take what they do not know for 0.
 */
#ifndef DNS_RDATA_GUARD_H
#define DNS_RDATA_GUARD_H

#include <stdbool.h>

/* A mnemonic or a number of one octet, of two. */
bool guard_code8(const char *text);
bool guard_code16(const char *text);

/* YYYYMMDDHHmmSS, or seconds since 1970 (RFC 4034, 3.2). */
bool guard_time(const char *text);

/* Base 64 that makes at most 65535 octets; or that or "0", the key of a CDNSKEY
 * that takes all keys away (RFC 8078, 4). */
bool guard_base64(const char *text);
bool guard_key(const char *text);

/* The salt (hexadecimal or "-") and the hash (base 32) of NSEC3. */
bool guard_salt(const char *text);
bool guard_hash(const char *text);

/* Four groups of hexadecimal (RFC 6742, 2). */
bool guard_ilnp64(const char *text);

/* [!]1:192.0.2.0/24 or [!]2:2001:db8::/32 (RFC 3123, 5). */
bool guard_apl(const char *text);

/* Latitude, longitude, altitude, up to three lengths, one blank between each
 * two words (RFC 1876, 3). */
bool guard_loc(const char *text);

/* "ALGORITHM HIT KEY" (RFC 8005, 6). */
bool guard_hip(const char *text);

/* "PRECEDENCE TYPE ALGORITHM GATEWAY KEY" (RFC 4025, 3.1). */
bool guard_ipseckey(const char *text);

/* Parameters of SVCB and HTTPS (RFC 9460, 2.1). */
bool guard_svc(const char *text);

/* digit = guard_hex(c): the value of a hexadecimal digit, or -1. */
int guard_hex(char c);

#endif
