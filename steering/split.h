/*
 * The steps `usable` and `split` of the ladder: which pool a client gets.
 * Called by ladder.c; chooses no region and no endpoint.
 */
#ifndef STEERING_SPLIT_H
#define STEERING_SPLIT_H

#include "steering/walk.h"

/*
 * regions = split_usable(w, member): the regions inside the fence where
 * ${member} has something usable (bit set).
 */
uint64_t split_usable(const struct walk *w, const struct policy_member *member);

/*
 * m = split_choose(w): the member for this client: of those with a weight, one
 * by the shares of their weights; of those without, the first in the order of
 * the file.  -1 when none of them has anything usable for it.
 *
 * A member with nothing usable keeps its share, and deals its own clients again
 * by a further salt among those that they have not been dealt to: so a pool
 * that fails, rises or gets another weight moves only its own.  Nothing is
 * hashed where all deals come to one member for everyone.
 */
int split_choose(struct walk *w);

#endif
