/*
 * The sharer: carries rows between the state database of this node and etcd,
 * until a signal ends it.  Called by main() of meridian-share.
 */
#ifndef SHARE_SHARER_H
#define SHARE_SHARER_H

#include "config/server.h"

/* status = sharer_run(config): share as ${config} says, which has `share` and
 * is taken, until SIGTERM or SIGINT; SIGHUP reads its file again.  0, or -1
 * with a line in the log when it could not begin. */
int sharer_run(struct server_config *config);

#endif
