/*
 * Tells webhooks and commands what changed.  Each hook has a thread of its own
 * that waits, sends and tries again; the loop only puts a change into its
 * batch, so that no receiver keeps a check waiting.  At most once: what a hook
 * has not told when the daemon is killed is in the events of the state
 * database, and is not told later.
 */
#ifndef PROBES_HOOKS_H
#define PROBES_HOOKS_H

#include "config/server.h"
#include "probes/hook_message.h"

/* What changed within so long is told together: a flood becomes one message. */
#define HOOKS_GATHER_MS 200

/* On a stop what waits is tried for so long. */
#define HOOKS_GRACE_MS 3000

struct hooks;

/* hooks = hooks_start(hooks, n, vantage): with nothing to tell.  ${hooks} must
 * live as long.  NULL without memory. */
struct hooks *hooks_start(
    const struct hook_config *configs, size_t n, const char *vantage);

/* hooks_change(hooks, change): to be told by those that want it. */
void hooks_change(struct hooks *hooks, const struct hook_change *change);

/* hooks_stop(hooks): try what waits for at most HOOKS_GRACE_MS, end.  NULL is
 * fine. */
void hooks_stop(struct hooks *hooks);

/* What became of it. */
struct hook_figures {
	const char *name;
	uint64_t sent, failed; /* messages, tries */
	uint64_t dropped;      /* changes that were given up */
	uint64_t waiting;      /* changes */
};

/* n = hooks_figures(hooks, out): of each hook; any thread.  NULL: none. */
size_t hooks_figures(struct hooks *hooks, struct hook_figures out[HOOK_MAX]);

#endif
