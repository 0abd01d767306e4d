/*
 * Matchers: which clients each rule of a list has, compiled so that it can be
 * asked for each of a million places.  The first rule that has a client counts.
 * Used by classes, at load time.
 */
#ifndef STEERING_GEO_MATCHERS_H
#define STEERING_GEO_MATCHERS_H

#include <stddef.h>
#include <stdint.h>

#include "steering/geo/client_class.h"
#include "steering/geo/nestings.h"

/* Words of a set of codes of two letters: 26 * 26 bits. */
#define MATCHERS_CODES 11

struct matcher;

struct matchers {
	struct matcher *list;
	size_t n;
	/* Continents of which the rules name countries. */
	uint64_t doubtful[MATCHERS_CODES];
};

/* matchers_init(m, n): room for the ${n} rules of a list, fewer than
 * MAP_NO_RULE; none has a client yet.  0, or -1 without memory;
 * matchers_finish() is needed in either case. */
int matchers_init(struct matchers *m, size_t n);

/* matchers_finish(m): free what they hold. */
void matchers_finish(struct matchers *m);

/* matchers_set(m, i, clients): rule number ${i} has ${clients}.  0, or -1
 * without memory. */
int matchers_set(
    struct matchers *m, size_t i, const struct clients_config *clients);

/*
 * rule = matchers_find(m, place, nesting): the first rule that has clients at
 * ${place}, which the networks of ${nesting} have moved already, or
 * MAP_NO_RULE.  What is not known of a place matches nothing but `unknown`.
 */
uint8_t matchers_find(const struct matchers *m, const struct place *place,
    const struct nesting *nesting);

#endif
