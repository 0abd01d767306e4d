/*
 * The additional section: addresses of the hosts that records name.  Called
 * while an answer is made; what it adds is never steered, because caches hand
 * it to other clients than this one.
 */
#ifndef DNS_ANSWER_ADDITIONAL_H
#define DNS_ANSWER_ADDITIONAL_H

#include <stdbool.h>
#include <stddef.h>

#include "dns/wire/reply.h"
#include "dns/zone/zone.h"

/*
 * additional_glue(reply, zone, cut, at, sigs): the addresses of the name
 * servers of the delegation ${cut}, whose NS records are at offset ${at} of
 * ${reply}.  Those of servers inside the delegation are needed to follow it,
 * and set TC when they do not fit (RFC 9471, 3.1); others come while there is
 * room, and with ${sigs} what signs them (RFC 4035, 3.1.1).
 */
void additional_glue(struct reply *reply, const struct zone *zone,
    const struct zone_node *cut, size_t at, bool sigs);

/*
 * additional_hosts(reply, zone, set, owner, at, sigs): the addresses that
 * ${zone} has of the hosts named by the NS, MX, SRV, SVCB or HTTPS records
 * ${set}, which are at offset ${at} of ${reply}, their owner's name at
 * ${owner} (RFC 1034, 4.3.2, step 6; RFC 2782; RFC 9460, 4.1); with ${sigs}
 * with what signs them.  Nothing for other types; what does not fit is left out
 * (RFC 2181, 9).
 */
void additional_hosts(struct reply *reply, const struct zone *zone,
    const struct rrset *set, size_t owner, size_t at, bool sigs);

#endif
