/*
 * The writer of the state database: lease, rows, events, pruning.  Called in
 * the writing process of meridian-probe; never deletes or repairs a file.
 */
#include "state/writer.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "state/database.h"
#include "state/fields.h"
#include "state/lease.h"

/* The largest sequence of the file.  A number out of range was not ours. */
#define TOP                                                \
	"SELECT max("                                      \
	"ifnull((SELECT max(sequence) FROM vantage WHERE"  \
	" sequence < 9007199254740992), 0),"               \
	"ifnull((SELECT max(sequence) FROM endpoint WHERE" \
	" sequence < 9007199254740992), 0),"               \
	"ifnull((SELECT max(sequence) FROM event WHERE"    \
	" sequence < 9007199254740992), 0))"

enum statement {
	BEGIN,
	FIND_TOP,
	HOLDER,
	TAKE_LEASE,
	DROP_LEASE,
	PUT_ENDPOINT,
	PUT_EVENT,
	FORGET,
	HEARTBEAT,
	COMMIT,
	RESTORE,
	COUNT_EVENTS,
	PRUNE_AGE,
	PRUNE_COUNT,
	STATEMENTS
};

static const char *const sql[STATEMENTS] = {
    [BEGIN] = "BEGIN IMMEDIATE",
    [FIND_TOP] = TOP,
    [HOLDER] = "SELECT owner_host, owner_boot, owner_pid, owner_id,"
	       " lease_until_ms, heartbeat_ms FROM vantage WHERE name = ?1",
    [TAKE_LEASE] =
	"INSERT INTO vantage (name, version, heartbeat_ms, sequence,"
	" owner_host, owner_boot, owner_pid, owner_id, lease_until_ms)"
	" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"
	" ON CONFLICT (name) DO UPDATE SET version = ?2, heartbeat_ms = ?3,"
	" sequence = ?4, owner_host = ?5, owner_boot = ?6, owner_pid = ?7,"
	" owner_id = ?8, lease_until_ms = ?9",
    [DROP_LEASE] = "UPDATE vantage SET owner_host = NULL, owner_boot = NULL,"
		   " owner_pid = NULL, owner_id = NULL, lease_until_ms = 0"
		   " WHERE name = ?1 AND owner_id = ?2",
    [PUT_ENDPOINT] =
	"INSERT INTO endpoint (vantage, zone, pool, endpoint, health, reason,"
	" since_ms, checked_ms, passes, fails, connect_us, first_byte_us,"
	" sequence)"
	" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)"
	" ON CONFLICT DO UPDATE SET health = ?5, reason = ?6, since_ms = ?7,"
	" checked_ms = ?8, passes = ?9, fails = ?10, connect_us = ?11,"
	" first_byte_us = ?12, sequence = ?13",
    [PUT_EVENT] = "INSERT INTO event VALUES"
		  " (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    [FORGET] = "DELETE FROM endpoint WHERE vantage = ?1 AND zone = ?2 AND"
	       " pool = ?3 AND endpoint = ?4",
    [HEARTBEAT] = "UPDATE vantage SET heartbeat_ms = ?2, sequence = ?3,"
		  " removed = max(removed, ?4), lease_until_ms = ?5"
		  " WHERE name = ?1",
    [COMMIT] = "COMMIT",
    [RESTORE] = "SELECT vantage, zone, pool, endpoint, health, reason,"
		" since_ms, checked_ms, passes, fails, connect_us,"
		" first_byte_us, sequence FROM endpoint WHERE vantage = ?1",
    [COUNT_EVENTS] = "SELECT count(*) FROM event",
    /* By sequence, which is by age: no scan for what is old. */
    [PRUNE_AGE] = "DELETE FROM event WHERE at_ms < ?1 AND sequence IN"
		  " (SELECT sequence FROM event ORDER BY sequence LIMIT ?2)",
    [PRUNE_COUNT] = "DELETE FROM event WHERE sequence IN"
		    " (SELECT sequence FROM event ORDER BY sequence LIMIT ?1)",
};

