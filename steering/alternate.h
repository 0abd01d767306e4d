/*
 * The alternates of a member: which of its pools a client gets, its own or, as
 * long as that has nothing usable for the client, another.  Called by the steps
 * `usable` and `split` of the ladder, for members that have alternates.
 */
#ifndef STEERING_ALTERNATE_H
#define STEERING_ALTERNATE_H

#include "steering/walk.h"

/* regions = alternate_usable(w, member): those inside the fence where an
 * alternate of ${member} has something usable (bit set). */
uint64_t alternate_usable(
    const struct walk *w, const struct policy_member *member);

/*
 * alternate_choose(w, member): the first pool of ${member} that has something
 * usable for this client, of which there is one; its number, as policy_chosen()
 * counts, goes to w->out->alternate.  Clients whose position lies in the
 * trickle of a pool take its standby endpoints before it.  What was looked at
 * is noted.
 */
const struct policy_pool *alternate_choose(
    struct walk *w, const struct policy_member *member);

/* alternate_pass_over(w, member): walk_pass_over() for all its alternates. */
void alternate_pass_over(struct walk *w, const struct policy_member *member);

#endif
