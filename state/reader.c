/*
 * The reader of the state database.  Called by meridianctl and by the reading
 * process of meridiand; never writes, never trusts a value.
 */
#include "state/reader.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "state/latency_import.h"
#include "state/lease.h"
#include "state/opening.h"
#include "state/sequence.h"
#include "state/table_sql.h"

/*
 * Between an error, or a file that was changed under us, and the next try:
 * longer than a writer needs to notice the same and to close the files.  SQLite
 * makes a damaged -shm anew when nobody else has it open.
 */
#define PAUSE_FIRST_MS 100
#define PAUSE_LAST_MS 500

enum statement {
	VERSION,
	TOP,
	ODD,
	EVENTS,
	OVERRIDES, /* NULL in a file whose older schema lacks them */
	OWNER,
	IMPORT,
	STATEMENTS
};

struct state_reader {
	struct database d;
	struct sqlite3_stmt *stmt[STATEMENTS];
	/* The rows past a sequence of each table that is watched; NULL for one
	 * that the file's older schema lacks. */
	struct sqlite3_stmt *rows[STATE_TABLES];
	char *path;
	unsigned tables;  /* that it follows, as TABLES_HEALTH */
	bool full;        /* the next change is */
	int64_t version;  /* PRAGMA data_version of the last change */
	int64_t sequence; /* the largest that was given */
	int64_t top;      /* the same of the file that was there before, too */
	int64_t retry_ms; /* monotonic clock: not opened before */
	int64_t pause_ms;
	bool given;  /* something was, of this file or one before */
	bool failed; /* the last try was an error */
	bool said;   /* that a row makes no sense */
	/* Of rows with a sequence that nobody gave; "" while there are none. */
	char odd[SEQUENCE_WORDS];
};

struct state_reader *
state_reader_create(const char *path)
{
	struct state_reader *r = calloc(1, sizeof(*r));

	if (r == NULL)
		return NULL;
	r->path = strdup(path);
	if (r->path == NULL) {
		free(r);
		return NULL;
	}
	database_init(&r->d, r->path, &schema_current);
	r->tables = TABLES_HEALTH;
	r->pause_ms = PAUSE_FIRST_MS;
	return r;
}

void
state_reader_follow(struct state_reader *r, unsigned tables)
{
	r->tables = tables;
}

static void
let_go(struct state_reader *r)
{
	database_abandon(&r->d);
	memset(r->stmt, 0, sizeof(r->stmt));
	memset(r->rows, 0, sizeof(r->rows));
}

void
state_reader_destroy(struct state_reader *r)
{
	if (r == NULL)
		return;
	let_go(r);
	free(r->path);
	free(r);
}

const char *
state_reader_odd(const struct state_reader *r)
{
	return r->odd;
}

const char *
state_reader_why(const struct state_reader *r)
{
	return r->d.why;
}

/* The words are there: close, and wait before the next try. */
static int
fail(struct state_reader *r)
{
	bool opened = r->d.db != NULL;

	let_go(r);
	r->failed = true;
	/* A file that is not there costs a look, and may come any moment. */
	if (opened) {
		r->retry_ms = clock_mono_ms() + r->pause_ms;
		r->pause_ms *= 2;
		if (r->pause_ms > PAUSE_LAST_MS)
			r->pause_ms = PAUSE_LAST_MS;
	}
	return -1;
}

static int
say(const struct state_reader *r, struct errbuf *eb)
{
	const struct mark at = {.file = r->path};

	return errbuf_error(eb, &at, "state database: %s", r->d.why);
}

static int
broken(struct state_reader *r)
{
	(void)database_failed(&r->d);
	return fail(r);
}

static bool
follows(const struct state_reader *r, size_t table)
{
	const struct table *t = &r->d.schema->table[table];

	return t->watched && (r->tables >> table & 1) != 0 &&
	    t->since <= r->d.version;
}

/* Health is followed: what is said of the file as a whole is said by that
 * reader alone. */
