/*
 * The names of the counters of steered answers: an outcome is a service and a
 * region, and has the same slot over all reloads.  Filled by policy_build() in
 * the thread that loads, read by the pages; knows no query.
 */
#ifndef STEERING_OUTCOMES_H
#define STEERING_OUTCOMES_H

#include <stddef.h>
#include <stdint.h>

struct outcomes;

/*
 * outcomes = outcomes_create(max): room for ${max} slots.  NULL without memory.
 */
struct outcomes *outcomes_create(uint32_t max);

/* outcomes_destroy(outcomes): free it.  NULL is fine. */
void outcomes_destroy(struct outcomes *outcomes);

/*
 * slot = outcomes_slot(outcomes, service, region): the slot of this outcome, a
 * new one at the first call.  ${region} NULL is the last resort.  Past the
 * maximum, or without memory, ${max}: an outcome that is not counted.  The
 * function that struct policy_outcomes wants; ${outcomes} is its context.
 */
uint32_t outcomes_slot(void *outcomes, const char *service, const char *region);

/* n = outcomes_count(outcomes): slots in use. */
uint32_t outcomes_count(struct outcomes *outcomes);

/*
 * outcomes_name(outcomes, slot, service, region): the names of a slot in use;
 * they live as long as ${outcomes}.  ${region} is "" for the last resort.
 */
void outcomes_name(struct outcomes *outcomes, uint32_t slot,
    const char **service, const char **region);

#endif
