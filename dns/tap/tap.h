/*
 * A worker's tap: copies of one in so many of its messages, with what was
 * decided, into a ring that another thread empties.  Called by the workers of
 * dns/serve/ and by the writer of the query log; never waits, allocates or
 * calls the system: a ring that is full drops and counts.
 */
#ifndef DNS_TAP_TAP_H
#define DNS_TAP_TAP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/address.h"
#include "base/counter.h"
#include "base/ring.h"

/* Of each worker: at 50,000 messages a second of 300 octets each, what comes in
 * 30 ms, six times the pause of the thread that empties it; and some of the
 * longest messages over TCP. */
#define TAP_RING ((size_t)512 << 10)

/* A message whose answer is not of a service. */
#define TAP_NO_OUTCOME UINT32_MAX

/* From whom a message came, to which address, and when. */
struct tap_flow {
	struct endpoint_address client, server; /* a family of 0: not known */
	bool stream;                            /* TCP, else UDP */
	int64_t wall_ns; /* when the query was received, since 1970 */
};

/* What was decided. */
struct tap_decision {
	uint32_t outcome; /* slot of its counter, or TAP_NO_OUTCOME */
	uint8_t reason;   /* steering/reasons.h */
};

/* A record of the ring; the octets of the query follow, then those of the
 * response, which has none when no answer was sent. */
struct tap_record {
	struct tap_flow flow;
	struct tap_decision decision;
	uint32_t query_len, response_len;
	int64_t response_ns; /* when the answer was ready, since 1970 */
	uint8_t octets[];
};

struct tap {
	struct ring *ring;
	_Atomic uint32_t every; /* one message in so many; 0: none */
	uint32_t seen;          /* the worker's: since the last one */
	counter dropped;        /* for want of room */
};

/* status = tap_init(tap): takes nothing until tap_set(); -1 without memory.
 * tap_finish(tap): free what it holds. */
int tap_init(struct tap *tap);
void tap_finish(struct tap *tap);

/* tap_set(tap, every): take one message in ${every}, 0: none; from any thread,
 * for the messages that come from now on. */
void tap_set(struct tap *tap, uint32_t every);

/* due = tap_due(tap): the message that is at hand is one to be taken.  Called
 * by the worker once a message; ${tap} may be NULL. */
static inline bool
tap_due(struct tap *tap)
{
	uint32_t every;

	if (tap == NULL)
		return false;
	every = atomic_load_explicit(&tap->every, memory_order_relaxed);
	if (__builtin_expect(every == 0 || ++tap->seen < every, 1))
		return false;
	tap->seen = 0;
	return true;
}

/*
 * tap_take(tap, flow, decision, query, query_len, response, response_len): copy
 * a message that is due, or count that there was no room.
 */
void tap_take(struct tap *tap, const struct tap_flow *flow,
    const struct tap_decision *decision, const uint8_t *query, size_t query_len,
    const uint8_t *response, size_t response_len);

/* record = tap_first(tap): the oldest that was taken, NULL for none; the bytes
 * of it are as long as it says.  tap_done(tap): it is done with. */
const struct tap_record *tap_first(struct tap *tap);
void tap_done(struct tap *tap);

#endif
