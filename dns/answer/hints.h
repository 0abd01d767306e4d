/*
 * The address hints of HTTPS and SVCB records (RFC 9460, 7.3): the addresses
 * that the same client is given for A and AAAA, put in as the record is copied
 * into the reply.  Called while an answer is made; allocates nothing.
 */
#ifndef DNS_ANSWER_HINTS_H
#define DNS_ANSWER_HINTS_H

#include <stddef.h>

#include "dns/answer/source.h"
#include "dns/wire/reply.h"
#include "dns/zone/zone.h"

/*
 * hints_add(reply, zone, answer, owner): add the record answer->binding to the
 * answer section, under the owner at offset ${owner}, with the addresses of
 * answer->sets and answer->ipv6 as its hints, in this order; a family that has
 * none gets no hint.  Of another host that it names go what ${zone} has and is
 * not steered to the additional section.
 */
void hints_add(struct reply *reply, const struct zone *zone,
    const struct answer *answer, size_t owner);

#endif
