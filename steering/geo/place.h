/*
 * A place: what is known of where a client is, and how far two of them are
 * apart.  Used at load time and by explain.
 */
#ifndef STEERING_GEO_PLACE_H
#define STEERING_GEO_PLACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Named networks that one address may lie in.  People nest two or three; each
 * one more makes more classes. */
#define PLACE_NETWORKS 16
/* The number of the place of which nothing is known. */
#define PLACE_UNKNOWN 0

/* What is known of clients is read at these at the finest: what resolvers send
 * of an IPv4 client (RFC 7871, 11.1), and what one site of IPv6 has at most. */
#define PLACE_FINEST_IPV4 24
#define PLACE_FINEST_IPV6 48
/* Levels of subdivisions: databases have one or two. */
#define PLACE_SUBDIVISIONS 3
/* No two points of the Earth are farther apart. */
#define PLACE_MAX_KM 20015

struct city; /* steering/geo/cities.h */

struct place {
	double latitude, longitude; /* degrees; 0 without a position */
	const struct city *city;    /* of the geography; NULL: unknown */
	uint32_t asn;               /* 0: unknown */
	/* Numbers of config/subdivision.h, the widest first; 0 after the last.
	 * They belong to the country. */
	uint16_t subdivisions[PLACE_SUBDIVISIONS];
	/* How far off the position may be, in km, as the database says of this
	 * client's network; 0: it does not.  Two places are equal without it,
	 * so that it makes neither more places nor more classes: a record has
	 * it, and map_place(), but not geography_place(). */
	uint16_t accuracy_km;
	char continent[3]; /* AF AN AS EU NA OC SA, or "" */
	char country[3];   /* ISO 3166-1 alpha-2, or "" */
	bool has_position;
	/* The position is its own, not where the people of its country or
	 * continent live. */
	bool located;
};

/* A point of the unit sphere, by which distances are compared without a
 * meridian or a pole being special. */
struct place_point {
	double x, y, z;
};

/* point = place_point(latitude, longitude): that of a position in degrees. */
struct place_point place_point(double latitude, double longitude);

/* apart = place_apart(a, b): the square of the straight line between them,
 * four times the haversine of their angle; it grows with the distance.
 * place_apart_of(km) is that of two points ${km} apart, at most PLACE_MAX_KM.
 */
double place_apart(const struct place_point *a, const struct place_point *b);
double place_apart_of(double km);

/* place_complete(place): fill continent and position from the country, or the
 * position from the continent if that is all, where the database did not give
 * them. */
void place_complete(struct place *place);

/* same = place_equal(a, b): whether all that is known is the same. */
bool place_equal(const struct place *a, const struct place *b);

/* km = place_distance_km(lat1, lon1, lat2, lon2): great-circle distance in
 * whole kilometres on a sphere of 6371 km (haversine). */
uint32_t place_distance_km(double lat1, double lon1, double lat2, double lon2);

#endif
