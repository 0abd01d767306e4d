/*
 * One walk of the ladder while it goes on, shared by the files that take its
 * steps (ladder.c, split.c, pick.c) and the one that puts them into words
 * (trace.c).  No other file includes it.
 */
#ifndef STEERING_WALK_H
#define STEERING_WALK_H

#include "steering/decision.h"
#include "steering/live.h"
#include "steering/policy.h"
#include "steering/reasons.h"

/*
 * What of a client a walk has looked at.  Each is the same in a prefix around
 * it, and the longest of these prefixes is the scope: all clients in it meet
 * the same facts, so that they get the same answer and the same scope.
 */
enum walk_fact {
	FACT_ORDER,  /* the first places of the order of its class */
	FACT_FENCE,  /* the set of regions that it may be sent to */
	FACT_SHARE,  /* the share that its position lies in, in each deal */
	FACT_STICKY, /* its sticky prefix */
	FACT_LEAF,   /* all that the map knows of it */
	FACTS
};

/* One deal of a client: the member in whose share of the weights of ${left}
 * (a bit set of members) its position lies. */
struct walk_deal {
	uint32_t left;
	unsigned round; /* counted from 0 */
	uint64_t position;
	unsigned member;
	/* The one after the step that is pending; the same where none is. */
	unsigned later;
	uint64_t first, last; /* positions of both their shares */
	unsigned length;      /* bits of the widest prefix that lies there */
};

/* The regions that an answer is from, best first. */
struct walk_ranked {
	uint8_t region[ANSWER_MAX_SETS];
	unsigned n;
	uint64_t passed; /* regions that did not keep the client */
};

/* What the keep of a region makes of a client. */
struct walk_spill {
	uint64_t keep, later; /* now, and when the longest TTL is over */
	uint64_t position;    /* of the client, if it was looked at: */
	bool hashed;
	bool kept;
	unsigned length;    /* bits of the widest prefix that has the same */
	uint32_t pending_s; /* until it is kept no more, or is kept */
};

struct walk {
	/* The one that is asked for; from the split on it may be one inside it:
	 * service->outermost is not NULL then. */
	const struct policy_service *service;
	const struct policy *policy;
	const struct live *live;
	const struct answer_request *request;
	const struct ladder_trace *trace;
	struct decision *out;
	const struct client_class *class;
	/* The client of the request, or ${own}: the sender, where the service
	 * does not let its client subnets count, not ${heard}. */
	const struct client *given;
	struct client own;
	bool heard;
	/* Whom the steps decide for: the client given or, ${by_sender}, the
	 * sender; the IPv4 address inside, if it is one. */
	struct address client;
	bool by_sender;  /* the client's subnet is private */
	unsigned offset; /* bits before the IPv4 address in the client as given
			  */
	unsigned depth;  /* of the leaf of the client as given */
	struct map_leaf leaf; /* that of whom the steps decide for */
	uint64_t inside;      /* regions it may be sent to by now, by all
				 fences on the way */
	uint32_t pending_s;   /* until a change that could alter its answer */
	uint8_t looked;       /* bits of the longest prefix of what was looked
				 at */
	uint8_t facts[FACTS]; /* the same of each fact, for the trace */
	uint8_t places;       /* of its order that were looked at */
	uint8_t tier;         /* least enum usable that is taken */
	uint8_t form;         /* enum answer_form that is asked for */
	bool weighted;        /* members with a weight, or those without */
	bool weightless_allowed; /* members without a weight are conceded */
	bool lifted;             /* soft fences are lifted, on the whole way */
	uint8_t reason; /* of the pool: FIRST, POOL or STANDBY (enum reason) */
};

/*
 * g = walk_group(w, pool, region): the number of the group of ${pool} in
 * ${region} if that is inside the fence, or STEERING_NONE.
 */
static inline uint32_t
walk_group(const struct walk *w, const struct policy_pool *pool, uint8_t region)
{
	if (!((w->inside & pool->regions) >> region & 1))
		return STEERING_NONE;
	return pool->group[region];
}

/* live = walk_live(w, pool): what is live of ${pool}. */
static inline const struct live_pool *
walk_live(const struct walk *w, const struct policy_pool *pool)
{
	return &w->live->pool[pool->number];
}

/* regions = walk_usable(w, pool): those inside the fence where ${pool} has
 * something usable (bit set). */
static inline uint64_t
walk_usable(const struct walk *w, const struct policy_pool *pool)
{
	return w->inside & walk_live(w, pool)->usable[w->tier];
}

