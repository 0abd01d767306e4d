/*
 * Looks for what rules name among the places of geography.  Called when all
 * files of a node are read; one pass over the distinct places for each steering
 * file that names subdivisions or cities.
 */
#include "steering/geo/unmatched.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/hash.h"
#include "base/u64map.h"
#include "config/subdivision.h"
#include "steering/geo/cities.h"
#include "steering/geo/nestings.h"

/* What some database, or some network of the file, knows of a client. */
struct known {
	bool country, subdivision, city, position, asn;
};

/* A subdivision or a city that a rule names. */
struct wanted {
	const struct mark *at;
	const struct subdivision_config *subdivision; /* or */
	const struct city_config *city;
	const struct place *found; /* the first place of it, or NULL */
	bool several;              /* cities of that name */
};

struct search {
	struct errbuf *eb;
	struct known known;
	struct wanted *wanted;
	size_t n;
	struct u64map index; /* of what is wanted, by hash */
};

/* Hashes of what a place may be found by. */
static uint64_t
hash_subdivision(const char country[3], uint16_t code)
{
	return hash_bytes(country, 2, code);
}

static uint64_t
hash_city_number(uint32_t geoname)
{
	return hash_mix(geoname, 1);
}

/* In lower case. */
static uint64_t
hash_city_name(const char country[3], const char *name)
{
	uint64_t hash = hash_bytes(country, 2, 2);

	for (; *name != '\0'; name++)
		hash = hash_mix(hash,
		    (unsigned char)(*name >= 'A' && *name <= 'Z'
			    ? *name - 'A' + 'a'
			    : *name));
	return hash;
}

static bool
has_subdivision(const struct place *place, uint16_t code)
{
	for (size_t i = 0; i < PLACE_SUBDIVISIONS; i++)
		if (place->subdivisions[i] == code)
			return true;
	return false;
}

static bool
is_wanted(const struct wanted *w, const struct place *place)
{
	const struct city_config *city = w->city;

	if (w->subdivision != NULL)
		return strcmp(w->subdivision->country, place->country) == 0 &&
		    has_subdivision(place, w->subdivision->code);
	if (place->city == NULL)
		return false;
	if (city->geoname != 0)
		return city->geoname == place->city->geoname;
	return strcmp(city->country, place->country) == 0 &&
	    strcasecmp(city->name, place->city->name) == 0 &&
	    (city->subdivision == 0 ||
		has_subdivision(place, city->subdivision));
}

/* Whether two places of one name are two cities. */
static bool
are_two(const struct place *a, const struct place *b)
{
	if (a->city->geoname != 0 && b->city->geoname != 0)
		return a->city->geoname != b->city->geoname;
	return a->subdivisions[0] != b->subdivisions[0];
}

/* Note what ${place} is of what has the hash ${key}. */
static void
find(struct search *s, uint64_t key, const struct place *place)
{
	size_t at;

	for (uint32_t i = u64map_first(&s->index, key, &at); i != U64MAP_NONE;
	     i = u64map_next(&s->index, key, &at)) {
		struct wanted *w = &s->wanted[i];

		if (!is_wanted(w, place))
			continue;
		if (w->found == NULL)
			w->found = place;
		else if (w->city != NULL && w->city->geoname == 0)
			w->several = w->several || are_two(w->found, place);
	}
}

static void
look_at(struct search *s, const struct place *place)
{
	struct known *known = &s->known;

	known->country = known->country || place->continent[0] != '\0';
	known->subdivision = known->subdivision || place->subdivisions[0] != 0;
	known->city = known->city || place->city != NULL;
	known->position = known->position || place->located;
	known->asn = known->asn || place->asn != 0;
	if (s->n == 0)
		return;
	for (size_t i = 0;
	     i < PLACE_SUBDIVISIONS && place->subdivisions[i] != 0; i++)
		find(s,
		    hash_subdivision(place->country, place->subdivisions[i]),
		    place);
	if (place->city == NULL)
		return;
	find(s, hash_city_number(place->city->geoname), place);
	find(s, hash_city_name(place->country, place->city->name), place);
}

/* Add what ${c} names, of which there is room for all.  0, or -1 without
 * memory. */
static int
want(struct search *s, const struct clients_config *c)
{
	int status = 0;

	for (size_t i = 0; i < c->n_subdivisions && status == 0; i++) {
		s->wanted[s->n] = (struct wanted){
		    .at = &c->at, .subdivision = &c->subdivisions[i]};
		status = u64map_add(&s->index,
		    hash_subdivision(
			c->subdivisions[i].country, c->subdivisions[i].code),
		    (uint32_t)s->n++);
	}
	for (size_t i = 0; i < c->n_cities && status == 0; i++) {
		const struct city_config *city = &c->cities[i];

		s->wanted[s->n] = (struct wanted){.at = &c->at, .city = city};
		status = u64map_add(&s->index,
		    city->geoname != 0
			? hash_city_number(city->geoname)
			: hash_city_name(city->country, city->name),
		    (uint32_t)s->n++);
	}
	return status;
}

