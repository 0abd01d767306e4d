/*
 * The sharer: carries rows between the state database of this node and etcd,
 * until a signal ends it.  Called by main() of meridian-share.
 */
#ifndef SHARE_SHARER_H
#define SHARE_SHARER_H

#include "config/server.h"

/* status = sharer_run(config): share as ${config} says, which has `share`,
 * until SIGTERM or SIGINT.  0, or -1 with a line in the log when it could not
 * begin. */
int sharer_run(const struct server_config *config);

#endif
