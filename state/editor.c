/*
 * The editor of the state database: transactions in turns with the daemons.
 * Called by meridianctl; never deletes or repairs a file.
 */
#include "state/editor.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "state/latency_import.h"
#include "state/measures.h"
#include "state/migrate.h"
#include "state/mirror.h"
#include "state/node_rows.h"
#include "state/opening.h"
#include "state/override_clock.h"
#include "state/random_id.h"
#include "state/schema.h"
#include "state/sequence.h"
#include "state/table_sql.h"
#include "state/trail.h"

/* Longer than a daemon needs for its largest transaction. */
#define BUSY_MS 10000

/* After a turn of less nobody has waited. */
#define TURN_LEAST_MS 5

/* The clock is looked at after so many rows, a millisecond or so. */
#define ROWS_A_LOOK 128

struct state_editor {
	struct database d;
	struct measures measures;
	struct trail trail;
	struct sqlite3_stmt *top, *forget;
	char *path;
	char node[STATE_NAME]; /* of what is said; "": nothing is shared */
	uint64_t sequence;     /* the last that was given */
	int64_t began_ms;      /* monotonic clock, this transaction */
};

struct state_editor *
state_editor_create(const char *path)
{
	struct state_editor *e = calloc(1, sizeof(*e));

	if (e == NULL)
		return NULL;
	e->path = strdup(path);
	if (e->path == NULL) {
		free(e);
		return NULL;
	}
	database_init(&e->d, e->path, &schema_current);
	return e;
}

void
state_editor_share(struct state_editor *e, const char *node)
{
	snprintf(e->node, sizeof(e->node), "%s", node);
}

void
state_editor_destroy(struct state_editor *e)
{
	if (e == NULL)
		return;
	database_close(&e->d);
	free(e->path);
	free(e);
}

const char *
state_editor_why(const struct state_editor *e)
{
	return e->d.why;
}

static int
prepare_forget(struct state_editor *e)
{
	struct text sql;

	text_init(&sql, TABLE_SQL_MAX);
	table_sql_upsert(schema_table(TABLE_FORGOTTEN), &sql);
	return database_prepare_text(&e->d, &sql, &e->forget);
}

int
state_editor_open(struct state_editor *e)
{
	if (opening_write(&e->d) != 0)
		return -1;
	(void)sqlite3_busy_timeout(e->d.db, BUSY_MS);
	if (measures_prepare(&e->d, &e->measures) == 0 &&
	    trail_prepare(&e->d, &e->trail) == 0 &&
	    sequence_prepare_top(&e->d, &e->top) == 0 && prepare_forget(e) == 0)
		return 0;
	database_abandon(&e->d);
	return -1;
}

static int
read_top(struct state_editor *e)
{
	int status = 0;

	(void)sqlite3_bind_int64(e->top, 1, sequence_most(clock_wall_ms()));
	if (sqlite3_step(e->top) == SQLITE_ROW)
		e->sequence = (uint64_t)sqlite3_column_int64(e->top, 0);
	else
		status = database_failed(&e->d);
	sqlite3_reset(e->top);
	return status;
}

/* The file may have been replaced, or its schema changed by a newer release. */
static int
look_again(struct state_editor *e)
{
	int changed;

	if (!database_same(&e->d))
		return -1;
	changed = database_schema_changed(&e->d);
	if (changed < 0 ||
	    (changed == 1 && migrate_check(&e->d, MIGRATE_WRITE) != 1))
		return -1;
	return read_top(e);
}

static int
begin(struct state_editor *e)
{
	if (database_exec(&e->d, "BEGIN IMMEDIATE") != 0)
		return -1;
	e->began_ms = clock_mono_ms();
	return look_again(e);
}

static int
commit(struct state_editor *e)
{
	return database_exec(&e->d, "COMMIT");
}

/* After an error, whose words stay. */
static int
give_up(struct state_editor *e)
{
	if (e->d.db != NULL)
		(void)sqlite3_exec(e->d.db, "ROLLBACK", NULL, NULL, NULL);
	return -1;
}

