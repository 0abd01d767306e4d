/*
 * The reader of a history: opening it, its names, what there is, failovers and
 * gaps.  Sums are in reader_sum.c.  Called by meridianctl; changes nothing, and
 * believes nothing in the file.
 */
#include "state/history/reader.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/array.h"
#include "state/history/names.h"
#include "state/history/reader_parts.h"
#include "state/history/schema.h"
#include "state/opening.h"

/* A minute past this makes no sense: 9999-12-31. */
#define MINUTE_MAX INT64_C(4223371679)

int
reader_failed(struct history_reader *r, struct errbuf *eb)
{
	return errbuf_error(
	    eb, NULL, "history %s cannot be read: %s", r->path, r->d.why);
}

static int
no_memory(struct history_reader *r)
{
	return database_say(&r->d, "no memory");
}

/* --- names --- */

const char *
reader_name(const struct history_reader *r, uint32_t rank)
{
	return rank < r->n_names ? r->name[rank] : "";
}

uint32_t
reader_rank(const struct history_reader *r, int64_t number)
{
	return u64map_get(&r->rank_of, (uint64_t)number);
}

uint32_t
reader_find(const struct history_reader *r, const char *text)
{
	size_t low = 0, high = r->n_names;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(r->name[middle], text) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low < r->n_names && strcmp(r->name[low], text) == 0
	    ? (uint32_t)low
	    : READER_NONE;
}

/* A copy without what a terminal would take for an order. */
static char *
copy_clean(const char *text)
{
	char *copy = strndup(text, HISTORY_TEXT - 1);

	for (char *at = copy; copy != NULL && *at != '\0'; at++)
		if (*at < ' ' || *at > '~')
			*at = '?';
	return copy;
}

static int
take_name(void *context, sqlite3_stmt *stmt)
{
	struct history_reader *r = context;
	const char *text = (const char *)sqlite3_column_text(stmt, 1);
	char **grown = array_grow(
	    r->name, r->n_names, &r->size_names, sizeof(*grown), NAMES_MAX);

	if (text == NULL || grown == NULL)
		return no_memory(r);
	r->name = grown;
	grown[r->n_names] = copy_clean(text);
	if (grown[r->n_names] == NULL ||
	    u64map_add(&r->rank_of, (uint64_t)sqlite3_column_int64(stmt, 0),
		(uint32_t)r->n_names) != 0)
		return no_memory(r);
	r->n_names++;
	return 0;
}

static int
take_path(void *context, sqlite3_stmt *stmt)
{
	struct history_reader *r = context;
	struct reader_path *grown = array_grow(
	    r->paths, r->n_paths, &r->size_paths, sizeof(*grown), NAMES_MAX);

	if (grown == NULL)
		return no_memory(r);
	r->paths = grown;
	grown[r->n_paths] =
	    (struct reader_path){reader_rank(r, sqlite3_column_int64(stmt, 1)),
		reader_rank(r, sqlite3_column_int64(stmt, 2)),
		reader_rank(r, sqlite3_column_int64(stmt, 3)),
		reader_rank(r, sqlite3_column_int64(stmt, 4))};
	if (u64map_add(&r->path_of, (uint64_t)sqlite3_column_int64(stmt, 0),
		(uint32_t)r->n_paths) != 0)
		return no_memory(r);
	r->n_paths++;
	return 0;
}

/* --- what there is --- */

/* The first, or last, minute of an hour that was counted. */
static int64_t
minute_of(int64_t hour, int64_t minutes, bool last)
{
	uint64_t bits = (uint64_t)minutes & ((UINT64_C(1) << 60) - 1);
	int64_t at = 0;

	if (bits != 0)
		at = last ? 63 - __builtin_clzll(bits) : __builtin_ctzll(bits);
	return hour * 60 + at;
}

