/*
 * The safety rule for what an operator says: what would be left with it of what
 * was found up, once all that is in force has come in.  Called by meridianctl
 * before it writes an override, and by meridian-share for one that was said
 * while its node was cut off; pure.
 */
#ifndef STEERING_SAFETY_SAID_H
#define STEERING_SAFETY_SAID_H

#include <stddef.h>

#include "base/text.h"
#include "state/rows.h"
#include "steering/health.h"
#include "steering/policy.h"

/* What is looked at: ${n} rows in force, in the order of their numbers, what
 * checks found (no overrides), and the policy. */
struct safety_said {
	const struct policy *policy;
	struct health *health;
	const struct state_override *const *row;
	size_t n;
};

/*
 * status = safety_said(said, row, words): whether ${row}, in the place of what
 * is in force of its target, breaks the rule.  1, with the first class of
 * clients in ${words}, and how many more; 0: it does not; -1 without memory.
 */
int safety_said(const struct safety_said *said,
    const struct state_override *row, struct text *words);

#endif