/* The daemons' turn. */
static void
leave_room(void)
{
	const struct timespec turn = {.tv_nsec = EDITOR_TURN_MS * 1000000L};

	(void)nanosleep(&turn, NULL);
}

/* Where ${n} more rows might be too many: count those that are new. */
static int
have_room(struct state_editor *e, size_t n,
    void (*measure)(void *context, size_t i, struct state_latency *out),
    void *context)
{
	struct state_latency row = {.sequence = 0};
	int64_t there;

	if (measures_count(&e->d, &e->measures, &there) != 0)
		return -1;
	if (there + (int64_t)n <= SCHEMA_LATENCIES_MAX)
		return 0;
	for (size_t i = 0; i < n; i++) {
		int found;

		measure(context, i, &row);
		found = measures_find(&e->d, &e->measures, &row, NULL);
		if (found < 0)
			return -1;
		there += found == 0;
	}
	if (there <= SCHEMA_LATENCIES_MAX)
		return 0;
	return database_say(&e->d,
	    "%lld rows of table latency would be more than the %d that it may "
	    "have: measure wider prefixes, or leave out prefixes that their "
	    "country or AS number says the same of",
	    (long long)there, SCHEMA_LATENCIES_MAX);
}

/* Rows from ${at} on, as many as one turn has time for.  How far it came, or 0
 * after an error. */
static size_t
take_turn(struct state_editor *e, size_t at, size_t n,
    void (*measure)(void *context, size_t i, struct state_latency *out),
    void *context, struct state_import *out)
{
	struct state_import now = *out;
	enum measures_outcome outcome;
	struct state_latency row;

	if (begin(e) != 0 ||
	    measures_mark(&e->d, &e->measures, clock_wall_ms()) != 0)
		return 0;
	while (at < n) {
		memset(&row, 0, sizeof(row));
		measure(context, at, &row);
		if (measures_merge(
			&e->d, &e->measures, &row, &e->sequence, &outcome) != 0)
			return 0;
		now.created += outcome == MEASURES_NEW;
		now.moved += outcome == MEASURES_MOVED;
		now.same += outcome == MEASURES_SAME;
		at++;
		if (at % ROWS_A_LOOK == 0 &&
		    clock_mono_ms() - e->began_ms >= EDITOR_TURN_MS)
			break;
	}
	if ((at == n && measures_end(&e->d, &e->measures, &e->sequence) != 0) ||
	    commit(e) != 0)
		return 0;
	*out = now;
	return at;
}

void
state_editor_replace(struct state_editor *e)
{
	e->measures.replace = true;
}

int
state_editor_measure(struct state_editor *e, size_t n,
    void (*measure)(void *context, size_t i, struct state_latency *out),
    void *context, struct state_import *out)
{
	size_t at = 0;

	if (have_room(e, n, measure, context) != 0)
		return -1;
	while (at < n) {
		if (at > 0)
			leave_room();
		at = take_turn(e, at, n, measure, context, out);
		if (at == 0)
			return give_up(e);
	}
	return 0;
}

int
state_editor_age(
    struct state_editor *e, int64_t before_ms, struct state_import *out)
{
	int more = 1;

	while (more == 1) {
		more = begin(e) != 0 ? -1
				     : measures_age(&e->d, &e->measures,
					   before_ms, &e->sequence, &out->aged);
		if (more < 0 || commit(e) != 0)
			return give_up(e);
		if (more == 1 && clock_mono_ms() - e->began_ms >= TURN_LEAST_MS)
			leave_room();
	}
	return 0;
}

/* Is it one that readers will take as it is?  Odd characters of what is said
 * for people are replaced in it. */
static bool
is_readable(enum state_table which, void *row)
{
	const struct table *table = schema_table(which);
	unsigned char packed[FRAME_MAX];
	struct frame frame = {.data = packed};

	frame.len = (uint32_t)table_pack(table, row, packed);
	return table_take(table, &frame, row) == 0;
}

static int
check_said(struct state_editor *e, struct state_override *row)
{
	if (is_readable(TABLE_OVERRIDE, row))
		return 0;
	return database_say(&e->d,
	    "what was said makes no sense: its action, kind and target are "
	    "printable and not empty, its times from 0 on");
}

