/*
 * The walk of a comparison: decides for the whole address space, by the ladder
 * itself, what a service does under two policies, and counts it.  It steps from
 * prefix to prefix: a scope says in which prefix an answer is the same, so that
 * one decision of each policy counts all of the shorter of both.  Used by
 * meridianctl diff, never by a worker.
 *
 * IPv4 is counted in addresses, each as a client of its own.  Private addresses
 * that no network holds are not counted: who sends their queries decides.
 *
 * IPv6 is counted in /48 of 2000::/3, 2002::/16 left out, where geography knows
 * a place or a network tells clients from those of whom nothing is known; of
 * networks finer than a /48 its first address counts.  There are too many to
 * look at each: in a prefix whose clients are one class in both policies, and
 * one country, one block (split_block) is walked and counts for all of its
 * blocks.  So what each pool has is exact, for blocks are cut alike; what stays
 * of it is too, but where clients are dealt again or the length of the block
 * changes.  Which endpoint of a region serves a client is counted in IPv4
 * alone.
 */
#ifndef STEERING_DIFF_WALK_H
#define STEERING_DIFF_WALK_H

#include "base/u64map.h"
#include "steering/diff_pair.h"
#include "steering/diff_space.h"

/* The numbers of the outcomes of a service. */
enum {
	DIFF_ABSENT,  /* there is no such service */
	DIFF_RECORDS, /* the zone file's own records */
	DIFF_SERVFAIL,
	DIFF_CHOICE, /* and on: a pool and region, diff_choice() */
	DIFF_OUTCOMES = DIFF_CHOICE + STEERING_MAX_SPLIT * STEERING_MAX_REGIONS
};

/* Members and regions of the service, and the outcome that they are. */
static inline unsigned
diff_choice(unsigned member, unsigned region)
{
	return DIFF_CHOICE + member * STEERING_MAX_REGIONS + region;
}

static inline unsigned
diff_member(unsigned outcome)
{
	return (outcome - DIFF_CHOICE) / STEERING_MAX_REGIONS;
}

static inline unsigned
diff_region(unsigned outcome)
{
	return (outcome - DIFF_CHOICE) % STEERING_MAX_REGIONS;
}

/* How many clients of a country go from one outcome to another. */
struct diff_move {
	uint16_t from, to; /* outcomes of the old and the new service */
	/* Number of steering/diff_space.h; unknown for IPv4 clients that keep
	 * pool and region. */
	uint16_t country;
	uint64_t ipv4;  /* addresses */
	uint64_t other; /* of these: get another endpoint of the region */
	uint64_t ipv6;  /* prefixes of 48 bits */
};

struct diff_tally {
	struct diff_move *moves;
	size_t n, size;
	struct u64map index; /* by outcomes and country */
	uint64_t steps;      /* pairs of decisions that were made */
};

/*
 * status = diff_walk(pair, space, old, new, tally): count what each client of
 * the service gets in ${tally}, which is empty.  ${old} and ${new} are the
 * service in both policies; one of them may be NULL: it is not there.  0, or -1
 * without memory; diff_tally_finish() is needed in either case.
 */
int diff_walk(const struct diff_pair *pair, const struct diff_space *space,
    const struct policy_service *old, const struct policy_service *new,
    struct diff_tally *tally);

/* diff_tally_finish(tally): free what it holds. */
void diff_tally_finish(struct diff_tally *tally);

#endif