static int
take_bounds(void *context, sqlite3_stmt *stmt)
{
	struct history_reader *r = context;
	struct history_bounds *b = &r->bounds;
	const int64_t ms[] = {CALENDAR_MINUTE_MS, CALENDAR_MINUTE_MS,
	    CALENDAR_HOUR_MS, CALENDAR_DAY_MS};
	int64_t *const out[] = {
	    &b->first_ms, &b->last_ms, &b->first_minute_ms, &b->first_hour_ms};
	const int64_t value[] = {minute_of(sqlite3_column_int64(stmt, 0),
				     sqlite3_column_int64(stmt, 1), false),
	    minute_of(sqlite3_column_int64(stmt, 2),
		sqlite3_column_int64(stmt, 3), true) +
		1,
	    sqlite3_column_int64(stmt, 4), sqlite3_column_int64(stmt, 5)};
	const char *node = (const char *)sqlite3_column_text(stmt, 6);
	static const int column[] = {0, 2, 4, 5};

	for (int i = 0; i < 4; i++)
		*out[i] = sqlite3_column_type(stmt, column[i]) == SQLITE_NULL ||
			value[i] < 0 || value[i] > MINUTE_MAX
		    ? -1
		    : value[i] * ms[i];
	(void)snprintf(
	    b->node, sizeof(b->node), "%s", node != NULL ? node : "");
	return 0;
}

static int
load_all(struct history_reader *r)
{
	static const char bounds[] =
	    "SELECT (SELECT min(hour) FROM counted),"
	    " (SELECT minutes FROM counted ORDER BY hour LIMIT 1),"
	    " (SELECT max(hour) FROM counted),"
	    " (SELECT minutes FROM counted ORDER BY hour DESC LIMIT 1),"
	    " (SELECT min(hour) FROM traffic_minutes),"
	    " (SELECT min(day) FROM traffic_hours),"
	    " (SELECT text FROM batch JOIN name ON id = node"
	    " ORDER BY minute DESC LIMIT 1)";

	/* From the first statement on all is of one moment. */
	if (database_exec(&r->d, "BEGIN") != 0)
		return -1;
	return database_rows(&r->d, "SELECT id, text FROM name ORDER BY text",
		   take_name, r) == 0 &&
		database_rows(&r->d,
		    "SELECT id, service, pool, region, reason FROM path",
		    take_path, r) == 0 &&
		database_rows(&r->d, bounds, take_bounds, r) == 0
	    ? 0
	    : -1;
}

struct history_reader *
history_reader_open(const char *path, struct errbuf *eb)
{
	struct history_reader *r = calloc(1, sizeof(*r));
	struct stat st;

	if (r == NULL || (r->path = strdup(path)) == NULL) {
		free(r);
		(void)errbuf_error(eb, NULL, "no memory");
		return NULL;
	}
	u64map_init(&r->rank_of);
	u64map_init(&r->path_of);
	database_init(&r->d, r->path, &history_schema);
	if (stat(path, &st) != 0 && errno == ENOENT)
		(void)errbuf_error(eb, NULL,
		    "there is no history at %s yet: meridiand writes it, once "
		    "a minute, while history is on in its file",
		    path);
	else if (opening_read(&r->d) == 0 && load_all(r) == 0)
		return r;
	else if (access(path, R_OK | W_OK) != 0 && errno == EACCES)
		(void)errbuf_error(eb, NULL,
		    "history %s cannot be read: %s: run this as root, or as "
		    "the user that meridiand runs as",
		    path, r->d.why);
	else
		(void)reader_failed(r, eb);
	history_reader_close(r);
	return NULL;
}

void
history_reader_close(struct history_reader *r)
{
	if (r == NULL)
		return;
	database_abandon(&r->d);
	for (size_t i = 0; i < r->n_names; i++)
		free(r->name[i]);
	free(r->name);
	free(r->paths);
	u64map_finish(&r->rank_of);
	u64map_finish(&r->path_of);
	free(r->path);
	free(r);
}

int
history_bounds(
    struct history_reader *r, struct history_bounds *bounds, struct errbuf *eb)
{
	(void)eb;
	*bounds = r->bounds;
	return 0;
}

int
history_names(struct history_reader *r, enum history_by by,
    void (*name)(void *context, const char *name), void *context,
    struct errbuf *eb)
{
	bool *is = calloc(r->n_names + 1, sizeof(*is));

