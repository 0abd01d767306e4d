/*
 * Ranks regions.  Called when a map is made, once for each distinct place, and
 * by explain; never by a worker.
 */
#include "steering/geo/ranking.h"

#include <stdlib.h>
#include <string.h>

/* Regions by name and by index. */
static void
order_regions(struct ranker *r)
{
	const struct steering_config *config = r->key->config;
	unsigned n = 0, k;

	for (size_t i = 0; i < config->n_regions; i++) {
		if (!(r->key->regions >> i & 1))
			continue;
		for (k = n; k > 0 &&
		     strcmp(config->regions[r->by_name[k - 1]].name,
			 config->regions[i].name) > 0;
		     k--)
			r->by_name[k] = r->by_name[k - 1];
		r->by_name[k] = (uint8_t)i;
		r->by_index[n++] = (uint8_t)i;
	}
	for (k = 0; k < n; k++)
		r->name_place[r->by_name[k]] = (uint8_t)k;
	r->n_regions = (uint8_t)n;
}

/* The index in the config of each region that the table names. */
static int
match_regions(struct ranker *r)
{
	const struct steering_config *config = r->key->config;
	size_t n = latency_size(r->latency).regions;

	r->of_table = malloc(n + 1);
	if (r->of_table == NULL)
		return -1;
	memset(r->of_table, MAP_NO_RULE, n + 1);
	for (uint32_t i = 0; i < n; i++)
		for (unsigned k = 0; k < r->n_regions; k++)
			if (strcmp(config->regions[r->by_index[k]].name,
				latency_region(r->latency, i)) == 0)
				r->of_table[i] = r->by_index[k];
	return 0;
}

int
ranker_init(struct ranker *r, const struct map_key *key)
{
	*r = (struct ranker){.key = key};
	order_regions(r);
	if (key->service->rank != RANK_LATENCY || key->latency == NULL)
		return 0;
	r->latency = key->latency;
	return match_regions(r);
}

void
ranker_finish(struct ranker *r)
{
	free(r->of_table);
}

/* Take the round trips of ${row} for those regions of ${left} that it has. */
static void
take_row(
    const struct ranker *r, uint32_t row, uint64_t *left, struct ranking *out)
{
	size_t n;
	const struct latency_cell *cells = latency_cells(r->latency, row, &n);

	for (size_t i = 0; i < n && *left != 0; i++) {
		uint8_t region = r->of_table[cells[i].region];
		int bias;

		if (region == MAP_NO_RULE || !(*left >> region & 1))
			continue;
		*left &= ~(UINT64_C(1) << region);
		bias = r->key->config->regions[region].bias;
		out->regions[out->n++] = (struct standing){.region = region,
		    .measured = true,
		    .row = row,
		    .cell = cells[i],
		    .counts =
			(uint64_t)cells[i].rtt_us * (uint64_t)(100 - bias)};
	}
}

/* Add the regions of ${left} that are measured, and take them out of it: of the
 * longest prefix that has a round trip to the region, else of the AS number,
 * else of the country. */
static void
take_measured(const struct ranker *r, const struct place *place, uint32_t row,
    uint64_t *left, struct ranking *out)
{
	for (; row != LATENCY_NONE && *left != 0;
	     row = latency_wider(r->latency, row))
		take_row(r, row, left, out);
	row = place->asn != 0 ? latency_of_asn(r->latency, place->asn)
			      : LATENCY_NONE;
	if (row != LATENCY_NONE)
		take_row(r, row, left, out);
	row = place->country[0] != '\0'
	    ? latency_of_country(r->latency, place->country)
	    : LATENCY_NONE;
	if (row != LATENCY_NONE)
		take_row(r, row, left, out);
}