struct state_writer {
	struct database d;
	struct sqlite3_stmt *stmt[STATEMENTS];
	char *path;
	char vantage[STATE_NAME];
	struct lease_owner me;
	uint64_t sequence;   /* the last that was given */
	uint64_t removed;    /* of the last removal in this transaction */
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
	database_init(&w->d, w->path);
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
	memset(w->stmt, 0, sizeof(w->stmt));
	return -1;
}

/* Step a statement that gives no row.  0, or -1 and it is closed. */
static int
run(struct state_writer *w, enum statement which)
{
	int code = sqlite3_step(w->stmt[which]);

	if (code != SQLITE_DONE && code != SQLITE_ROW) {
		(void)database_failed(&w->d);
		return fail(w);
	}
	sqlite3_reset(w->stmt[which]);
	return 0;
}

static void
bind_text(struct state_writer *w, enum statement which, int at, const char *t)
{
	/* Fails without memory only, and then the step does. */
	(void)sqlite3_bind_text(w->stmt[which], at, t, -1, SQLITE_STATIC);
}

static void
bind_int(struct state_writer *w, enum statement which, int at, int64_t n)
{
	(void)sqlite3_bind_int64(w->stmt[which], at, n);
}

static void
column_text(sqlite3_stmt *stmt, int at, char *out, size_t size)
{
	const char *text = (const char *)sqlite3_column_text(stmt, at);

	snprintf(out, size, "%s", text != NULL ? text : "");
}

