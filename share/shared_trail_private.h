/* The trail from inside, for its files: shared_trail.c, which has what is
 * known, shared_trail_odd.c, which has what makes no sense in etcd,
 * shared_trail_force.c, which has what counts, shared_trail_offer.c, which has
 * what etcd is to get, shared_trail_end.c, which has ends, and
 * shared_trail_prune.c, which has what is too old. */
#ifndef SHARE_SHARED_TRAIL_PRIVATE_H
#define SHARE_SHARED_TRAIL_PRIVATE_H

#include "base/u64map.h"
#include "share/shared_trail.h"

/* A row, as this node and as etcd has it. */
struct entry {
	struct state_override mine, theirs;
	bool has_mine, has_theirs;
	int64_t revision; /* at which theirs was written */
	bool pruned;      /* it is not theirs any more as it is too old */
	/* Not known yet: where it was accepted, and when it came here. */
	bool unsure;
	bool strange; /* accepted nobody knows where */
	bool late;    /* it came after all was told, and is to be judged */
	/* The database is given anew: whether it has it is to be seen. */
	bool had_mine;
	uint64_t said_as; /* its number when it was met first */
	bool cut;         /* it was said while this node was cut off */
	/* Then: the revision of the generation key when it was looked at
	 * whether it breaks the safety rule, and that was told, each and 1. */
	int64_t asked, judged;
	char unsafe[STATE_REFUSED]; /* why it does, or "" */
	bool given;  /* to be put into the local trail as etcd has it */
	bool closed; /* something later is in its place */
};

/* What makes no sense at the key of a number. */
struct odd {
	uint64_t number;
	int64_t revision; /* at which it was written */
	bool seen;        /* in the reading that is being fed */
};

struct shared_trail {
	struct entry *entries;
	size_t n, size;
	struct u64map by_id;
	bool read;     /* etcd was read, and is not being read again */
	bool told;     /* all that this node has was */
	bool complete; /* it was once, and what comes now comes late */
	bool strange;  /* where that was accepted is not known */
	bool doubtful; /* some of it is to be judged: shared_trail_catch_up() */
	size_t looked; /* entries before it are not to be put here */
	bool moved;    /* entries may have another number in etcd than here */
	/* The generation key as etcd has it, and at which revision. */
	uint64_t generation;
	int64_t revision;
	/* When etcd was pruned last, by that key of it and its revision, and by
	 * any etcd; and up to where this node knows what was. */
	uint64_t pruned_there, pruned, followed;
	int64_t pruned_revision;
	const struct calendar *calendar; /* NULL: nothing is to be pruned */
	uint64_t last; /* the largest number of all that was ever known */
	struct odd odd[SHARED_TRAIL_ODD];
	size_t n_odd;
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

/* replaced = shared_trail_replaced(t, e): a later row of the same target stands
 * in the place of ${e}; once it does, it is not looked for again. */
bool shared_trail_replaced(const struct shared_trail *t, struct entry *e);

/* force = shared_trail_in_force(t, e, mono_ms, now_ms): the row ${e} of this
 * node still changes what is answered. */
bool shared_trail_in_force(const struct shared_trail *t, struct entry *e,
    int64_t mono_ms, int64_t now_ms);

/* revision = shared_trail_odd_at(t, number): of what makes no sense there; 0:
 * nothing of that kind.
 * shared_trail_odd_begin(t), shared_trail_odd_end(t): of a clean reading.
 * shared_trail_odd_gone(t, number): it is not there any more. */
int64_t shared_trail_odd_at(const struct shared_trail *t, uint64_t number);
void shared_trail_odd_begin(struct shared_trail *t);
void shared_trail_odd_end(struct shared_trail *t);
void shared_trail_odd_gone(struct shared_trail *t, uint64_t number);

/* is = shared_trail_is_end(row): it ends another, and changes nothing of its
 * own. */
bool shared_trail_is_end(const struct state_override *row);

/* shared_trail_offer_pruned(t, mono_ms): put into the offer, which has nothing
 * yet, what is to be deleted.
 * shared_trail_lost(t, number, pruned): etcd has it no more; as it is too
 * old. */
void shared_trail_offer_pruned(struct shared_trail *t, int64_t mono_ms);
void shared_trail_lost(struct shared_trail *t, uint64_t number, bool pruned);

/* shared_trail_empty(t, number, but): what etcd had at that number is not there
 * any more, unless it is of ${but}. */
void shared_trail_empty(
    struct shared_trail *t, uint64_t number, const struct entry *but);

/* over = shared_trail_over(t, mono_ms, wall_ms, out): ${out} is to be written,
 * as it ends one whose length is over. */
bool shared_trail_over(struct shared_trail *t, int64_t mono_ms, int64_t wall_ms,
    struct state_override *out);

/* fresh = shared_trail_fresh(row): it was never accepted nor refused.
 * stays = shared_trail_stays(row): it was refused by this node alone, and is no
 * business of others. */
bool shared_trail_fresh(const struct state_override *row);
bool shared_trail_stays(const struct state_override *row);

/* ready = shared_trail_ready(t): etcd was read, and this node has told all. */
bool shared_trail_ready(const struct shared_trail *t);

#endif
