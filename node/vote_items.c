/* Counts votes for people.  Called by the pages and by explain. */
#include "node/vote_items.h"

#include <math.h>
#include <string.h>

#include "node/page_json.h"
#include "steering/electorate.h"

/* More are not told: they are read by people. */
#define VOTES_MAX 256

static const struct health_vantage *
find_vantage(const struct vantages *all, const char *name)
{
	for (size_t i = 0; all != NULL && i < all->n; i++)
		if (strcmp(all->of[i].name, name) == 0)
			return &all->of[i];
	return NULL;
}

/* Why ${v} does not count in ${region}, whatever it says; NULL: it may. */
static const char *
set_aside(const struct loads_look *look, const struct health_vantage *v,
    const char *region)
{
	bool own = v != NULL && strcmp(v->region, region) == 0;

	if (v == NULL || (v->state == VANTAGE_STALE && !v->ended))
		return "stale";
	if (v->ended)
		return "ended";
	if (look->cut && !(own && v->node[0] == '\0'))
		return "cut off";
	return v->blind && !own ? "blind" : NULL;
}

static const struct policy_region *
find_region(const struct policy *policy, uint64_t place)
{
	for (size_t i = 0; i < policy->n_regions; i++)
		if (place != PLACE_NONE &&
		    vantage_place(policy->regions[i].name) == place)
			return &policy->regions[i];
	return NULL;
}

static struct elector
elector_of(const struct policy *policy, const struct policy_region *home,
    const struct health_vantage *v, const struct load_opinion *opinion)
{
	uint64_t place = vantage_place(v->region);
	const struct policy_region *region = find_region(policy, place);

	return (struct elector){.name = opinion->vantage,
	    .place = place,
	    .own = region == home,
	    .apart = region != NULL ? place_apart(&region->at, &home->at)
				    : (double)INFINITY,
	    .up = opinion->health != HEALTH_DOWN};
}

static void
add_electors(json_t *votes, const struct elector *electors, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct elector *e = &electors[i];

		if (e->counts)
			json_array_append_new(
			    json_object_get(votes, e->up ? "up" : "down"),
			    page_json_string(e->name));
		else
			json_object_set_new(json_object_get(votes, "aside"),
			    e->name, page_json_string("farther"));
	}
}

json_t *
vote_items_of(const struct loads_look *look, const struct policy *policy,
    size_t number, const struct load_opinion *opinions, size_t n)
{
	const struct policy_endpoint *e = &policy->endpoints[number];
	const struct policy_region *home = &policy->regions[e->region];
	const struct policy_check *check;
	struct elector electors[VOTES_MAX];
	size_t n_electors = 0;
	unsigned up, down;
	json_t *votes;

	if (e->check == STEERING_NONE)
		return json_null();
	check = &policy->checks[e->check];
	votes = json_pack("{s[] s[] s{}}", "up", "down", "aside");
	for (size_t i = 0; i < n && i < VOTES_MAX; i++) {
		const struct health_vantage *v =
		    find_vantage(look->vantages, opinions[i].vantage);
		const char *why = set_aside(look, v, home->name);

		if (why == NULL && opinions[i].health == HEALTH_UNKNOWN)
			why = "no opinion";
		if (why == NULL)
			electors[n_electors++] =
			    elector_of(policy, home, v, &opinions[i]);
		else
			json_object_set_new(json_object_get(votes, "aside"),
			    opinions[i].vantage, page_json_string(why));
	}
	electorate_count(electors, n_electors, check->quorum_regions,
	    check->quorum_near, &up, &down);
	add_electors(votes, electors, n_electors);
	return votes;
}

json_t *
vote_items_object(
    const struct loads_look *look, const struct policy *policy, size_t e)
{
	struct load_opinion opinions[VOTES_MAX];
	size_t n = loads_opinions(look, policy, e, opinions, VOTES_MAX);

	return vote_items_of(look, policy, e, opinions, n);
}
