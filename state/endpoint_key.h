/*
 * The key of an endpoint: zone, pool and name, as the steering files and the
 * state database have them.  The one place that compares, folds and hashes it:
 * whatever looks for an endpoint does it by these functions.
 */
#ifndef STATE_ENDPOINT_KEY_H
#define STATE_ENDPOINT_KEY_H

#include <stdbool.h>
#include <stdint.h>

#include "state/rows.h"

struct endpoint_key {
	const char *zone; /* without the last dot; its case means nothing */
	const char *pool, *endpoint; /* their case does */
};

/* key = endpoint_key_of(row): the key of ${row}, whose texts it points to. */
struct endpoint_key endpoint_key_of(const struct state_endpoint *row);

/*
 * hash = endpoint_key_hash(key): the same on every machine, and in every
 * release: it decides which clients an endpoint gets (rendezvous), so that
 * another value would move them all.
 */
uint64_t endpoint_key_hash(const struct endpoint_key *key);

/* equal = endpoint_key_equal(a, b): do both name the same endpoint? */
bool endpoint_key_equal(
    const struct endpoint_key *a, const struct endpoint_key *b);

/* order = endpoint_key_compare(a, b): <0, 0, >0 by zone, pool and endpoint. */
int endpoint_key_compare(
    const struct endpoint_key *a, const struct endpoint_key *b);

/* endpoint_key_fold(zone): make ${zone} what is stored: in lower case, without
 * the last dot. */
void endpoint_key_fold(char *zone);

/* fits = endpoint_key_fits(key): does a row have room for its texts? */
bool endpoint_key_fits(const struct endpoint_key *key);

#endif
