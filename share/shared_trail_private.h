/* The trail from inside, for its files: shared_trail.c, which has what is
 * known, and shared_trail_offer.c, which has what etcd is to get. */
#ifndef SHARE_SHARED_TRAIL_PRIVATE_H
#define SHARE_SHARED_TRAIL_PRIVATE_H

#include "base/u64map.h"
#include "share/shared_trail.h"

/* A row, as this node and as etcd has it. */
struct entry {
	struct state_override mine, theirs;
	bool has_mine, has_theirs;
	bool cut;   /* it was said while this node was cut off */
	bool given; /* to be put into the local trail as etcd has it */
};

struct shared_trail {
	struct entry *entries;
	size_t n, size;
	struct u64map by_id;
	bool read;     /* etcd was read, and is not being read again */
	size_t looked; /* entries before it are not to be put here */
	bool moved;    /* entries may have another number in etcd than here */
	/* The generation key as etcd has it, and at which revision. */
	uint64_t generation;
	int64_t revision;
	uint64_t last; /* the largest number of all that was ever known */
	/* What is under way, and its entries. */
	bool offered, late;
	struct shared_offer offer;
	size_t of[SHARED_OFFER_ROWS];
};

/* shared_trail_look(t, e): ${e} changed: it may have to be put here. */
void shared_trail_look(struct shared_trail *t, const struct entry *e);

/* shared_trail_know(t, number): it was given. */
void shared_trail_know(struct shared_trail *t, uint64_t number);

/* fresh = shared_trail_fresh(row): it was never accepted nor refused. */
bool shared_trail_fresh(const struct state_override *row);

#endif
