/*
 * What becomes of an override that is shared: other nodes accept it, refuse it,
 * or do not answer.  Called by what says overrides; writes nothing.
 */
#ifndef CTL_OVERRIDE_SHARE_H
#define CTL_OVERRIDE_SHARE_H

#include "base/text.h"
#include "config/server.h"
#include "state/rows.h"

/* They have so long to answer. */
#define OVERRIDE_SHARE_MS 3000

/* override_share_wait(config, row): wait for what becomes of ${row}, which was
 * said, and fill in its number, shared and refused, as they are then.  Where
 * ${config} shares nothing nobody waits. */
void override_share_wait(
    const struct server_config *config, struct state_override *row);

/* override_share_words(t, config, row): what has become of it, and why others
 * do not answer; nothing where nothing is shared. */
void override_share_words(struct text *t, const struct server_config *config,
    const struct state_override *row);

#endif
