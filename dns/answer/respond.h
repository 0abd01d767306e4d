/*
 * respond(): from the bytes of a query to the bytes of its answer.  Called by
 * the UDP and the TCP workers, by tests and by fuzzers.  Never allocates,
 * locks, blocks, or looks at a clock; its work is bounded.
 */
#ifndef DNS_ANSWER_RESPOND_H
#define DNS_ANSWER_RESPOND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"
#include "dns/answer/counters.h"
#include "dns/answer/snapshot.h"
#include "dns/wire/protocol.h"

/* What a worker keeps from query to query. */
struct responder {
	struct counters *counters;
	uint64_t turn;   /* of `affinity: none`; any start */
	int64_t mono_ms; /* the worker's clocks, as of this batch */
	int64_t wall_ns;
	/* What TCP keepalive announces, in units of 100 ms (RFC 7828, 3.1). */
	uint16_t keepalive_ds;
	uint32_t wall_s; /* seconds since 1970, modulo 2^32 */
	/* What became of the last message, for the query log: its outcome, of
	 * which COUNTER_OUTCOMES and above are none, the reason of that, and
	 * that its answer was held back by rate limiting. */
	uint32_t outcome;
	uint8_t reason;
	bool held_back;
	/* Steered answers until the next one that is a sample, and a source of
	 * random numbers for that; 0: not begun. */
	uint32_t sample_left;
	uint64_t sample_seed;
};

/* responder_tick(responder): look at the clocks, once a batch of queries. */
void responder_tick(struct responder *responder);

/*
 * n = respond(responder, snapshot, transport, source, query, len, reply, room):
 * answer the ${len} octets of ${query} that came from ${source}, into ${reply},
 * which has ${room} octets and does not overlap the query.  Return the octets
 * of the answer, or 0 for silence (RFC 8906: not a query, or no header).
 */
size_t respond(struct responder *responder, const struct snapshot *snapshot,
    enum transport transport, const struct address *source,
    const uint8_t *query, size_t len, uint8_t *reply, size_t room);

#endif