static bool
follows_health(const struct state_reader *r)
{
	return (r->tables & TABLES_HEALTH) == TABLES_HEALTH;
}

/* The largest sequence of all tables that are followed, and of removals. */
static int
prepare_top(struct state_reader *r)
{
	struct text sql;

	text_init(&sql, TABLE_SQL_MAX);
	text_add(&sql, "SELECT max(0");
	for (size_t i = 0; i < STATE_TABLES; i++) {
		if (!follows(r, i))
			continue;
		text_add(&sql, ", ");
		table_sql_top(&r->d.schema->table[i], "sequence", &sql);
	}
	if (follows(r, TABLE_NODE))
		text_add(&sql, ", " SEQUENCE_REMOVED_TOP);
	/* That nothing moved is news of how old the table is. */
	if (follows(r, TABLE_LATENCY))
		text_add(&sql, ", " LATENCY_IMPORTED_TOP);
	text_add(&sql, "), max(0");
	if (follows(r, TABLE_VANTAGE)) {
		text_add(&sql, ", ");
		table_sql_top(schema_table(TABLE_VANTAGE), "removed", &sql);
	}
	if (follows(r, TABLE_NODE))
		text_add(&sql, ", " SEQUENCE_REMOVED_TOP);
	text_add(&sql, ")");
	return database_prepare_text(&r->d, &sql, &r->stmt[TOP]);
}

/* The last rows of a table, by a number that grows. */
static int
prepare_last(struct state_reader *r, enum state_table table, const char *by,
    enum statement which)
{
	struct text sql;

	text_init(&sql, TABLE_SQL_MAX);
	table_sql_select(schema_table(table), r->d.version, &sql);
	text_add(&sql, " WHERE sequence <= ?2 ORDER BY %s DESC LIMIT ?1", by);
	return database_prepare_text(&r->d, &sql, &r->stmt[which]);
}

/* Of whose rows those of other nodes are not given. */
static bool
is_others_left_out(const struct state_reader *r, size_t table)
{
	/* A file of an older schema has no others. */
	return (r->tables & TABLES_OWN) != 0 &&
	    schema_table(TABLE_NODE)->since <= r->d.version &&
	    (table == TABLE_ENDPOINT || table == TABLE_ADDRESS ||
		table == TABLE_LOAD);
}

/* The rows of this node that are new, by their keys, which the index of
 * sequences has: to look at one of another node costs no search of the table.
 */
static void
add_own(const struct table *t, struct text *sql)
{
	text_add(sql, " WHERE (");
	table_sql_key(t, sql);
	text_add(sql, ") IN (SELECT ");
	table_sql_key(t, sql);
	text_add(sql,
	    " FROM %s WHERE sequence > ?1 AND sequence <= ?2"
	    " AND vantage NOT IN (SELECT name FROM vantage"
	    " WHERE node IS NOT NULL))",
	    t->name);
}

static int
prepare_rows(struct state_reader *r)
{
	struct text sql;

	text_init(&sql, TABLE_SQL_MAX);
	for (size_t i = 0; i < STATE_TABLES; i++) {
		if (!follows(r, i))
			continue;
		table_sql_select(&r->d.schema->table[i], r->d.version, &sql);
		if (is_others_left_out(r, i))
			add_own(&r->d.schema->table[i], &sql);
		else
			text_add(
			    &sql, " WHERE sequence > ?1 AND sequence <= ?2");
		if (i == TABLE_EVENT)
			text_add(&sql,
			    " AND sequence > coalesce((SELECT sequence FROM"
			    " event WHERE sequence <= ?2 ORDER BY sequence"
			    " DESC LIMIT 1 OFFSET %d), -1)",
			    SCHEMA_EVENTS_READ);
		text_add(&sql, " ORDER BY sequence");
		if (database_prepare_text(&r->d, &sql, &r->rows[i]) != 0)
			return -1;
	}
	if (schema_table(TABLE_OVERRIDE)->since <= r->d.version &&
	    prepare_last(r, TABLE_OVERRIDE, "number", OVERRIDES) != 0)
		return -1;
	return prepare_last(r, TABLE_EVENT, "sequence", EVENTS);
}

