/*
 * One hook: a thread that waits for changes, tells them, and tries again.  For
 * hooks.c, on the loop; no call waits for a receiver but hook_join().
 */
#ifndef PROBES_HOOKS_HOOK_THREAD_H
#define PROBES_HOOKS_HOOK_THREAD_H

#include <stdbool.h>

#include "config/hook.h"
#include "probes/hooks/hook_message.h"

/* What changed within so long is told together: a flood becomes one message. */
#define HOOKS_GATHER_MS 200

/* On a stop what waits is tried for so long. */
#define HOOKS_GRACE_MS 3000

/* What became of it. */
struct hook_figures {
	char name[STATE_NAME];
	uint64_t sent, failed; /* messages, tries */
	uint64_t dropped;      /* changes that were given up */
	uint64_t waiting;      /* changes */
};

struct hook;

/* hook = hook_start(config, vantage): with nothing to tell; ${vantage} must
 * live as long.  NULL without memory. */
struct hook *hook_start(const struct hook_config *config, const char *vantage);

/* hook_change(hook, change): to be told, if it wants that. */
void hook_change(struct hook *hook, const struct hook_change *change);

/* hook_follow(hook, config): go on so, with what waits: from the next try on,
 * which is now where the last one failed.  0, or -1 without memory. */
int hook_follow(struct hook *hook, const struct hook_config *config);

/* hook_leave(hook): try what waits for at most HOOKS_GRACE_MS, then end.  done
 * = hook_is_done(hook): it has.  hook_join(hook): wait for that, free it. */
void hook_leave(struct hook *hook);
bool hook_is_done(const struct hook *hook);
void hook_join(struct hook *hook);

const char *hook_name(const struct hook *hook);
void hook_figures(struct hook *hook, struct hook_figures *out);

#endif
