/*
 * Tells where the ramp of a service is, and what was said of it by hand.  For
 * the subcommand canary; reads the state database once, and changes nothing.
 */
#ifndef CTL_CANARY_SHOW_H
#define CTL_CANARY_SHOW_H

#include "node/generation.h"

/* status = canary_show(generation, service, json): print it, for people or as
 * an object; an exit status. */
int canary_show(const struct generation *generation,
    const struct policy_service *service, bool json);

#endif
