/* How all nodes are that share with this one, as its state database has them:
 * who is silent or cut off, and who would answer differently. */
#ifndef CTL_STATUS_NODES_H
#define CTL_STATUS_NODES_H

#include <jansson.h>

#include "config/server.h"
#include "ctl/nodes_read.h"

/*
 * root = status_nodes_object(config, known, wall_ms): an object with "nodes",
 * "findings" and "status" as status_verdict.h has them, of what ${known} says
 * at ${wall_ms} of the nodes; ${config} is that of this one.  NULL without
 * memory.
 */
json_t *status_nodes_object(const struct server_config *config,
    const struct nodes_read *known, int64_t wall_ms);

/* status = status_nodes(path, json): meridianctl status --all of the node whose
 * file is ${path}: print it, as ${json} or for a person.  The exit status. */
int status_nodes(const char *path, bool json);

#endif
