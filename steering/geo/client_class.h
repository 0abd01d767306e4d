/*
 * What a map is made for, and what it says of a client: shared by the map and
 * the parts it is built with.  Only data.
 */
#ifndef STEERING_GEO_CLIENT_CLASS_H
#define STEERING_GEO_CLIENT_CLASS_H

#include <stdint.h>

#include "config/steering.h"

/* Of a map.  Each takes 88 bytes, so that all have 44 MB.  64 regions that rank
 * all cities there are make about a tenth of it; beyond are only rules that
 * tell many clients of each city apart. */
#define MAP_MAX_CLASSES 500000

/* Of one family of a map.  A leaf takes 8 bytes for IPv4 and 12 for IPv6 (24
 * beyond 64 bits), and what is known of it, if no other leaf has the same, 12
 * more. */
#define MAP_MAX_LEAVES 8000000

/* Places of the order of which a leaf knows how far around it they are the
 * same: few clients are looked at farther, and a leaf stays small. */
#define MAP_PLACES 4

/* In place of the index of a fence's rule: no rule has the client. */
#define MAP_NO_RULE UINT8_MAX

struct latency; /* steering/geo/latency.h */

struct client_class {
	uint64_t inside; /* regions this client may be sent to (bit set) */
	uint64_t lifted; /* the same with soft fences lifted */
	uint8_t n;
	/* All regions of the key, best first.  Nearest: by distance in whole
	 * kilometres times (100 - bias) per cent, then by name; for a client
	 * whose position is not known, in the order of the file.  Latency: the
	 * same after those whose round trip is known, which are in order by
	 * that.  What is near equal then is in order by its cost.
	 * Listed, and where a rule of the rank has the client: as listed there,
	 * then as in the file.  Regions outside ${lifted},
	 * which no step may reach, come last as in the file. */
	uint8_t order[STEERING_MAX_REGIONS];
};

/*
 * What a map is made for.  ${config} holds the regions (positions, bias),
 * networks and the service's fences.  Services with equal keys share a map,
 * those of several zones too.
 */
struct map_key {
	const struct steering_config *config;
	const struct service_config *service; /* rank, fences */
	uint64_t regions; /* those its pools have endpoints in */
	/* Measured round trips, that count where the rank is latency; NULL:
	 * none.  They must live as long as what is made with the key. */
	const struct latency *latency;
	/* What each region costs the service, in STEERING_COST_UNIT; counts
	 * where service->near_equal makes bands. */
	uint64_t costs[STEERING_MAX_REGIONS];
};

#endif