/* Who holds our vantage: 1, 0 when nobody does or there is no such row, -1. */
static int
read_holder(struct state_writer *w, struct lease_owner *holder,
    int64_t *until_ms, int64_t *heartbeat_ms)
{
	sqlite3_stmt *stmt = w->stmt[HOLDER];
	int code;

	memset(holder, 0, sizeof(*holder));
	bind_text(w, HOLDER, 1, w->vantage);
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

static int
read_top(struct state_writer *w)
{
	sqlite3_stmt *stmt = w->stmt[FIND_TOP];

	if (sqlite3_step(stmt) != SQLITE_ROW) {
		(void)database_failed(&w->d);
		return fail(w);
	}
	w->sequence = (uint64_t)sqlite3_column_int64(stmt, 0);
	sqlite3_reset(stmt);
	return 0;
}

static int
take_lease(struct state_writer *w)
{
	struct lease_owner holder;
	int64_t until_ms = 0, heartbeat_ms = 0, now;
	int leased;

	if (run(w, BEGIN) != 0 || read_top(w) != 0)
		return -1;
	leased = read_holder(w, &holder, &until_ms, &heartbeat_ms);
	if (leased < 0)
		return -1;
	if (leased == 1 && strcmp(holder.id, w->me.id) != 0 &&
	    !expired(w, &holder, until_ms, heartbeat_ms))
		return refuse(w, &holder);
	now = clock_wall_ms();
	bind_text(w, TAKE_LEASE, 1, w->vantage);
	bind_text(w, TAKE_LEASE, 2, MERIDIAN_VERSION);
	bind_int(w, TAKE_LEASE, 3, now);
	bind_int(w, TAKE_LEASE, 4, (int64_t)++w->sequence);
	bind_text(w, TAKE_LEASE, 5, w->me.host);
	bind_text(w, TAKE_LEASE, 6, w->me.boot);
	bind_int(w, TAKE_LEASE, 7, w->me.pid);
	bind_text(w, TAKE_LEASE, 8, w->me.id);
	bind_int(w, TAKE_LEASE, 9, now + LEASE_MS);
	return run(w, TAKE_LEASE) != 0 ? -1 : run(w, COMMIT);
}

int
state_writer_open(struct state_writer *w)
{
	(void)fail(w); /* what may still be open */
	if (database_open_write(&w->d) != 0)
		return -1;
	for (int i = 0; i < STATEMENTS; i++)
		if (database_prepare(&w->d, sql[i], &w->stmt[i]) != 0)
			return fail(w);
	if (take_lease(w) != 0)
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

void
state_writer_destroy(struct state_writer *w)
{
	if (w == NULL)
		return;
	if (state_writer_same(w)) {
		bind_text(w, DROP_LEASE, 1, w->vantage);
		bind_text(w, DROP_LEASE, 2, w->me.id);
		/* Without it the lease ends with the process, or by time. */
		(void)run(w, DROP_LEASE);
	}
	database_close(&w->d);
	free(w->path);
	free(w);
}

int
state_writer_restore(struct state_writer *w,
    void (*take)(void *context, const struct state_endpoint *row),
    void *context)
{
	sqlite3_stmt *stmt = w->stmt[RESTORE];
	struct state_endpoint row;
	int code;

	bind_text(w, RESTORE, 1, w->vantage);
	while ((code = sqlite3_step(stmt)) == SQLITE_ROW)
		if (fields_read(&fields_endpoint, stmt, &row) == NULL)
			take(context, &row);
	if (code != SQLITE_DONE) {
		(void)database_failed(&w->d);
		return fail(w);
	}
	sqlite3_reset(stmt);
	return 0;
}

int
state_writer_begin(struct state_writer *w)
{
	struct lease_owner holder;
	int64_t until_ms, heartbeat_ms;
	int leased;

	if (run(w, BEGIN) != 0)
		return -1;
	/* Behind the lock, so that nothing can be lost by what we write. */
	if (!state_writer_same(w) || read_top(w) != 0)
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
state_writer_endpoint(
    struct state_writer *w, const struct state_endpoint *given)
{
	struct state_endpoint row = *given;

	memcpy(row.vantage, w->vantage, sizeof(row.vantage));
	row.sequence = ++w->sequence;
	(void)fields_bind(&fields_endpoint, &row, w->stmt[PUT_ENDPOINT]);
	return run(w, PUT_ENDPOINT);
}

int
state_writer_event(struct state_writer *w, const struct state_event *given)
{
	struct state_event event = *given;

	memcpy(event.vantage, w->vantage, sizeof(event.vantage));
	event.sequence = ++w->sequence;
	(void)fields_bind(&fields_event, &event, w->stmt[PUT_EVENT]);
	return run(w, PUT_EVENT);
}

int
state_writer_forget(struct state_writer *w, const struct state_endpoint *row)
{
	bind_text(w, FORGET, 1, w->vantage);
	bind_text(w, FORGET, 2, row->zone);
	bind_text(w, FORGET, 3, row->pool);
	bind_text(w, FORGET, 4, row->endpoint);
	w->removed = ++w->sequence;
	return run(w, FORGET);
}

/* Take away the oldest events that are too many or too old, a step of them.
 * When there may be more, the next commit goes on. */
static int
prune(struct state_writer *w)
{
	int64_t now = clock_mono_ms(), excess;
	int gone;

	if (now < w->prune_at_ms)
		return 0;
	if (sqlite3_step(w->stmt[COUNT_EVENTS]) != SQLITE_ROW) {
		(void)database_failed(&w->d);
		return fail(w);
	}
	excess =
	    sqlite3_column_int64(w->stmt[COUNT_EVENTS], 0) - WRITER_EVENTS_MAX;
	sqlite3_reset(w->stmt[COUNT_EVENTS]);
	if (excess > 0) {
		bind_int(w, PRUNE_COUNT, 1,
		    excess < WRITER_PRUNE_STEP ? excess : WRITER_PRUNE_STEP);
		if (run(w, PRUNE_COUNT) != 0)
			return -1;
	} else {
		bind_int(
		    w, PRUNE_AGE, 1, clock_wall_ms() - WRITER_EVENTS_AGE_MS);
		bind_int(w, PRUNE_AGE, 2, WRITER_PRUNE_STEP);
		if (run(w, PRUNE_AGE) != 0)
			return -1;
	}
	gone = sqlite3_changes(w->d.db);
	if (gone < WRITER_PRUNE_STEP)
		w->prune_at_ms = now + WRITER_PRUNE_MS;
	return 0;
}

int
state_writer_commit(struct state_writer *w)
{
	int64_t now = clock_wall_ms();

	bind_text(w, HEARTBEAT, 1, w->vantage);
	bind_int(w, HEARTBEAT, 2, now);
	bind_int(w, HEARTBEAT, 3, (int64_t)++w->sequence);
	bind_int(w, HEARTBEAT, 4, (int64_t)w->removed);
	bind_int(w, HEARTBEAT, 5, now + LEASE_MS);
	if (prune(w) != 0 || run(w, HEARTBEAT) != 0)
		return -1;
	return run(w, COMMIT);
}
