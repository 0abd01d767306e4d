/*
 * The answer to a question of class IN: from the zones, or from the answer
 * source.  Called by respond() only.
 */
#ifndef DNS_ANSWER_ANSWER_H
#define DNS_ANSWER_ANSWER_H

#include <stdint.h>

#include "base/address.h"
#include "dns/answer/snapshot.h"
#include "dns/wire/query.h"
#include "dns/wire/reply.h"

/*
 * answer_question(turn, snapshot, source, query, reply): answer the question of
 * ${query}, which came from ${source}, into ${reply} after its question: rcode,
 * AA, TC, scope and the three sections.  ${turn} is a number that differs from
 * query to query, and is counted up by those that are steered.
 */
void answer_question(uint64_t *turn, const struct snapshot *snapshot,
    const struct address *source, const struct query *query,
    struct reply *reply);

#endif
