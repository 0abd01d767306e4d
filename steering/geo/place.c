/*
 * Places completed from their countries or continents, compared, and how far
 * they are apart.  Called while geography and maps are made; allocates nothing.
 */
#include "steering/geo/place.h"

#include <math.h>
#include <string.h>

#include "config/country.h"

/* The mean radius; a sphere of it errs by half a per cent at most. */
#define EARTH_RADIUS_KM 6371.0

void
place_complete(struct place *place)
{
	const struct country *country;

	if (place->continent[0] != '\0' && place->has_position)
		return;
	country = country_find(place->country);
	if (country == NULL)
		country = country_continent(place->continent);
	if (country == NULL)
		return;
	if (place->continent[0] == '\0')
		memcpy(place->continent, country->continent,
		    sizeof(place->continent));
	if (!place->has_position) {
		place->has_position = true;
		place->latitude = (double)country->latitude;
		place->longitude = (double)country->longitude;
	}
}

bool
place_equal(const struct place *a, const struct place *b)
{
	/* Doubles are compared exactly: equal places come from equal bytes. */
	return strcmp(a->continent, b->continent) == 0 &&
	    strcmp(a->country, b->country) == 0 &&
	    a->has_position == b->has_position && a->located == b->located &&
	    a->latitude == b->latitude && a->longitude == b->longitude &&
	    a->asn == b->asn && a->city == b->city &&
	    memcmp(a->subdivisions, b->subdivisions, sizeof(a->subdivisions)) ==
	    0;
}

static double
radians(double degrees)
{
	return degrees * (M_PI / 180.0);
}

uint32_t
place_distance_km(double lat1, double lon1, double lat2, double lon2)
{
	double slat = sin(radians(lat2 - lat1) / 2);
	double slon = sin(radians(lon2 - lon1) / 2);
	double h =
	    slat * slat + cos(radians(lat1)) * cos(radians(lat2)) * slon * slon;

	/* Rounding takes the antipodes a little past 1. */
	return (uint32_t)lround(
	    2 * EARTH_RADIUS_KM * asin(sqrt(h > 1 ? 1 : h)));
}

struct place_point
place_point(double latitude, double longitude)
{
	double slice = cos(radians(latitude));

	return (struct place_point){slice * cos(radians(longitude)),
	    slice * sin(radians(longitude)), sin(radians(latitude))};
}

double
place_apart(const struct place_point *a, const struct place_point *b)
{
	double x = a->x - b->x, y = a->y - b->y, z = a->z - b->z;

	return x * x + y * y + z * z;
}

double
place_apart_of(double km)
{
	double line = 2 * sin(km / (2 * EARTH_RADIUS_KM));

	return line * line;
}