static int
prepare(struct state_reader *r)
{
	static const char owner[] =
	    "SELECT owner_pid FROM vantage WHERE name = ?1 AND"
	    " owner_host = ?2 AND owner_boot = ?3 AND lease_until_ms > ?4";

	if (database_prepare(&r->d, "PRAGMA data_version", &r->stmt[VERSION]) !=
		0 ||
	    database_prepare(&r->d, owner, &r->stmt[OWNER]) != 0)
		return -1;
	if (sequence_prepare(&r->d, &r->stmt[ODD]) != 0)
		return -1;
	/* A file of an older schema has no round trips. */
	if (follows(r, TABLE_LATENCY) &&
	    database_prepare(&r->d, LATENCY_IMPORT_SELECT, &r->stmt[IMPORT]) !=
		0)
		return -1;
	return prepare_top(r) == 0 ? prepare_rows(r) : -1;
}

/* Have the database open.  1, 0 while it has to wait without an error, -1. */
static int
have_open(struct state_reader *r)
{
	if (r->d.db != NULL && !database_same(&r->d)) {
		let_go(r);
		r->failed = false;
		r->retry_ms = clock_mono_ms() + PAUSE_FIRST_MS;
	}
	if (r->d.db != NULL)
		return 1;
	if (clock_mono_ms() < r->retry_ms)
		return r->failed ? -1 : 0;
	if (opening_read(&r->d) != 0 || prepare(r) != 0)
		return fail(r);
	r->full = true;
	r->sequence = 0;
	r->said = false;
	return 1;
}

/* Remember a row that makes no sense; the first is worth a line in the log: of
 * the reader of health, where that meets it too. */
static void
skip(struct state_reader *r, enum state_table which, const char *column)
{
	const char *table = r->d.schema->table[which].name;

	if (r->said ||
	    ((TABLES_HEALTH >> which & 1) != 0 && !follows_health(r)))
		return;
	log_warn("%s: a row of table %s makes no sense, its %s: it is skipped, "
		 "and others like it",
	    r->path, table, column);
	r->said = true;
}

static int
give_rows(struct state_reader *r, enum state_table which,
    const struct state_sink *sink, void *context, int64_t after, int64_t most)
{
	const struct table *table = &r->d.schema->table[which];
	sqlite3_stmt *stmt = r->rows[which];
	union schema_row row;
	const char *bad;
	int code;

	(void)sqlite3_bind_int64(stmt, 1, after);
	(void)sqlite3_bind_int64(stmt, 2, most);
	while ((code = sqlite3_step(stmt)) == SQLITE_ROW) {
		bad = table_read(table, stmt, &row);
		if (bad != NULL)
			skip(r, which, bad);
		else
			sink_row(sink, context, which, &row);
	}
	sqlite3_reset(stmt);
	return code == SQLITE_DONE ? 0 : -1;
}

/* Notice rows whose sequence nobody gave, and say so when that is news. */
static int
look_for_odd(struct state_reader *r, int64_t most)
{
	char words[SEQUENCE_WORDS];
	int found = sequence_odd(r->stmt[ODD], most, words);

	if (found < 0)
		return -1;
	if (found == 0) {
		r->odd[0] = '\0';
	} else if (r->odd[0] == '\0') {
		memcpy(r->odd, words, sizeof(words));
		log_warn("%s: %s", r->path, words);
	}
	return 0;
}

/* Sequences only grow, in one file: say that this is another one. */
static void
tell_older(struct state_reader *r, int64_t top)
{
	if (top < r->top && follows_health(r))
		log_warn("%s: an older copy or a new file is in its place: its "
			 "last change has the number %lld, and number %lld was "
			 "read before; all of it is read again, and what it "
			 "says of a vantage is old until that writes: see "
			 "meridian-operations(7)",
		    r->path, (long long)top, (long long)r->top);
	r->top = top;
}

