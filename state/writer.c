/*
 * The writer of the state database: lease, rows, pruning.  Called in the
 * writing process of meridian-probe; never deletes or repairs a file.
 */
#include "state/writer.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "state/lease.h"
#include "state/migrate.h"
#include "state/opening.h"
#include "state/sequence.h"
#include "state/writer_sql.h"

struct state_writer {
	struct database d;
	struct writer_sql sql;
	char *path;
	char vantage[STATE_NAME];
	struct lease_owner me;
	uint64_t sequence;   /* the last that was given */
	uint64_t removed;    /* of the last removal in this transaction */
	bool warned;         /* of rows with an odd sequence, in this opening */
	int64_t prune_at_ms; /* monotonic clock */
	/* Another's lease as it was seen, and since when it is unchanged. */
	struct lease_owner other;
	int64_t other_heartbeat_ms, other_since_ms;
};

struct state_writer *
state_writer_create(
    const char *path, const char *vantage, int64_t pid, const char *id)
{
	struct state_writer *w = calloc(1, sizeof(*w));

	if (w == NULL)
		return NULL;
	w->path = strdup(path);
	if (w->path == NULL) {
		free(w);
		return NULL;
	}
	database_init(&w->d, w->path, &schema_current);
	snprintf(w->vantage, sizeof(w->vantage), "%s", vantage);
	lease_owner_init(&w->me, pid, id);
	return w;
}

const char *
state_writer_why(const struct state_writer *w)
{
	return w->d.why;
}

/* Let go after an error, whose words are there already. */
static int
fail(struct state_writer *w)
{
	database_abandon(&w->d);
	memset(&w->sql, 0, sizeof(w->sql));
	return -1;
}

/* Step a statement whose rows, if any, nobody wants.  0, or -1 and the file is
 * closed. */
static int
step(struct state_writer *w, sqlite3_stmt *stmt)
{
	int code = sqlite3_step(stmt);

	if (code != SQLITE_DONE && code != SQLITE_ROW) {
		(void)database_failed(&w->d);
		return fail(w);
	}
	sqlite3_reset(stmt);
	return 0;
}

static int
run(struct state_writer *w, enum writer_statement which)
{
	return step(w, w->sql.stmt[which]);
}

static void
bind_text(
    struct state_writer *w, enum writer_statement which, int at, const char *t)
{
	/* Fails without memory only, and then the step does. */
	(void)sqlite3_bind_text(w->sql.stmt[which], at, t, -1, SQLITE_STATIC);
}

static void
bind_int(struct state_writer *w, enum writer_statement which, int at, int64_t n)
{
	(void)sqlite3_bind_int64(w->sql.stmt[which], at, n);
}

static void
column_text(sqlite3_stmt *stmt, int at, char *out, size_t size)
{
	const char *text = (const char *)sqlite3_column_text(stmt, at);

	snprintf(out, size, "%s", text != NULL ? text : "");
}

/* Read which daemon holds our vantage: 1, 0 when none does or there is no such
 * row, -1. */
static int
read_holder(struct state_writer *w, struct lease_owner *holder,
    int64_t *until_ms, int64_t *heartbeat_ms)
{
	sqlite3_stmt *stmt = w->sql.stmt[WRITER_HOLDER];
	int code;

	memset(holder, 0, sizeof(*holder));
	bind_text(w, WRITER_HOLDER, 1, w->vantage);
	code = sqlite3_step(stmt);
	if (code == SQLITE_ROW) {
		column_text(stmt, 0, holder->host, sizeof(holder->host));
		column_text(stmt, 1, holder->boot, sizeof(holder->boot));
		holder->pid = sqlite3_column_int64(stmt, 2);
		column_text(stmt, 3, holder->id, sizeof(holder->id));
		*until_ms = sqlite3_column_int64(stmt, 4);
		*heartbeat_ms = sqlite3_column_int64(stmt, 5);
	} else if (code != SQLITE_DONE) {
		(void)database_failed(&w->d);
		return fail(w);
	}
	sqlite3_reset(stmt);
	return code == SQLITE_ROW && holder->id[0] != '\0';
}

static int
refuse(struct state_writer *w, const struct lease_owner *holder)
{
	(void)database_say(&w->d,
	    "vantage %s is written by process %lld on %s: two daemons need two "
	    "vantages",
	    w->vantage, (long long)holder->pid, holder->host);
	return fail(w);
}

/* Whether a holder that is not us lets us in. */
static bool
expired(struct state_writer *w, const struct lease_owner *holder,
    int64_t until_ms, int64_t heartbeat_ms)
{
	int64_t now = clock_mono_ms();

	if (lease_owner_dead(holder, &w->me) || until_ms <= clock_wall_ms())
		return true;
	/* The wall clock may have been set back since: what counts then is that
	 * we saw it unchanged for long enough. */
	if (strcmp(w->other.id, holder->id) != 0 ||
	    w->other_heartbeat_ms != heartbeat_ms) {
		w->other = *holder;
		w->other_heartbeat_ms = heartbeat_ms;
		w->other_since_ms = now;
	}
	return now - w->other_since_ms > LEASE_MS;
}

