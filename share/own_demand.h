/*
 * What this node counted of the demand for its pools, as the others are to know
 * it: one value a pool, made from the windows that meridiand writes.  Called by
 * the sharer; pure: no socket, no file, no clock of its own.
 *
 * Windows are smoothed.  A value is said when what is counted moved away from
 * what was said by more than chance and by enough to matter, not more often
 * than every OWN_DEMAND_LEAST_MS; and every OWN_DEMAND_MOST_MS when it differs
 * at all.  While it is not said the others take it that it goes on; when
 * meridiand is silent it is said that nothing is known.
 */
#ifndef SHARE_OWN_DEMAND_H
#define SHARE_OWN_DEMAND_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"
#include "share/key.h"
#include "state/rows.h"

#define OWN_DEMAND_LEAST_MS 10000
#define OWN_DEMAND_MOST_MS 300000

/* Meridiand counts in windows of 10 s: after four without a row it is silent,
 * as it is for who controls by load. */
#define OWN_DEMAND_SILENT_MS 40000

struct own_demand;

/* demand = own_demand_create(node): of ${node}, which is this one.  NULL
 * without memory.  own_demand_destroy(demand): NULL is fine. */
struct own_demand *own_demand_create(const char *node);
void own_demand_destroy(struct own_demand *demand);

/*
 * own_demand_begin(demand), own_demand_row(demand, row),
 * own_demand_commit(demand, mono_ms): a change of the local database.  Rows of
 * other nodes are passed over.  Without memory a row is not known.
 */
void own_demand_begin(struct own_demand *demand);
void own_demand_row(struct own_demand *demand, const struct state_demand *row);
void own_demand_commit(struct own_demand *demand, int64_t mono_ms);

/* due = own_demand_next(demand, mono_ms, wall_ms, key, value): a pool whose
 * value is due, which is appended to ${value} and counts as said.  False: no
 * more. */
bool own_demand_next(struct own_demand *demand, int64_t mono_ms,
    int64_t wall_ms, struct key *key, struct text *value);

#endif
