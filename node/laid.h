/*
 * What is laid over health, as pages tell it: what operators said that is in
 * force, what the controllers decided, how far ramps have come.  A list that
 * the follower makes when any of it changes, never changed itself, and shared
 * by all who show it.
 */
#ifndef NODE_LAID_H
#define NODE_LAID_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "steering/overlay.h"

struct laid_override {
	struct state_override row;
	int64_t
	    until_ms; /* monotonic clock; INT64_MAX: until somebody ends it */
	bool listed;  /* the state database has it */
};

struct laid {
	atomic_uint owners;
	uint64_t version;               /* of the overlay */
	size_t unlisted;                /* of what operators said */
	struct laid_override *override; /* those that are no ends */
	size_t n_overrides;
	struct state_keep *keep;
	size_t n_keeps;
	struct state_factor *factor;
	size_t n_factors;
	struct state_ramp *ramp;
	size_t n_ramps;
};

/* laid = laid_create(overlay, ahead_ms): as it is now; the clock of pages is
 * ${ahead_ms} ahead of that of ${overlay}.  It has one owner.  NULL without
 * memory. */
struct laid *laid_create(const struct overlay *overlay, int64_t ahead_ms);

/* same = laid_same(laid, overlay): it is still what ${overlay} has. */
bool laid_same(const struct laid *laid, const struct overlay *overlay);

/*
 * laid_share(laid): one owner more; returns ${laid}.
 * laid_release(laid): one owner less; the last one frees it.
 * From any thread; NULL is fine for both.
 */
struct laid *laid_share(struct laid *laid);
void laid_release(struct laid *laid);

/* n = laid_in_force(laid, mono_ms): overrides that are; NULL has none. */
size_t laid_in_force(const struct laid *laid, int64_t mono_ms);

#endif
