/*
 * One walk of the ladder while it goes on, shared by the files that take its
 * steps (ladder.c, pick.c) and the one that puts them into words (trace.c).
 * No other file includes it.
 */
#ifndef STEERING_WALK_H
#define STEERING_WALK_H

#include "steering/decision.h"
#include "steering/live.h"
#include "steering/policy.h"

struct walk {
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
	uint64_t inside; /* regions it may be sent to by now */
	uint32_t pending_s; /* until a change that could alter its answer */
	uint8_t tier;       /* least enum usable that is taken */
	uint8_t form;       /* enum answer_form that is asked for */
	bool weighted;      /* members with a weight, or those without */
	bool weightless_allowed; /* members without a weight are conceded */
};

/*
 * g = walk_group(w, member, region): the number of the group of ${member} in
 * ${region} if that is inside the fence, or STEERING_NONE.
 */
static inline uint32_t
walk_group(
    const struct walk *w, const struct policy_member *member, uint8_t region)
{
	if (!((w->inside & member->regions) >> region & 1))
		return STEERING_NONE;
	return member->group[region];
}

/* has = walk_has_form(w, e): endpoint number ${e} has records of the form that
 * is asked for. */
static inline bool
walk_has_form(const struct walk *w, uint32_t e)
{
	return w->policy->endpoints[e].sets[w->form].count > 0;
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

/* bits = walk_sticky_length(w): of the client's sticky prefix. */
unsigned walk_sticky_length(const struct walk *w);

/*
 * h = walk_hash(w, salt): the hash of the client's sticky prefix for one step.
 * It is noted that the prefix took part: the scope must show it.
 */
uint64_t walk_hash(struct walk *w, uint64_t salt);

/* h = walk_hash_prefix(a, length, salt): the hash of the first ${length} bits
 * of ${a}, of its family and of ${length}. */
uint64_t walk_hash_prefix(
    const struct address *a, unsigned length, uint64_t salt);

#endif
