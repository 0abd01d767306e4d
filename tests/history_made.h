/*
 * A history of traffic that never was, made through the real writer: services
 * and countries by Zipf, a wave a day, and whatever a test plants in it.  For
 * unit tests, system tests and benches, which link the rooms state/history,
 * state and base, and -lm.
 *
 *	static void
 *	plant(void *context, struct history_made_cell *cell)
 *	{
 *		if (cell->at_ms >= ... && strcmp(cell->region, "eu-west") == 0)
 *			cell->reason = "failover", cell->region = "us-east";
 *	}
 *
 *	const struct history_made made = {.path = "history.db",
 *	    .from_ms = ..., .days = 30, .step_minutes = 60,
 *	    .service = services, .n_service = 3, .pool = "v1",
 *	    .region = regions, .n_region = 3, .country = countries,
 *	    .n_country = 40, .answers_s = 200, .sample = 64, .seed = 1,
 *	    .subnets = 0.4, .traffic = plant};
 *	const char *why = history_made_write(&made);
 */
#ifndef TESTS_HISTORY_MADE_H
#define TESTS_HISTORY_MADE_H

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "state/history/writer.h"

/* Answers that are expected in one batch, which a test may change before they
 * are drawn: any field but the first three; none with ${expected} 0. */
struct history_made_cell {
	int64_t at_ms;     /* the beginning of the batch */
	size_t service_at; /* in the list */
	size_t place_at;   /* of traffic in the list of regions, of places in
			       that of countries */
	const char *service, *pool, *region, *reason, *country;
	uint32_t asn;    /* of a place; 0: those of the country, by Zipf */
	double subnets;  /* the share with a client subnet */
	double expected; /* answers; of a place samples */
};

struct history_made {
	const char *path;
	int64_t from_ms; /* the first minute */
	unsigned days, step_minutes;
	/* By Zipf: the first of each list has most. */
	const char *const *service, *const *region, *const *country;
	size_t n_service, n_region, n_country;
	const char *pool;
	double answers_s; /* in the mean, all services together */
	double wave;      /* up and down by this share in a day: 0 .. 1 */
	double subnets;   /* the share with a client subnet */
	unsigned sample;
	uint64_t seed, run; /* run: of the batches, another for each call */
	uint64_t max_bytes; /* 0: 1 GB */
	/* Hooks, NULL or called for each cell of each batch; the last for each
	 * batch before it is written, to point it to rows of the test. */
	void (*traffic)(void *context, struct history_made_cell *cell);
	void (*place)(void *context, struct history_made_cell *cell);
	void (*batch)(void *context, struct history_batch *batch);
	void *context;
};

/* --- what is drawn --- */

static inline double
history_made_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return (double)(*state >> 11) / 9007199254740992.0;
}

/* How often something came that is expected ${mean} times (Poisson; from 30 on
 * the normal distribution is near enough). */
static inline uint64_t
history_made_count(uint64_t *state, double mean)
{
	double u = history_made_random(state), v = history_made_random(state);
	double left, product = u;
	uint64_t n = 0;

	if (mean >= 30) {
		left = mean + 0.5 +
		    sqrt(mean) * sqrt(-2 * log(u + 1e-300)) *
			cos(6.283185307179586 * v);
		return left > 0 ? (uint64_t)left : 0;
	}
	for (left = exp(-mean); product > left; n++)
		product *= history_made_random(state);
	return mean > 0 ? n : 0;
}

/* The share of number ${i} of ${n}. */
static inline double
history_made_zipf(size_t i, size_t n)
{
	double all = 0;

	for (size_t k = 1; k <= n; k++)
		all += 1 / (double)k;
	return 1 / (double)(i + 1) / all;
}

/* --- a batch --- */

struct history_made_rows {
	struct history_traffic *traffic;
	struct history_place *place;
	struct history_scope *scope;
	size_t n_traffic, n_place, n_scope, most_places;
	double *of_service, *of_region, *of_country, *of_as;
	uint64_t random;
};

/* AS numbers of a country, which the samples from there are of, by Zipf. */
#define HISTORY_MADE_PIECES 8

static inline void
history_made_traffic(const struct history_made *made,
    struct history_made_rows *rows, struct history_made_cell cell)
{
	for (size_t r = 0; r < made->n_region; r++) {
		struct history_made_cell at = cell;
		uint64_t with, without;

		at.place_at = r;
		at.region =
		    made->region[(r + cell.service_at) % made->n_region];
		at.expected *= rows->of_region[r];
		if (made->traffic != NULL)
			made->traffic(made->context, &at);
		with =
		    history_made_count(&rows->random, at.expected * at.subnets);
		without = history_made_count(
		    &rows->random, at.expected * (1 - at.subnets));
		rows->traffic[rows->n_traffic++] = (struct history_traffic){
		    at.service, at.pool, at.region, at.reason, true, with};
		rows->traffic[rows->n_traffic++] = (struct history_traffic){
		    at.service, at.pool, at.region, at.reason, false, without};
		rows->scope[rows->n_scope++] = (struct history_scope){
		    at.service, 4, (unsigned)(16 + r % 9), with};
	}
}

static inline void
history_made_add(struct history_made_rows *rows,
    const struct history_made_cell *cell, uint32_t asn, uint64_t samples)
{
	struct history_place place = {.service = cell->service,
	    .region = cell->region,
	    .asn = asn,
	    .samples = samples};

	if (samples == 0 || rows->n_place == rows->most_places)
		return;
	(void)snprintf(
	    place.country, sizeof(place.country), "%.2s", cell->country);
	rows->place[rows->n_place++] = place;
}

