/*
 * Demand as this node sees it: counts answers by the classes of clients of
 * pools with `spill`, and writes them to the state database, from a process of
 * its own.  Where there is no such pool it does nothing and starts nothing.
 *
 * Threads: belongs to the control thread, but for the outcomes, which a load
 * fills.
 */
#ifndef NODE_DEMANDS_H
#define NODE_DEMANDS_H

#include <uv.h>

#include "dns/serve/server.h"
#include "steering/outcomes.h"

/* Answers are counted by windows of so long: the controller smooths them over
 * ten minutes, and each class is a row. */
#define DEMANDS_WINDOW_MS 10000

struct demands;

/* demands = demands_create(loop): count nothing yet.  NULL without memory.
 * demands_destroy(demands): free it, stopped or never followed; NULL is fine.
 */
struct demands *demands_create(uv_loop_t *loop);
void demands_destroy(struct demands *demands);

/* outcomes = demands_outcomes(demands): the names of the counters, at most
 * COUNTER_DEMAND, for policy_build(). */
struct outcomes *demands_outcomes(struct demands *demands);

/* demands_follow(demands, path, node): write to the state database ${path} what
 * is counted, in the name of ${node}. */
void demands_follow(
    struct demands *demands, const char *path, const char *node);

/* due = demands_due(demands, mono_ms): a window is over, and it can be written:
 * demands_write(demands, server, mono_ms) is to be called with the server that
 * counts. */
bool demands_due(const struct demands *demands, int64_t mono_ms);
void demands_write(
    struct demands *demands, const struct server *server, int64_t mono_ms);

/* demands_stop(demands): end the process that writes, while the loop runs on.
 */
void demands_stop(struct demands *demands);

#endif
