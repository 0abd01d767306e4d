/*
 * Overrides by the numbers that all nodes agreed on.  A row that all accepted
 * has its number for good; one that was only said here moves out of its way, in
 * the order in which it was said.  What all forgot is taken away, and nothing
 * else.  Called by writer_carry.c.
 */
#include "state/writer_parts.h"

#include <inttypes.h>
#include <sqlite3.h>
#include <string.h>

#include "state/mirror.h"
#include "state/sequence.h"

/* What has the number of a row that comes. */
struct there {
	bool any;
	bool accepted;
	bool same; /* it is that row, of a release that gave no ids */
	char id[STATE_ID];
};

/* The first column of ${stmt}, 0 where there is none. */
static int
read_number(struct state_writer *w, sqlite3_stmt *stmt, uint64_t *out)
{
	int code = sqlite3_step(stmt);

	if (code != SQLITE_ROW && code != SQLITE_DONE)
		return writer_failed(w);
	*out = code == SQLITE_ROW ? (uint64_t)sqlite3_column_int64(stmt, 0) : 0;
	sqlite3_reset(stmt);
	return 0;
}

static bool
is_text(sqlite3_stmt *stmt, int at, const char *text)
{
	const char *has = (const char *)sqlite3_column_text(stmt, at);

	return has != NULL && strcmp(has, text) == 0;
}

static int
look(
    struct state_writer *w, const struct state_override *row, struct there *out)
{
	sqlite3_stmt *stmt = w->carrier->stmt[CARRIER_AT_NUMBER];
	int code;

	*out = (struct there){.any = false};
	(void)sqlite3_bind_int64(stmt, 1, (int64_t)row->number);
	code = sqlite3_step(stmt);
	if (code != SQLITE_ROW && code != SQLITE_DONE)
		return writer_failed(w);
	if (code == SQLITE_ROW) {
		out->any = true;
		out->accepted =
		    sqlite3_column_int(stmt, 0) == STATE_SHARED_ACCEPTED;
		out->same = is_text(stmt, 1, "") &&
		    sqlite3_column_int64(stmt, 2) == row->at_ms &&
		    is_text(stmt, 3, row->action) &&
		    is_text(stmt, 4, row->kind) &&
		    is_text(stmt, 5, row->target);
	}
	sqlite3_reset(stmt);
	return 0;
}

static int
renumber(struct state_writer *w, uint64_t from, uint64_t to)
{
	sqlite3_stmt *stmt = w->carrier->stmt[CARRIER_RENUMBER];

	(void)sqlite3_bind_int64(stmt, 1, (int64_t)from);
	(void)sqlite3_bind_int64(stmt, 2, (int64_t)to);
	w->removed = ++w->sequence;
	(void)sqlite3_bind_int64(stmt, 3, (int64_t)w->removed);
	return writer_step(w, stmt);
}

/* Give all rows from ${number} on that are not accepted the next numbers after
 * all there are, in their order: what was said later stays later. */
static int
make_way(struct state_writer *w, uint64_t number)
{
	sqlite3_stmt *next = w->carrier->stmt[CARRIER_NEXT_OFFERED];
	struct mirror_reader mirror = {0};
	uint64_t last = 0, given, at = 0;

	if (read_number(w, w->carrier->stmt[CARRIER_LAST_NUMBER], &last) != 0)
		return -1;
	given = last > number ? last : number;
	/* The mirror may have rows that the file lacks. */
	(void)mirror_load(w->path, &mirror);
	if (mirror.last > given)
		given = mirror.last;
	for (;;) {
		(void)sqlite3_bind_int64(next, 1, (int64_t)number);
		(void)sqlite3_bind_int64(next, 2, (int64_t)last);
		if (read_number(w, next, &at) != 0)
			return -1;
		if (at == 0)
			return 0;
		if (renumber(w, at, ++given) != 0)
			return -1;
	}
}

