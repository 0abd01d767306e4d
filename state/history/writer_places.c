/*
 * Countries and AS numbers of a history: all of a day while it runs, and the
 * largest of each service when it is over.  Called by the writer, inside its
 * transaction.
 */
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "state/history/reader.h"
#include "state/history/schema.h"
#include "state/history/writer_parts.h"

/* --- a day that runs --- */

/* Samples of a service from somewhere. */
struct place {
	int64_t service, what, region; /* country, or AS number without a region
					*/
	uint64_t samples;
};

static int
order(int64_t a, int64_t b)
{
	return (a > b) - (a < b);
}

static int
by_key(const void *a, const void *b)
{
	const struct place *one = a, *other = b;
	int by = order(one->service, other->service);

	if (by == 0)
		by = order(one->what, other->what);
	return by != 0 ? by : order(one->region, other->region);
}

/* Add to a row that is there; 1 when it is. */
static int
update(struct history_writer *w, enum writer_statement which,
    const int64_t value[5], int n)
{
	history_bind(w, which, value, n);
	return history_run(w, which) != 0 ? -1 : history_changes(w) > 0;
}

/* What counts as one with all others of its service. */
static int64_t
other_of(struct history_writer *w, enum writer_open which)
{
	return which == OPEN_AS
	    ? HISTORY_SCHEMA_OTHER_AS
	    : names_number(&w->names, HISTORY_OTHER_COUNTRY);
}

static int
add_place(struct history_writer *w, enum writer_open which, int64_t day,
    const struct place *place)
{
	static const enum writer_statement add[] = {
	    [OPEN_COUNTRIES] = WRITER_ADD_COUNTRY, [OPEN_AS] = WRITER_ADD_AS};
	static const enum writer_statement new[] = {
	    [OPEN_COUNTRIES] = WRITER_NEW_COUNTRY, [OPEN_AS] = WRITER_NEW_AS};
	int64_t value[] = {(int64_t)place->samples, day, place->service,
	    place->what, place->region};
	int n = which == OPEN_AS ? 4 : 5;
	int found = update(w, add[which], value, n);

	if (found == 0 && w->open_rows[which] >= WRITER_OPEN_ROWS) {
		/* Somebody asks from everywhere: no day is to be larger. */
		value[3] = other_of(w, which);
		value[4] = names_number(&w->names, "");
		if (value[3] == -1 && which != OPEN_AS)
			return -1;
		found = update(w, add[which], value, n);
	}
	if (found != 0)
		return found < 0 ? -1 : 0;
	history_bind(w, new[which], value, n);
	w->open_rows[which]++;
	return history_run(w, new[which]);
}

static int
add_places(struct history_writer *w, enum writer_open which, int64_t day,
    struct place *place, size_t n)
{
	size_t i = 0;

	qsort(place, n, sizeof(*place), by_key);
	while (i < n) {
		struct place sum = place[i];

		for (i++; i < n && by_key(&place[i], &sum) == 0; i++)
			sum.samples += place[i].samples;
		if (sum.samples > 0 && add_place(w, which, day, &sum) != 0)
			return -1;
	}
	return 0;
}

/* The sample of the day: of the first batch of it, for one row has to be of
 * one. */
static int
sample_of_day(
    struct history_writer *w, int64_t day, uint32_t sample, uint64_t *out)
{
	const int64_t value[] = {day, sample};
	int status;

	history_bind(w, WRITER_SAMPLED, value, 2);
	if (history_run(w, WRITER_SAMPLED) != 0)
		return -1;
	history_bind(w, WRITER_SAMPLE, value, 1);
	status = history_step(w, WRITER_SAMPLE);
	if (status == 1)
		*out =
		    (uint64_t)sqlite3_column_int64(w->stmt[WRITER_SAMPLE], 0);
	sqlite3_reset(w->stmt[WRITER_SAMPLE]);
	if (status == 1 && *out == 0)
		*out = 1;
	return status == 1 ? 0 : -1;
}

static int
fill(struct history_writer *w, const struct history_batch *batch,
    enum writer_open which, uint64_t sample, struct place *place)
{
	for (size_t i = 0; i < batch->n_place; i++) {
		const struct history_place *row = &batch->place[i];
		bool as = which == OPEN_AS;

		place[i] = (struct place){
		    .service = names_number(&w->names, row->service),
		    .what = as ? (int64_t)row->asn
			       : names_number(&w->names, row->country),
		    .region = as ? 0 : names_number(&w->names, row->region),
		    .samples =
			(row->samples * batch->sample + sample / 2) / sample};
		if (place[i].service < 0 || place[i].what < 0 ||
		    place[i].region < 0)
			return -1;
	}
	return 0;
}

