/*
 * Records of geographic databases: what the layouts of MaxMind (City, Country,
 * ASN) and flat ones say of a client, as a place.  Used by geography.c alone,
 * at load time, once for each record.
 */
#ifndef STEERING_GEO_RECORD_H
#define STEERING_GEO_RECORD_H

#include "base/u64map.h"
#include "steering/geo/cities.h"
#include "steering/geo/mmdb.h"
#include "steering/geo/place.h"

struct record_reader {
	struct mmdb_section section;
	struct cities *cities;
	struct u64map city_maps; /* where a map of a city is, to its number */
};

/* record_init(reader, section, cities): for the records in ${section}; cities
 * that they name are added to ${cities}. */
void record_init(struct record_reader *reader,
    const struct mmdb_section *section, struct cities *cities);

/* record_finish(reader): free what it holds. */
void record_finish(struct record_reader *reader);

enum record_status { RECORD_READ, RECORD_BROKEN, RECORD_NO_MEMORY };

/*
 * status = record_read(reader, at, place): the record at ${at}.  What it does
 * not say, or says in a way that nobody can read, is unknown in ${place}.  A
 * subdivision or a city without the country of the client is not taken.
 */
enum record_status record_read(
    struct record_reader *reader, size_t at, struct place *place);

#endif
