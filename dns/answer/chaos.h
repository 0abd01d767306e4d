/*
 * Questions of class CH: what the server says of itself (RFC 4892).  Called by
 * respond().
 */
#ifndef DNS_ANSWER_CHAOS_H
#define DNS_ANSWER_CHAOS_H

#include "dns/wire/identity.h"
#include "dns/wire/query.h"
#include "dns/wire/reply.h"

/*
 * chaos_answer(identity, query, reply): answer the question of ${query}, which
 * is of class CH: TXT of version.bind and version.server, of hostname.bind and
 * id.server.  Their other types are NODATA without a SOA: there is no zone.
 * A text that there is none of, and any other name, is REFUSED.
 */
void chaos_answer(const struct identity *identity, const struct query *query,
    struct reply *reply);

#endif
