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
#include "base/counter.h"
#include "dns/wire/cookie.h"
#include "dns/answer/rrl.h"
#include "dns/answer/snapshot.h"

/* Largest message of DNS over TCP (RFC 1035, 4.2.2). */
#define RESPOND_MAX 65535

enum transport { TRANSPORT_UDP, TRANSPORT_TCP, TRANSPORTS };

/* Outcomes of services that are counted apart: slots of answer.target. */
#define COUNTER_TARGETS 65536
#define COUNTER_RCODES 24
#define COUNTER_OPTIONS 4

/* Why a TCP connection ended. */
enum tcp_end {
	TCP_END_PEER,    /* the client closed it, or it broke */
	TCP_END_IDLE,    /* no query came */
	TCP_END_STALLED, /* a query was not finished, or answers not taken */
	TCP_END_FULL,    /* for a new one */
	TCP_END_UNREAD,  /* too much waited to be taken, of all together */
	TCP_END_QUERY,   /* its query is longer than any */
	TCP_ENDS
};

/* One set a worker: written by it alone, summed by whoever reads. */
struct counters {
	counter queries[TRANSPORTS];
	counter answers[TRANSPORTS];
	counter rcode[COUNTER_RCODES];
	counter truncated;
	counter dropped; /* answered with silence */
	counter unsent;  /* answers that the socket did not take */
	counter receive_errors;
	counter ecs; /* queries with a client subnet */
	counter edns;
	counter tcp_accepted;             /* connections */
	counter tcp_refused;              /* their client had enough */
	counter tcp_ended[TCP_ENDS];      /* of those accepted */
	counter options[COUNTER_OPTIONS]; /* queries with each, as enum
					     edns_came numbers its bits */
	counter cookies[COOKIE_STATES];   /* that came, as they were judged */
	counter rrl_slipped[RRL_KINDS]; /* by rate limiting, as empty answers */
	counter rrl_dropped[RRL_KINDS];
	counter target[COUNTER_TARGETS];
};

/* What a worker keeps from query to query. */
struct responder {
	struct counters *counters;
	uint64_t turn;   /* of `affinity: none`; any start */
	int64_t mono_ms; /* the worker's clock, as of this batch */
	/* What TCP keepalive announces, in units of 100 ms (RFC 7828, 3.1); 0
	 * over UDP. */
	uint16_t keepalive_ds;
	uint32_t wall_s; /* seconds since 1970, modulo 2^32 */
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
