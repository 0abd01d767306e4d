/*
 * Brings back from a copy what a state database lacks.  Called by meridianctl
 * restore, while daemons write to the database; changes no row that is there.
 */
#include "state/backup.h"

#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/clock.h"
#include "state/mirror.h"
#include "state/opening.h"
#include "state/override_clock.h"
#include "state/schema.h"
#include "state/sequence.h"
#include "state/site_held.h"
#include "state/table_sql.h"

/* Overrides that a copy may have; a node says a few a day. */
#define MAX_OVERRIDES 1000000

/* A daemon's largest transaction takes less. */
#define BUSY_MS 10000

/* The overrides of a file, or of a mirror. */
struct list {
	struct state_override *row;
	size_t n, size;
	bool failed; /* no memory, or too many */
};

struct restoring {
	struct database to, from;
	struct state_restored *out;
	int64_t now_ms;
	uint64_t sequence; /* the last that was given */
	struct list was;   /* of the copy */
	struct list is;    /* of the database */
	struct list mirrored;
	bool has_mirror;
	bool strange;  /* nobody knows where the copy's rows were accepted */
	uint64_t last; /* the last number that the mirror knows */
	char *why;
};

static int
fail(struct restoring *r, const struct database *d)
{
	(void)snprintf(r->why, STATE_BACKUP_WHY, "%s: %s", d->path, d->why);
	return -1;
}

static void
add(struct list *list, const struct state_override *row)
{
	struct state_override *grown = array_grow(
	    list->row, list->n, &list->size, sizeof(*grown), MAX_OVERRIDES);

	if (grown == NULL) {
		list->failed = true;
		return;
	}
	list->row = grown;
	list->row[list->n++] = *row;
}

static void
add_mirrored(void *context, const struct state_override *row)
{
	add(context, row);
}

/* --- what is said of overrides --- */

static bool
has_number(const struct list *list, uint64_t number)
{
	for (size_t i = 0; i < list->n; i++)
		if (list->row[i].number == number)
			return true;
	return false;
}

/* A later one of ${list} stands in its place, or has ended it. */
static bool
is_replaced(const struct list *list, const struct state_override *row)
{
	for (size_t i = 0; i < list->n; i++)
		if (list->row[i].number > row->number &&
		    state_override_same(&list->row[i], row))
			return true;
	return false;
}

/* By what the copy and the database say together. */
static bool
is_in_force(const struct restoring *r, const struct state_override *row)
{
	return strcmp(row->action, "undrain") != 0 &&
	    strcmp(row->value, "off") != 0 &&
	    (row->length_ms < 0 ||
		override_clock_at(row) + row->length_ms > r->now_ms) &&
	    !is_replaced(&r->was, row) && !is_replaced(&r->is, row);
}

/* The servers know of it, or of none that came after it. */
static bool
was_ended(const struct restoring *r, const struct state_override *row)
{
	return r->has_mirror && r->last >= row->number &&
	    !has_number(&r->mirrored, row->number);
}

static bool
was_accepted(const struct state_override *row)
{
	return row->shared == STATE_SHARED_ACCEPTED ||
	    row->shared == STATE_SHARED_REFUSED;
}

/* --- rows --- */

/* Give each row of ${table} in ${d} to ${take} until that fails. */
static int
walk(struct restoring *r, struct database *d, enum state_table which,
    int (*take)(struct restoring *r, union schema_row *row, void *context),
    void *context)
{
	const struct table *table = schema_table(which);
	union schema_row row;
	sqlite3_stmt *stmt;
	struct text sql;
	int code, status = 0;

	if (table->since > d->version)
		return 0;
	text_init(&sql, TABLE_SQL_MAX);
	table_sql_select(table, d->version, &sql);
	if (database_prepare_text(d, &sql, &stmt) != 0)
		return fail(r, d);
	while (status == 0 && (code = sqlite3_step(stmt)) == SQLITE_ROW) {
		if (table_read(table, stmt, &row) != NULL)
			r->out->odd++;
		else
			status = take(r, &row, context);
	}
	if (status == 0 && code != SQLITE_DONE) {
		(void)database_failed(d);
		status = fail(r, d);
	}
	sqlite3_finalize(stmt);
	return status;
}