/* The number that comes after ${last}, by a mirror that has numbers up to
 * ${mirrored}. */
static uint64_t
next_number(uint64_t last, uint64_t mirrored)
{
	return (last > mirrored ? last : mirrored) + 1;
}

/* By what it is known again. */
static int
make_id(struct state_editor *e, char id[STATE_ID])
{
	if (random_id(id) == 0)
		return 0;
	return database_say(&e->d, "the system gives no random numbers");
}

/* Who says ${row}. */
static int
stamp(struct state_editor *e, struct state_override *row)
{
	if (make_id(e, row->id) != 0)
		return -1;
	memcpy(row->node, e->node, sizeof(row->node));
	row->shared =
	    e->node[0] != '\0' ? STATE_SHARED_OFFERED : STATE_SHARED_NOT;
	row->refused[0] = '\0';
	return 0;
}

/* Say ${row} if ${last} was said last, or whatever was (NULL).  0, 1 when
 * something else was, or -1. */
static int
say(struct state_editor *e, struct state_override *row, const uint64_t *last)
{
	int64_t now_ms = clock_wall_ms();
	struct state_override said = *row;
	struct mirror_reader mirror = {0};

	/* What an operator was told is done stays done when the power fails. */
	if (database_exec(&e->d, "PRAGMA synchronous = FULL") != 0 ||
	    begin(e) != 0)
		return give_up(e);
	/* The file may have been made anew, or be an older copy. */
	if (mirror_load(e->path, &mirror) < 0) {
		(void)database_say(&e->d,
		    "its mirror, which has the numbers that were given, "
		    "cannot be read: %s: move %s" MIRROR_SUFFIX
		    " away, and meridiand writes it again",
		    strerror(errno), e->path);
		return give_up(e);
	}
	if (stamp(e, &said) != 0)
		return give_up(e);
	said.number = 0;
	said.sequence = ++e->sequence;
	if (said.at_ms == 0)
		said.at_ms = now_ms;
	override_clock_set(&said, now_ms - said.at_ms);
	if (check_said(e, &said) != 0 ||
	    trail_say(&e->d, &e->trail, &said, mirror.last, now_ms) != 0)
		return give_up(e);
	if (last != NULL && said.number != next_number(*last, mirror.last)) {
		(void)give_up(e);
		return 1;
	}
	if (commit(e) != 0)
		return give_up(e);
	*row = said;
	return 0;
}

int
state_editor_say(struct state_editor *e, struct state_override *row)
{
	return say(e, row, NULL);
}

int
state_editor_say_after(
    struct state_editor *e, struct state_override *row, uint64_t last)
{
	return say(e, row, &last);
}

/* As it stands in the table: offered, or done (${shared}). */
static int
write_forgotten(
    struct state_editor *e, struct state_forgotten *row, uint32_t shared)
{
	if (make_id(e, row->id) != 0)
		return -1;
	memcpy(row->node, e->node, sizeof(row->node));
	row->shared = shared;
	row->refused[0] = '\0';
	row->sequence = ++e->sequence;
	if (row->at_ms == 0)
		row->at_ms = clock_wall_ms();
	if (!is_readable(TABLE_FORGOTTEN, row))
		return database_say(
		    &e->d, "the name of the node is empty or not printable");
	(void)table_bind(schema_table(TABLE_FORGOTTEN), row, e->forget);
	return database_run(&e->d, e->forget);
}

int
state_editor_forget(struct state_editor *e, struct state_forgotten *row)
{
	struct state_forgotten said = *row;

	if (begin(e) != 0 ||
	    write_forgotten(e, &said, STATE_SHARED_OFFERED) != 0 ||
	    commit(e) != 0)
		return give_up(e);
	*row = said;
	return 0;
}

int
state_editor_forget_here(struct state_editor *e, struct state_forgotten *row)
{
	struct state_forgotten said = *row;

	if (begin(e) != 0 ||
	    write_forgotten(e, &said, STATE_SHARED_ACCEPTED) != 0 ||
	    node_rows_delete(&e->d, said.name, &e->sequence) != 0 ||
	    commit(e) != 0)
		return give_up(e);
	*row = said;
	return 0;
}
