/*
 * Asks the judge of signed answers about ours.  Called by rules of the
 * differential test before they excuse a proof that another server gives.
 */
#ifndef TESTS_DIFFERENTIAL_VERDICT_H
#define TESTS_DIFFERENTIAL_VERDICT_H

#include "tests/differential/exchange.h"

/*
 * fault = verdict_fault(x): why a resolver would not believe our answer, NULL
 * when it would.  Also NULL when the question is not for the judge: he knows
 * one zone, which must be signed, and the question must have DO set.
 */
const char *verdict_fault(const struct exchange *x);

/* true = verdict_take_proofs(x, server): put our proofs in place of that
 * server's, when its answer differs from ours in nothing else and a resolver
 * believes ours. */
bool verdict_take_proofs(struct exchange *x, enum server server);

#endif
