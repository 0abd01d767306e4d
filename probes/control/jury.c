/* The quorum of an endpoint that is controlled.  Called for each, each second;
 * keeps nothing. */
#include "probes/control/jury.h"

#include <math.h>

#include "steering/agreement.h"
#include "steering/vantage.h"

_Static_assert(JURY_MAX == VANTAGE_MAX, "as many vote as for meridiand");

const struct jury_map *
jury_map_of(struct arena *arena, const struct steering_config *config)
{
	struct jury_map *map = arena_array(arena, 1, sizeof(*map));
	struct jury_region *of =
	    arena_array(arena, config->n_regions, sizeof(*of));

	if (map == NULL || of == NULL)
		return NULL;
	for (size_t i = 0; i < config->n_regions; i++)
		of[i] = (struct jury_region){
		    .place = vantage_place(config->regions[i].name),
		    .at = place_point(config->regions[i].latitude,
			config->regions[i].longitude)};
	*map = (struct jury_map){of, config->n_regions};
	return map;
}

void
jury_of(const struct steering_config *config, const struct check_set *set,
    const struct jury_map *map, uint32_t region, struct jury *out)
{
	*out = (struct jury){.map = map, .region = region};
	if (set->n > 0) {
		const struct check_config *check =
		    &config->checks[set->checks[0]];

		out->quorum = check->quorum;
		out->count = check->quorum_count;
		out->regions = check->quorum_regions;
		out->near = check->quorum_near;
	}
}

struct elector
jury_elector(const struct jury *jury, const struct seer *seer, bool up)
{
	struct elector e = {.name = seer->name,
	    .place = seer->place,
	    .apart = (double)INFINITY,
	    .up = up};
	const struct jury_map *map = jury->map;

	for (size_t i = 0; map != NULL && i < map->n; i++) {
		if (seer->place == PLACE_NONE ||
		    map->of[i].place != seer->place)
			continue;
		e.own = i == jury->region;
		e.apart =
		    place_apart(&map->of[i].at, &map->of[jury->region].at);
	}
	return e;
}

bool
jury_is_up(const struct jury *jury, struct elector *electors, size_t n)
{
	unsigned up, down;

	electorate_count(electors, n, jury->regions, jury->near, &up, &down);
	return agreement_is_up(jury->quorum, jury->count, up, down);
}
