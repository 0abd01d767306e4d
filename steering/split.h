/*
 * The steps `usable` and `split` of the ladder: which pool a client gets.
 * Called by ladder.c; chooses no region and no endpoint.
 */
#ifndef STEERING_SPLIT_H
#define STEERING_SPLIT_H

#include "steering/trace.h"
#include "steering/walk.h"

/*
 * m = split_choose(w, pool): the member for this client: of those with a
 * weight, one by the shares of their weights; of those without, the first in
 * the order of the file.  Its pool goes to ${pool}: where it is a service the
 * pool inside it, and the walk is in the service that has that.  -1 when none
 * has anything usable for it.
 *
 * A member with nothing usable keeps its share, and deals its own clients again
 * by a further salt among those that they have not been dealt to: so a pool
 * that fails, rises or gets another weight moves only its own.  Nothing is
 * hashed where all deals come to one member for everyone.
 */
int split_choose_several(struct walk *w, const struct policy_pool **pool);
static inline int
split_choose(struct walk *w, const struct policy_pool **pool)
{
	const struct policy_member *first = &w->service->members[0];

	/* Most services have one pool, which costs a few instructions. */
	if (!w->service->plain)
		return split_choose_several(w, pool);
	if ((first->weight > 0) != w->weighted ||
	    walk_usable(w, &first->pool) == 0)
		return -1;
	if (w->trace != NULL)
		trace_only(w, 0);
	*pool = &first->pool;
	return 0;
}

/* split_pass_over(w, member): ${member} has nothing usable for this client: see
 * walk_pass_over(). */
void split_pass_over(struct walk *w, const struct policy_member *member);

#endif
