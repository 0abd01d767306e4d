/*
 * The writer of a history of traffic.  Called in the writing process of
 * meridiand and by tests; never deletes or repairs a file.
 */
#include "state/history/writer.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "state/aside.h"
#include "state/history/schema.h"
#include "state/history/writer_parts.h"
#include "state/opening.h"

/* Of the rows of ${table} that come before ?1 in its key, the first ?2. */
#define OLD(table, key, all)                                                   \
	"DELETE FROM " table " WHERE (" all ") IN (SELECT " all " FROM " table \
	" WHERE " key " < ?1 ORDER BY " all " LIMIT ?2)"

static const char *const sql[WRITER_STATEMENTS] = {
    [WRITER_BEGIN] = "BEGIN IMMEDIATE",
    [WRITER_COMMIT] = "COMMIT",
    [WRITER_ROLLBACK] = "ROLLBACK",
    [WRITER_LAST] = "SELECT run, number, minute FROM batch WHERE node = ?1",
    [WRITER_SET_LAST] =
	"INSERT OR REPLACE INTO batch VALUES (?1, ?2, ?3, ?4, ?5)",
    [WRITER_COUNTED] =
	"INSERT INTO counted VALUES (?1, ?2)"
	" ON CONFLICT (hour) DO UPDATE SET minutes = minutes | ?2",
    [WRITER_SAMPLED] = "INSERT OR IGNORE INTO sampled VALUES (?1, ?2)",
    [WRITER_SAMPLE] = "SELECT one_in FROM sampled WHERE day = ?1",
    [WRITER_FAILOVER] =
	"INSERT INTO failover (wall_ms, service, pool, endpoint, back)"
	" VALUES (?1, ?2, ?3, ?4, ?5)",
    [WRITER_ADD_COUNTRY] =
	"UPDATE country_open SET samples = samples + ?1"
	" WHERE day = ?2 AND service = ?3 AND country = ?4 AND region = ?5",
    [WRITER_NEW_COUNTRY] =
	"INSERT INTO country_open (samples, day, service, country, region)"
	" VALUES (?1, ?2, ?3, ?4, ?5)",
    [WRITER_ADD_AS] = "UPDATE as_open SET samples = samples + ?1"
		      " WHERE day = ?2 AND service = ?3 AND number = ?4",
    [WRITER_NEW_AS] = "INSERT INTO as_open (samples, day, service, number)"
		      " VALUES (?1, ?2, ?3, ?4)",
    [WRITER_OPEN_COUNTRY] = "SELECT day, service FROM country_open"
			    " WHERE day < ?1 ORDER BY day, service LIMIT 1",
    [WRITER_OPEN_AS] = "SELECT day, service FROM as_open"
		       " WHERE day < ?1 ORDER BY day, service LIMIT 1",
    [WRITER_COUNTRIES] = "SELECT country, region, samples FROM country_open"
			 " WHERE day = ?1 AND service = ?2",
    [WRITER_AS_NUMBERS] = "SELECT number, 0, samples FROM as_open"
			  " WHERE day = ?1 AND service = ?2",
    [WRITER_DONE_COUNTRIES] = "SELECT country, region, samples FROM"
			      " country_days WHERE month = ?1 AND service = ?2",
    [WRITER_DONE_AS] = "SELECT number, 0, samples FROM as_days"
		       " WHERE month = ?1 AND service = ?2",
    [WRITER_CLOSE_COUNTRIES] =
	"DELETE FROM country_open WHERE day = ?1 AND service = ?2",
    [WRITER_CLOSE_AS] = "DELETE FROM as_open WHERE day = ?1 AND service = ?2",
    [WRITER_OLD_MINUTES] = OLD("traffic_minutes", "hour", "hour, path"),
    [WRITER_OLD_HOURS] = OLD("traffic_hours", "day", "day, path"),
    [WRITER_OLD_DAYS] = OLD("traffic_days", "month", "month, path"),
    [WRITER_OLD_SCOPES] =
	OLD("scope_days", "month", "month, service, family, length"),
    [WRITER_OLD_COUNTRIES] =
	OLD("country_days", "month", "month, service, country, region"),
    [WRITER_OLD_AS] = OLD("as_days", "month", "month, service, number"),
    [WRITER_OLD_COUNTED] = OLD("counted", "hour", "hour"),
    [WRITER_OLD_SAMPLED] = OLD("sampled", "day", "day"),
    [WRITER_OLD_FAILOVERS] =
	"DELETE FROM failover WHERE id IN (SELECT id FROM failover"
	" WHERE wall_ms < ?1 ORDER BY wall_ms LIMIT ?2)",
    [WRITER_MANY_FAILOVERS] =
	"DELETE FROM failover WHERE id IN (SELECT id FROM failover WHERE"
	" id <= (SELECT max(id) FROM failover) - ?1 ORDER BY id LIMIT ?2)",
    [WRITER_PAGES] =
	"SELECT (page_count - freelist_count) * page_size"
	" FROM pragma_page_count, pragma_freelist_count, pragma_page_size",
};

