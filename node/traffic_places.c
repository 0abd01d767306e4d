/* Adds samples up by place.  Called by traffic.c under its lock. */
#include "node/traffic_places.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/hash.h"

void
traffic_places_init(struct traffic_places *p)
{
	memset(p, 0, sizeof(*p));
	u64map_init(&p->index);
}

void
traffic_places_finish(struct traffic_places *p)
{
	free(p->rows);
	u64map_finish(&p->index);
	traffic_places_init(p);
}

static bool
same(const struct traffic_place *a, const struct traffic_place *b)
{
	return a->service == b->service && a->region == b->region &&
	    a->asn == b->asn && strcmp(a->country, b->country) == 0;
}

static uint64_t
hash(const struct traffic_place *a)
{
	uint64_t h = hash_mix((uintptr_t)a->service, (uintptr_t)a->region);

	h = hash_mix(h, a->asn);
	return hash_mix(
	    h, (uint64_t)(uint8_t)a->country[0] << 8 | (uint8_t)a->country[1]);
}

static struct traffic_place *
find(const struct traffic_places *p, uint64_t h, const struct traffic_place *a)
{
	size_t at;
	uint32_t i = u64map_first(&p->index, h, &at);

	while (i != U64MAP_NONE && !same(&p->rows[i], a))
		i = u64map_next(&p->index, h, &at);
	return i != U64MAP_NONE ? &p->rows[i] : NULL;
}

/* Its row, a new one if there is none; NULL when there is no room. */
static struct traffic_place *
row_of(struct traffic_places *p, const struct traffic_place *place)
{
	uint64_t h = hash(place);
	struct traffic_place *row = find(p, h, place), *rows;

	if (row != NULL)
		return row;
	rows =
	    array_grow(p->rows, p->n, &p->size, sizeof(*rows), TRAFFIC_PLACES);
	if (rows == NULL)
		return NULL;
	p->rows = rows;
	if (u64map_add(&p->index, h, (uint32_t)p->n) != 0)
		return NULL;
	row = &p->rows[p->n++];
	*row = *place;
	row->samples = 0;
	return row;
}

void
traffic_places_add(struct traffic_places *p, const struct traffic_place *place)
{
	struct traffic_place less = *place;
	struct traffic_place *row = row_of(p, place);

	if (row == NULL) {
		less.asn = 0;
		row = row_of(p, &less);
	}
	if (row == NULL) {
		less.country[0] = less.country[1] = '\0';
		row = row_of(p, &less);
	}
	if (row == NULL)
		p->lost += place->samples;
	else
		row->samples += place->samples;
}
