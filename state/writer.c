/*
 * The writer of the state database: lease and rows.  Called in the writing
 * process of a daemon; never deletes or repairs a file.
 */
#include "state/writer.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "state/aside.h"
#include "state/migrate.h"
#include "state/opening.h"
#include "state/sequence.h"
#include "state/writer_parts.h"

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

struct state_writer *
state_writer_carry(const char *path, const char *node)
{
	struct state_writer *w = state_writer_create(path, "", 0, "");

	if (w == NULL)
		return NULL;
	w->carrier = calloc(1, sizeof(*w->carrier));
	if (w->carrier == NULL) {
		state_writer_abandon(w);
		return NULL;
	}
	snprintf(w->carrier->node, sizeof(w->carrier->node), "%s", node);
	return w;
}

void
state_writer_replace(struct state_writer *w)
{
	replace_begin(w);
}

const char *
state_writer_refused(const struct state_writer *w)
{
	return w->carrier != NULL && w->carrier->refused[0] != '\0'
	    ? w->carrier->refused
	    : NULL;
}

const char *
state_writer_why(const struct state_writer *w)
{
	return w->d.why;
}

int
writer_fail(struct state_writer *w)
{
	database_abandon(&w->d);
	memset(&w->sql, 0, sizeof(w->sql));
	return -1;
}

int
writer_failed(struct state_writer *w)
{
	(void)database_failed(&w->d);
	return writer_fail(w);
}

int
writer_step(struct state_writer *w, sqlite3_stmt *stmt)
{
	int code = sqlite3_step(stmt);

	if (code != SQLITE_DONE && code != SQLITE_ROW)
		return writer_failed(w);
	sqlite3_reset(stmt);
	return 0;
}

static int
run(struct state_writer *w, enum writer_statement which)
{
	return writer_step(w, w->sql.stmt[which]);
}

void
writer_bind_text(struct state_writer *w, enum writer_statement which, int at,
    const char *text)
{
	(void)sqlite3_bind_text(
	    w->sql.stmt[which], at, text, -1, SQLITE_STATIC);
}

void
writer_bind_int(
    struct state_writer *w, enum writer_statement which, int at, int64_t n)
{
	(void)sqlite3_bind_int64(w->sql.stmt[which], at, n);
}

static void
column_text(sqlite3_stmt *stmt, int at, char *out, size_t size)
{
	const char *text = (const char *)sqlite3_column_text(stmt, at);

	snprintf(out, size, "%s", text != NULL ? text : "");
}

void
writer_owner(sqlite3_stmt *stmt, int at, struct lease_owner *owner)
{
	column_text(stmt, at, owner->host, sizeof(owner->host));
	column_text(stmt, at + 1, owner->boot, sizeof(owner->boot));
	owner->pid = sqlite3_column_int64(stmt, at + 2);
	column_text(stmt, at + 3, owner->id, sizeof(owner->id));
}

