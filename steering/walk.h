/*
 * One walk of the ladder while it goes on: what ladder.c decides from, and what
 * trace.c puts into words for explain.  No other file includes it.
 */
#ifndef STEERING_WALK_H
#define STEERING_WALK_H

#include "steering/ladder.h"

#define WALK_NO_REGION UINT8_MAX

struct walk {
	const struct policy_service *service;
	const struct policy *policy;
	const struct live *live;
	const struct answer_request *request;
	const struct ladder_trace *trace;
	struct decision *out;
	const struct client_class *class;
	struct address client; /* the IPv4 address inside, if it is one */
	unsigned offset;       /* bits before it in the client as given */
	unsigned depth;        /* of the leaf of its class */
	uint64_t inside;       /* regions it may be sent to by now */
	uint32_t pending_s;    /* until a change that could alter its answer */
	uint8_t tier;          /* least enum usable that is taken */
	bool weighted;         /* members with a weight, or those without */
	bool others;           /* members without a weight are conceded */
	uint8_t form;          /* enum answer_form that is asked for */
};

/* g = walk_group(w, member, region): the number of the group of ${member} in
 * ${region} if that is inside the fence, or STEERING_NONE. */
static inline uint32_t
walk_group(
    const struct walk *w, const struct policy_member *member, uint8_t region)
{
	if (!((w->inside & member->regions) >> region & 1))
		return STEERING_NONE;
	return member->group[region];
}

/* The words of each step, given to w->trace, which is not NULL. */
void trace_form(const struct walk *w);
void trace_fence(const struct walk *w);
void trace_usable(const struct walk *w);
void trace_tier(const struct walk *w);
void trace_only(const struct walk *w, unsigned member);
void trace_split(const struct walk *w, unsigned member, uint64_t bucket,
    uint64_t weights, bool usable);
void trace_rank(const struct walk *w, unsigned member, uint8_t region);
void trace_pick(const struct walk *w, uint32_t usable);
void trace_resort(const struct walk *w, enum last_resort resort);
void trace_ttl(const struct walk *w);

#endif
