/*
 * What other nodes counted of the demand for pools, as etcd has it.  Called by
 * the sharer; does no input or output itself, and believes nothing.
 *
 * A node says what it counts when that moves; until it says something else, and
 * while its key is there, that goes on: so the rows for the local database get
 * the time of now again and again, and who sums them need not know where a row
 * came from.  When the key went with the lease of its node, or says nothing,
 * they are not given any more, and get old: the node may go on answering where
 * nobody hears of it, so that for a while the demand is not known.
 */
#ifndef SHARE_OTHERS_DEMAND_H
#define SHARE_OTHERS_DEMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "share/block.h"
#include "share/key.h"
#include "state/rows.h"

/* Rows are given again after so long: who sums them takes a node for silent
 * after 40 s. */
#define OTHERS_DEMAND_AGAIN_MS 15000

/* More is the mistake, or the attack, of some node. */
#define OTHERS_DEMAND_KEYS 16384
#define OTHERS_DEMAND_ROWS 262144

struct others_demand;

/* demand = others_demand_create(): nothing is known.  NULL without memory.
 * others_demand_destroy(demand): NULL is fine. */
struct others_demand *others_demand_create(void);
void others_demand_destroy(struct others_demand *demand);

/*
 * others_demand_begin(demand): the keys of a clean reading follow, until
 * others_demand_end(demand): what it did not have is gone.
 * status = others_demand_take(demand, key, value, len, why): ${key} holds this.
 * 0, or -1 with what is wrong with it in ${why}: some of it, or all, is left
 * out.
 * others_demand_gone(demand, key): it is not there any more.
 */
void others_demand_begin(struct others_demand *demand);
void others_demand_end(struct others_demand *demand);
int others_demand_take(struct others_demand *demand, const struct key *key,
    const char *value, size_t len, char why[BLOCK_WHY]);
void others_demand_gone(struct others_demand *demand, const struct key *key);

/*
 * others_demand_again(demand): all is to be given, as after the local database
 * was replaced.
 * others_demand_give(demand, mono_ms, wall_ms, put, context): give the rows
 * that are new, and those that were given OTHERS_DEMAND_AGAIN_MS ago, as if
 * they were counted until ${wall_ms}, by our clock.
 */
void others_demand_again(struct others_demand *demand);
void others_demand_give(struct others_demand *demand, int64_t mono_ms,
    int64_t wall_ms, void (*put)(void *context, const struct state_demand *row),
    void *context);

#endif