/* has = walk_has_form(w, e): endpoint number ${e} has records of the form that
 * is asked for. */
static inline bool
walk_has_form(const struct walk *w, uint32_t e)
{
	return live_set(w->live, w->policy, e, w->form)->count > 0;
}

/* has = walk_has_soft(w): a soft fence that is not lifted holds this client, or
 * one of a service inside may. */
static inline bool
walk_has_soft(const struct walk *w)
{
	return w->inside != w->class->lifted ||
	    (w->service->soft_within && !w->lifted);
}

/* by = walk_by_name(w, pool): what is picked of ${pool} depends on the name. */
static inline bool
walk_by_name(const struct walk *w, const struct policy_pool *pool)
{
	return w->service->affinity == AFFINITY_NAME ||
	    (w->service->affinity == AFFINITY_KIND && pool->edge);
}

/* The lesser and the greater of two. */
static inline uint32_t
walk_least(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

static inline uint32_t
walk_greatest(uint32_t a, uint32_t b)
{
	return a > b ? a : b;
}

/* one = walk_one(set): there is one in the bit set ${set}, not more. */
static inline bool
walk_one(uint64_t set)
{
	return set != 0 && (set & (set - 1)) == 0;
}

/* walk_look(w, fact, bits): ${fact} took part, which is the same in a prefix of
 * ${bits} bits around the client. */
static inline void
walk_look(struct walk *w, enum walk_fact fact, unsigned bits)
{
	if (bits > w->looked)
		w->looked = (uint8_t)bits;
	if (w->trace != NULL && bits > w->facts[fact])
		w->facts[fact] = (uint8_t)bits;
}

/*
 * number = walk_below(h, n): the hash ${h} as a number below ${n}, spread
 * evenly: floor(h * n / 2^64).
 */
static inline uint64_t
walk_below(uint64_t h, uint64_t n)
{
	__extension__ typedef unsigned __int128 uint128;

	return (uint64_t)((uint128)h * n >> 64);
}

/* walk_note_pending(w, pool, regions): note the changes that are pending in
 * those of ${regions} that are inside the fence. */
void walk_note_changes(
    struct walk *w, const struct policy_pool *pool, uint64_t regions);
static inline void
walk_note_pending(
    struct walk *w, const struct policy_pool *pool, uint64_t regions)
{
	if (walk_live(w, pool)->pending != 0)
		walk_note_changes(w, pool, regions);
}

/*
 * walk_pass_over(w, pool): ${pool} has nothing usable for this client; what
 * is pending of it anywhere inside the fence can change that.  Where it has
 * something outside, or something pending, the fence told this client from
 * others.
 */
void walk_pass_over(struct walk *w, const struct policy_pool *pool);

/* shares = walk_shifted(w): the shares of the members of the service, where
 * they were shifted; NULL: they are as the policy has them. */
static inline const struct live_share *
walk_shifted(const struct walk *w)
{
	return w->live->split[w->service->number].share;
}

/*
 * walk_weights(w, left, when, out): the weights of the members ${left} of the
 * split among each other, now (0) or after the step that is pending (1), to
 * ${out}; 0 of others.  Of a member that was shifted the border with its
 * neighbour moves or, where that is not among them, with the one before it or
 * after it, so that no other border does.  Their sum is never 0.
 */
#define WALK_MEMBERS STEERING_MAX_SPLIT
void walk_weights(
    const struct walk *w, uint32_t left, int when, uint64_t out[WALK_MEMBERS]);

/* last = walk_share(weights, m, first): the last position of the share of
 * member ${m}, which has one; its first one goes to ${first}. */
uint64_t walk_share(
    const uint64_t weights[WALK_MEMBERS], unsigned m, uint64_t *first);

/* bits = walk_sticky_length(w), walk_block_length(w): of the client's sticky
 * prefix and of the block of its positions. */
unsigned walk_sticky_length(const struct walk *w);
unsigned walk_block_length(const struct walk *w);

/*
 * h = walk_hash(w, salt): the hash of the client's sticky prefix for one step.
 * It is noted that the prefix took part: the scope must show it.
 */
uint64_t walk_hash(struct walk *w, uint64_t salt);

/* h = walk_name(w, salt): the hash of the name that is asked for, as matched.
 */
uint64_t walk_name(const struct walk *w, uint64_t salt);

/* h = walk_hash_prefix(a, length, salt): the hash of the first ${length} bits
 * of ${a}, of its family and of ${length}. */
uint64_t walk_hash_prefix(
    const struct address *a, unsigned length, uint64_t salt);

#endif
