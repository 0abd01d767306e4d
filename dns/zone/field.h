/*
 * The fields that text of RDATA is made of, each from its token to the octets.
 * Called by rdata_text.c, which knows the fields of each type, and by rare.c
 * and svcparam_text.c.
 *
 * Each returns 0, or -1 with an error of the token.
 */
#ifndef DNS_ZONE_FIELD_H
#define DNS_ZONE_FIELD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/errbuf.h"
#include "dns/wire/wire.h"
#include "dns/zone/token.h"

#define RDATA_MAX 65535

/* The tokens after the type of a record. */
struct field_text {
	const struct token *tokens;
	size_t n;
	const uint8_t *origin; /* what relative names are relative to */
	const uint8_t *apex;   /* of the zone */
	unsigned *warnings;    /* of the zone so far, up to ZONE_MAX_MESSAGES */
	const char *type;      /* as it was written, for messages */
	struct mark at;        /* of the type */
	void *scratch;         /* room for ENTRY_MAX octets, from malloc() */
};

/* One record while it is read. */
struct reading {
	const struct field_text *text;
	uint16_t type;
	size_t next; /* token */
	struct writer w;
	struct errbuf *eb;
};

/* field_fail(r, token, words): report ${token}, or the record as a whole when
 * that is NULL.  Returns -1. */
int field_fail(
    const struct reading *r, const struct token *token, const char *words);

/*
 * field_warn_repeats(token, wire, origin, apex, at, warnings, eb): warn at
 * ${at} when the name ${wire}, which ${token} gave, ends in the zone's name
 * twice, because its last dot is missing.
 */
void field_warn_repeats(const struct token *token, const uint8_t *wire,
    const uint8_t *origin, const uint8_t *apex, const struct mark *at,
    unsigned *warnings, struct errbuf *eb);

/* field_missing(r): report that the record ends too early.  Returns -1. */
int field_missing(const struct reading *r);

/* field_next(r): the next token, taken; NULL with an error after the last one
 * or when it is quoted. */
const struct token *field_next(struct reading *r);

/* field_put(r, data, len): octets as they are. */
int field_put(struct reading *r, const void *data, size_t len);

/* A number of 1, 2 or 4 octets; seconds with units; a time (RFC 4034, 3.2). */
int field_number(struct reading *r, const struct token *token, unsigned octets);
int field_seconds(struct reading *r, const struct token *token);
int field_time(struct reading *r, const struct token *token);

/* An address of the family AF_INET or AF_INET6; a name; a type. */
int field_address(struct reading *r, const struct token *token, int family);
int field_name(struct reading *r, const struct token *token);
int field_type(struct reading *r, const struct token *token);

/* The octets that a token with escapes stands for: alone, after their length,
 * after their length and of letters and digits only. */
int field_octets(struct reading *r, const struct token *token);
int field_string(struct reading *r, const struct token *token);
int field_tag(struct reading *r, const struct token *token);

/* Hexadecimal: all tokens that are left; one token after its length, "-" being
 * none (the salt of RFC 5155, 3.3). */
int field_hex_rest(struct reading *r);
int field_salt(struct reading *r, const struct token *token);

/* Base 64: one token; all tokens that are left, where a lone "0" is the key of
 * a CDNSKEY that takes all keys away (RFC 8078, 4).  Base 32: one token, with
 * the length of its octets before them (RFC 5155, 3.3). */
int field_base64(struct reading *r, const struct token *token);
int field_base64_rest(struct reading *r);
int field_base32(struct reading *r, const struct token *token);

/* 00-00-5e-00-53-2a, of 6 or 8 octets (RFC 7043, 3.2); 0014:4fff:ff20:ee64
 * (RFC 6742, 2.1). */
int field_eui(struct reading *r, const struct token *token, unsigned octets);
int field_ilnp64(struct reading *r, const struct token *token);

/* All tokens that are left, as the types of a bitmap (RFC 4034, 4.1.2). */
int field_bitmap(struct reading *r);

#endif
