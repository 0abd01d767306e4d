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
#include "steering/reasons.h"

/* In order: a query takes what is checked and up before what no vantage has
 * checked yet, and that before what is down.  USABLE_DRAINED: somebody took it
 * out, and it is the last that is taken, after all that is down.  USABLE_EMPTY:
 * its addresses are those of a name, and nobody knows any: it is never taken,
 * not even as if all were up. */
enum usable {
	USABLE_EMPTY = -1,
	USABLE_DRAINED,
	USABLE_NO,
	USABLE_UNCHECKED,
	USABLE_YES
};

/* What was said of an endpoint, whatever its checks find. */
enum live_said { SAID_NOTHING, SAID_DRAINED, SAID_UP, SAID_DOWN };

/* Addresses of a name that are in answers; and that are kept of it, the others
 * being those of other vantages or down. */
#define LIVE_MAX_ADDRESSES 32
#define LIVE_MAX_KNOWN 128

/* No change has begun. */
#define LIVE_NOT_PENDING UINT32_MAX

/* It can be used for longer than anybody asks. */
#define LIVE_LONG_UP UINT32_MAX

/* A factor of live_weigh() that changes nothing. */
#define LIVE_FACTOR_ONE 1024
/* Factors are kept finer than that, so that products of several are as good as
 * exact.  None is above 2^12, so that one fits 32 bits. */
#define LIVE_FACTOR_BITS 20
#define LIVE_FACTOR_MAX (LIVE_FACTOR_ONE << 12)

struct live_group {
	int8_t usable; /* enum usable of the group as a whole, min_up met */
	bool even;     /* all its endpoints have the same weight */
	bool weighed;  /* some have another weight than the policy says */
	/* Bit t: of those that are taken at tier t some have a weight and some
	 * have none left: these are not picked. */
	uint8_t idle;
	/* Seconds until a change that has begun (streaks) can alter this
	 * group; LIVE_NOT_PENDING: none has. */
	uint32_t pending_s;
	/* Clients whose position is before this one stay, others go on to the
	 * next region of their order; POLICY_KEEP_ALL: all stay. */
	uint64_t keep;
	/* How ${keep} moves: positions a second, up or down. */
	int64_t slope;
	/* Why clients go on: REASON_LOAD, or as live_thinned() says. */
	uint8_t thinned;
};

/* Shares of splits are counted in millionths. */
#define LIVE_MILLION 1000000

/* The share of one member of a split that was shifted, now and as it will be
 * after the next step: [0] and [1]. */
struct live_share {
	uint64_t weight[2]; /* in millionths of those of the policy */
	uint64_t last[2];   /* position, among the shares of all; of no meaning
			       without a weight */
	/* What it was given of its neighbour's weight, or gave to it. */
	int64_t taken[2];
};

