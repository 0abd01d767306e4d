/*
 * Whether the meridiand that runs here has taken what was just said.  For
 * override_say.c; asks its pages for at most a second.
 */
#ifndef CTL_OVERRIDE_CONFIRM_H
#define CTL_OVERRIDE_CONFIRM_H

#include "config/server.h"
#include "state/rows.h"

/* override_confirm(config, row): print that the meridiand of ${config} has
 * taken ${row}, or that it will on its next look. */
void override_confirm(
    const struct server_config *config, const struct state_override *row);

#endif