int
history_add_places(struct history_writer *w, const struct history_batch *batch,
    const struct calendar *at)
{
	struct place *place;
	uint64_t sample = 1;
	int status = 0;

	if (batch->n_place == 0)
		return 0;
	if (sample_of_day(w, at->day, batch->sample, &sample) != 0)
		return -1;
	place = calloc(batch->n_place, sizeof(*place));
	if (place == NULL)
		return database_say(&w->d, "no memory");
	for (int i = 0; i < WRITER_OPENS && status == 0; i++) {
		status = fill(w, batch, (enum writer_open)i, sample, place);
		if (status == 0)
			status = add_places(w, (enum writer_open)i, at->day,
			    place, batch->n_place);
	}
	free(place);
	return status;
}

/* --- a day that is over --- */

/* Where a place is kept, and how many. */
struct fold {
	enum writer_statement open, rows, done, close;
	enum series_table table;
	size_t kept;
};

static const struct fold folds[WRITER_OPENS] = {
    [OPEN_COUNTRIES] = {WRITER_OPEN_COUNTRY, WRITER_COUNTRIES,
	WRITER_DONE_COUNTRIES, WRITER_CLOSE_COUNTRIES, SERIES_COUNTRIES,
	HISTORY_COUNTRIES},
    [OPEN_AS] = {WRITER_OPEN_AS, WRITER_AS_NUMBERS, WRITER_DONE_AS,
	WRITER_CLOSE_AS, SERIES_AS, HISTORY_AS_NUMBERS},
};

/* A row of the day. */
struct entry {
	int64_t what, region;
	uint64_t samples;
	uint64_t all;  /* of its country or AS number, all regions */
	uint64_t done; /* of it, what is in the month already */
};

struct entries {
	struct entry *entry;
	size_t n, size;
};

static int
append(struct history_writer *w, struct entries *e, const struct entry *entry)
{
	struct entry *grown = array_grow(e->entry, e->n, &e->size,
	    sizeof(*grown), (size_t)2 * WRITER_OPEN_ROWS);

	if (grown == NULL)
		return database_say(&w->d, "no memory");
	e->entry = grown;
	e->entry[e->n++] = *entry;
	return 0;
}

/* Rows of the day, as they were counted. */
static int
read_open(struct history_writer *w, const struct fold *fold, int64_t day,
    int64_t service, struct entries *e)
{
	sqlite3_stmt *stmt = w->stmt[fold->rows];
	const int64_t value[] = {day, service};
	int status;

	history_bind(w, fold->rows, value, 2);
	while ((status = history_step(w, fold->rows)) == 1) {
		const struct entry entry = {
		    .what = sqlite3_column_int64(stmt, 0),
		    .region = sqlite3_column_int64(stmt, 1),
		    .samples = (uint64_t)sqlite3_column_int64(stmt, 2)};

		if (append(w, e, &entry) != 0) {
			status = -1;
			break;
		}
	}
	sqlite3_reset(stmt);
	return status;
}

/* Rows of the same day that came before: the clock was set back, and the day
 * was over once already. */
static int
read_done(struct history_writer *w, const struct fold *fold,
    const struct calendar *at, int64_t service, struct entries *e)
{
	sqlite3_stmt *stmt = w->stmt[fold->done];
	const int64_t value[] = {at->month, service};
	uint64_t count[PACKED_COUNTS];
	int status;

	history_bind(w, fold->done, value, 2);
	while ((status = history_step(w, fold->done)) == 1) {
		const void *data = sqlite3_column_blob(stmt, 2);
		int bytes = sqlite3_column_bytes(stmt, 2);
		struct entry entry = {.what = sqlite3_column_int64(stmt, 0),
		    .region = sqlite3_column_int64(stmt, 1)};

		if (packed_read(data, (size_t)bytes,
			series_kind(fold->table)->n, count) != 0)
			continue; /* the writer of the row says it */
		entry.samples = entry.done = count[at->day_of_month];
		if (entry.samples > 0 && append(w, e, &entry) != 0) {
			status = -1;
			break;
		}
	}
	sqlite3_reset(stmt);
	return status;
}

static int
by_what(const void *a, const void *b)
{
	const struct entry *one = a, *other = b;
	int by = order(one->what, other->what);

	return by != 0 ? by : order(one->region, other->region);
}

/* The largest first. */
static int
by_size(const void *a, const void *b)
{
	const struct entry *one = a, *other = b;

	if (one->all != other->all)
		return one->all < other->all ? 1 : -1;
	return by_what(a, b);
}

/* One entry a place and region, with the sum of all its regions, the largest
 * first. */
