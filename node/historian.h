/*
 * The historian: hands what traffic.c counted to the process that writes the
 * history, starts that process as the node's file says, and knows whether it
 * can write.
 *
 * Threads: belongs to the control thread.
 */
#ifndef NODE_HISTORIAN_H
#define NODE_HISTORIAN_H

#include <uv.h>

#include "config/server.h"
#include "node/historian_report.h"
#include "node/traffic.h"

struct historian;

/* historian = historian_create(loop, traffic): nothing is written yet.  NULL
 * without memory.  historian_destroy(historian): free it, after
 * historian_stop(); NULL is fine. */
struct historian *historian_create(uv_loop_t *loop, struct traffic *traffic);
void historian_destroy(struct historian *historian);

/* historian_follow(historian, config, node): write what ${config} says, in the
 * name of ${node}. */
void historian_follow(struct historian *historian,
    const struct history_config *config, const char *node);

/* historian_tick(historian): hand over what is ready.  To be called some times
 * a second. */
void historian_tick(struct historian *historian);

/* historian_report(historian, out): how it does now. */
void historian_report(
    const struct historian *historian, struct historian_report *out);

/* historian_stop(historian): hand over what is left, and end; that is written
 * while the loop runs on, for a few seconds at most. */
void historian_stop(struct historian *historian);

#endif