/* Which list of ${c} nobody can be matched by, with the kind of database that
 * would help. */
static void
warn_of_lists(const struct search *s, const struct clients_config *c)
{
	const struct {
		size_t n;
		bool known;
		const char *list, *what, *database;
	} lists[] = {
	    {c->n_continents + c->n_countries + c->n_unions, s->known.country,
		"countries", "countries", "Country"},
	    {c->n_subdivisions, s->known.subdivision, "subdivisions",
		"subdivisions", "City"},
	    {c->n_cities, s->known.city, "cities", "cities", "City"},
	    {c->n_near, s->known.position, "near", "positions", "City"},
	    {c->n_asns, s->known.asn, "asns", "AS numbers", "ASN"},
	};

	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		if (lists[i].n > 0 && !lists[i].known)
			errbuf_warn(s->eb, &c->at,
			    "clients: %s: no database of geo knows %s, so "
			    "that this matches nobody: name one that does, "
			    "such as GeoLite2-%s",
			    lists[i].list, lists[i].what, lists[i].database);
}

/* What ${w} is called in the file. */
static const char *
name_of(const struct wanted *w, char *out, size_t size)
{
	char code[SUBDIVISION_TEXT];
	bool whole = w->city != NULL && w->city->subdivision == 0;
	const char *country =
	    w->city != NULL ? w->city->country : w->subdivision->country;
	uint16_t number =
	    w->city != NULL ? w->city->subdivision : w->subdivision->code;

	if (w->city != NULL && w->city->geoname != 0)
		snprintf(out, size, "%" PRIu32, w->city->geoname);
	else
		snprintf(out, size, "%s%s%s%s%s", country, whole ? "" : "-",
		    subdivision_format(number, code),
		    w->city != NULL ? "/" : "",
		    w->city != NULL ? w->city->name : "");
	return out;
}

static void
warn_of_wanted(const struct search *s, const struct wanted *w)
{
	const char *list = w->city != NULL ? "cities" : "subdivisions";
	bool known = w->city != NULL ? s->known.city : s->known.subdivision;
	char name[160];

	if (w->found == NULL && known)
		errbuf_warn(s->eb, w->at,
		    "clients: %s: %s is in no database of geo, so that it "
		    "matches nobody",
		    list, name_of(w, name, sizeof(name)));
	else if (w->several)
		errbuf_warn(s->eb, w->at,
		    "clients: %s: %s is the name of several cities, of which "
		    "all are meant: write the subdivision (US-CA/...) or the "
		    "number at GeoNames for one",
		    list, name_of(w, name, sizeof(name)));
}

/* Call ${visit} for the clients of each rule of the file. */
static int
each_rule(struct search *s, const struct steering_config *config,
    int (*visit)(struct search *s, const struct clients_config *c))
{
	int status = 0;

	for (size_t i = 0; i < config->n_services; i++) {
		const struct service_config *service = &config->services[i];

		for (size_t k = 0; k < service->n_fences && status == 0; k++)
			status = visit(s, &service->fences[k].clients);
		for (size_t k = 0; k < service->n_orders && status == 0; k++)
			status = visit(s, &service->orders[k].clients);
	}
	return status;
}

/* Count what is wanted, as the number of the search. */
static int
count(struct search *s, const struct clients_config *c)
{
	s->n += c->n_subdivisions + c->n_cities;
	return 0;
}

static int
warn_of_rule(struct search *s, const struct clients_config *c)
{
	warn_of_lists(s, c);
	return 0;
}

/* Networks say where their clients are. */
static void
look_at_networks(struct search *s, const struct steering_config *config)
{
	for (size_t i = 0; i < config->n_networks; i++) {
		struct place place = {.asn = 0};

		network_move(&config->networks[i], &place);
		look_at(s, &place);
	}
}

void
unmatched_warn(const struct geography *geo,
    const struct steering_config *config, struct errbuf *eb)
{
	struct search s = {.eb = eb};

	u64map_init(&s.index);
	each_rule(&s, config, count);
	s.wanted = calloc(s.n + 1, sizeof(*s.wanted));
	s.n = 0;
	/* Without memory nothing is said: what follows will fail, and say so.
	 */
	if (s.wanted != NULL && each_rule(&s, config, want) == 0) {
		look_at_networks(&s, config);
		for (uint32_t i = 0; i < geography_places(geo); i++)
			look_at(&s, geography_place(geo, i));
		each_rule(&s, config, warn_of_rule);
		for (size_t i = 0; i < s.n; i++)
			warn_of_wanted(&s, &s.wanted[i]);
	}
	free(s.wanted);
	u64map_finish(&s.index);
}
