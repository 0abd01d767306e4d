/*
 * Classes of clients: what one policy makes of a place and its networks: the
 * regions that are allowed and their order.  Distinct ones are numbered.  Used
 * by maps, at load time.
 */
#ifndef STEERING_GEO_CLASSES_H
#define STEERING_GEO_CLASSES_H

#include <stddef.h>
#include <stdint.h>

#include "base/intern.h"
#include "steering/geo/client_class.h"
#include "steering/geo/matchers.h"
#include "steering/geo/ranking.h"

struct class_fence;
struct class_order;

struct classes {
	const struct map_key *key;
	struct matchers fence_clients; /* of the rules of the fence */
	struct class_fence *fences;    /* by rule */
	/* Of the rules of the rank; a list is one rule that has everyone. */
	struct matchers rank_clients;
	struct class_order *orders; /* by rule */
	struct ranker ranker;
	struct intern list; /* of distinct struct client_class */
};

/* classes_init(classes, key): none yet; the key must live as long.  0, or -1
 * without memory; classes_finish() is needed in either case. */
int classes_init(struct classes *classes, const struct map_key *key);

/* classes_finish(classes): free what they hold. */
void classes_finish(struct classes *classes);

/* rule = classes_rule(classes, place, nesting): the first rule of the fence
 * that has clients at ${place} in the networks of ${nesting}, or MAP_NO_RULE.
 */
uint8_t classes_rule(const struct classes *classes, const struct place *place,
    const struct nesting *nesting);

/* rule = classes_order(classes, place, nesting): the same of the rules of the
 * rank. */
uint8_t classes_order(const struct classes *classes, const struct place *place,
    const struct nesting *nesting);

/*
 * number = classes_number(classes, place, nesting, row): the class of clients
 * at ${place}, which the networks of ${nesting} have moved already, and whose
 * longest prefix in the table of round trips is ${row} (or LATENCY_NONE).
 * INTERN_NONE without memory, or when it would pass MAP_MAX_CLASSES.
 */
uint32_t classes_number(struct classes *classes, const struct place *place,
    const struct nesting *nesting, uint32_t row);

/*
 * classes_rank(classes, place, nesting, row, out): for explain: the order of
 * those regions that some step may reach, as the class of these clients has
 * them, and why.  Where a rule of the rank has them, the order alone.
 */
void classes_rank(const struct classes *classes, const struct place *place,
    const struct nesting *nesting, uint32_t row, struct ranking *out);

#endif
