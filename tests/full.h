/*
 * What a test runs that takes longer than a minute at its full size: a cut of
 * it, of at most a minute and the same each time, under `make check`, and all
 * of it under `make check-long`.  Included by unit and system tests.
 *
 * A test that has two sizes says so where its size is:
 *
 *	for (uint64_t i = 0; i < full_size(200, 1000000); i++)
 *
 * and draws what is random from a seed that is written in the test.  That is
 * all: `make check-long` runs each test program that calls full_size(), with
 * FULL=1 in the environment and with all time limits of its tests an hour at
 * least.  Lines of a test's output that begin with "measured: " are shown by
 * tests/tools/suite when the test has passed, too.
 */
#ifndef TESTS_FULL_H
#define TESTS_FULL_H

#include <stdint.h>
#include <stdlib.h>

/* n = full_size(cut, full): ${full} under `make check-long`, else ${cut}. */
static inline uint64_t
full_size(uint64_t cut, uint64_t full)
{
	return getenv("FULL") != NULL ? full : cut;
}

#endif