/* It writes as a vantage, under its lease. */
static bool
leases(const struct state_writer *w)
{
	return w->vantage[0] != '\0';
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
	writer_bind_text(w, WRITER_HOLDER, 1, w->vantage);
	code = sqlite3_step(stmt);
	if (code == SQLITE_ROW) {
		writer_owner(stmt, 0, holder);
		*until_ms = sqlite3_column_int64(stmt, 4);
		*heartbeat_ms = sqlite3_column_int64(stmt, 5);
	} else if (code != SQLITE_DONE)
		return writer_failed(w);
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
	return writer_fail(w);
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

int
writer_number(struct state_writer *w, sqlite3_stmt *stmt, int64_t *out)
{
	if (sqlite3_step(stmt) != SQLITE_ROW)
		return writer_failed(w);
	*out = sqlite3_column_int64(stmt, 0);
	sqlite3_reset(stmt);
	return 0;
}

/* The largest sequence of the file that is believed: ours come after it. */
static int
read_top(struct state_writer *w)
{
	int64_t top;

	writer_bind_int(w, WRITER_TOP, 1, sequence_most(clock_wall_ms()));
	if (writer_number(w, w->sql.stmt[WRITER_TOP], &top) != 0)
		return -1;
	w->sequence = (uint64_t)top;
	return 0;
}

/* Our vantage is that of another node, which is heard: nobody here may be it.
 */
static int
refuse_carried(struct state_writer *w)
{
	sqlite3_stmt *stmt = w->sql.stmt[WRITER_CARRIED];
	char node[STATE_NAME] = "";
	int code;

	writer_bind_text(w, WRITER_CARRIED, 1, w->vantage);
	writer_bind_int(w, WRITER_CARRIED, 2, clock_wall_ms());
	writer_bind_int(
	    w, WRITER_CARRIED, 3, clock_wall_ms() + WRITER_CARRIED_MS);
	code = sqlite3_step(stmt);
	if (code == SQLITE_ROW)
		column_text(stmt, 0, node, sizeof(node));
	else if (code != SQLITE_DONE)
		return writer_failed(w);
	sqlite3_reset(stmt);
	if (code == SQLITE_DONE)
		return 0;
	(void)database_say(&w->d,
	    "vantage %s is that of node %s: two nodes need two vantages",
	    w->vantage, node);
	return writer_fail(w);
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
	if (refuse_carried(w) != 0)
		return -1;
	now = clock_wall_ms();
	writer_bind_text(w, WRITER_TAKE_LEASE, 1, w->vantage);
	writer_bind_text(w, WRITER_TAKE_LEASE, 2, MERIDIAN_VERSION);
	writer_bind_int(w, WRITER_TAKE_LEASE, 3, now);
	w->begun = ++w->sequence;
	writer_bind_int(w, WRITER_TAKE_LEASE, 4, (int64_t)w->begun);
	writer_bind_text(w, WRITER_TAKE_LEASE, 5, w->me.host);
	writer_bind_text(w, WRITER_TAKE_LEASE, 6, w->me.boot);
	writer_bind_int(w, WRITER_TAKE_LEASE, 7, w->me.pid);
	writer_bind_text(w, WRITER_TAKE_LEASE, 8, w->me.id);
	writer_bind_int(w, WRITER_TAKE_LEASE, 9, now + LEASE_MS);
	return run(w, WRITER_TAKE_LEASE) != 0 ? -1 : run(w, WRITER_COMMIT);
}

int
state_writer_open(struct state_writer *w)
{
	(void)writer_fail(w); /* what may still be open */
	if (opening_write(&w->d) != 0)
		return -1;
	if (writer_sql_prepare(&w->d, &w->sql) != 0)
		return writer_fail(w);
	/* Rows of others come by the ten thousand, from all over the file: with
	 * 2 MB, which are usual, each page is written several times. */
	if (w->carrier != NULL &&
	    (database_exec(&w->d, "PRAGMA cache_size = -65536") != 0 ||
		carrier_prepare(w) != 0))
		return writer_fail(w);
	if (leases(w) && take_lease(w) != 0)
		return -1;
	w->held = w->d.files[0];
	writer_prune_begin(w);
	return 0;
}

bool
state_writer_spoiled(const struct state_writer *w)
{
	return w->d.spoiled.inode != 0;
}

int
state_writer_set_aside(struct state_writer *w)
{
	bool held = w->held.inode == w->d.spoiled.inode &&
	    w->held.device == w->d.spoiled.device;

	return aside_move(w->path, &w->d.spoiled, MIGRATE_APPLICATION_ID, held);
}

bool
state_writer_same(struct state_writer *w)
{
	if (w->d.db == NULL)
		return false;
	if (database_same(&w->d))
		return true;
	(void)writer_fail(w);
	return false;
}

int
writer_drop_lease(struct state_writer *w, const char *vantage, const char *id)
{
	writer_bind_text(w, WRITER_DROP_LEASE, 1, vantage);
	writer_bind_text(w, WRITER_DROP_LEASE, 2, id);
	writer_bind_int(w, WRITER_DROP_LEASE, 3, (int64_t)++w->sequence);
	return run(w, WRITER_DROP_LEASE);
}

/* Give the lease back.  If that cannot be written it ends with the process, or
 * by time. */
static void
give_back(struct state_writer *w)
{
	if (state_writer_same(w) && run(w, WRITER_BEGIN) == 0 &&
	    read_top(w) == 0 && writer_drop_lease(w, w->vantage, w->me.id) == 0)
		(void)run(w, WRITER_COMMIT);
}

void
state_writer_abandon(struct state_writer *w)
{
	if (w == NULL)
		return;
	database_close(&w->d);
	if (w->carrier != NULL)
		u64map_finish(&w->carrier->kept);
	free(w->carrier);
	free(w->path);
	free(w);
}

void
state_writer_destroy(struct state_writer *w)
{
	if (w != NULL && leases(w))
		give_back(w);
	state_writer_abandon(w);
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
	if (code != SQLITE_DONE)
		return writer_failed(w);
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
		return writer_fail(w);
	return 0;
}

/* Nobody took the lease, or our row, away. */
static int
check_lease(struct state_writer *w)
{
	struct lease_owner holder;
	int64_t until_ms, heartbeat_ms;
	int leased;

	leased = read_holder(w, &holder, &until_ms, &heartbeat_ms);
	if (leased < 0)
		return -1;
	if (leased == 1 && strcmp(holder.id, w->me.id) != 0)
		return refuse(w, &holder);
	if (leased == 0) {
		(void)database_say(
		    &w->d, "the row of vantage %s was removed", w->vantage);
		return writer_fail(w);
	}
	return 0;
}

int
state_writer_begin(struct state_writer *w)
{
	if (run(w, WRITER_BEGIN) != 0)
		return -1;
	/* Now that nobody else writes, so that ours overwrites nothing. */
	if (!state_writer_same(w) || check_schema(w) != 0 || read_top(w) != 0)
		return -1;
	w->removed = 0;
	if (w->carrier != NULL)
		carrier_begin(w);
	return leases(w) ? check_lease(w) : 0;
}

static int
write_row(struct state_writer *w, enum state_table which, void *row,
    enum writer_of_table how)
{
	const struct table *table = schema_table(which);
	sqlite3_stmt *stmt = w->sql.of[which][how];

	table_stamp(table, row, w->vantage, ++w->sequence);
	/* Fails without memory only, and then the step does. */
	(void)table_bind(table, row, stmt);
	return writer_step(w, stmt);
}

int
state_writer_put(struct state_writer *w, enum state_table which, void *row)
{
	return w->carrier != NULL ? carrier_put(w, which, row)
				  : write_row(w, which, row, WRITER_PUT);
}

int
state_writer_add(struct state_writer *w, enum state_table which, void *row)
{
	return write_row(w, which, row, WRITER_ADD);
}

int
state_writer_forget(struct state_writer *w, enum state_table which, void *row)
{
	const struct table *table = schema_table(which);
	sqlite3_stmt *stmt = w->sql.of[which][WRITER_FORGET];

	if (w->carrier != NULL)
		return carrier_take(w, which, row);
	w->removed = ++w->sequence;
	table_stamp(table, row, w->vantage, w->sequence);
	(void)table_bind_key(table, row, stmt);
	return writer_step(w, stmt);
}

void
state_writer_sweep(struct state_writer *w)
{
	w->sweeping = true;
}

void
state_writer_forget_after(struct state_writer *w, int64_t ms)
{
	w->forget_ms = ms;
}

void
state_writer_place(struct state_writer *w, const char *region)
{
	snprintf(w->region, sizeof(w->region), "%s", region);
}

void
state_writer_latency_age(struct state_writer *w, int64_t ms)
{
	if (w->measures_ms != ms)
		w->measures_at_ms = clock_mono_ms();
	w->measures_ms = ms;
}

int
state_writer_commit(struct state_writer *w)
{
	int64_t now = clock_wall_ms();

	if (w->carrier != NULL &&
	    (writer_prune(w) != 0 || carrier_finish(w) != 0))
		return -1;
	if (!leases(w))
		return run(w, WRITER_COMMIT);
	if (writer_prune(w) != 0)
		return -1;
	writer_bind_text(w, WRITER_HEARTBEAT, 1, w->vantage);
	writer_bind_int(w, WRITER_HEARTBEAT, 2, now);
	writer_bind_int(w, WRITER_HEARTBEAT, 3, (int64_t)++w->sequence);
	writer_bind_int(w, WRITER_HEARTBEAT, 4, (int64_t)w->removed);
	writer_bind_int(w, WRITER_HEARTBEAT, 5, now + LEASE_MS);
	writer_bind_text(w, WRITER_HEARTBEAT, 6, w->region);
	if (run(w, WRITER_HEARTBEAT) != 0)
		return -1;
	return run(w, WRITER_COMMIT);
}
