/*
 * One pool while it is controlled: its controller, what is stored of its
 * regions, and what nodes counted.  Called by control.c; knows no database.
 */
#ifndef PROBES_CONTROL_STEERED_H
#define PROBES_CONTROL_STEERED_H

#include "probes/control/census.h"
#include "probes/control/hand.h"
#include "probes/control/sights.h"

/* What is stored of a region, as far as we know. */
struct steered_region {
	double keep; /* NAN: nothing is */
	enum controller_why why;
	bool told; /* since we control */
};

struct steered {
	const struct control_pool *pool;
	size_t number;                 /* in the plan */
	struct controller *controller; /* NULL: we do not control it */
	struct census *census;
	int64_t due_ms; /* its next step */
	/* This node is cut off: what regions keep stays, and goes back to all
	 * after the time that the file gives a load which is not known. */
	bool cut;
	/* What was said by hand: regions that are frozen (bit set), and
	 * endpoints, in the order of the plan, which get what somebody said. */
	uint64_t frozen;
	bool *held;
	struct steered_region regions[STEERING_MAX_REGIONS];
};

/* steered = steered_create(pool, number): of number ${number} of a plan; NULL
 * without memory.  steered_destroy(steered): free it; NULL is fine. */
struct steered *steered_create(const struct control_pool *pool, size_t number);
void steered_destroy(struct steered *steered);

/* steered_keep(steered, row): what is stored. */
void steered_keep(struct steered *steered, const struct state_keep *row);

/* steered_hand(steered, hand, now_ms): what operators said by now; before each
 * step. */
void steered_hand(
    struct steered *steered, const struct overrides *hand, int64_t now_ms);

/* steered_cut(steered, cut): before each step, whether this node is cut off
 * from those it shares with. */
void steered_cut(struct steered *steered, bool cut);

/*
 * steered_step(steered, sights, hand, now_ms): make a step if it is due, the
 * first from what is stored.  steered_leave(steered): another one controls it.
 */
void steered_step(struct steered *steered, const struct sights *sights,
    const struct overrides *hand, int64_t now_ms);
void steered_leave(struct steered *steered);

/* moved = steered_row(steered, region, row): what ${region} keeps is not what
 * is stored, and ${row} is to be; from now on it is taken to be. */
bool steered_row(
    struct steered *steered, uint8_t region, struct state_keep *row);

#endif
