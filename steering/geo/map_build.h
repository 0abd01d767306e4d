/*
 * One map as it is kept, and how it is made.  For map.c, which shares maps and
 * looks clients up in them, and map_build.c alone.
 */
#ifndef STEERING_GEO_MAP_BUILD_H
#define STEERING_GEO_MAP_BUILD_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/errbuf.h"
#include "steering/geo/client_class.h"
#include "steering/geo/depths.h"
#include "steering/geo/geography.h"
#include "steering/geo/lookup_table.h"

/* What a map knows of a leaf. */
struct value {
	uint32_t class;
	uint8_t depth;
	uint8_t private_length; /* as in struct map_leaf */
	struct depths less;     /* of the prefixes that agree in less */
};

struct map {
	atomic_uint owners; /* sets that have it */
	struct client_class *classes;
	struct value *values; /* by the number that a leaf has */
	size_t n_classes, n_values;
	struct lookup_table ipv4, ipv6;
	int64_t built_us;
};

/*
 * map = map_build(geo, key, wanted, eb): the map of ${key}, whose networks are
 * those that are ${wanted}; it has one owner.  NULL with an error that names
 * the service in ${eb}.
 */
struct map *map_build(const struct geography *geo, const struct map_key *key,
    const bool *wanted, struct errbuf *eb);

/* map_share(map): one owner more; returns ${map}.  map_release(map): one owner
 * less; the last one frees it.  From any thread; NULL is fine for the second.
 */
struct map *map_share(struct map *map);
void map_release(struct map *map);

#endif
