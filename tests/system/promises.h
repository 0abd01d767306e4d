/*
 * The states that presets come to at the inference server of the tests, by its
 * shapes.  For system tests.
 */
#ifndef TESTS_SYSTEM_PROMISES_H
#define TESTS_SYSTEM_PROMISES_H

#include "tests/system/inference_server.h"

/* What a row promises, where "%" is any text; NULL: there is no such row. */
struct promise {
	const char *health, *reason;
};

extern const struct promise promise_up;

/* promise = promise_down(reason): down for ${reason}, which lives as long. */
struct promise promise_down(const char *reason);

/*
 * promise = promise_of(kind, shape, key): at a server of ${kind} in ${shape},
 * by a check that shows INFERENCE_KEY or none; until the next call.
 * promise = promise_of_bare(shape): what tcp and tls find on a connection, who
 * ask the server of the preset http for its page.
 */
struct promise promise_of(
    const struct inference_kind *kind, unsigned shape, bool key);
struct promise promise_of_bare(unsigned shape);

#endif
