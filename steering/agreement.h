/*
 * Whether vantages agree that something is up: the key `quorum` of its check.
 * Called by whoever counts votes: the health model, and those who control by
 * load and walk ramps; knows no vantage.
 */
#ifndef STEERING_AGREEMENT_H
#define STEERING_AGREEMENT_H

#include <stdbool.h>
#include <stddef.h>

#include "config/check.h"

/*
 * up = agreement_is_up(quorum, least, up, down): of those that count ${up} find
 * it up and ${down} find it down, one at least.  ${least} must with
 * QUORUM_COUNT, or all where fewer count.
 */
bool agreement_is_up(
    enum quorum_kind quorum, unsigned least, size_t up, size_t down);

#endif
