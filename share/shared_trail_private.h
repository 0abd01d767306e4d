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
	/* The database is given anew: whether it has it is to be seen. */
	bool had_mine;
	uint64_t said_as; /* its number when it was met first */
	bool cut;         /* it was said while this node was cut off */
	/* Then: the revision of the generation key when it was looked at
	 * whether it breaks the safety rule, and that was told, each and 1. */
	int64_t asked, judged;
	char unsafe[STATE_REASON]; /* why it does, or "" */
	bool given;  /* to be put into the local trail as etcd has it */
	bool closed; /* its length is over, and something later counts */
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

/* e = shared_trail_find(t, id): that of ${id}, or NULL. */
struct entry *shared_trail_find(struct shared_trail *t, const char *id);

/* e = shared_trail_obtain(t, id): that of ${id}, or a new one, which has
 * neither row yet; NULL without memory. */
struct entry *shared_trail_obtain(struct shared_trail *t, const char *id);

/* over = shared_trail_over(t, mono_ms, wall_ms, out): ${out} is to be written,
 * as it ends one whose length is over. */
bool shared_trail_over(struct shared_trail *t, int64_t mono_ms, int64_t wall_ms,
    struct state_override *out);

/* fresh = shared_trail_fresh(row): it was never accepted nor refused. */
bool shared_trail_fresh(const struct state_override *row);

#endif
