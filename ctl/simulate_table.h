/* Runs of the simulator as tables for a person, in 80 columns.  Called by
 * meridianctl simulate. */
#ifndef CTL_SIMULATE_TABLE_H
#define CTL_SIMULATE_TABLE_H

#include <stdio.h>

#include "ctl/simulated.h"

/* simulate_table_run(run, to): one run: its regions, a row each, and totals. */
void simulate_table_run(const struct simulated *run, FILE *to);

/* simulate_table_laws(runs, n, to): runs of one scenario, a row for each law.
 */
void simulate_table_laws(const struct simulated *runs, size_t n, FILE *to);

/* simulate_table_without(runs, n, to): what comes of each region being down, a
 * row for each region. */
void simulate_table_without(const struct simulated *runs, size_t n, FILE *to);

#endif
