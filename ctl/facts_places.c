/*
 * How the clients of countries try the regions: a few addresses of each country
 * are looked up in the maps that queries are answered with.  Called by facts.c;
 * changes nothing.
 */
#include <string.h>
#include <strings.h>

#include "ctl/facts.h"
#include "steering/geo/classes.h"

/* Countries, and what is not known. */
#define MAX_COUNTRIES 512

/* The widest prefixes of a country, widest first. */
struct spots {
	char code[3];
	uint32_t address[ADVICE_SPOTS];
	uint8_t depth[ADVICE_SPOTS];
	size_t n;
};

struct spot_list {
	struct spots list[MAX_COUNTRIES];
	size_t n;
};

static struct spots *
spots_of(struct spot_list *all, const char *code)
{
	for (size_t i = 0; i < all->n; i++)
		if (strcmp(all->list[i].code, code) == 0)
			return &all->list[i];
	return NULL;
}

static void
add_leaf(struct spots *s, const struct cover_leaf *leaf)
{
	size_t at = s->n;

	while (at > 0 && leaf->depth < s->depth[at - 1])
		at--;
	if (at == ADVICE_SPOTS)
		return;
	if (s->n < ADVICE_SPOTS)
		s->n++;
	for (size_t i = s->n - 1; i > at; i--) {
		s->address[i] = s->address[i - 1];
		s->depth[i] = s->depth[i - 1];
	}
	s->address[at] = (uint32_t)(leaf->hi >> 32);
	s->depth[at] = leaf->depth;
}

static void
find_spots(struct spot_list *all, const struct geography *geo)
{
	const struct cover *cover = geography_cover(geo, 4);

	all->n = 0;
	for (size_t i = 0; i < cover->n; i++) {
		const struct place *place =
		    geography_place(geo, cover->leaves[i].value);
		struct spots *s;

		if (place->country[0] == '\0')
			continue;
		s = spots_of(all, place->country);
		if (s == NULL && all->n == MAX_COUNTRIES)
			continue;
		if (s == NULL) {
			s = &all->list[all->n++];
			*s = (struct spots){.n = 0};
			memcpy(s->code, place->country, sizeof(s->code));
		}
		add_leaf(s, &cover->leaves[i]);
	}
}

/* --- a service --- */

/* An address of which geography knows nothing, and that no network has but one
 * that has nearly all: it is reserved. */
#define UNKNOWN UINT32_C(0xf0000001)

static void
look_up(const struct map *map, uint32_t number, struct advice_spot *out)
{
	struct address address = {.family = 4,
	    .bytes = {(uint8_t)(number >> 24), (uint8_t)(number >> 16),
		(uint8_t)(number >> 8), (uint8_t)number}};
	struct map_leaf leaf;

	map_lookup(map, &address, &leaf);
	out->inside = leaf.class->inside;
	out->n = leaf.class->n;
	memcpy(out->order, leaf.class->order, sizeof(out->order));
}

static void
place_country(struct advice_country *c, const struct map *map,
    const struct spots *spots, const struct classes *classes)
{
	static const struct nesting none = {.n = 0};
	struct place place = {.country = ""};

	memcpy(place.country, c->code, sizeof(place.country));
	place_complete(&place);
	c->ruled = classes == NULL ||
	    classes_rule(classes, &place, &none) != MAP_NO_RULE;
	if (spots == NULL) {
		look_up(map, UNKNOWN, &c->spots[0]);
		c->n_spots = 1;
		return;
	}
	for (size_t i = 0; i < spots->n; i++)
		look_up(map, spots->address[i], &c->spots[i]);
	c->n_spots = spots->n;
}

/* Of the services of the facts, which may be fewer, the one of the policy. */
static const struct policy_service *
policy_of(const struct facts *facts, const struct advice_service *s,
    const struct policy_zone **zone)
{
	const struct policy *policy = facts->g->policy;
	size_t len = strlen(s->name);

	for (size_t z = 0; z < policy->n_zones; z++) {
		*zone = &policy->zones[z];
		if ((*zone)->config == NULL ||
		    (*zone)->config->path != facts->advice.zones[s->zone].path)
			continue;
		for (size_t i = 0; i < (*zone)->n_services; i++)
			if (strncasecmp(
				(*zone)->services[i].name, s->name, len) == 0 &&
			    strlen((*zone)->services[i].name) <= len + 1)
				return &(*zone)->services[i];
	}
	return NULL;
}

/* Whether a country as a whole has a rule or none: no rule is finer. */
static bool
goes_by_country(const struct service_config *service)
{
	for (size_t i = 0; i < service->n_fences; i++) {
		const struct clients_config *c = &service->fences[i].clients;

		if (c->n_subdivisions > 0 || c->n_cities > 0 || c->n_near > 0 ||
		    c->n_asns > 0)
			return false;
	}
	return true;
}

static void
place_service(
    struct facts *facts, struct advice_service *s, struct spot_list *all)
{
	const struct policy_zone *zone;
	const struct policy_service *policy = policy_of(facts, s, &zone);
	struct classes classes;
	struct map_key key;
	bool ruled;

	if (policy == NULL)
		return;
	key = (struct map_key){.config = zone->config,
	    .service = &zone->config->services[policy->config_index]};
	ruled = s->fenced && goes_by_country(key.service);
	if (ruled && classes_init(&classes, &key) != 0) {
		facts->failed = true;
		classes_finish(&classes);
		return;
	}
	for (size_t i = 0; i < s->n_countries; i++)
		place_country(&s->countries[i], policy->map,
		    spots_of(all, s->countries[i].code),
		    ruled ? &classes : NULL);
	if (ruled)
		classes_finish(&classes);
}

void
facts_read_places(struct facts *facts)
{
	struct spot_list *all = facts_array(facts, 1, sizeof(*all));

	if (all == NULL)
		return;
	find_spots(all, facts->g->geography);
	for (size_t i = 0; i < facts->advice.n_services; i++)
		if (facts->services[i].n_countries > 0)
			place_service(facts, &facts->services[i], all);
}