/* The number that ${stmt} gives. */
static int
read_number(struct state_writer *w, sqlite3_stmt *stmt, int64_t *out)
{
	if (sqlite3_step(stmt) != SQLITE_ROW) {
		(void)database_failed(&w->d);
		return fail(w);
	}
	*out = sqlite3_column_int64(stmt, 0);
	sqlite3_reset(stmt);
	return 0;
}

/* Rows with a sequence that nobody gave are not ours to remove: say so once in
 * each opening of the file. */
static int
warn_of_odd(struct state_writer *w)
{
	char words[SEQUENCE_WORDS];
	int found = w->warned ? 0
			      : sequence_odd(w->sql.stmt[WRITER_ODD],
				    sequence_most(clock_wall_ms()), words);

	if (found < 0) {
		(void)database_failed(&w->d);
		return fail(w);
	}
	if (found == 1)
		log_warn("%s: %s", w->path, words);
	w->warned |= found == 1;
	return 0;
}

/* The largest sequence of the file that is believed: ours come after it. */
static int
read_top(struct state_writer *w)
{
	int64_t top;

	bind_int(w, WRITER_TOP, 1, sequence_most(clock_wall_ms()));
	if (read_number(w, w->sql.stmt[WRITER_TOP], &top) != 0)
		return -1;
	w->sequence = (uint64_t)top;
	return 0;
}

static int
take_lease(struct state_writer *w)
{
	struct lease_owner holder;
	int64_t until_ms = 0, heartbeat_ms = 0, now;
	int leased;

	if (run(w, WRITER_BEGIN) != 0 || read_top(w) != 0)
		return -1;
	leased = read_holder(w, &holder, &until_ms, &heartbeat_ms);
	if (leased < 0)
		return -1;
	if (leased == 1 && strcmp(holder.id, w->me.id) != 0 &&
	    !expired(w, &holder, until_ms, heartbeat_ms))
		return refuse(w, &holder);
	now = clock_wall_ms();
	bind_text(w, WRITER_TAKE_LEASE, 1, w->vantage);
	bind_text(w, WRITER_TAKE_LEASE, 2, MERIDIAN_VERSION);
	bind_int(w, WRITER_TAKE_LEASE, 3, now);
	bind_int(w, WRITER_TAKE_LEASE, 4, (int64_t)++w->sequence);
	bind_text(w, WRITER_TAKE_LEASE, 5, w->me.host);
	bind_text(w, WRITER_TAKE_LEASE, 6, w->me.boot);
	bind_int(w, WRITER_TAKE_LEASE, 7, w->me.pid);
	bind_text(w, WRITER_TAKE_LEASE, 8, w->me.id);
	bind_int(w, WRITER_TAKE_LEASE, 9, now + LEASE_MS);
	return run(w, WRITER_TAKE_LEASE) != 0 ? -1 : run(w, WRITER_COMMIT);
}

int
state_writer_open(struct state_writer *w)
{
	(void)fail(w); /* what may still be open */
	if (opening_write(&w->d) != 0)
		return -1;
	if (writer_sql_prepare(&w->d, &w->sql) != 0)
		return fail(w);
	w->warned = false;
	if (take_lease(w) != 0 || warn_of_odd(w) != 0)
		return -1;
	w->prune_at_ms = clock_mono_ms();
	return 0;
}

bool
state_writer_same(struct state_writer *w)
{
	if (w->d.db == NULL)
		return false;
	if (database_same(&w->d))
		return true;
	(void)fail(w);
	return false;
}

/* Give the lease back, and let readers see it.  If that cannot be written the
 * lease ends with the process, or by time. */
static void
drop_lease(struct state_writer *w)
{
	if (!state_writer_same(w) || run(w, WRITER_BEGIN) != 0 ||
	    read_top(w) != 0)
		return;
	bind_text(w, WRITER_DROP_LEASE, 1, w->vantage);
	bind_text(w, WRITER_DROP_LEASE, 2, w->me.id);
	bind_int(w, WRITER_DROP_LEASE, 3, (int64_t)++w->sequence);
	if (run(w, WRITER_DROP_LEASE) == 0)
		(void)run(w, WRITER_COMMIT);
}

void
state_writer_destroy(struct state_writer *w)
{
	if (w == NULL)
		return;
	drop_lease(w);
	database_close(&w->d);
	free(w->path);
	free(w);
}

