/*
 * Types whose text has a form of its own, each read from the token that comes
 * next to the end of the record.  Called by rdata_text.c while zone files are
 * loaded.
 *
 * Each returns 0, or -1 with an error.
 */
#ifndef DNS_ZONE_RARE_H
#define DNS_ZONE_RARE_H

#include "dns/zone/field.h"

/* [!]1:192.0.2.0/24 … (RFC 3123, 5). */
int rare_apl(struct reading *r);

/* 42 21 54 N 71 06 18 W -24m 30m (RFC 1876, 3). */
int rare_loc(struct reading *r);

/* 2 200100107B1A74DF365639CC39F1D578 AwEAAb… [server …] (RFC 8005, 6). */
int rare_hip(struct reading *r);

/* 10 1 2 192.0.2.38 AQNRU3mG… (RFC 4025, 3.1). */
int rare_ipseckey(struct reading *r);

#endif
