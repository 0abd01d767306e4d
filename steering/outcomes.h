/*
 * The names of the counters of steered answers: an outcome is a service, a pool
 * and a region, and has the same slot over all reloads.  A slot has as many
 * counters (cells) as whoever counts likes.  Slots of what no
 * policy has any more are given to others.  Filled by policy_build() in the
 * thread that loads, read by the pages; knows no query.
 */
#ifndef STEERING_OUTCOMES_H
#define STEERING_OUTCOMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct outcomes;

/* One outcome.  The names live as long as the outcomes. */
struct outcome_name {
	const char *service;
	const char *pool, *region; /* "" for answers of no pool */
};

/*
 * outcomes = outcomes_create(max, cells): room for ${max} slots of ${cells}
 * counters.  NULL without memory.
 */
struct outcomes *outcomes_create(uint32_t max, unsigned cells);

/* outcomes_destroy(outcomes): free it.  NULL is fine. */
void outcomes_destroy(struct outcomes *outcomes);

/*
 * outcomes_begin(outcomes): a load begins: what it asks for is what its policy
 * has.
 * slot = outcomes_slot(outcomes, service, pool, region): the slot of this
 * outcome, a new one at the first call.  ${pool} and ${region} NULL is what
 * comes of no pool.  Past the maximum, or without memory, ${max}: an outcome
 * that is not counted.
 * The functions that struct policy_outcomes wants; ${outcomes} is its context.
 */
void outcomes_begin(void *outcomes);
uint32_t outcomes_slot(
    void *outcomes, const char *service, const char *pool, const char *region);

/*
 * n = outcomes_adopt(outcomes, count, context): the policy of the last load is
 * the one that workers use, and no worker uses one before it: slots that it did
 * not ask for may be given to others.  count(context, slot, cells) writes what
 * was counted in a slot to ${cells}.  Returns how many outcomes of the policy
 * have no slot.
 */
size_t outcomes_adopt(struct outcomes *outcomes,
    void (*count)(void *context, uint32_t slot, uint64_t *cells),
    void *context);

/*
 * slot = outcomes_leaving(outcomes, from, out): the first from ${from} on that
 * outcomes_adopt() would give to others by now, and whose it is; OUTCOMES_NONE
 * when there is none.
 */
#define OUTCOMES_NONE UINT32_MAX
uint32_t outcomes_leaving(
    struct outcomes *outcomes, uint32_t from, struct outcome_name *out);

/* outcomes_base(outcomes, slot, cells): what others counted in a slot before,
 * to be taken from what was counted in it in all. */
void outcomes_base(struct outcomes *outcomes, uint32_t slot, uint64_t *cells);

/* n = outcomes_uncounted(outcomes): what outcomes_adopt() returned last. */
size_t outcomes_uncounted(struct outcomes *outcomes);

/* n = outcomes_count(outcomes): slots that were ever in use. */
uint32_t outcomes_count(struct outcomes *outcomes);

/*
 * used = outcomes_name(outcomes, slot, out): the outcome of a slot below
 * outcomes_count(); false when it is nobody's now.
 */
bool outcomes_name(
    struct outcomes *outcomes, uint32_t slot, struct outcome_name *out);

#endif