/* The statement that adds a row where nothing has its key, and what counts
 * those that it added. */
struct adding {
	enum state_table which;
	sqlite3_stmt *stmt;
	size_t *count;
};

static int
add_row(struct restoring *r, const struct adding *a, union schema_row *row)
{
	const struct table *table = schema_table(a->which);
	int code;

	(void)table_bind(table, row, a->stmt);
	code = sqlite3_step(a->stmt);
	sqlite3_reset(a->stmt);
	if (code != SQLITE_DONE) {
		(void)database_failed(&r->to);
		return fail(r, &r->to);
	}
	*a->count += (size_t)sqlite3_changes(r->to.db);
	return 0;
}

static int
take_override(struct restoring *r, union schema_row *row, void *context)
{
	(void)r;
	add(context, &row->override);
	return 0;
}

/* Events keep their numbers, by which they are in order. */
static int
take_event(struct restoring *r, union schema_row *row, void *context)
{
	if (row->event.sequence > (uint64_t)SEQUENCE_FLOOR) {
		r->out->odd++;
		return 0;
	}
	return add_row(r, context, row);
}

static int
take_latency(struct restoring *r, union schema_row *row, void *context)
{
	row->latency.sequence = ++r->sequence;
	return add_row(r, context, row);
}

static int
take_ramp(struct restoring *r, union schema_row *row, void *context)
{
	row->ramp.sequence = ++r->sequence;
	return add_row(r, context, row);
}

static int
begin_adding(struct restoring *r, struct adding *a)
{
	struct text sql;

	text_init(&sql, TABLE_SQL_MAX);
	table_sql_insert(schema_table(a->which), &sql);
	return database_prepare_text(&r->to, &sql, &a->stmt) == 0
	    ? 0
	    : fail(r, &r->to);
}

static int
restore_table(struct restoring *r, enum state_table which, size_t *count,
    int (*take)(struct restoring *r, union schema_row *row, void *context))
{
	struct adding a = {.which = which, .count = count};
	int status;

	if (begin_adding(r, &a) != 0)
		return -1;
	status = walk(r, &r->from, which, take, &a);
	sqlite3_finalize(a.stmt);
	return status;
}

/* The trail of the copy, but for what would be in force by it alone, although
 * somebody has ended it since. */
static int
restore_overrides(struct restoring *r)
{
	struct adding a = {
	    .which = TABLE_OVERRIDE, .count = &r->out->overrides};
	union schema_row row;
	size_t before;
	int status;

	if (begin_adding(r, &a) != 0)
		return -1;
	status = 0;
	for (size_t i = 0; i < r->was.n && status == 0; i++) {
		bool in_force = is_in_force(r, &r->was.row[i]);

		if (r->was.row[i].number > (uint64_t)SEQUENCE_FLOOR ||
		    has_number(&r->is, r->was.row[i].number) ||
		    (r->strange && was_accepted(&r->was.row[i])))
			continue;
		if (in_force && was_ended(r, &r->was.row[i])) {
			r->out->ended++;
			continue;
		}
		row.override = r->was.row[i];
		row.override.sequence = ++r->sequence;
		before = r->out->overrides;
		status = add_row(r, &a, &row);
		r->out->in_force += in_force && r->out->overrides > before;
	}
	sqlite3_finalize(a.stmt);
	return status;
}

/* --- all of it --- */

static int
read_top(struct restoring *r)
{
	sqlite3_stmt *stmt;
	int status = -1;

	if (sequence_prepare_top(&r->to, &stmt) != 0)
		return fail(r, &r->to);
	(void)sqlite3_bind_int64(stmt, 1, sequence_most(r->now_ms));
	if (sqlite3_step(stmt) == SQLITE_ROW) {
		r->sequence = (uint64_t)sqlite3_column_int64(stmt, 0);
		status = 0;
	} else {
		(void)database_failed(&r->to);
		(void)fail(r, &r->to);
	}
	sqlite3_finalize(stmt);
	return status;
}