/*
 * Round trips are being imported: 1, 0, or -1.  -1, with the words, as well
 * when that has come to nothing: what is there is half of a table.
 */
static int
look_at_import(struct state_reader *r)
{
	sqlite3_stmt *stmt = r->stmt[IMPORT];
	int code = sqlite3_step(stmt), going = 0;
	int64_t at = 0;

	if (code != SQLITE_ROW && code != SQLITE_DONE)
		return database_failed(&r->d);
	if (code == SQLITE_ROW) {
		at = sqlite3_column_int64(stmt, 0);
		going = 1;
	}
	sqlite3_reset(stmt);
	if (going == 1 &&
	    (at > clock_wall_ms() + LATENCY_IMPORT_MS ||
		at < clock_wall_ms() - LATENCY_IMPORT_MS))
		return database_say(&r->d,
		    "an import of round trips was not finished, and none of "
		    "its changes is used: run it again");
	return going;
}

/* Inside one read transaction: what is new, if anything is. */
static int
give_change(
    struct state_reader *r, const struct state_sink *sink, void *context)
{
	sqlite3_stmt *stmt = r->stmt[TOP];
	int64_t top, removed, most = sequence_most(clock_wall_ms());
	bool full;

	if (follows_health(r) && look_for_odd(r, most) != 0)
		return -1;
	(void)sqlite3_bind_int64(stmt, 1, most);
	if (sqlite3_step(stmt) != SQLITE_ROW)
		return -1;
	top = sqlite3_column_int64(stmt, 0);
	removed = sqlite3_column_int64(stmt, 1);
	sqlite3_reset(stmt);
	tell_older(r, top);
	/* Rows that went away are noticed only by reading all; that some did,
	 * by what vantages say. */
	full = r->full || top < r->sequence || removed > r->sequence ||
	    (!follows(r, TABLE_VANTAGE) && top > r->sequence);
	if (!full && top == r->sequence)
		return 0;
	sink->begin(context, full);
	for (size_t i = 0; i < STATE_TABLES; i++)
		if (r->rows[i] != NULL &&
		    give_rows(r, (enum state_table)i, sink, context,
			full ? -1 : r->sequence, most) != 0)
			return -1;
	r->sequence = top;
	return 1;
}

/* PRAGMA data_version: another number when another connection committed. */
static int
read_version(struct state_reader *r, int64_t *out)
{
	sqlite3_stmt *stmt = r->stmt[VERSION];

	if (sqlite3_step(stmt) != SQLITE_ROW)
		return -1;
	*out = sqlite3_column_int64(stmt, 0);
	sqlite3_reset(stmt);
	return 0;
}

/* What poll_open() returns besides 1, 0 and -1: another program changed the
 * schema, and the file was closed. */
#define SCHEMA_CHANGED 2

static int
poll_open(struct state_reader *r, const struct state_sink *sink, void *context)
{
	int64_t version;
	int status, going;

	if (read_version(r, &version) != 0)
		return broken(r);
	if (!r->full && version == r->version)
		return 0;
	if (database_exec(&r->d, "BEGIN") != 0)
		return fail(r);
	status = database_schema_changed(&r->d);
	if (status < 0)
		return fail(r);
	if (status == 1) {
		let_go(r);
		return SCHEMA_CHANGED;
	}
	/* For a reader that knows nothing, half of a table is more than none,
	 * and each row of it was measured. */
	going = r->stmt[IMPORT] == NULL || !r->given ? 0 : look_at_import(r);
	if (going < 0)
		return fail(r);
	status = going == 1 ? 0 : give_change(r, sink, context);
	if (status < 0)
		return broken(r);
	if (database_exec(&r->d, "COMMIT") != 0)
		return fail(r);
	/* Its end is a change that is seen. */
	if (going == 1)
		return 0;
	r->version = version;
	r->full = r->failed = false;
	r->pause_ms = PAUSE_FIRST_MS;
	r->given |= status == 1;
	if (status == 1)
		sink->commit(context);
	return status;
}

