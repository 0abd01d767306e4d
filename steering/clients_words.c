/* The lists of `clients`, one after the other.  Called by trace.c; decides
 * nothing. */
#include "steering/clients_words.h"

#include <inttypes.h>
#include <string.h>

#include "config/subdivision.h"
#include "config/union.h"

/* Lists that are written: what goes before the next item. */
struct words {
	struct text *t;
	const char *kind; /* of the list that is being written */
	bool begun;       /* some list is */
};

/* Begin an item of the list of ${kind}. */
static void
item(struct words *w, const char *kind)
{
	if (w->begun && strcmp(w->kind, kind) == 0)
		text_add(w->t, ", ");
	else
		text_add(w->t, "%s%s ", w->begun ? "; " : "", kind);
	w->kind = kind;
	w->begun = true;
}

void
clients_city(struct text *t, const struct city_config *city)
{
	char code[SUBDIVISION_TEXT];

	if (city->geoname != 0)
		text_add(t, "%" PRIu32, city->geoname);
	else if (city->subdivision != 0)
		text_add(t, "%s-%s/%s", city->country,
		    subdivision_format(city->subdivision, code), city->name);
	else
		text_add(t, "%s/%s", city->country, city->name);
}

static void
add_inside(struct words *w, const struct clients_config *c)
{
	char code[SUBDIVISION_TEXT];

	for (size_t i = 0; i < c->n_subdivisions; i++) {
		item(w, "subdivisions");
		text_add(w->t, "%s-%s", c->subdivisions[i].country,
		    subdivision_format(c->subdivisions[i].code, code));
	}
	for (size_t i = 0; i < c->n_cities; i++) {
		item(w, "cities");
		clients_city(w->t, &c->cities[i]);
	}
	for (size_t i = 0; i < c->n_near; i++) {
		item(w, "within");
		text_add(w->t, "%" PRIu32 " km of %g %g", c->near[i].km,
		    c->near[i].latitude, c->near[i].longitude);
	}
}

void
clients_words(struct text *t, const struct steering_config *config,
    const struct clients_config *c)
{
	struct words w = {.t = t};

	if (c->everyone)
		text_add(t, "everyone");
	if (c->unknown)
		text_add(t, "clients whose country is not known");
	for (size_t i = 0; i < c->n_continents; i++) {
		item(&w, "continents");
		text_add(t, "%s", c->continents[i]);
	}
	for (size_t i = 0; i < c->n_countries; i++) {
		item(&w, "countries");
		text_add(t, "%s", c->countries[i]);
	}
	for (size_t i = 0; i < c->n_unions; i++) {
		item(&w, "unions");
		text_add(t, "%s", union_name(c->unions[i]));
	}
	add_inside(&w, c);
	for (size_t i = 0; i < c->n_networks; i++) {
		item(&w, "networks");
		text_add(t, "%s", config->networks[c->networks[i]].name);
	}
	for (size_t i = 0; i < c->n_asns; i++) {
		item(&w, "ASNs");
		text_add(t, "%" PRIu32, c->asns[i]);
	}
}
