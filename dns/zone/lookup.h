/*
 * Finding a name in a zone (RFC 1034, 4.3.2; RFC 4592): exact, by wildcard,
 * below a delegation or a DNAME, or not at all.  Called by respond() and by
 * explain; writes no packet.
 */
#ifndef DNS_ZONE_LOOKUP_H
#define DNS_ZONE_LOOKUP_H

#include <stddef.h>
#include <stdint.h>

#include "dns/zone/zone.h"

enum lookup_kind {
	LOOKUP_FOUND,    /* node is the name's own, or an empty non-terminal */
	LOOKUP_WILDCARD, /* node is the wildcard that covers it */
	LOOKUP_CUT,      /* node is the delegation at or above it */
	LOOKUP_DNAME,    /* node is the DNAME owner above it */
	LOOKUP_NXDOMAIN, /* node is the closest encloser */
};

/*
 * kind = lookup_name(zone, lower, len, node): find the lower case name
 * ${lower} of ${len} octets, which is at or below the apex of ${zone}.
 */
enum lookup_kind lookup_name(const struct zone *zone, const uint8_t *lower,
    size_t len, const struct zone_node **node);

#endif