struct history_writer *
history_writer_create(const char *path, uint64_t max_bytes)
{
	struct history_writer *w = calloc(1, sizeof(*w));

	if (w == NULL)
		return NULL;
	w->path = strdup(path);
	if (w->path == NULL) {
		free(w);
		return NULL;
	}
	w->max_bytes = max_bytes;
	w->minute = -1;
	w->lock = -1;
	database_init(&w->d, w->path, &history_schema);
	return w;
}

void
history_writer_destroy(struct history_writer *w)
{
	if (w == NULL)
		return;
	database_close(&w->d);
	history_release(w);
	names_finish(&w->names);
	free(w->path);
	free(w);
}

const char *
history_writer_why(const struct history_writer *w)
{
	return w->d.why;
}

uint64_t
history_writer_bytes(const struct history_writer *w)
{
	return w->bytes;
}

bool
history_writer_spoiled(const struct history_writer *w)
{
	return w->d.db == NULL && w->d.spoiled.inode != 0;
}

int
history_writer_set_aside(struct history_writer *w)
{
	bool held = w->held;

	w->held = false;
	return aside_move(w->path, &w->d.spoiled, HISTORY_APPLICATION_ID, held);
}

/* Let go of the file: what a transaction had is not written. */
static int
let_go(struct history_writer *w)
{
	database_abandon(&w->d);
	names_finish(&w->names);
	memset(&w->names, 0, sizeof(w->names));
	memset(w->stmt, 0, sizeof(w->stmt));
	return -1;
}

void
history_bind(struct history_writer *w, enum writer_statement which,
    const int64_t *value, int n)
{
	for (int i = 0; i < n; i++)
		(void)sqlite3_bind_int64(w->stmt[which], i + 1, value[i]);
}

int
history_step(struct history_writer *w, enum writer_statement which)
{
	int code = sqlite3_step(w->stmt[which]);

	if (code == SQLITE_ROW || code == SQLITE_DONE)
		return code == SQLITE_ROW;
	return database_failed(&w->d);
}

int
history_run(struct history_writer *w, enum writer_statement which)
{
	int status = history_step(w, which);

	sqlite3_reset(w->stmt[which]);
	return status < 0 ? -1 : 0;
}

int64_t
history_changes(const struct history_writer *w)
{
	return sqlite3_changes64(w->d.db);
}

static int
prepare(struct history_writer *w)
{
	for (int i = 0; i < WRITER_STATEMENTS; i++)
		if (database_prepare(&w->d, sql[i], &w->stmt[i]) != 0)
			return -1;
	return series_prepare(&w->series, &w->d);
}

/* What the writer keeps in memory of what is there. */
static int
load(struct history_writer *w)
{
	static const char *const count[WRITER_OPENS] = {
	    [OPEN_COUNTRIES] = "SELECT count(*) FROM country_open",
	    [OPEN_AS] = "SELECT count(*) FROM as_open"};
	long long number;

	for (int i = 0; i < WRITER_OPENS; i++) {
		if (database_number(&w->d, count[i], &number) != 0)
			return -1;
		w->open_rows[i] = number;
	}
	if (database_number(&w->d, "SELECT ifnull(max(minute), -1) FROM batch",
		&number) != 0)
		return -1;
	w->minute = number;
	return names_load(&w->names, &w->d);
}

int
history_writer_open(struct history_writer *w)
{
	if (history_hold(w) != 0 || opening_write(&w->d) != 0)
		return -1;
	w->held = true;
	return prepare(w) == 0 && load(w) == 0 ? 0 : let_go(w);
}

bool
history_writer_same(struct history_writer *w)
{
	if (database_same(&w->d))
		return true;
	(void)let_go(w);
	return false;
}

