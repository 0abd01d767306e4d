/*
 * Tells the other programs of this node what is served: the row of meridiand in
 * table served, which meridian-share passes on to the other nodes.  Where
 * nothing is shared it does nothing and starts nothing.
 *
 * Threads: belongs to the control thread; writes by a process of its own.
 */
#ifndef NODE_ANNOUNCER_H
#define NODE_ANNOUNCER_H

#include <uv.h>

#include "node/generation.h"

struct announcer;

/* announcer = announcer_create(loop): tell nothing yet.  NULL without memory.
 * announcer_destroy(announcer): free it, stopped or never told anything; NULL
 * is fine. */
struct announcer *announcer_create(uv_loop_t *loop);
void announcer_destroy(struct announcer *announcer);

/* announcer_tick(announcer, generation, mono_ms): ${generation} is served now.
 * To be called a few times a second. */
void announcer_tick(struct announcer *announcer,
    const struct generation *generation, int64_t mono_ms);

/* announcer_stop(announcer): end the process that writes, while the loop runs
 * on. */
void announcer_stop(struct announcer *announcer);

#endif
