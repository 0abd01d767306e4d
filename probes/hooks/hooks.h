/*
 * Tells webhooks and commands what changed.  Each hook has a thread of its own
 * that waits, sends and tries again; the loop only puts a change into its
 * batch, so that no receiver keeps a check waiting.  At most once: what a hook
 * has not told when the daemon is killed is in the events of the state
 * database, and is not told later.
 */
#ifndef PROBES_HOOKS_HOOKS_H
#define PROBES_HOOKS_HOOKS_H

#include "probes/hooks/hook_thread.h"

struct hooks;

/* hooks = hooks_start(configs, n, vantage): with nothing to tell, and maybe
 * nobody to be told.  ${vantage} must live as long.  NULL without memory. */
struct hooks *hooks_start(
    const struct hook_config *configs, size_t n, const char *vantage);

/* hooks_follow(hooks, configs, n): a reload.  One that has the name of another
 * tells, as is said now, what that one had still to tell; what one that is gone
 * had is tried for at most HOOKS_GRACE_MS. */
void hooks_follow(
    struct hooks *hooks, const struct hook_config *configs, size_t n);

/* any = hooks_any(hooks): there is somebody to be told. */
bool hooks_any(const struct hooks *hooks);

/* hooks_change(hooks, change): to be told by those that want it. */
void hooks_change(struct hooks *hooks, const struct hook_change *change);

/* hooks_stop(hooks): try what waits for at most HOOKS_GRACE_MS, end.  NULL is
 * fine. */
void hooks_stop(struct hooks *hooks);

/* n = hooks_figures(hooks, out): of each hook. */
size_t hooks_figures(struct hooks *hooks, struct hook_figures out[HOOK_MAX]);

#endif
