/* Runs of the simulator as one JSON object.  Called by meridianctl simulate. */
#ifndef CTL_SIMULATE_JSON_H
#define CTL_SIMULATE_JSON_H

#include <jansson.h>

#include "ctl/simulated.h"

/* object = simulate_json(runs, n): the figures of ${n} runs, without their
 * steps.  NULL without memory. */
json_t *simulate_json(const struct simulated *runs, size_t n);

#endif
