/*
 * A hook: what meridian-probe tells when an endpoint changes, and whom.  Plain
 * structs, made from the `hooks` of meridian.yaml(5).
 */
#ifndef CONFIG_HOOK_H
#define CONFIG_HOOK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/errbuf.h"

/* Each has a thread of its own. */
#define HOOK_MAX 8

/* What it is called for, as bits. */
enum { HOOK_ON_DOWN = 1, HOOK_ON_UP = 2, HOOK_ON_DEGRADED = 4 };

struct hook_config {
	struct mark at;
	const char *name;
	const char *url;         /* http or https; NULL: it is a command */
	const char *secret_file; /* messages are signed with it; or NULL */
	const char *ca;          /* in place of the system's; or NULL */
	const char *const *argv; /* of a command; NULL ends them */
	unsigned on;
	const char *const *pools; /* patterns of fnmatch(3) */
	const struct mark *pools_at;
	size_t n_pools;      /* 0: all */
	uint64_t timeout_ms; /* of one try, 10 s */
	uint64_t retry_ms;   /* so long it is tried again, 10 min */
	unsigned at_most;    /* messages a minute, 10 */
};

/* copy = hook_copy(arena, from): with all that it has; it knows no file.  NULL
 * without memory. */
struct hook_config *hook_copy(
    struct arena *arena, const struct hook_config *from);

#endif
