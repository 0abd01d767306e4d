/*
 * What the ladder comes to, and how explain follows it there: shared by the
 * ladder and the files that take its steps.  Only data.
 */
#ifndef STEERING_DECISION_H
#define STEERING_DECISION_H

#include <stdbool.h>
#include <stdint.h>

#include "dns/answer/source.h"

struct ranking; /* steering/geo/ranking.h */

/* What the ladder came to.  The first members are those of struct answer, in
 * its order, so that they are copied together. */
struct decision {
	enum answer_kind kind;
	uint8_t scope;  /* in the family of the client as given */
	uint8_t n;      /* endpoints that were chosen and have the form */
	bool stale;     /* health took part that no vantage refreshed */
	bool resort;    /* a last resort */
	bool by_sender; /* decided for the sender of the query */
	uint8_t reason; /* enum reason */
	uint32_t ttl_s;
	bool hashed;    /* a position or the sticky prefix took part */
	uint8_t region; /* of its zone: that of the choice, if there is one */
	uint8_t alternate; /* the pool of the member, as policy_chosen() counts
			    */
	uint32_t member;   /* of the split: that of the choice */
	uint32_t demand;   /* as in struct answer */
	uint32_t endpoint[ANSWER_MAX_SETS]; /* numbers in the policy */
};

struct policy_service;

/* One step of the ladder as it went, for explain. */
enum ladder_step {
	STEP_FENCE,
	STEP_USABLE,
	STEP_SPLIT,
	STEP_SPILL,
	STEP_RANK,
	STEP_PICK,
	STEP_RESORT,
	STEP_FAMILY,
	STEP_SCOPE,
	STEP_TTL
};

/* As many as a split has, since sets of them are 32 bits. */
#define LADDER_MEMBERS 32

/* One deal of the step split in numbers. */
struct ladder_deal {
	unsigned round;      /* counted from 0 */
	struct prefix block; /* of the client */
	uint64_t position;   /* of the client in it, of 2^64 */
	uint32_t member;     /* of the service, in whose share that is */
	bool usable;         /* it is not dealt again */
	unsigned n;          /* shares, in the order of the file */
	struct {
		uint32_t member;
		uint64_t first, last; /* positions */
	} share[LADDER_MEMBERS];
};

/*
 * Called for each step as it is taken, with text that says what and why; the
 * text lives for the call.  A step comes again when it is taken again (a second
 * pool, a last resort); STEP_FAMILY comes only where an endpoint that was
 * chosen lacks the form that is asked for.  With a trace the ladder may
 * allocate and compute with floating point.
 *
 * What classes of clients do not keep the caller looks up in the geography:
 * the rules of fence and rank (map_rule()), and why regions are in their order
 * (map_ranking()).  Both are of the address that decides, which
 * ladder_subject() knows.
 */
struct ladder_trace {
	void (*step)(void *context, enum ladder_step step, const char *text);
	/* After the step of a deal; may be NULL. */
	void (*deal)(void *context, const struct ladder_deal *deal);
	/* After STEP_RANK, with the ranking below; may be NULL. */
	void (*rank)(void *context, const struct ranking *ranking);
	/* The steps that follow are of ${service}, which is inside the one
	 * that is asked for, ${depth} deep, or which is that one, 0; it may
	 * set rule, order and ranking for it.  May be NULL. */
	void (*level)(void *context, unsigned depth,
	    const struct policy_service *service);
	void *context;
	uint8_t rule;                  /* of the fence, or MAP_NO_RULE */
	uint8_t order;                 /* of the rank, or MAP_NO_RULE */
	const struct ranking *ranking; /* NULL: not known */
};

#endif
