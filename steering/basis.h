/*
 * The basis of verdicts: all that decides beside the votes on one endpoint and
 * the time, which is what each vantage is worth.  While it is the same, what
 * was decided stands, however often heartbeats come.
 *
 * Belongs to the health model.
 */
#ifndef STEERING_BASIS_H
#define STEERING_BASIS_H

#include <stdbool.h>
#include <stdint.h>

#include "steering/quorum.h"

/* What counts of a vantage. */
struct basis_vantage {
	uint64_t place;
	uint32_t life;
	uint8_t trust; /* enum vantage_trust */
	uint8_t sight; /* enum sight_state */
	bool away;     /* it is of another node */
};

struct basis {
	uint64_t number; /* another one whenever it changed; never 0 */
	struct basis_vantage of[VANTAGE_MAX];
	uint32_t n;
	uint64_t stale_after_ms;
	int64_t joined_ms;
	enum stale_then then;
	bool cut;
};

/* basis_init(basis): of nothing. */
void basis_init(struct basis *basis);

/* number = basis_look(basis, quorum): what it is now, by ${quorum}. */
uint64_t basis_look(struct basis *basis, const struct quorum *quorum);

/* basis_change(basis): something else changed that verdicts rest on: the
 * policy, a round, or all votes. */
void basis_change(struct basis *basis);

#endif
