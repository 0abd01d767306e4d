/*
 * Live: what is usable now, a flat array made from a policy and the health
 * model each time either changes.  Immutable once built; read by workers.
 */
#ifndef STEERING_LIVE_H
#define STEERING_LIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "steering/policy.h"

/* In order: a query takes what is checked and up before what no vantage has
 * checked yet.  USABLE_EMPTY: its addresses are those of a name, and nobody
 * knows any: it is never taken, not even as if all were up. */
enum usable { USABLE_EMPTY = -1, USABLE_NO, USABLE_UNCHECKED, USABLE_YES };

/* Addresses of a name that are in answers; and that are kept of it, the others
 * being those of other vantages or down. */
#define LIVE_MAX_ADDRESSES 32
#define LIVE_MAX_KNOWN 128

/* No change has begun. */
#define LIVE_NOT_PENDING UINT32_MAX

struct live_group {
	int8_t usable; /* enum usable of the group as a whole, min_up met */
	/* Seconds until a change that has begun (streaks) can alter this
	 * group; LIVE_NOT_PENDING: none has. */
	uint32_t pending_s;
	/* Clients whose position is before this one stay, others go on to the
	 * next region of their order; POLICY_KEEP_ALL: all stay. */
	uint64_t keep;
};

/*
 * The regions of a pool (bit sets, as the zone numbers them) that can answer,
 * by the least enum usable that is taken; and those where a change has begun.
 * So the ladder sees with one AND what a pool has for a client; of one that is
 * a service, what it has at most, for fences inside it may leave less.
 */
struct live_pool {
	uint64_t usable[USABLE_YES + 1];
	uint64_t pending;
	uint64_t sheds; /* regions that do not keep all clients */
};

/* An address of a name, and how usable it is. */
struct live_address {
	struct address address;
	int8_t usable; /* enum usable, never USABLE_EMPTY */
	bool presumed; /* as of an endpoint */
};

/* The addresses of an endpoint that a name has, and the records of those that
 * are in answers: all that are as usable as its best. */
struct live_resolved {
	struct answer_set sets[ENDPOINT_FORMS];
	const struct live_address *known;
	size_t n;
};

struct live {
	bool stale; /* there was health, and no vantage is fresh */
	/* All numbered as in the policy. */
	size_t n_endpoints, n_groups;
	int8_t *endpoint; /* enum usable */
	/* 1: it is USABLE_YES because nobody has judged it yet, in the first
	 * round of its pool. */
	uint8_t *presumed;
	struct live_group *group;
	struct live_pool *pool;
	/* By policy_endpoint.resolved; and where their addresses and records
	 * are, with what is left there. */
	struct live_resolved *resolved;
	size_t n_resolved;
	struct live_address *known;
	uint8_t *images;
	size_t known_left;
};

/*
 * live = live_create(policy): a live for ${policy}: every endpoint is
 * USABLE_UNCHECKED, and one that a name has is USABLE_EMPTY; nothing is
 * pending, regions keep what the file says, groups and pools are not judged
 * yet.  NULL without memory.  The caller owns it.
 */
struct live *live_create(const struct policy *policy);

/*
 * status = live_room(live, n): make room for ${n} addresses of names in all,
 * once, before live_resolve().  0, or -1 without memory.
 */
int live_room(struct live *live, size_t n);

/*
 * live_resolve(live, policy, e, known, n): endpoint number ${e} of ${policy},
 * which a name has, has the ${n} addresses ${known}, in their order: it is as
 * usable as the best of them, and answered with those, IPv4 and IPv6, at most
 * LIVE_MAX_ADDRESSES: the first ones, of both families where both are more.
 */
void live_resolve(struct live *live, const struct policy *policy, size_t e,
    const struct live_address *known, size_t n);

/*
 * set = live_set(live, policy, e, form): the records of ${form} of endpoint
 * number ${e}: those that the policy has or, where a name has them, those of
 * now.  Of the others nothing more is looked at than there was without names.
 */
const struct answer_set *live_set_of_name(const struct live *live,
    const struct policy *policy, size_t e, enum answer_form form);
static inline const struct answer_set *
live_set(const struct live *live, const struct policy *policy, size_t e,
    enum answer_form form)
{
	const struct answer_set *set = &policy->endpoints[e].sets[form];

	return __builtin_expect(set->count > 0, 1)
	    ? set
	    : live_set_of_name(live, policy, e, form);
}

/*
 * live_judge(live, policy): set how usable each group is from its endpoints: as
 * much as endpoints that hold its min_up of weight (and at least 1) are; and
 * from groups the regions in which each pool is, and is about to change.
 */
void live_judge(struct live *live, const struct policy *policy);

/* usable = live_told(live, endpoint): how usable it is, for people: what nobody
 * has judged is USABLE_UNCHECKED, also where it counts as up. */
enum usable live_told(const struct live *live, size_t endpoint);

/* same = live_equal(a, b): nothing a query or a page could notice differs. */
bool live_equal(const struct live *a, const struct live *b);

/* live_destroy(live): free it.  NULL is fine. */
void live_destroy(struct live *live);

#endif
