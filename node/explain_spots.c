/*
 * Joins geography and networks as maps do, and gives each distinct pair of a
 * place and its networks a spot, once.  Called by explain_countries.c.
 */
#include "node/explain_spots.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "steering/geo/map.h"
#include "steering/geo/mapkey.h"

/* One for each pair of a place and its networks: some hundred thousand where a
 * database knows cities. */
#define MAX_SPOTS ((size_t)1 << 24)

int
explain_spots_init(struct explain_spots *s, const struct geography *geo,
    const struct map_key *key)
{
	int nestings, classes;

	memset(s, 0, sizeof(*s));
	s->geo = geo;
	s->key = *key;
	u64map_init(&s->pairs);
	cover_init(&s->cover, MAP_MAX_LEAVES);
	nestings = nestings_init(&s->nestings, key->config);
	classes = classes_init(&s->classes, &s->key);
	s->wanted = calloc(key->config->n_networks + 1, sizeof(*s->wanted));
	if (s->wanted == NULL || nestings != 0 || classes != 0)
		return -1;
	mapkey_networks(&s->key, s->wanted);
	return nestings_cover(&s->nestings, s->wanted, 4, &s->cover);
}

void
explain_spots_finish(struct explain_spots *s)
{
	free(s->spots);
	free(s->wanted);
	u64map_finish(&s->pairs);
	classes_finish(&s->classes);
	nestings_finish(&s->nestings);
	cover_finish(&s->cover);
}

/* The number of the row of ${place}; the last one has what is too many. */
static uint16_t
row_of(struct explain_spots *s, const struct place *place)
{
	char name[8] = "-";
	size_t i;

	if (place->country[0] != '\0')
		snprintf(name, sizeof(name), "%s", place->country);
	else if (place->continent[0] != '\0')
		snprintf(name, sizeof(name), "(%s)", place->continent);
	for (i = 0; i < s->n_rows; i++)
		if (strcmp(s->rows[i], name) == 0)
			return (uint16_t)i;
	if (s->n_rows == EXPLAIN_MAX_ROWS)
		return EXPLAIN_MAX_ROWS - 1;
	memcpy(s->rows[s->n_rows], name, sizeof(name));
	return (uint16_t)s->n_rows++;
}

/* The spot of a place of geography in a nesting of networks, a new one. */
static const struct explain_spot *
add_spot(struct explain_spots *s, uint32_t place_number, uint32_t nesting)
{
	const struct nesting *around = nestings_at(&s->nestings, nesting);
	struct place place = *geography_place(s->geo, place_number);
	struct explain_spot *spots, spot;

	for (unsigned i = 0; i < around->n; i++)
		network_move(
		    &s->key.config->networks[around->networks[i]], &place);
	spot.rule = classes_rule(&s->classes, &place, around);
	spot.order = s->key.service->rank == RANK_RULES
	    ? classes_order(&s->classes, &place, around)
	    : MAP_NO_RULE;
	spot.row = row_of(s, &place);
	spots = array_grow(s->spots, s->n, &s->size, sizeof(*spots), MAX_SPOTS);
	if (spots == NULL)
		return NULL;
	s->spots = spots;
	if (u64map_add(&s->pairs, (uint64_t)place_number << 32 | nesting,
		(uint32_t)s->n) != 0)
		return NULL;
	s->spots[s->n] = spot;
	return &s->spots[s->n++];
}

/* Go on to the leaf of ${cover} around ${address}; ${end} is the first address
 * after the leaf number ${i}, 0 at first.  IPv4 is in the top 32 bits. */
static uint32_t
go_on(const struct cover *cover, uint64_t address, size_t *i, uint64_t *end)
{
	while (*end <= address) {
		const struct cover_leaf *leaf;

		if (*end > 0)
			(*i)++;
		leaf = &cover->leaves[*i];
		*end = (leaf->hi >> 32) + (UINT64_C(1) << (32 - leaf->depth));
	}
	return cover->leaves[*i].value;
}

const struct explain_spot *
explain_spots_at(struct explain_spots *s, uint64_t address, uint64_t *end)
{
	uint32_t place =
	    go_on(geography_cover(s->geo, 4), address, &s->leaf, &s->leaf_end);
	uint32_t nesting = go_on(&s->cover, address, &s->nest, &s->nest_end);
	uint32_t number =
	    u64map_get(&s->pairs, (uint64_t)place << 32 | nesting);

	*end = s->leaf_end < s->nest_end ? s->leaf_end : s->nest_end;
	return number != U64MAP_NONE ? &s->spots[number]
				     : add_spot(s, place, nesting);
}
