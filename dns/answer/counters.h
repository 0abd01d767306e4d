/*
 * What a worker counts of its queries, answers and connections.  Written by
 * respond() and the workers, summed by server_sum() for the pages.
 */
#ifndef DNS_ANSWER_COUNTERS_H
#define DNS_ANSWER_COUNTERS_H

#include "base/counter.h"
#include "dns/answer/rrl.h"
#include "dns/wire/cookie.h"
#include "dns/wire/protocol.h"

/* Outcomes of services that are counted apart: slots of answer.outcome. */
#define COUNTER_OUTCOMES 65536
/* Classes of clients of pools that are controlled by load: answer.demand. */
#define COUNTER_DEMAND 16384
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
	counter outcome[COUNTER_OUTCOMES];
	counter demand[COUNTER_DEMAND];
};

#endif
