/*
 * Makes a family of zones smaller while the answers to a question still differ
 * in the same way.  Called by the differential test for what it reports.
 */
#ifndef TESTS_DIFFERENTIAL_SHRINK_H
#define TESTS_DIFFERENTIAL_SHRINK_H

#include "tests/differential/compare.h"
#include "tests/differential/family.h"
#include "tests/differential/peers.h"
#include "tests/differential/question.h"

/* shrink(p, c, f, q, difference): remove from ${f} what has no part in the
 * difference; the servers are started some ten times. */
void shrink(struct peers *p, struct comparison *c, struct family *f,
    const struct question *q, const char *difference);

#endif
