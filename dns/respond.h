/*
 * respond(): from the bytes of a query to the bytes of its answer.  Called by
 * the UDP and the TCP workers, by tests and by fuzzers.  Never allocates,
 * locks, blocks, or looks at a clock; its work is bounded.
 */
#ifndef DNS_RESPOND_H
#define DNS_RESPOND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"
#include "base/counter.h"
#include "dns/snapshot.h"

/* Largest message of DNS over TCP (RFC 1035, 4.2.2). */
#define RESPOND_MAX 65535

enum transport { TRANSPORT_UDP, TRANSPORT_TCP, TRANSPORTS };

/* Outcomes of services that are counted apart: slots of answer.target. */
#define COUNTER_TARGETS 65536
#define COUNTER_RCODES 24

/* One set a worker: written by it alone, summed by whoever reads. */
struct counters {
	counter queries[TRANSPORTS];
	counter answers[TRANSPORTS];
	counter rcode[COUNTER_RCODES];
	counter truncated;
	counter dropped; /* answered with silence */
	counter unsent;  /* answers that the socket did not take */
	counter ecs;     /* queries with a client subnet */
	counter edns;
	counter target[COUNTER_TARGETS];
};

/* What a worker keeps from query to query. */
struct responder {
	struct counters *counters;
	uint64_t turn; /* of `affinity: none`; any start */
};

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
