/* What the state database says of the nodes that share with this one, and what
 * is known of who writes that without it. */
#ifndef CTL_NODES_READ_H
#define CTL_NODES_READ_H

#include <stdbool.h>
#include <stddef.h>

#include "base/errbuf.h"
#include "state/room.h"
#include "state/rows.h"

/* Begins as all zero. */
struct nodes_read {
	struct state_node *node; /* by their names */
	size_t n, size;
	struct state_vantage *vantage;
	size_t n_vantages, size_vantages;
	struct state_lock *lock;
	size_t n_locks, size_locks;
	bool carried;     /* a meridian-share of this node runs */
	struct room room; /* for the state database */
	bool failed;      /* no memory for some */
};

/* status = nodes_read(path, out, eb): read them from the state database
 * ${path}, and look at that.  0, or -1 with an error: what was read by then
 * stays.
 * nodes_read_finish(out): free what it holds. */
int nodes_read(const char *path, struct nodes_read *out, struct errbuf *eb);
void nodes_read_finish(struct nodes_read *out);

/* own = nodes_read_own(known): the row of this node; NULL: there is none. */
const struct state_node *nodes_read_own(const struct nodes_read *known);

#endif
