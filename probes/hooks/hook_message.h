/*
 * What a hook says: JSON of the changes that it tells, and the signature over
 * it.  Pure.  The form is documented in meridian-probe(8), and stays.
 */
#ifndef PROBES_HOOKS_HOOK_MESSAGE_H
#define PROBES_HOOKS_HOOK_MESSAGE_H

#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "state/rows.h"

/* Changes of one message that are told in full. */
#define HOOK_TOLD 100

struct hook_change {
	struct state_event event;
	char region[STATE_NAME];
	int64_t was_ms; /* how long it was as before; -1 unknown */
};

/* Some changes, the first HOOK_TOLD of them in full, in their order. */
struct hook_batch {
	struct hook_change told[HOOK_TOLD];
	size_t n;                          /* of all */
	size_t after[HEALTH_DEGRADED + 1]; /* of all, those that are so now */
};

/* hook_batch_add(batch, change): one more.  hook_batch_clear(batch): begin
 * anew.  n = hook_batch_left_out(batch): those that are counted alone. */
void hook_batch_add(struct hook_batch *batch, const struct hook_change *change);
void hook_batch_clear(struct hook_batch *batch);
size_t hook_batch_left_out(const struct hook_batch *batch);

/* hook_message(batch, vantage, id, at_ms, out): append the message. */
void hook_message(const struct hook_batch *batch, const char *vantage,
    const char *id, int64_t at_ms, struct text *out);

/* hook_sign(secret, at_s, body, len, out): "t=AT,v1=HEX": HMAC-SHA256, keyed
 * with ${secret}, over the decimal ${at_s}, a dot, and ${body}.  0, or -1. */
#define HOOK_SIGNATURE 128
int hook_sign(const char *secret, int64_t at_s, const char *body, size_t len,
    char out[HOOK_SIGNATURE]);

#endif
