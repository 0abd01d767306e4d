/*
 * Demand as the nodes counted it, summed for the controller: rows of the state
 * database, by node and class.  Pure but for memory; of one thread.
 *
 * A node writes what moved of a window, and always something, so that what is
 * not of its last window is nothing.  Where one is silent that was heard
 * lately, or does not know, the demand of the pool is not known.
 */
#ifndef PROBES_CONTROL_CENSUS_H
#define PROBES_CONTROL_CENSUS_H

#include "steering/demand.h"

/* A node is silent after so long: four of its windows. */
#define CENSUS_SILENT_MS 40000
/* It was taken away for good after so long. */
#define CENSUS_GONE_MS 600000

struct census; /* of one pool */

/* census = census_create(), NULL without memory; census_destroy(census), NULL
 * is fine. */
struct census *census_create(void);
void census_destroy(struct census *census);

/* census_take(census, file, row, now_ms, wall_ms): a row of the pool, whose
 * regions are those of ${file}. */
void census_take(struct census *census, const struct steering_config *file,
    const struct state_demand *row, int64_t now_ms, int64_t wall_ms);

/*
 * known = census_sum(census, now_ms, rows, n): answers a second by class, to
 * the DEMAND_CLASSES ${rows}, and how many these are to ${n}.  False: that is
 * not known.
 */
bool census_sum(
    struct census *census, int64_t now_ms, struct demand_row *rows, size_t *n);

#endif
