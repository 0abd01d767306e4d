/*
 * What a worker counts of its queries, answers and connections.  Written by
 * respond() and the workers, summed by server_sum() for the pages.
 */
#ifndef DNS_ANSWER_COUNTERS_H
#define DNS_ANSWER_COUNTERS_H

#include <stddef.h>

#include "base/counter.h"
#include "base/ring.h"
#include "dns/answer/source.h"
#include "dns/answer/rrl.h"
#include "dns/wire/cookie.h"
#include "dns/wire/protocol.h"

/* Outcomes of services that are counted apart: slots of answer.outcome.  Each
 * has a counter for each reason, without and with a client subnet. */
#define COUNTER_OUTCOMES 65536
#define COUNTER_CELLS (2 * ANSWER_REASONS)
/* Services whose scopes are counted apart: slots of answer.service; those of
 * all others together are in one more.  Each has a counter for each scope of
 * IPv4, then for each of IPv6. */
#define COUNTER_SERVICES 4096
#define COUNTER_SCOPES_IPV4 33
#define COUNTER_SCOPES (COUNTER_SCOPES_IPV4 + 129)
/* Classes of clients of pools that are controlled by load: answer.demand. */
#define COUNTER_DEMAND 16384
#define COUNTER_RCODES 24
/* Bounds of how long queries take: 2 us to 32 ms, and more. */
#define COUNTER_WORK 16
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

/* One set a worker: written by it alone, summed when they are read. */
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
	counter samples_dropped; /* answers that the ring had no room for */
	/* Queries by how long UDP workers had them, in a sample of batches:
	 * less than 2, 4, 8... microseconds, the last one for all others; and
	 * nanoseconds in all. */
	counter work[COUNTER_WORK];
	counter work_ns;
	/* Tables, of which what is not in use takes no memory: what is counted
	 * before is summed as a whole, these by slot. */
	counter demand[COUNTER_DEMAND];
	counter outcome[COUNTER_OUTCOMES][COUNTER_CELLS];
	counter scope[COUNTER_SERVICES + 1][COUNTER_SCOPES];
	struct ring *samples; /* of struct sample; NULL: none are taken */
};
#define COUNTERS_FIXED offsetof(struct counters, demand)

/* cell = counter_cell(reason, subnet): the counter in a slot of an outcome. */
static inline unsigned
counter_cell(unsigned reason, bool subnet)
{
	return 2 * reason + (subnet ? 1 : 0);
}

#endif
