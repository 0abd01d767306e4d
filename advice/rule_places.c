/*
 * Clients far from their region, and where one more region would bring them
 * nearest, from the traffic of countries and the distances.  Called by
 * advice.c; changes nothing.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "advice/run.h"
#include "steering/geo/place.h"

/* Light goes and comes back so many kilometres of glass in a millisecond. */
#define KM_A_MS 100.0

/* A place with less of the traffic than this is none for a region. */
#define LEAST_SHARE 0.01

/* Clients whose region is a matter of distance: of a known country that may go
 * to all regions there are. */
static bool
counts(const struct advice_service *s, const struct advice_country *c)
{
	for (size_t i = 0; i < c->n_spots; i++)
		if ((s->regions & ~c->spots[i].inside) != 0)
			return false;
	return c->has_position && c->answers > 0;
}

/* Kilometres to the region that its clients get, on average. */
static double
distance_now(const struct advice_zone *zone, const struct advice_country *c)
{
	double km = 0, n = 0;

	for (size_t r = 0; r < zone->n_regions; r++) {
		if (c->region[r] <= 0)
			continue;
		n += c->region[r];
		km += c->region[r] *
		    place_distance_km(c->latitude, c->longitude,
			zone->regions[r].latitude, zone->regions[r].longitude);
	}
	return n > 0 ? km / n : 0;
}

/* Answers times kilometres that a region at ${at} saves. */
static double
saved_by(const struct advice_service *s, const struct advice_zone *zone,
    const struct advice_country *at)
{
	double saved = 0;

	for (size_t i = 0; i < s->n_countries; i++) {
		const struct advice_country *c = &s->countries[i];
		double km;

		if (!counts(s, c))
			continue;
		km = distance_now(zone, c) -
		    place_distance_km(
			c->latitude, c->longitude, at->latitude, at->longitude);
		if (km > 0)
			saved += c->answers * km;
	}
	return saved;
}

/* Of all that are counted: answers, and these times kilometres. */
static double
sum_now(const struct advice_service *s, const struct advice_zone *zone,
    double *answers)
{
	double km = 0;

	*answers = 0;
	for (size_t i = 0; i < s->n_countries; i++) {
		if (!counts(s, &s->countries[i]))
			continue;
		*answers += s->countries[i].answers;
		km += s->countries[i].answers *
		    distance_now(zone, &s->countries[i]);
	}
	return km;
}

/* Answers of all whose place is known: those that a fence holds gain nothing.
 */
static double
sum_all(const struct advice_service *s)
{
	double all = 0;

	for (size_t i = 0; i < s->n_countries; i++)
		if (s->countries[i].has_position)
			all += s->countries[i].answers;
	return all;
}

static void
look_at_service(struct advice_run *run, const struct advice_service *s)
{
	const struct advice_zone *zone = &run->facts->zones[s->zone];
	struct advice_text text = advice_text_of(run, s->zone);
	const struct advice_country *best = NULL;
	struct advice_finding *f;
	const struct mark top = {zone->path, 0, 0};
	char place[64];
	double answers, km = sum_now(s, zone, &answers), most = 0;

	for (size_t i = 0; i < s->n_countries; i++) {
		const struct advice_country *c = &s->countries[i];
		double saved;

		if (!counts(s, c) || c->answers < LEAST_SHARE * answers)
			continue;
		saved = saved_by(s, zone, c);
		if (saved > most) {
			most = saved;
			best = c;
		}
	}
	if (best == NULL)
		return;
	f = advice_offer(run, ADVISE_FAR_CLIENTS, most / sum_all(s), s->sampled,
	    "%s", s->name);
	if (f == NULL)
		return;
	advice_evidence(f,
	    "clients are %.0f km from their region on average; those of %s, "
	    "%.1f %% of the answers, %.0f km",
	    km / answers, best->code, advice_percent(best->answers, answers),
	    distance_now(zone, best));
	advice_gain(f,
	    "a region in %s makes that %.0f km on average, and saves these "
	    "clients some %.0f ms each round trip",
	    best->code, (km - most) / answers,
	    distance_now(zone, best) / KM_A_MS);
	snprintf(place, sizeof(place), "{at: [%.1f, %.1f]}", best->latitude,
	    best->longitude);
	advice_edit_value(&f->edit, &text, &top, "regions.NEW", place);
}

void
rule_places(struct advice_run *run)
{
	for (size_t i = 0; i < run->facts->n_services; i++)
		if (run->facts->services[i].ranks_by_place)
			look_at_service(run, &run->facts->services[i]);
}
