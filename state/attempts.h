/*
 * When a process that writes a database tries to open it again after a failure,
 * and when it is sure that the file is corrupt.  For the children of
 * recorders; opens and moves nothing.
 */
#ifndef STATE_ATTEMPTS_H
#define STATE_ATTEMPTS_H

#include <stdbool.h>
#include <stdint.h>

struct attempts {
	int64_t retry_ms, pause_ms; /* monotonic clock */
	unsigned spoiled; /* found so, with no transaction in between */
	int64_t aside_ms; /* monotonic clock: not again before; 0: never yet */
};

/* attempts_init(a): try at once. */
void attempts_init(struct attempts *a);

/* due = attempts_due(a): a try is due now. */
bool attempts_due(const struct attempts *a);

/*
 * corrupt = attempts_failed(a, spoiled): a try or a transaction failed, with a
 * file that no program can use (${spoiled}) or otherwise: the next try is
 * later.  True: the file is to be set aside now.
 */
bool attempts_failed(struct attempts *a, bool spoiled);

/* attempts_well(a): a transaction was written. */
void attempts_well(struct attempts *a);

/* attempts_set_aside(a): the file was: try at once to make a new one. */
void attempts_set_aside(struct attempts *a);

#endif
