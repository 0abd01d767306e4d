/*
 * Whether the meridiand that runs here has taken what was just said.  For
 * override_say.c; asks its pages for at most a second.
 */
#ifndef CTL_OVERRIDE_CONFIRM_H
#define CTL_OVERRIDE_CONFIRM_H

#include <stdbool.h>

#include "config/server.h"
#include "state/rows.h"

/* taken = override_confirm(config, row, quiet): the meridiand of ${config} has
 * taken ${row}; unless ${quiet} that is printed, or that it will on its next
 * look. */
bool override_confirm(const struct server_config *config,
    const struct state_override *row, bool quiet);

#endif
