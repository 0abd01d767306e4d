/*
 * What is pending: how soon the streak of a vote may turn it, so that answers
 * that this would alter live no longer.  Called by the quorum; keeps nothing.
 */
#ifndef STEERING_PENDING_H
#define STEERING_PENDING_H

#include <stdint.h>

#include "steering/policy.h"
#include "steering/votes.h"

/*
 * left_s = pending_left(check, vote, mono_ms): seconds, rounded up, from
 * ${mono_ms} until the streak of ${vote} may turn it at the earliest, where
 * ${check} counts it: by its rechecks, or by the schedule of its generations
 * where theirs is the streak.  0: at any moment; LIVE_NOT_PENDING: none has
 * begun.  Of several checks, that after ${check} are of its set, any may have
 * the streak: the least counts.
 */
uint32_t pending_left(
    const struct policy_check *check, const struct vote *vote, int64_t mono_ms);

#endif
