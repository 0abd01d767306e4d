/*
 * RDATA from its text in a master file, by type.  Called by zonefile.c for each
 * record.
 */
#ifndef DNS_ZONE_RDATA_TEXT_H
#define DNS_ZONE_RDATA_TEXT_H

#include <stdint.h>

#include "base/errbuf.h"
#include "dns/zone/field.h"

/*
 * len = rdata_text_read(type, text, out, eb): the RDATA of ${type}, in wire
 * form without compression, to ${out}[RDATA_MAX].  Its octets, or -1 with an
 * error in ${eb}.  \# and hexadecimal digits do for every type (RFC 3597, 5).
 * Whether the octets make a record is for rdata_check() to say, of both forms.
 */
int rdata_text_read(uint16_t type, const struct field_text *text, uint8_t *out,
    struct errbuf *eb);

#endif
