/*
 * Whether the vantages that take part agree that an endpoint is up, by the
 * `quorum` of its checks, as meridiand decides it: all of them, regions as one,
 * or those that are nearest.  Called by the controllers and the ramps; a copy
 * of what the files say, pure.
 */
#ifndef PROBES_CONTROL_JURY_H
#define PROBES_CONTROL_JURY_H

#include "base/arena.h"
#include "config/steering.h"
#include "probes/control/seers.h"
#include "steering/electorate.h"
#include "steering/geo/place.h"

/* More vantages do not vote: those of meridiand. */
#define JURY_MAX 1024

/* A region of a file. */
struct jury_region {
	uint64_t place; /* vantage_place() */
	struct place_point at;
};

/* All regions of a file: one a number, as the file has them. */
struct jury_map {
	const struct jury_region *of;
	size_t n;
};

/* How an endpoint is judged. */
struct jury {
	enum quorum_kind quorum;
	unsigned count; /* with QUORUM_COUNT */
	bool regions;   /* vantages of a region are one */
	unsigned near;  /* so many of the nearest; 0: all */
	const struct jury_map *map;
	uint32_t region; /* of the endpoint, in ${map} */
};

/* map = jury_map_of(arena, config): its regions; NULL without memory. */
const struct jury_map *jury_map_of(
    struct arena *arena, const struct steering_config *config);

/* jury_of(config, set, map, region, out): that of an endpoint in ${region}
 * with the checks ${set}, which all say the same; without one, that of the
 * default. */
void jury_of(const struct steering_config *config, const struct check_set *set,
    const struct jury_map *map, uint32_t region, struct jury *out);

/* elector = jury_elector(jury, seer, up): what ${seer} says of the endpoint. */
struct elector jury_elector(
    const struct jury *jury, const struct seer *seer, bool up);

/* up = jury_is_up(jury, electors, n): those ${n} agree, one at least.  They are
 * sorted. */
bool jury_is_up(const struct jury *jury, struct elector *electors, size_t n);

#endif
