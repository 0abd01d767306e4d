/*
 * The order of regions for clients of one place: measured round trips before
 * distances, bands of what is near equal, costs inside a band, names last; and
 * for each region why it is where it is.  Used by classes, at load time, and by
 * explain.
 */
#ifndef STEERING_GEO_RANKING_H
#define STEERING_GEO_RANKING_H

#include <stdbool.h>
#include <stdint.h>

#include "steering/geo/client_class.h"
#include "steering/geo/latency.h"
#include "steering/geo/place.h"

/* Where a region is in the order, and why. */
struct standing {
	uint8_t region; /* index in the config */
	bool measured;  /* its round trip is stored for these clients */
	bool located;   /* not measured, and the client's position is known */
	uint32_t km;    /* located */
	uint32_t row;   /* measured: of the table, that has its round trip */
	struct latency_cell cell; /* measured */
	/* What decides of a measured or a located region: microseconds or
	 * kilometres, times (100 - bias), that is in hundredths of them. */
	uint64_t counts;
	/* From 0: those of one band are near equal.  Without bands, and of what
	 * is neither measured nor located, each has its own. */
	unsigned band;
	uint64_t cost; /* that decides inside a band, as in the key */
};

struct ranking {
	const struct latency *latency; /* the table of its rows, or NULL */
	unsigned n;
	struct standing regions[STEERING_MAX_REGIONS]; /* best first */
};

/* What all rankings of one key have in common. */
struct ranker {
	const struct map_key *key;
	const struct latency *latency; /* NULL: it takes no part */
	/* Regions of the key, in the order in which ties are broken, and the
	 * place of each in it. */
	uint8_t by_name[STEERING_MAX_REGIONS];
	uint8_t by_index[STEERING_MAX_REGIONS];
	uint8_t name_place[STEERING_MAX_REGIONS];
	uint8_t n_regions;
	/* Of each region of the table: its index in the config, or
	 * MAP_NO_RULE. */
	uint8_t *of_table;
};

/* ranker_init(ranker, key): the key must live as long.  0, or -1 without
 * memory; ranker_finish() is needed in either case. */
int ranker_init(struct ranker *ranker, const struct map_key *key);

/* ranker_finish(ranker): free what it holds. */
void ranker_finish(struct ranker *ranker);

/*
 * ranking_make(ranker, place, row, regions, out): the order of ${regions} (bit
 * set) of the key for clients at ${place}, whose longest prefix in the table is
 * ${row} (or LATENCY_NONE): by distance, or by round trip where the rank of the
 * service is latency.  The rules of a rank take no part.
 */
void ranking_make(const struct ranker *ranker, const struct place *place,
    uint32_t row, uint64_t regions, struct ranking *out);

#endif
