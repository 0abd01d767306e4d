/*
 * Depths: how wide a prefix around each leaf of a map agrees in less than the
 * whole class: in the first places of the order of regions, or in which regions
 * are allowed.  Used by maps, at load time.
 */
#ifndef STEERING_GEO_DEPTHS_H
#define STEERING_GEO_DEPTHS_H

#include <stddef.h>
#include <stdint.h>

#include "steering/geo/client_class.h"
#include "steering/geo/cover.h"

/* What a prefix may agree in: k < MAP_PLACES is the first k + 1 places, as
 * struct map_leaf has them, and then comes the set of allowed regions. */
enum { DEPTHS_SET = MAP_PLACES, DEPTHS };

/* Of a leaf: the bits of the widest prefix around it that agrees in each. */
struct depths {
	uint8_t bits[DEPTHS];
};

/*
 * depths = depths_create(cover, classes, n): those of each leaf of ${cover},
 * whose values are the numbers of the ${n} classes, or greater: leaves that
 * agree with no other.  To be freed by free(); NULL without memory.
 */
struct depths *depths_create(
    const struct cover *cover, const struct client_class *classes, size_t n);

#endif
