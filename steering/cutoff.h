/*
 * Whether this node is cut off from those that it shares with: its own row of
 * table node says so, or does not move, as whoever carries rows between nodes
 * moves it once a second.  Ages are by arrival on the caller's monotonic clock.
 * Where nothing is shared, no node is cut off.
 */
#ifndef STEERING_CUTOFF_H
#define STEERING_CUTOFF_H

#include <stdbool.h>
#include <stdint.h>

#include "state/rows.h"

struct cutoff {
	char node[STATE_NAME]; /* this one; "": nothing is shared */
	bool said;             /* its row says so */
	uint64_t sequence;     /* of that row, as it was read last; 0: never */
	/* When that was seen to move, or sharing began. */
	int64_t moved_ms;
};

/* cutoff_share(c, node, mono_ms): this is ${node}, which shares; NULL: nothing
 * is shared, as in a struct of zeros. */
void cutoff_share(struct cutoff *c, const char *node, int64_t mono_ms);

/* cutoff_take(c, row, mono_ms): a row of any node was read. */
void cutoff_take(
    struct cutoff *c, const struct state_node *row, int64_t mono_ms);

/* cut = cutoff_is(c, silent_ms, mono_ms): cut off, ${silent_ms} being how long
 * the row may stand still. */
bool cutoff_is(const struct cutoff *c, uint64_t silent_ms, int64_t mono_ms);

#endif
