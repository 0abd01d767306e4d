/*
 * Health as one look at the state database finds it, for a generation that
 * serves nobody: of meridianctl, and of who judges an override by the safety
 * rule.  Reads the database in this process: never called by a server.
 */
#ifndef NODE_GENERATION_HEALTH_H
#define NODE_GENERATION_HEALTH_H

#include "base/errbuf.h"
#include "node/generation.h"
#include "steering/health.h"

/* health = generation_health(generation, found, eb): with ${found} what checks
 * found alone, without what operators said and what is controlled.  What the
 * database says against it is in ${eb}.  NULL without memory. */
struct health *generation_health(
    const struct generation *generation, bool found, struct errbuf *eb);

#endif