int
state_writer_restore(struct state_writer *w, enum state_table which,
    void (*take)(void *context, const void *row), void *context)
{
	sqlite3_stmt *stmt = w->sql.of[which][WRITER_RESTORE];
	const struct table *table = schema_table(which);
	union schema_row row;
	int code;

	(void)sqlite3_bind_text(stmt, 1, w->vantage, -1, SQLITE_STATIC);
	while ((code = sqlite3_step(stmt)) == SQLITE_ROW)
		if (table_read(table, stmt, &row) == NULL)
			take(context, &row);
	if (code != SQLITE_DONE) {
		(void)database_failed(&w->d);
		return fail(w);
	}
	sqlite3_reset(stmt);
	return 0;
}

/* Another program may have changed the schema since the last transaction: so
 * that only newer releases write. */
static int
check_schema(struct state_writer *w)
{
	int changed = database_schema_changed(&w->d);

	if (changed < 0 ||
	    (changed == 1 && migrate_check(&w->d, MIGRATE_WRITE) != 1))
		return fail(w);
	return 0;
}

int
state_writer_begin(struct state_writer *w)
{
	struct lease_owner holder;
	int64_t until_ms, heartbeat_ms;
	int leased;

	if (run(w, WRITER_BEGIN) != 0)
		return -1;
	/* Now that nobody else writes, so that ours overwrites nothing. */
	if (!state_writer_same(w) || check_schema(w) != 0 || read_top(w) != 0)
		return -1;
	leased = read_holder(w, &holder, &until_ms, &heartbeat_ms);
	if (leased < 0)
		return -1;
	if (leased == 1 && strcmp(holder.id, w->me.id) != 0)
		return refuse(w, &holder);
	if (leased == 0) {
		(void)database_say(
		    &w->d, "the row of vantage %s was removed", w->vantage);
		return fail(w);
	}
	w->removed = 0;
	return 0;
}

int
state_writer_put(struct state_writer *w, enum state_table which, void *row)
{
	const struct table *table = schema_table(which);
	sqlite3_stmt *stmt = w->sql.of[which][WRITER_PUT];

	table_stamp(table, row, w->vantage, ++w->sequence);
	/* Fails without memory only, and then the step does. */
	(void)table_bind(table, row, stmt);
	return step(w, stmt);
}

int
state_writer_forget(struct state_writer *w, enum state_table which, void *row)
{
	const struct table *table = schema_table(which);
	sqlite3_stmt *stmt = w->sql.of[which][WRITER_FORGET];

	w->removed = ++w->sequence;
	table_stamp(table, row, w->vantage, w->sequence);
	(void)table_bind_key(table, row, stmt);
	return step(w, stmt);
}

/* Take away the oldest rows of a table that are too many or too old, a step of
 * them.  Their number to ${gone}. */
static int
prune_table(struct state_writer *w, enum state_table which, int *gone)
{
	const struct table_bound *bound = &schema_table(which)->bound;
	sqlite3_stmt **of = w->sql.of[which], *stmt;
	int64_t excess;

	*gone = 0;
	if (bound->time == NULL)
		return 0;
	if (read_number(w, of[WRITER_COUNT], &excess) != 0)
		return -1;
	excess -= bound->rows;
	stmt = of[excess > 0 ? WRITER_PRUNE_ROWS : WRITER_PRUNE_AGE];
	if (excess > 0) {
		(void)sqlite3_bind_int64(stmt, 1,
		    excess < WRITER_PRUNE_STEP ? excess : WRITER_PRUNE_STEP);
	} else {
		(void)sqlite3_bind_int64(
		    stmt, 1, clock_wall_ms() - bound->age_ms);
		(void)sqlite3_bind_int64(stmt, 2, WRITER_PRUNE_STEP);
	}
	if (step(w, stmt) != 0)
		return -1;
	*gone = sqlite3_changes(w->d.db);
	return 0;
}

/* When there may be more, the next commit goes on. */
static int
prune(struct state_writer *w)
{
	int64_t now = clock_mono_ms();
	bool more = false;

	if (now < w->prune_at_ms)
		return 0;
	if (warn_of_odd(w) != 0)
		return -1;
	for (size_t i = 0; i < STATE_TABLES; i++) {
		int gone;

		if (prune_table(w, (enum state_table)i, &gone) != 0)
			return -1;
		more |= gone >= WRITER_PRUNE_STEP;
	}
	if (!more)
		w->prune_at_ms = now + WRITER_PRUNE_MS;
	return 0;
}

int
state_writer_commit(struct state_writer *w)
{
	int64_t now = clock_wall_ms();

	bind_text(w, WRITER_HEARTBEAT, 1, w->vantage);
	bind_int(w, WRITER_HEARTBEAT, 2, now);
	bind_int(w, WRITER_HEARTBEAT, 3, (int64_t)++w->sequence);
	bind_int(w, WRITER_HEARTBEAT, 4, (int64_t)w->removed);
	bind_int(w, WRITER_HEARTBEAT, 5, now + LEASE_MS);
	if (prune(w) != 0 || run(w, WRITER_HEARTBEAT) != 0)
		return -1;
	return run(w, WRITER_COMMIT);
}
