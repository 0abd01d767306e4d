/* A run of the simulator as CSV, a row for each step and region.
 * Called by meridianctl simulate. */
#ifndef CTL_SIMULATE_CSV_H
#define CTL_SIMULATE_CSV_H

#include <stdio.h>

#include "ctl/simulated.h"

/* simulate_csv_head(to): the line of the columns. */
void simulate_csv_head(FILE *to);

/* simulate_csv_rows(run, to): all rows of a run.  What is not known is
 * empty. */
void simulate_csv_rows(const struct simulated *run, FILE *to);

#endif
