/*
 * Of which pools this node may step: of those whose lock it holds, while it is
 * not cut off from the nodes that it shares with.  Where nothing is shared, of
 * all.  Called by the controllers with rows of the state database; knows no
 * database.
 */
#ifndef PROBES_CONTROL_HOLDING_H
#define PROBES_CONTROL_HOLDING_H

#include <stddef.h>

#include "steering/cutoff.h"

/* More pools have no lock: nobody steps for them. */
#define HOLDING_MAX 65536

struct holding {
	struct cutoff cutoff;
	uint64_t
	    silent_ms; /* the row of this node may stand still for so long */
	struct state_lock *lock;
	size_t n, size;
};

/* holding_share(h, node, silent_ms, mono_ms): this is ${node}; NULL, as in a
 * struct of zeros: it shares with none.
 * holding_finish(h): free the locks, and know of none. */
void holding_share(
    struct holding *h, const char *node, uint64_t silent_ms, int64_t mono_ms);
void holding_finish(struct holding *h);

/* holding_begin(h): all rows come.  holding_node(h, row, mono_ms),
 * holding_lock(h, row): one of them, or of a change. */
void holding_begin(struct holding *h);
void holding_node(
    struct holding *h, const struct state_node *row, int64_t mono_ms);
void holding_lock(struct holding *h, const struct state_lock *row);

/* shares = holding_shares(h): with other nodes. */
bool holding_shares(const struct holding *h);

/* cut = holding_cut(h, mono_ms): this node shares, and is cut off. */
bool holding_cut(const struct holding *h, int64_t mono_ms);

/* may = holding_may(h, zone, pool, mono_ms): this node steps for the pool. */
bool holding_may(const struct holding *h, const char *zone, const char *pool,
    int64_t mono_ms);

#endif