static int
read_lists(struct restoring *r)
{
	struct mirror_reader mirror = {
	    .override = add_mirrored, .context = &r->mirrored};
	int found = mirror_load(r->to.path, &mirror);

	if (found < 0) {
		(void)snprintf(r->why, STATE_BACKUP_WHY,
		    "%s" MIRROR_SUFFIX ": cannot be read, so that nobody knows "
		    "what was ended since",
		    r->to.path);
		return -1;
	}
	r->has_mirror = found == 1;
	r->last = mirror.last;
	if (walk(r, &r->from, TABLE_OVERRIDE, take_override, &r->was) != 0 ||
	    walk(r, &r->to, TABLE_OVERRIDE, take_override, &r->is) != 0)
		return -1;
	if (!r->was.failed && !r->is.failed && !r->mirrored.failed)
		return 0;
	(void)snprintf(r->why, STATE_BACKUP_WHY, "no memory for overrides");
	return -1;
}

static bool
has_accepted(const struct list *list)
{
	for (size_t i = 0; i < list->n; i++)
		if (was_accepted(&list->row[i]))
			return true;
	return false;
}

/* What one site accepted is nothing to another. */
static int
compare_sites(struct restoring *r)
{
	struct site_held was, is;

	if (site_held_read(&r->from, &was) != 0)
		return fail(r, &r->from);
	if (site_held_read(&r->to, &is) != 0)
		return fail(r, &r->to);
	r->strange = is.site[0] != '\0' && was.site[0] == '\0';
	if (was.site[0] != '\0' && is.site[0] != '\0' &&
	    strcmp(was.site, is.site) != 0) {
		(void)snprintf(r->why, STATE_BACKUP_WHY,
		    "%s: the backup is of another site than this database: see "
		    "meridian-recovery(7)",
		    r->to.path);
		return -1;
	}
	if (was.site[0] == '\0' || is.site[0] != '\0' || has_accepted(&r->is))
		return 0;
	return site_held_write(&r->to, &was, ++r->sequence) == 0
	    ? 0
	    : fail(r, &r->to);
}

static int
restore_all(struct restoring *r)
{
	struct state_restored *out = r->out;

	if (read_top(r) != 0 || read_lists(r) != 0 || compare_sites(r) != 0 ||
	    restore_overrides(r) != 0)
		return -1;
	return restore_table(r, TABLE_EVENT, &out->events, take_event) == 0 &&
		restore_table(
		    r, TABLE_LATENCY, &out->round_trips, take_latency) == 0 &&
		restore_table(r, TABLE_RAMP, &out->ramps, take_ramp) == 0
	    ? 0
	    : -1;
}

static int
transact(struct restoring *r, bool dry)
{
	const char *end = dry ? "ROLLBACK" : "COMMIT";
	int status;

	(void)sqlite3_busy_timeout(r->to.db, BUSY_MS);
	/* What was told to be back is back when the power fails. */
	if (database_exec(&r->to, "PRAGMA synchronous = FULL") != 0 ||
	    database_exec(&r->to, "BEGIN IMMEDIATE") != 0)
		return fail(r, &r->to);
	status = restore_all(r);
	if (status != 0)
		(void)sqlite3_exec(r->to.db, "ROLLBACK", NULL, NULL, NULL);
	else if (database_exec(&r->to, end) != 0)
		status = fail(r, &r->to);
	return status;
}

int
state_restore(const char *state, const char *copied, bool dry,
    struct state_restored *out, char why[STATE_BACKUP_WHY])
{
	struct restoring r = {
	    .out = out, .now_ms = clock_wall_ms(), .why = why};
	int status = -1;

	*out = (struct state_restored){0};
	if (state_backup_check(copied, &out->schema, why) != 0)
		return -1;
	database_init(&r.to, state, &schema_current);
	database_init(&r.from, copied, &schema_current);
	if (opening_read(&r.from) != 0) {
		(void)fail(&r, &r.from);
	} else if (opening_write(&r.to) != 0) {
		(void)fail(&r, &r.to);
	} else {
		status = transact(&r, dry);
		database_close(&r.to);
	}
	database_abandon(&r.from);
	free(r.was.row);
	free(r.is.row);
	free(r.mirrored.row);
	return status;
}