static void
rank(struct entries *e)
{
	size_t n = 0;

	qsort(e->entry, e->n, sizeof(*e->entry), by_what);
	for (size_t i = 0; i < e->n; i++) {
		if (n > 0 && by_what(&e->entry[i], &e->entry[n - 1]) == 0) {
			e->entry[n - 1].samples += e->entry[i].samples;
			e->entry[n - 1].done += e->entry[i].done;
		} else {
			e->entry[n++] = e->entry[i];
		}
	}
	e->n = n;
	for (size_t i = 0; i < n;) {
		size_t end = i;
		uint64_t all = 0;

		for (; end < n && e->entry[end].what == e->entry[i].what; end++)
			all += e->entry[end].samples;
		for (; i < end; i++)
			e->entry[i].all = all;
	}
	qsort(e->entry, n, sizeof(*e->entry), by_size);
}

static int
set(struct history_writer *w, const struct fold *fold,
    const struct calendar *at, int64_t service, const struct entry *entry,
    uint64_t samples)
{
	const int64_t key[] = {at->month, service, entry->what, entry->region};

	return series_set(
	    &w->series, fold->table, key, at->day_of_month, samples);
}

/*
 * Of a service with so many samples in a day a place with fewer than three says
 * nothing (its error is more than half of it), and there are many such: each is
 * another the next day.  They count among the others.
 */
#define MANY_SAMPLES 100
#define LEAST_SAMPLES 3

static uint64_t
least_of(const struct entries *e)
{
	uint64_t all = 0;

	for (size_t i = 0; i < e->n; i++)
		all += e->entry[i].samples;
	return all < MANY_SAMPLES ? 0 : LEAST_SAMPLES;
}

/* The largest stay, and what is left of the others becomes one. */
static int
keep(struct history_writer *w, enum writer_open which,
    const struct calendar *at, int64_t service, struct entries *e)
{
	const struct fold *fold = &folds[which];
	struct entry other = {.what = other_of(w, which)};
	uint64_t least = least_of(e);
	size_t kept = 0;

	if (e->n == 0)
		return 0;
	if (which == OPEN_COUNTRIES)
		other.region = names_number(&w->names, "");
	rank(e);
	for (size_t i = 0; i < e->n; i++) {
		const struct entry *entry = &e->entry[i];
		bool rest = entry->what == other.what || entry->all < least;

		if (!rest && (i == 0 || entry->what != e->entry[i - 1].what))
			kept++;
		if (!rest && kept <= fold->kept) {
			if (set(w, fold, at, service, entry, entry->samples) !=
			    0)
				return -1;
			continue;
		}
		other.samples += entry->samples;
		if (entry->done > 0 && set(w, fold, at, service, entry, 0) != 0)
			return -1;
	}
	return other.samples == 0
	    ? 0
	    : set(w, fold, at, service, &other, other.samples);
}

/* One service of one day. */
static int
fold_one(struct history_writer *w, enum writer_open which, int64_t day,
    int64_t service)
{
	const struct fold *fold = &folds[which];
	const int64_t value[] = {day, service};
	struct entries e = {0};
	struct calendar at;
	int status;

	calendar_of(day * CALENDAR_DAY_MS, &at);
	status = read_open(w, fold, day, service, &e);
	if (status == 0)
		status = read_done(w, fold, &at, service, &e);
	if (status == 0)
		status = keep(w, which, &at, service, &e);
	free(e.entry);
	if (status != 0)
		return -1;
	history_bind(w, fold->close, value, 2);
	if (history_run(w, fold->close) != 0)
		return -1;
	w->open_rows[which] -= history_changes(w);
	return 0;
}

/* The first service of the first day that is over: 1, 0 or -1. */
static int
find(struct history_writer *w, enum writer_open which, int64_t today,
    int64_t *day, int64_t *service)
{
	enum writer_statement open = folds[which].open;
	int status;

	history_bind(w, open, &today, 1);
	status = history_step(w, open);
	if (status == 1) {
		*day = sqlite3_column_int64(w->stmt[open], 0);
		*service = sqlite3_column_int64(w->stmt[open], 1);
	}
	sqlite3_reset(w->stmt[open]);
	return status;
}

int
history_fold(struct history_writer *w, int64_t today, unsigned services)
{
	bool more = false;

	for (int i = 0; i < WRITER_OPENS; i++) {
		enum writer_open which = (enum writer_open)i;
		int64_t day = 0, service = 0;
		int found = 1;

		for (unsigned n = 0; n < services && found == 1; n++) {
			found = find(w, which, today, &day, &service);
			if (found < 0 ||
			    (found == 1 &&
				fold_one(w, which, day, service) != 0))
				return -1;
		}
		more = more || found == 1;
	}
	return more ? 0 : 1;
}