	if (is == NULL)
		return errbuf_error(eb, NULL, "no memory");
	for (size_t i = 0; i < r->n_paths; i++) {
		const struct reader_path *path = &r->paths[i];
		uint32_t rank = by == HISTORY_SERVICE ? path->service
		    : by == HISTORY_POOL              ? path->pool
		    : by == HISTORY_REGION            ? path->region
						      : path->reason;

		if (rank < r->n_names)
			is[rank] = true;
	}
	for (size_t i = 0; i < r->n_names; i++)
		if (is[i] && r->name[i][0] != '\0')
			name(context, r->name[i]);
	free(is);
	return 0;
}

/* --- failovers and gaps --- */

int
history_failovers(struct history_reader *r, int64_t from_ms, int64_t to_ms,
    const char *service,
    void (*row)(void *context, const struct history_failover *failover),
    void *context, struct errbuf *eb)
{
	uint32_t only = service != NULL ? reader_find(r, service) : READER_NONE;
	sqlite3_stmt *stmt;
	int code;

	if (service != NULL && only == READER_NONE)
		return 0;
	if (database_prepare(&r->d,
		"SELECT wall_ms, service, pool, endpoint, back FROM failover"
		" WHERE wall_ms >= ?1 AND wall_ms < ?2 ORDER BY wall_ms, id",
		&stmt) != 0)
		return reader_failed(r, eb);
	(void)sqlite3_bind_int64(stmt, 1, from_ms);
	(void)sqlite3_bind_int64(stmt, 2, to_ms);
	while ((code = sqlite3_step(stmt)) == SQLITE_ROW) {
		uint32_t of = reader_rank(r, sqlite3_column_int64(stmt, 1));
		const struct history_failover failover = {reader_name(r, of),
		    reader_name(
			r, reader_rank(r, sqlite3_column_int64(stmt, 2))),
		    reader_name(
			r, reader_rank(r, sqlite3_column_int64(stmt, 3))),
		    sqlite3_column_int64(stmt, 4) != 0,
		    sqlite3_column_int64(stmt, 0)};

		if (service == NULL || of == only)
			row(context, &failover);
	}
	if (code != SQLITE_DONE)
		(void)database_failed(&r->d);
	sqlite3_finalize(stmt);
	return code == SQLITE_DONE ? 0 : reader_failed(r, eb);
}

/* Where the stretch that was not counted begins, while one is open. */
struct gaps {
	int64_t next; /* the first minute that nothing is known of yet */
	void (*gap)(void *context, int64_t from_ms, int64_t to_ms);
	void *context;
};

static void
counted_at(struct gaps *g, int64_t minute)
{
	if (minute > g->next)
		g->gap(g->context, g->next * CALENDAR_MINUTE_MS,
		    minute * CALENDAR_MINUTE_MS);
	g->next = minute + 1;
}

int
history_gaps(struct history_reader *r, int64_t from_ms, int64_t to_ms,
    void (*gap)(void *context, int64_t from_ms, int64_t to_ms), void *context,
    struct errbuf *eb)
{
	int64_t to = to_ms / CALENDAR_MINUTE_MS;
	struct gaps g = {
	    (from_ms + CALENDAR_MINUTE_MS - 1) / CALENDAR_MINUTE_MS, gap,
	    context};
	sqlite3_stmt *stmt;
	int code;

	if (database_prepare(&r->d,
		"SELECT hour, minutes FROM counted WHERE hour >= ?1 AND"
		" hour <= ?2 ORDER BY hour",
		&stmt) != 0)
		return reader_failed(r, eb);
	(void)sqlite3_bind_int64(stmt, 1, g.next / 60);
	(void)sqlite3_bind_int64(stmt, 2, to / 60);
	while ((code = sqlite3_step(stmt)) == SQLITE_ROW) {
		int64_t hour = sqlite3_column_int64(stmt, 0);
		uint64_t minutes = (uint64_t)sqlite3_column_int64(stmt, 1);

		for (int64_t i = 0; i < 60; i++) {
			int64_t minute = hour * 60 + i;

			if ((minutes >> i & 1) != 0 && minute >= g.next &&
			    minute < to)
				counted_at(&g, minute);
		}
	}
	if (code == SQLITE_DONE && to > g.next)
		counted_at(&g, to);
	if (code != SQLITE_DONE)
		(void)database_failed(&r->d);
	sqlite3_finalize(stmt);
	return code == SQLITE_DONE ? 0 : reader_failed(r, eb);
}