/* --- a batch --- */

/* The batch was written before: 1, 0 or -1. */
static int
is_known(
    struct history_writer *w, const struct history_batch *batch, int64_t node)
{
	sqlite3_stmt *stmt = w->stmt[WRITER_LAST];
	int found;

	history_bind(w, WRITER_LAST, &node, 1);
	found = history_step(w, WRITER_LAST);
	if (found == 1)
		found = (uint64_t)sqlite3_column_int64(stmt, 0) == batch->run &&
		    (uint64_t)sqlite3_column_int64(stmt, 1) >= batch->number;
	sqlite3_reset(stmt);
	return found;
}

static int
set_last(struct history_writer *w, const struct history_batch *batch,
    int64_t node, int64_t minute)
{
	const int64_t last[] = {node, (int64_t)batch->run,
	    (int64_t)batch->number, minute, batch->sample};

	history_bind(w, WRITER_SET_LAST, last, 5);
	return history_run(w, WRITER_SET_LAST);
}

/* Answers of a path in a batch. */
struct counts {
	int64_t path;
	uint64_t n[SERIES_VALUES]; /* all, and of them with a client subnet */
};

static int
by_path(const void *a, const void *b)
{
	const struct counts *one = a, *other = b;

	return (one->path > other->path) - (one->path < other->path);
}

static int
path_of(struct history_writer *w, const struct history_traffic *row,
    struct counts *counts)
{
	const struct names_path path = {names_number(&w->names, row->service),
	    names_number(&w->names, row->pool),
	    names_number(&w->names, row->region),
	    names_number(&w->names, row->reason)};

	if (path.service < 0 || path.pool < 0 || path.region < 0 ||
	    path.reason < 0)
		return -1;
	counts->path = names_path(&w->names, &path);
	counts->n[0] = row->answers;
	counts->n[1] = row->subnet ? row->answers : 0;
	return counts->path < 0 ? -1 : 0;
}

static int
add_counts(struct history_writer *w, const struct counts *counts,
    const struct calendar *at)
{
	const int64_t hour[] = {at->hour, counts->path},
		      day[] = {at->day, counts->path},
		      month[] = {at->month, counts->path};

	if (counts->n[0] == 0)
		return 0;
	if (series_add(&w->series, SERIES_MINUTES, hour, at->minute_of_hour,
		counts->n) != 0 ||
	    series_add(
		&w->series, SERIES_HOURS, day, at->hour_of_day, counts->n) != 0)
		return -1;
	return series_add(
	    &w->series, SERIES_DAYS, month, at->day_of_month, counts->n);
}

/* In the order of the file, so that its pages are met one after the other. */
static int
add_sorted(struct history_writer *w, struct counts *counts, size_t n,
    const struct calendar *at)
{
	size_t i = 0;

	qsort(counts, n, sizeof(*counts), by_path);
	while (i < n) {
		struct counts sum = counts[i];

		for (i++; i < n && counts[i].path == sum.path; i++)
			for (int k = 0; k < SERIES_VALUES; k++)
				sum.n[k] += counts[i].n[k];
		if (add_counts(w, &sum, at) != 0)
			return -1;
	}
	return 0;
}

static int
write_traffic(struct history_writer *w, const struct history_batch *batch,
    const struct calendar *at)
{
	struct counts *counts = calloc(batch->n_traffic + 1, sizeof(*counts));
	int status = 0;

	if (counts == NULL)
		return database_say(&w->d, "no memory");
	for (size_t i = 0; i < batch->n_traffic && status == 0; i++)
		status = path_of(w, &batch->traffic[i], &counts[i]);
	if (status == 0)
		status = add_sorted(w, counts, batch->n_traffic, at);
	free(counts);
	return status;
}

static int
write_scopes(struct history_writer *w, const struct history_batch *batch,
    const struct calendar *at)
{
	for (size_t i = 0; i < batch->n_scope; i++) {
		const struct history_scope *row = &batch->scope[i];
		const int64_t key[] = {at->month,
		    names_number(&w->names, row->service), row->family,
		    row->length};

		if (key[1] < 0 ||
		    (row->answers > 0 &&
			series_add(&w->series, SERIES_SCOPES, key,
			    at->day_of_month, &row->answers) != 0))
			return -1;
	}
	return 0;
}

