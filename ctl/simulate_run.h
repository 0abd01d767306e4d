/*
 * Runs of the simulator kept with all that is printed of them.  Called by
 * meridianctl simulate; prints nothing.
 */
#ifndef CTL_SIMULATE_RUN_H
#define CTL_SIMULATE_RUN_H

#include "base/errbuf.h"
#include "ctl/progress.h"
#include "ctl/simulate_plan.h"
#include "ctl/simulated.h"
#include "steering/simulate/world.h"

/* Runs, with what they are made of. */
struct simulate_runs {
	struct simulated *all;
	size_t n, size;
	struct arena *arena;
	struct progress progress;
	unsigned expected; /* runs that there will be */
};

/* status = simulate_runs_init(runs, quiet): none yet.  0, or -1 without memory.
 * simulate_runs_finish() is needed in either case. */
int simulate_runs_init(struct simulate_runs *runs, bool quiet);

/* simulate_runs_finish(runs): free all. */
void simulate_runs_finish(struct simulate_runs *runs);

/*
 * status = simulate_run(runs, plan, config, like, eb): live through ${plan} and
 * add what it came to.  ${config} is of the world but for length, events and
 * sample; ${like} has the service, law, subject and settings of the run, and
 * its regions with their names, capacities and usual demand, all of which must
 * live as long as the runs.  0, or -1 with an error in ${eb}.
 */
int simulate_run(struct simulate_runs *runs, const struct plan *plan,
    const struct world_config *config, const struct simulated *like,
    struct errbuf *eb);

#endif