/* Distance in whole kilometres, so that it alone is rounded. */
static void
take_located(const struct ranker *r, const struct place *place, uint64_t left,
    struct ranking *out)
{
	for (unsigned i = 0; i < r->n_regions; i++) {
		uint8_t region = r->by_index[i];
		const struct region_config *c =
		    &r->key->config->regions[region];
		struct standing s = {.region = region};

		if (!(left >> region & 1))
			continue;
		if (place->has_position) {
			s.located = true;
			s.km = place_distance_km(place->latitude,
			    place->longitude, c->latitude, c->longitude);
			s.counts = s.km * (uint64_t)(100 - c->bias);
		}
		out->regions[out->n++] = s;
	}
}

/* Whether ${a} is before ${b}: what is measured, then what counts for less,
 * then the name; of what is neither measured nor located the order of the
 * file, which is that in which it was taken. */
static bool
before(
    const struct ranker *r, const struct standing *a, const struct standing *b)
{
	if (a->measured != b->measured)
		return a->measured;
	if (!a->measured && !a->located)
		return false;
	if (a->counts != b->counts)
		return a->counts < b->counts;
	return r->name_place[a->region] < r->name_place[b->region];
}

static bool
cheaper(
    const struct ranker *r, const struct standing *a, const struct standing *b)
{
	uint64_t of_a = r->key->costs[a->region];
	uint64_t of_b = r->key->costs[b->region];

	if (of_a != of_b)
		return of_a < of_b;
	return r->name_place[a->region] < r->name_place[b->region];
}

/* Sort ${n} standings; equal ones stay as they were.  There are few. */
static void
sort(const struct ranker *r, struct standing *list, unsigned n,
    bool (*first)(const struct ranker *r, const struct standing *a,
	const struct standing *b))
{
	for (unsigned i = 1; i < n; i++) {
		struct standing one = list[i];
		unsigned k = i;

		for (; k > 0 && first(r, &one, &list[k - 1]); k--)
			list[k] = list[k - 1];
		list[k] = one;
	}
}

/* Whether others may be near equal to ${best}: a share is of anything, a time
 * of round trips, a way of distances. */
static bool
makes_band(const struct service_config *service, const struct standing *best)
{
	switch (service->near_kind) {
	case NEAR_SHARE:
		return best->measured || best->located;
	case NEAR_TIME:
		return best->measured;
	case NEAR_WAY:
		return best->located;
	case NEAR_NONE:
		break;
	}
	return false;
}

/* The most that counts as near equal to ${best}.  It has 2^32 * 199 hundredths
 * at most, so that a million times as much fits. */
static uint64_t
limit_of(const struct service_config *service, const struct standing *best)
{
	uint64_t near = service->near_equal;

	if (service->near_kind == NEAR_SHARE)
		return best->counts + best->counts * near / 1000000;
	return best->counts + near * 100;
}

/* Cut the whole order into bands, each by its best, and let the cheapest of
 * each be first. */
static void
cut_bands(const struct ranker *r, struct ranking *ranking)
{
	const struct service_config *service = r->key->service;
	struct standing *list = ranking->regions;
	unsigned band = 0, n;

	for (unsigned i = 0; i < ranking->n; i += n, band++) {
		bool several = makes_band(service, &list[i]);
		uint64_t limit = limit_of(service, &list[i]);

		for (n = 1; several && i + n < ranking->n &&
		     list[i + n].measured == list[i].measured &&
		     list[i + n].counts <= limit;)
			n++;
		sort(r, &list[i], n, cheaper);
		for (unsigned k = i; k < i + n; k++) {
			list[k].band = band;
			list[k].cost = r->key->costs[list[k].region];
		}
	}
}

void
ranking_make(const struct ranker *r, const struct place *place, uint32_t row,
    uint64_t regions, struct ranking *out)
{
	uint64_t left = regions & r->key->regions;

	out->latency = r->latency;
	out->n = 0;
	if (r->latency != NULL)
		take_measured(r, place, row, &left, out);
	take_located(r, place, left, out);
	sort(r, out->regions, out->n, before);
	cut_bands(r, out);
}
