/*
 * Two policies that are compared: which endpoints of the old one are in the new
 * one, and which services need not be walked because they decide alike.  Used
 * by meridianctl diff, never by a worker.
 */
#ifndef STEERING_DIFF_PAIR_H
#define STEERING_DIFF_PAIR_H

#include "steering/live.h"
#include "steering/policy.h"

/* One policy with what is usable of it. */
struct diff_side {
	const struct policy *policy;
	/* The same with addresses of the form that is asked for at each
	 * endpoint: what is compared is the choice, which does not depend on
	 * the form. */
	struct policy plain;
	struct policy_endpoint *endpoints; /* of ${plain} */
	const struct live *live;
};

struct diff_pair {
	struct diff_side old, new;
	/* Of each endpoint of the old policy: the same one, with the same
	 * addresses, in the new; STEERING_NONE where there is none. */
	uint32_t *same;
};

/*
 * status = diff_pair_init(pair, old, old_live, new, new_live): to compare the
 * policies ${old} and ${new}, which must live as long, with what is usable of
 * each.  0, or -1 without memory; diff_pair_finish() is needed in either case.
 */
int diff_pair_init(struct diff_pair *pair, const struct policy *old,
    const struct live *old_live, const struct policy *new,
    const struct live *new_live);

/* diff_pair_finish(pair): free what it holds. */
void diff_pair_finish(struct diff_pair *pair);

/* same = diff_pair_same_maps(a, b): both make the same classes of all clients,
 * by the numbers that their files give to regions. */
bool diff_pair_same_maps(const struct map *a, const struct map *b);

/*
 * same = diff_pair_same(pair, old, new): whatever the clients, both decide
 * alike, provided that their maps do: nothing has to be counted.
 */
bool diff_pair_same(const struct diff_pair *pair,
    const struct policy_service *old, const struct policy_service *new);

/*
 * alike = diff_pair_alike(a, b): two services of one policy decide
 * alike but for the endpoints that they pick: they have one map, and no hash
 * takes part in the choice of pool and region.
 */
bool diff_pair_alike(
    const struct policy_service *a, const struct policy_service *b);

/* keeps = diff_pair_keeps_endpoints(pair, old, new): whoever keeps pool and
 * region keeps the endpoint. */
bool diff_pair_keeps_endpoints(const struct diff_pair *pair,
    const struct policy_service *old, const struct policy_service *new);

/*
 * same = diff_pair_same_picks(pair, old, from, new, to): where both choose from
 * the groups number ${from} of the old policy and ${to} of the new, they pick
 * the same endpoints for every client; where endpoints take turns, the same
 * ones do.
 */
bool diff_pair_same_picks(const struct diff_pair *pair,
    const struct policy_service *old, uint32_t from,
    const struct policy_service *new, uint32_t to);

/* same = diff_pair_same_choice(old, a, i, new, b, j): the members number ${a}
 * and ${b} are pools of one name, and their regions ${i} and ${j} too. */
bool diff_pair_same_choice(const struct policy_service *old, unsigned a,
    unsigned i, const struct policy_service *new, unsigned b, unsigned j);

#endif