int
state_reader_poll(struct state_reader *r, const struct state_sink *sink,
    void *context, struct errbuf *eb)
{
	int status = have_open(r);

	if (status == 1)
		status = poll_open(r, sink, context);
	if (status == SCHEMA_CHANGED) {
		/* It may be one now that only newer releases read. */
		status = have_open(r);
		if (status == 1)
			status = poll_open(r, sink, context);
		if (status == SCHEMA_CHANGED)
			status = 0;
	}
	if (status < 0)
		return say(r, eb);
	return status;
}

void
state_reader_again(struct state_reader *r)
{
	r->full = true;
}

/* Who asks for the last rows of one of two tables. */
struct asking {
	void (*event)(void *context, const struct state_event *event);
	void (*override)(void *context, const struct state_override *row);
	void *context;
};

static int
give_last(struct state_reader *r, sqlite3_stmt *stmt, size_t limit,
    const struct asking *asking)
{
	enum state_table which =
	    asking->event != NULL ? TABLE_EVENT : TABLE_OVERRIDE;
	union schema_row row;
	const char *bad;
	int n = 0, code;

	(void)sqlite3_bind_int64(
	    stmt, 1, limit < INT32_MAX ? (int64_t)limit : INT32_MAX);
	(void)sqlite3_bind_int64(stmt, 2, sequence_most(clock_wall_ms()));
	while ((code = sqlite3_step(stmt)) == SQLITE_ROW) {
		bad = table_read(schema_table(which), stmt, &row);
		if (bad != NULL) {
			skip(r, which, bad);
			continue;
		}
		if (asking->event != NULL)
			asking->event(asking->context, &row.event);
		else
			asking->override(asking->context, &row.override);
		n++;
	}
	if (code != SQLITE_DONE)
		return broken(r);
	sqlite3_reset(stmt);
	return n;
}

int
state_reader_events(struct state_reader *r, size_t limit,
    void (*take)(void *context, const struct state_event *event), void *context,
    struct errbuf *eb)
{
	const struct asking asking = {.event = take, .context = context};
	int n = -1;

	if (have_open(r) == 1)
		n = give_last(r, r->stmt[EVENTS], limit, &asking);
	return n < 0 ? say(r, eb) : n;
}

int
state_reader_overrides(struct state_reader *r, size_t limit,
    void (*take)(void *context, const struct state_override *row),
    void *context, struct errbuf *eb)
{
	const struct asking asking = {.override = take, .context = context};
	int n = -1;

	if (have_open(r) == 1)
		n = r->stmt[OVERRIDES] == NULL
		    ? 0
		    : give_last(r, r->stmt[OVERRIDES], limit, &asking);
	return n < 0 ? say(r, eb) : n;
}

int64_t
state_reader_owner(
    struct state_reader *r, const char *vantage, struct errbuf *eb)
{
	struct sqlite3_stmt *stmt;
	struct lease_owner me;
	int64_t pid = 0;
	int code;

	if (have_open(r) != 1)
		return say(r, eb);
	stmt = r->stmt[OWNER];
	lease_owner_init(&me, 0, "");
	(void)sqlite3_bind_text(stmt, 1, vantage, -1, SQLITE_TRANSIENT);
	(void)sqlite3_bind_text(stmt, 2, me.host, -1, SQLITE_TRANSIENT);
	(void)sqlite3_bind_text(stmt, 3, me.boot, -1, SQLITE_TRANSIENT);
	(void)sqlite3_bind_int64(stmt, 4, clock_wall_ms());
	code = sqlite3_step(stmt);
	if (code == SQLITE_ROW)
		pid = sqlite3_column_int64(stmt, 0);
	if (code != SQLITE_ROW && code != SQLITE_DONE) {
		(void)broken(r);
		return say(r, eb);
	}
	sqlite3_reset(stmt);
	/* What is no process of ours to signal is nobody. */
	return pid > 1 && pid <= INT32_MAX ? pid : 0;
}
