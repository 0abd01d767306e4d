/*
 * One try of a hook: a POST, or a run of a command.  Blocks until it is over;
 * for the threads of hooks.
 */
#ifndef PROBES_HOOKS_HOOK_SEND_H
#define PROBES_HOOKS_HOOK_SEND_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/hook.h"

/* Why it failed, with the end of what a command has printed. */
#define HOOK_WHY 384

struct hook_try {
	const struct hook_config *config;
	const char *body;
	size_t len;
	const char *signature;          /* NULL: none */
	const char *const *environment; /* of a command */
	/* Monotonic clock, ms: it is broken off then; 0: not yet known. */
	const _Atomic int64_t *ends_ms;
};

/* ready = hook_send_init(): once, before the first. */
bool hook_send_init(void);

/* sent = hook_post(try, why): false with ${why}: no connection, no trust, no
 * answer with a code from 200 to 299.  hook_run(try, why): the same of a
 * command, which gets the body on its standard input; exit status 0. */
bool hook_post(const struct hook_try *try, char why[HOOK_WHY]);
bool hook_run(const struct hook_try *try, char why[HOOK_WHY]);

#endif
