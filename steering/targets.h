/*
 * The names behind the counters of steered answers: a slot for each service and
 * region, the same over all reloads.  Filled by policy_build() in the thread
 * that loads, read by the pages.
 */
#ifndef STEERING_TARGETS_H
#define STEERING_TARGETS_H

#include <stddef.h>
#include <stdint.h>

struct targets;

/* targets = targets_create(max): room for ${max} slots.  NULL without memory.
 */
struct targets *targets_create(uint32_t max);

/* targets_destroy(targets): free it.  NULL is fine. */
void targets_destroy(struct targets *targets);

/*
 * slot = targets_slot(targets, service, region): the slot of this outcome, a new
 * one at the first call.  ${region} NULL is the last resort.  Past the maximum,
 * or without memory, ${max}: an outcome that is not counted.  As in struct
 * policy_targets, so ${targets} is its context.
 */
uint32_t targets_slot(void *targets, const char *service, const char *region);

/* n = targets_count(targets): slots in use. */
uint32_t targets_count(struct targets *targets);

/*
 * targets_name(targets, slot, service, region): the names of a slot in use; they
 * live as long as ${targets}.  ${region} is "" for the last resort.
 */
void targets_name(struct targets *targets, uint32_t slot, const char **service,
    const char **region);

#endif
