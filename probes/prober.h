/*
 * The prober: a loop that runs every check at its turns, keeps the verdicts,
 * and gives what changed to the state database, until a signal ends it.  Called
 * by main() of meridian-probe.
 */
#ifndef PROBES_PROBER_H
#define PROBES_PROBER_H

#include "config/server.h"
#include "probes/target.h"

/*
 * status = prober_run(path, config, table): probe the targets of ${table}, as
 * ${config} says, which was read from ${path}, until SIGTERM or SIGINT; read
 * the files again on SIGHUP.  Takes ${table}; ${config} stays the caller's.  0,
 * or -1 with a line in the log when it could not begin.
 */
int prober_run(const char *path, const struct server_config *config,
    struct target_table *table);

#endif
