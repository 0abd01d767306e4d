/*
 * RDATA from its text in a master file, by type.  Called by zonefile.c for each
 * record.  What ldns knows of a type is asked of ldns, a field at a time; the
 * fields that most records are made of are read here, because ldns takes
 * numbers out of range and trips over odd characters.
 */
#ifndef DNS_RDATA_TEXT_H
#define DNS_RDATA_TEXT_H

#include <stddef.h>
#include <stdint.h>

#include "base/errbuf.h"
#include "dns/zonefile_lex.h"

#define RDATA_MAX 65535

/* The tokens behind the type of a record. */
struct rdata_text {
	const struct zone_token *tokens;
	size_t n;
	const uint8_t *origin; /* what relative names are relative to */
	const char *type;      /* as it was written, for messages */
	struct mark at;        /* of the type */
	char *scratch;         /* room for ENTRY_MAX octets */
};

/*
 * len = rdata_from_text(type, text, out, eb): the RDATA of ${type}, in wire
 * form without compression, to ${out}[RDATA_MAX].  Its octets, or -1 with an
 * error in ${eb}.  \# and hexadecimal digits do for every type (RFC 3597, 5),
 * and must make a valid one of a type that is known.
 */
int rdata_from_text(uint16_t type, const struct rdata_text *text, uint8_t *out,
    struct errbuf *eb);

/* type_from_text(text, out): a mnemonic or TYPE123.  0, or -1. */
int type_from_text(const char *text, uint16_t *out);

/* number_from_text(text, max, out): decimal digits only.  0, or -1 when it is
 * no number or above ${max}. */
int number_from_text(const char *text, uint32_t max, uint32_t *out);

/* seconds_from_text(text, out): "300", "5m", "1h30m", in any case; w d h m s.
 * 0, or -1 when it is none or above 2^31-1 (RFC 2181, 8). */
int seconds_from_text(const char *text, uint32_t *out);

#endif