/* The split of a service. */
struct live_split {
	/* By member; NULL: as the policy has it. */
	const struct live_share *share;
	uint32_t pending_s; /* until the next step; LIVE_NOT_PENDING: none */
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
	uint64_t sheds; /* regions that do not keep all clients, or will not */
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
	uint8_t *said;    /* enum live_said */
	int8_t *found;    /* as live_found(), of those of which is said what */
	/* Seconds until a change that has begun may alter it: by its checks,
	 * or, where something was said of it, when that is over. */
	uint32_t *pending_s;
	uint32_t *factor; /* on its weight, of 2^LIVE_FACTOR_BITS */
	uint32_t *up_ms;  /* for how long it can be used; LIVE_LONG_UP: long */
	/* 1: it is USABLE_YES because nobody has judged it yet, in the first
	 * round of its pool. */
	uint8_t *presumed;
	struct live_group *group;
	struct live_pool *pool;
	/* By policy_service.number, and shares by policy_service.first_member.
	 */
	struct live_split *split;
	size_t n_services;
	struct live_share *share;
	size_t n_members;
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
 * live_judge(live, policy): drain what the policy says is drained, and set how
 * usable each group is from its endpoints: as much as endpoints that hold
 * min_up of the weight of those that are not drained (and at least 1) are; and
 * from groups the regions in which each pool is, and is about to change.
 */
void live_judge(struct live *live, const struct policy *policy);

/* weight = live_need(live, policy, g): the weight that must be up for ${g} to
 * count: min_up of that of its endpoints that are not drained, at least 1. */
uint64_t live_need(const struct live *live, const struct policy *policy,
    const struct policy_group *g);

/* usable = live_told(live, endpoint): how usable it is, for people: what nobody
 * has judged is USABLE_UNCHECKED, also where it counts as up. */
enum usable live_told(const struct live *live, size_t endpoint);

/* usable = live_found(live, endpoint): the same as its checks alone find it,
 * whatever was said of it. */
enum usable live_found(const struct live *live, size_t endpoint);

/*
 * What is laid over health (live_lay.c), after the endpoints were judged and
 * before live_judge():
 *
 * live_drain(live, endpoint): it is taken last of all, whatever it was.
 * live_force(live, endpoint, up): it is up, or down, whatever its checks find;
 * no address of a name is made up where none is known, and what is drained
 * stays drained.
 * live_weigh(live, endpoint, factor): its weight counts ${factor} of
 * LIVE_FACTOR_ONE, at most LIVE_FACTOR_MAX; several factors multiply.  With 0
 * it is picked only where its region has nothing else to pick.
 */
void live_drain(struct live *live, size_t endpoint);
void live_force(struct live *live, size_t endpoint, bool up);
void live_weigh(struct live *live, size_t endpoint, uint32_t factor);

/*
 * live_came_back(live, endpoint, ago_ms): it can be used for ${ago_ms} only: it
 * passes its checks, or is drained no more, since then.  Of several the latest
 * counts.
 */
void live_came_back(struct live *live, size_t endpoint, int64_t ago_ms);

/* live_expect(live, endpoint, s): what was said of it changes in ${s} seconds:
 * answers that depend on it live no longer. */
void live_expect(struct live *live, size_t endpoint, uint32_t s);

/*
 * live_thin(live, group, keep, slope): the group keeps ${keep} of the clients
 * that it would keep (of 2^64; POLICY_KEEP_ALL: all; several multiply), which
 * moves by ${slope} a second: clients whose turn comes within the greatest TTL
 * get the time to it as theirs.
 */
void live_thin(struct live *live, size_t group, uint64_t keep, int64_t slope);

/*
 * live_thinned(live, group, why): clients pass the group on since it is being
 * drained or comes back from that (REASON_DRAINED), or since it came back from
 * a failure (REASON_FAILOVER).  Of several the former is told.
 */
void live_thinned(struct live *live, size_t group, enum reason why);

/*
 * live_shift(live, service, member, share, next, pending_s): of what ${member}
 * and its neighbour (live_neighbour()) have of the split of ${service}, a
 * service of a zone, ${member} has ${share} millionths.  So one border moves.
 * In ${pending_s} seconds that becomes ${next}: clients who then get another
 * member get the time to it as TTL.  LIVE_NOT_PENDING: no step is pending.  The
 * service is inside others as shifted.  Nothing happens where either has no
 * weight by the file.
 */
void live_shift(struct live *live, const struct policy_service *service,
    unsigned member, uint32_t share, uint32_t next, uint32_t pending_s);

/*
 * live_fade(live, service, member, part, next, pending_s): of what ${member}
 * has by now it has ${part} millionths, and its neighbour the rest; ${next} in
 * ${pending_s} seconds.  Otherwise as live_shift().
 */
void live_fade(struct live *live, const struct policy_service *service,
    unsigned member, uint32_t part, uint32_t next, uint32_t pending_s);

/* live_begin_ramps(live, policy): shares of services where a ramp begins at
 * nothing are those of the file; called by live_create(). */
void live_begin_ramps(struct live *live, const struct policy *policy);

/*
 * neighbour = live_neighbour(service, member): the member whose border with
 * ${member} is moved: that of its ramp; else the one with a weight before it in
 * the order of the file, of the first one the next; -1 when ${member} has no
 * weight, or is the only one that has.
 */
int live_neighbour(const struct policy_service *service, unsigned member);

/* same = live_equal(a, b): nothing a query or a page could notice differs. */
bool live_equal(const struct live *a, const struct live *b);

/* live_destroy(live): free it.  NULL is fine. */
void live_destroy(struct live *live);

#endif
