/*
 * meridianctl latency: what import, export and show share.  For the files of
 * ctl/trips*; keeps no state.
 */
#ifndef CTL_TRIPS_H
#define CTL_TRIPS_H

#include "base/errbuf.h"
#include "config/latency_file.h"
#include "config/server.h"
#include "state/rows.h"

/* Each runs a word of the command for the node's file ${path}; ${argv}[0] is
 * that word.  The exit status. */
int trips_import(const char *path, int argc, char **argv);
int trips_export(const char *path, int argc, char **argv);
int trips_show(const char *path, int argc, char **argv);

/*
 * config = trips_node(path, regions, eb): the node's file, and the regions of
 * all its steering files, sorted, each once.  NULL with errors in ${eb}; else
 * both are for trips_node_end().
 */
struct server_config *trips_node(
    const char *path, struct latency_regions *regions, struct errbuf *eb);
void trips_node_end(
    struct server_config *config, struct latency_regions *regions);

/*
 * status = trips_read(config, take, context, eb): give each row of the table
 * in the state database.  0; -1 with an error in ${eb}.
 */
int trips_read(const struct server_config *config,
    void (*take)(void *context, const struct state_latency *row), void *context,
    struct errbuf *eb);

#endif