static int
write_failovers(struct history_writer *w, const struct history_batch *batch)
{
	for (size_t i = 0; i < batch->n_failover; i++) {
		const struct history_failover *row = &batch->failover[i];
		const int64_t value[] = {row->wall_ms,
		    names_number(&w->names, row->service),
		    names_number(&w->names, row->pool),
		    names_number(&w->names, row->endpoint), row->back};

		if (value[1] < 0 || value[2] < 0 || value[3] < 0)
			return -1;
		history_bind(w, WRITER_FAILOVER, value, 5);
		if (history_run(w, WRITER_FAILOVER) != 0)
			return -1;
	}
	return 0;
}

static int
write_counted(struct history_writer *w, const struct calendar *at)
{
	const int64_t value[] = {at->hour, (int64_t)1 << at->minute_of_hour};

	history_bind(w, WRITER_COUNTED, value, 2);
	return history_run(w, WRITER_COUNTED);
}

static int
count_bytes(struct history_writer *w)
{
	int status = history_step(w, WRITER_PAGES);

	if (status == 1)
		w->bytes =
		    (uint64_t)sqlite3_column_int64(w->stmt[WRITER_PAGES], 0);
	sqlite3_reset(w->stmt[WRITER_PAGES]);
	return status < 0 ? -1 : 0;
}

/* A leap of the clock makes all of it old at once, or all that comes after it
 * wrong: for so many batches nothing is taken away. */
#define LEAP_MINUTES (2 * 24 * 60)
#define STEADY 60

static void
follow_clock(struct history_writer *w, int64_t minute)
{
	bool leapt = w->minute >= 0 &&
	    (minute > w->minute + LEAP_MINUTES ||
		minute < w->minute - LEAP_MINUTES);

	if (leapt)
		w->steady = 0;
	else if (w->minute < 0)
		w->steady = STEADY;
	else if (w->steady < STEADY)
		w->steady++;
	w->minute = minute;
}

/* Of a day that is over, so many services a batch: all of a large node in an
 * hour. */
#define FOLD_SERVICES 20

/* Inside the transaction.  1: the batch was written before. */
static int
write_all(struct history_writer *w, const struct history_batch *batch)
{
	int64_t node = names_number(&w->names, batch->node);
	int64_t minute = batch->minute_ms / CALENDAR_MINUTE_MS;
	struct calendar at;
	int known;

	if (node < 0)
		return -1;
	known = is_known(w, batch, node);
	if (known != 0)
		return known;
	calendar_of(batch->minute_ms, &at);
	if (write_counted(w, &at) != 0 || write_traffic(w, batch, &at) != 0 ||
	    write_scopes(w, batch, &at) != 0 ||
	    history_add_places(w, batch, &at) != 0 ||
	    write_failovers(w, batch) != 0 ||
	    set_last(w, batch, node, minute) != 0)
		return -1;
	follow_clock(w, minute);
	if (w->steady < STEADY)
		return 0;
	return history_fold(w, at.day, FOLD_SERVICES) < 0 ||
		count_bytes(w) != 0 || history_prune(w, &at) != 0
	    ? -1
	    : 0;
}

int
history_writer_write(
    struct history_writer *w, const struct history_batch *batch)
{
	int status;

	if (history_run(w, WRITER_BEGIN) != 0)
		return let_go(w);
	status = write_all(w, batch);
	if (status < 0 || history_run(w, WRITER_COMMIT) != 0)
		return let_go(w);
	database_note(&w->d);
	return 0;
}

/* All that is old, not a little of it. */
static int
prune_all(struct history_writer *w, const struct calendar *at)
{
	int64_t before;

	do {
		before = sqlite3_total_changes64(w->d.db);
		if (history_prune(w, at) != 0)
			return -1;
	} while (sqlite3_total_changes64(w->d.db) > before);
	return 0;
}

int
history_writer_tidy(struct history_writer *w)
{
	struct calendar at;
	int done;

	calendar_of(w->minute * CALENDAR_MINUTE_MS, &at);
	if (history_run(w, WRITER_BEGIN) != 0)
		return let_go(w);
	while ((done = history_fold(w, at.day, FOLD_SERVICES)) == 0)
		;
	if (done < 0 || count_bytes(w) != 0 || prune_all(w, &at) != 0 ||
	    history_run(w, WRITER_COMMIT) != 0)
		return let_go(w);
	return 0;
}
