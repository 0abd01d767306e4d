/*
 * Adds samples up by country and region.  Called by the page of traffic in its
 * thread; samples are given under the lock of traffic.c, so that a row costs a
 * few comparisons.
 */
#include "node/traffic_rows.h"

#include <stdlib.h>
#include <string.h>

#include "node/labels.h"
#include "node/traffic_places.h"

/* Two letters each, and one for clients of no country. */
#define LETTERS 26
#define COUNTRIES (LETTERS * LETTERS + 1)
/* Regions of one country that are told apart: more are told as one. */
#define REGIONS 32
#define OTHERS "others"

struct to {
	const char *region;
	uint64_t samples;
};

struct row {
	char country[3];
	uint64_t samples;
	size_t n;
	struct to to[REGIONS];
};

struct traffic_rows {
	const char *service; /* while they are made */
	struct traffic_look look;
	size_t n;
	struct row row[COUNTRIES];
};

static size_t
number_of(const char *country)
{
	if (country[0] < 'A' || country[0] > 'Z' || country[1] < 'A' ||
	    country[1] > 'Z')
		return COUNTRIES - 1;
	return (size_t)(country[0] - 'A') * LETTERS +
	    (size_t)(country[1] - 'A');
}

static void
add(void *context, const struct traffic_place *place)
{
	struct traffic_rows *rows = context;
	const char *region = labels_region(place->region);
	size_t number = number_of(place->country), i = 0;
	struct row *row = &rows->row[number];

	if (rows->service != NULL && strcmp(rows->service, place->service) != 0)
		return;
	if (number < COUNTRIES - 1)
		memcpy(row->country, place->country, sizeof(row->country));
	row->samples += place->samples;
	while (i < row->n && strcmp(row->to[i].region, region) != 0)
		i++;
	if (i == REGIONS) {
		i--;
		row->to[i].region = OTHERS;
	} else if (i == row->n) {
		row->to[row->n++].region = region;
	}
	row->to[i].samples += place->samples;
}

static int
by_samples(const void *a, const void *b)
{
	const struct row *x = a, *y = b;

	if (x->samples != y->samples)
		return x->samples < y->samples ? 1 : -1;
	return strcmp(x->country, y->country);
}

struct traffic_rows *
traffic_rows_make(struct traffic *traffic, const char *service)
{
	struct traffic_rows *rows = calloc(1, sizeof(*rows));

	if (rows == NULL)
		return NULL;
	rows->service = service;
	traffic_countries(traffic, &rows->look, add, rows);
	rows->service = NULL;
	qsort(rows->row, COUNTRIES, sizeof(rows->row[0]), by_samples);
	while (rows->n < TRAFFIC_ROWS && rows->row[rows->n].samples > 0)
		rows->n++;
	return rows;
}

void
traffic_rows_destroy(struct traffic_rows *rows)
{
	free(rows);
}

const struct traffic_look *
traffic_rows_look(const struct traffic_rows *rows)
{
	return &rows->look;
}

size_t
traffic_rows_count(const struct traffic_rows *rows)
{
	return rows->n;
}

/* Of the sample to all. */
static json_t *
rate(const struct traffic_rows *rows, uint64_t samples)
{
	return json_real((double)samples * rows->look.sample * 1000 /
	    (double)rows->look.window_ms);
}

json_t *
traffic_rows_item(const struct traffic_rows *rows, size_t i)
{
	const struct row *row = &rows->row[i];
	json_t *regions = json_object();

	for (size_t k = 0; k < row->n; k++)
		json_object_set_new(
		    regions, row->to[k].region, rate(rows, row->to[k].samples));
	return json_pack("{ss so so}", "country", row->country,
	    "answers_per_second", rate(rows, row->samples), "regions", regions);
}