/* ${row} was refused: readers, who go by the sequence, meet the last row before
 * it of the same target once more, after it. */
static int
bring_back(struct state_writer *w, const struct state_override *row)
{
	sqlite3_stmt *stmt = w->carrier->stmt[CARRIER_BEFORE];

	if (row->shared != STATE_SHARED_REFUSED)
		return 0;
	(void)sqlite3_bind_int64(stmt, 1, (int64_t)row->number);
	(void)sqlite3_bind_int64(stmt, 2, (int64_t)++w->sequence);
	return writer_step(w, stmt);
}

/* The row that has the number ${has} gets what came of it. */
static int
settle(struct state_writer *w, const struct state_override *row, uint64_t has)
{
	sqlite3_stmt *stmt = w->carrier->stmt[CARRIER_SETTLE];

	(void)sqlite3_bind_int64(stmt, 1, (int64_t)has);
	(void)sqlite3_bind_int64(stmt, 2, (int64_t)row->number);
	(void)sqlite3_bind_int64(stmt, 3, (int64_t)++w->sequence);
	(void)sqlite3_bind_text(stmt, 4, row->id, -1, SQLITE_TRANSIENT);
	(void)sqlite3_bind_text(stmt, 5, row->node, -1, SQLITE_TRANSIENT);
	if (row->shared == STATE_SHARED_NOT)
		(void)sqlite3_bind_null(stmt, 6);
	else
		(void)sqlite3_bind_int64(stmt, 6, row->shared);
	(void)sqlite3_bind_text(stmt, 7, row->refused, -1, SQLITE_TRANSIENT);
	if (has != row->number)
		w->removed = w->sequence;
	return writer_step(w, stmt) != 0 ? -1 : bring_back(w, row);
}

static int
find(struct state_writer *w, const char *id, uint64_t *out)
{
	sqlite3_stmt *stmt = w->carrier->stmt[CARRIER_NUMBER_OF];

	(void)sqlite3_bind_text(stmt, 1, id, -1, SQLITE_TRANSIENT);
	return read_number(w, stmt, out);
}

int
carrier_override(struct state_writer *w, struct state_override *row)
{
	sqlite3_stmt *stmt = w->sql.of[TABLE_OVERRIDE][WRITER_ADD];
	struct there there;
	uint64_t has = 0;

	if (row->id[0] == '\0' || row->number == 0 ||
	    row->number > (uint64_t)SEQUENCE_FLOOR)
		return carrier_refuse(w,
		    "override %" PRIu64 " came without an id, or with a number "
		    "that nobody gave",
		    row->number);
	if (find(w, row->id, &has) != 0 || look(w, row, &there) != 0)
		return -1;
	if (has == 0 && there.same)
		has = row->number;
	if (has == row->number && there.any)
		return settle(w, row, has);
	if (there.any && there.accepted)
		return carrier_refuse(w,
		    "override %" PRIu64 " came, and another has its number for "
		    "good",
		    row->number);
	if (there.any &&
	    (make_way(w, row->number) != 0 || find(w, row->id, &has) != 0))
		return -1;
	if (has != 0)
		return settle(w, row, has);
	table_stamp(schema_table(TABLE_OVERRIDE), row, NULL, ++w->sequence);
	(void)table_bind(schema_table(TABLE_OVERRIDE), row, stmt);
	return writer_step(w, stmt);
}

int
carrier_take_override(struct state_writer *w, const struct state_override *row)
{
	sqlite3_stmt *stmt = w->carrier->stmt[CARRIER_TAKE_OVERRIDE];

	(void)sqlite3_bind_int64(stmt, 1, (int64_t)row->number);
	(void)sqlite3_bind_text(stmt, 2, row->id, -1, SQLITE_TRANSIENT);
	if (writer_step(w, stmt) != 0)
		return -1;
	if (sqlite3_changes(w->d.db) > 0)
		w->removed = ++w->sequence;
	return 0;
}
