/*
 * Where the clients of services are, as samples say: how many came from each
 * country and AS number and were sent to each region.  Filled by traffic.c;
 * knows no address.
 */
#ifndef NODE_TRAFFIC_PLACES_H
#define NODE_TRAFFIC_PLACES_H

#include <stddef.h>
#include <stdint.h>

#include "base/u64map.h"

/* Different rows that are told apart in one interval; of what is more the AS
 * number, and then the country, is not. */
#define TRAFFIC_PLACES 65536

struct traffic_place {
	const char *service, *region; /* names of the outcomes, each once */
	char country[3];              /* or "" */
	uint32_t asn;                 /* 0: not known */
	uint64_t samples;
};

struct traffic_places {
	struct traffic_place *rows;
	size_t n, size;
	struct u64map index; /* by hash */
	uint64_t lost;       /* samples, for want of memory */
};

/* traffic_places_init(places): none.  traffic_places_finish(places): free what
 * it holds; it is as after init. */
void traffic_places_init(struct traffic_places *places);
void traffic_places_finish(struct traffic_places *places);

/* traffic_places_add(places, place): its samples more. */
void traffic_places_add(
    struct traffic_places *places, const struct traffic_place *place);

#endif
