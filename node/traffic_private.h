/*
 * Traffic, shared by the files that it is made of: traffic.c (the thread and
 * its intervals), traffic_count.c (exact counts), traffic_samples.c (where
 * clients are) and traffic_failover.c.  No other file includes it.
 */
#ifndef NODE_TRAFFIC_PRIVATE_H
#define NODE_TRAFFIC_PRIVATE_H

#include <pthread.h>
#include <stdatomic.h>

#include "node/traffic.h"
#include "node/traffic_batch.h"
#include "node/traffic_places.h"

/* Rings are emptied so often. */
#define TRAFFIC_TURN_MS 250
#define TRAFFIC_STEPS (TRAFFIC_WINDOW_MS / TRAFFIC_STEP_MS)

/* Where the clients of one step were, for the pages. */
struct traffic_step {
	int64_t began_ms; /* monotonic clock */
	struct traffic_places places;
};

/* What the node's file says of the history. */
struct traffic_settings {
	bool on;
	uint32_t sample;
	int64_t every_ms;
};

struct traffic {
	struct outcomes *outcomes, *scopes;
	struct board *board;

	pthread_t thread;
	atomic_uint wanted;   /* threads that wait for the lock: enter() */
	pthread_mutex_t lock; /* of all that follows */
	pthread_cond_t wake;
	bool started, stopping;
	const struct server *server; /* NULL: none counts */
	char *node;
	struct traffic_settings is, asked; /* by now, and at its next turn */

	/* What was counted of each cell when it was last added to a batch. */
	uint64_t (*counted)[COUNTER_CELLS];
	uint64_t (*counted_scopes)[COUNTER_SCOPES];

	/* The interval that is being counted. */
	struct traffic_batch *open; /* NULL: without memory */
	int64_t interval;           /* number of it, by the wall clock */
	struct traffic_places places;
	uint64_t run, number;
	const struct history_batch *ready[TRAFFIC_WAITING];
	size_t n_ready;

	struct traffic_step
	    step[TRAFFIC_STEPS]; /* a ring, the newest is ${newest} */
	size_t newest;
	uint64_t lost;
};

/*
 * The lock.  All slots of a large node take a second to be summed on a busy
 * machine, and nobody else is to wait for that: who else wants the lock says
 * so, and gets it between two slots.
 *
 * traffic_enter(t), traffic_leave(t): take it, give it back.
 * traffic_let_others(t): who holds it lets others have it for a moment: all
 * that it was at may be another's afterwards, the open batch too.
 */
void traffic_enter(struct traffic *t);
void traffic_leave(struct traffic *t);
void traffic_let_others(struct traffic *t);

/*
 * With the lock: traffic_count_all(t): add what was counted of all slots since
 * to the open batch.  any = traffic_count_leaving(t): of those alone that are
 * about to be given to others; false: there are none.
 */
void traffic_count_all(struct traffic *t);
bool traffic_count_leaving(struct traffic *t);

/* With the lock: traffic_add_samples(t, view): empty the rings.  The geography
 * is that of ${view}, which is taken and given back without the lock: who gives
 * it back last frees it, which may take a while. */
void traffic_add_samples(struct traffic *t, const struct view *view);

#endif