static inline void
history_made_places(const struct history_made *made,
    struct history_made_rows *rows, struct history_made_cell cell)
{
	for (size_t c = 0; c < made->n_country; c++) {
		struct history_made_cell at = cell;
		uint64_t all, left;

		at.place_at = c;
		at.country = made->country[c];
		at.region = made->region[c % made->n_region];
		at.expected *= rows->of_country[c] / made->sample;
		if (made->place != NULL)
			made->place(made->context, &at);
		all = left = history_made_count(&rows->random, at.expected);
		for (uint32_t k = 0; left > 0; k++) {
			uint64_t piece = k + 1 == HISTORY_MADE_PIECES || at.asn
			    ? left
			    : (uint64_t)((double)all * rows->of_as[k] + 0.999);

			piece = piece < left ? piece : left;
			history_made_add(rows, &at,
			    at.asn != 0 ? at.asn : 100 + 10 * (uint32_t)c + k,
			    piece);
			left -= piece;
		}
	}
}

static inline void
history_made_fill(const struct history_made *made,
    struct history_made_rows *rows, int64_t at_ms)
{
	double day = (double)(at_ms % INT64_C(86400000)) / 86400000;
	double all = made->answers_s * 60 * made->step_minutes *
	    (1 - made->wave * cos(6.283185307179586 * day));

	rows->n_traffic = rows->n_place = rows->n_scope = 0;
	for (size_t s = 0; s < made->n_service; s++) {
		const struct history_made_cell cell = {.at_ms = at_ms,
		    .service_at = s,
		    .service = made->service[s],
		    .pool = made->pool,
		    .region = "",
		    .reason = "first",
		    .country = "",
		    .subnets = made->subnets,
		    .expected = all * rows->of_service[s]};

		history_made_traffic(made, rows, cell);
		history_made_places(made, rows, cell);
	}
}

/* The shares of ${n}, to be freed. */
static inline double *
history_made_shares(size_t n)
{
	double *share = calloc(n + 1, sizeof(*share));

	for (size_t i = 0; share != NULL && i < n; i++)
		share[i] = history_made_zipf(i, n);
	return share;
}

/* What a day leaves to do takes an hour of minutes, and more batches than there
 * are where each is long. */
static inline bool
history_made_is_new_day(int64_t at_ms, int64_t step_ms)
{
	return at_ms / INT64_C(86400000) !=
	    (at_ms - step_ms) / INT64_C(86400000);
}

static inline const char *
history_made_batches(const struct history_made *made,
    struct history_made_rows *rows, struct history_writer *writer)
{
	int64_t step_ms = (int64_t)made->step_minutes * 60000;
	int64_t end_ms =
	    made->from_ms + (int64_t)made->days * INT64_C(86400000);
	uint64_t number = 0;

	for (int64_t at = made->from_ms; at < end_ms; at += step_ms) {
		struct history_batch batch = {.node = "made",
		    .run = made->run,
		    .number = ++number,
		    .minute_ms = at,
		    .sample = made->sample};

		history_made_fill(made, rows, at);
		batch.traffic = rows->traffic;
		batch.n_traffic = rows->n_traffic;
		batch.scope = rows->scope;
		batch.n_scope = rows->n_scope;
		batch.place = rows->place;
		batch.n_place = rows->n_place;
		if (made->batch != NULL)
			made->batch(made->context, &batch);
		if (history_writer_write(writer, &batch) != 0 ||
		    (made->step_minutes > 1 &&
			history_made_is_new_day(at, step_ms) &&
			history_writer_tidy(writer) != 0))
			return history_writer_why(writer);
	}
	return history_writer_tidy(writer) == 0 ? NULL
						: history_writer_why(writer);
}

/*
 * why = history_made_write(made): add the history to the file at made->path,
 * which is made where there is none.  NULL, or what went wrong, valid until the
 * next call.
 */
static inline const char *
history_made_write(const struct history_made *made)
{
	static char why[512];
	size_t cells = made->n_service * made->n_region;
	size_t places = made->n_service * made->n_country * HISTORY_MADE_PIECES;
	struct history_made_rows rows = {
	    .traffic = calloc(2 * cells + 1, sizeof(*rows.traffic)),
	    .scope = calloc(cells + 1, sizeof(*rows.scope)),
	    .place = calloc(places + 1, sizeof(*rows.place)),
	    .most_places = places,
	    .of_service = history_made_shares(made->n_service),
	    .of_region = history_made_shares(made->n_region),
	    .of_country = history_made_shares(made->n_country),
	    .of_as = history_made_shares(HISTORY_MADE_PIECES),
	    .random = made->seed * 2654435761U + 1};
	struct history_writer *writer = history_writer_create(made->path,
	    made->max_bytes != 0 ? made->max_bytes : UINT64_C(1) << 30);
	const char *words = "no memory";

	if (writer != NULL && rows.traffic != NULL && rows.scope != NULL &&
	    rows.place != NULL && rows.of_service != NULL &&
	    rows.of_region != NULL && rows.of_country != NULL &&
	    rows.of_as != NULL)
		words = history_writer_open(writer) != 0
		    ? history_writer_why(writer)
		    : history_made_batches(made, &rows, writer);
	if (words != NULL)
		(void)snprintf(why, sizeof(why), "%s", words);
	history_writer_destroy(writer);
	free(rows.traffic);
	free(rows.scope);
	free(rows.place);
	free(rows.of_service);
	free(rows.of_region);
	free(rows.of_country);
	free(rows.of_as);
	return words != NULL ? why : NULL;
}

#endif
