/*
 * All rows of another node, in a state database that nobody carries rows to any
 * more.  Called by the editor, inside a transaction; for the files of state/
 * alone.
 */
#ifndef STATE_NODE_ROWS_H
#define STATE_NODE_ROWS_H

#include <stdint.h>

#include "state/database.h"

/*
 * node_rows_delete(d, node, sequence): delete the row of ${node}, its vantages
 * with all that they found, and its demand; readers hear of it by one more than
 * ${sequence}, which is moved on.  Rows that a daemon of this node writes stay,
 * whatever ${node} is.  0, or -1 with d->why.
 */
int node_rows_delete(struct database *d, const char *node, uint64_t *sequence);

#endif
