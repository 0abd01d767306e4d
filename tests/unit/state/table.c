/*
 * Tests of rows by the descriptor of their table: what may be NULL is read from
 * a file that lacks it, written and carried; what stands for NULL in a row is
 * refused as a value of a file.
 */
#include <check.h>
#include <math.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "state/column.h"
#include "state/rows.h"
#include "state/schema.h"
#include "state/table.h"
#include "state/table_sql.h"

struct note {
	uint64_t id;
	char name[8], words[8];
	int64_t time, latency;
	uint32_t count;
	enum state_health health;
	double number;
	uint64_t last;
};

#define NOTE(member, kind, version, ...)                    \
	{                                                   \
		.name = #member, .type = (kind),            \
		.offset = offsetof(struct note, member),    \
		.size = sizeof(((struct note *)0)->member), \
		.since = (version), __VA_ARGS__             \
	}

static const struct column columns[] = {
    NOTE(id, COLUMN_SEQUENCE, 1, .key = true),
    NOTE(name, COLUMN_NAME, 2, .null = true),
    NOTE(words, COLUMN_WORDS, 2, .null = true),
    NOTE(time, COLUMN_TIME, 2, .null = true),
    NOTE(latency, COLUMN_LATENCY, 2, .null = false),
    NOTE(count, COLUMN_COUNT, 2, .null = true),
    NOTE(health, COLUMN_HEALTH, 2, .null = true),
    NOTE(number, COLUMN_NUMBER, 2, .null = false),
    NOTE(last, COLUMN_SEQUENCE, 2, .null = true),
};

#define N_COLUMNS (sizeof(columns) / sizeof(columns[0]))

static const struct table notes = {
    .name = "note",
    .since = 1,
    .column = columns,
    .n = N_COLUMNS,
    .size = sizeof(struct note),
    .rowid = true,
};

static const struct note nothing = {
    .id = 7,
    .time = -1,
    .latency = -1,
    .count = UINT32_MAX,
    .health = HEALTH_UNKNOWN,
    .number = (double)NAN,
    .last = UINT64_MAX,
};

static sqlite3 *db;

static void
run_sql(const char *sql)
{
	ck_assert_int_eq(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
}

static sqlite3_stmt *
prepare(struct text *sql)
{
	sqlite3_stmt *stmt;

	ck_assert_ptr_nonnull(sql->data);
	ck_assert_int_eq(
	    sqlite3_prepare_v2(db, sql->data, -1, &stmt, NULL), SQLITE_OK);
	text_finish(sql);
	return stmt;
}

static void
setup(void)
{
	ck_assert_int_eq(sqlite3_open(":memory:", &db), SQLITE_OK);
}

static void
teardown(void)
{
	sqlite3_close(db);
}

/* An empty table of this release. */
static void
create(void)
{
	struct text sql;
	sqlite3_stmt *stmt;

	text_init(&sql, TABLE_SQL_MAX);
	table_sql_create(&notes, &sql);
	stmt = prepare(&sql);
	ck_assert_int_eq(sqlite3_step(stmt), SQLITE_DONE);
	sqlite3_finalize(stmt);
}

/* Read the only row of a file of schema ${version}. */
static const char *
read_note(unsigned version, struct note *out)
{
	const char *column;
	sqlite3_stmt *stmt;
	struct text sql;

	text_init(&sql, TABLE_SQL_MAX);
	table_sql_select(&notes, version, &sql);
	stmt = prepare(&sql);
	ck_assert_int_eq(sqlite3_step(stmt), SQLITE_ROW);
	column = table_read(&notes, stmt, out);
	sqlite3_finalize(stmt);
	return column;
}

static void
write_note(const struct note *note)
{
	sqlite3_stmt *stmt;
	struct text sql;

	text_init(&sql, TABLE_SQL_MAX);
	table_sql_upsert(&notes, &sql);
	stmt = prepare(&sql);
	ck_assert_int_eq(table_bind(&notes, note, stmt), SQLITE_OK);
	ck_assert_int_eq(sqlite3_step(stmt), SQLITE_DONE);
	sqlite3_finalize(stmt);
}

static void
same(const struct note *a, const struct note *b)
{
	ck_assert_uint_eq(a->id, b->id);
	ck_assert_str_eq(a->name, b->name);
	ck_assert_str_eq(a->words, b->words);
	ck_assert_int_eq(a->time, b->time);
	ck_assert_int_eq(a->latency, b->latency);
	ck_assert_uint_eq(a->count, b->count);
	ck_assert_int_eq(a->health, b->health);
	ck_assert(isnan(a->number)
		? isnan(b->number)
		: a->number >= b->number && a->number <= b->number);
	ck_assert_uint_eq(a->last, b->last);
}

START_TEST(a_file_that_lacks_columns_is_read)
{
	struct note note;

	run_sql("CREATE TABLE note (id INTEGER PRIMARY KEY);"
		"INSERT INTO note VALUES (7)");
	ck_assert_ptr_null(read_note(1, &note));
	same(&note, &nothing);
}
END_TEST

START_TEST(nothing_is_written_as_null)
{
	struct note note;
	sqlite3_stmt *stmt;
	struct text sql;

	create();
	write_note(&nothing);
	text_init(&sql, TABLE_SQL_MAX);
	text_add(&sql, "SELECT * FROM note");
	stmt = prepare(&sql);
	ck_assert_int_eq(sqlite3_step(stmt), SQLITE_ROW);
	for (int i = 1; i < (int)N_COLUMNS; i++)
		ck_assert_msg(sqlite3_column_type(stmt, i) == SQLITE_NULL, "%s",
		    columns[i].name);
	sqlite3_finalize(stmt);
	ck_assert_ptr_null(read_note(2, &note));
	same(&note, &nothing);
}
END_TEST

START_TEST(a_value_of_each_is_written_and_read)
{
	static const struct note full = {.id = 8,
	    .name = "a",
	    .words = "b c",
	    .count = UINT32_MAX - 1,
	    .health = HEALTH_DEGRADED,
	    .number = 1.75};
	struct note note;

	create();
	write_note(&full);
	ck_assert_ptr_null(read_note(2, &note));
	same(&note, &full);
}
END_TEST

START_TEST(nothing_is_carried_in_a_frame)
{
	unsigned char packed[FRAME_MAX];
	struct frame frame = {.data = packed};
	struct note note;

	frame.len = (uint32_t)table_pack(&notes, &nothing, packed);
	ck_assert_int_eq(table_take(&notes, &frame, &note), 0);
	same(&note, &nothing);
}
END_TEST

/* The length of a long text takes more than an octet. */
START_TEST(the_longest_text_is_carried_in_a_frame)
{
	const struct table *table = schema_table((enum state_table)_i);
	union schema_row row, copy;
	unsigned char packed[FRAME_MAX];
	struct frame frame = {.data = packed};

	memset(&row, 0, sizeof(row));
	for (size_t i = 0; i < table->n; i++) {
		const struct column *c = &table->column[i];

		if (c->size == 0 || !column_is_text(c))
			continue;
		ck_assert_uint_le(c->size, COLUMN_TEXT_MAX);
		memset((char *)&row + c->offset, 'x', c->size - 1);
	}
	frame.len = (uint32_t)table_pack(table, &row, packed);
	ck_assert_uint_le(frame.len, FRAME_MAX);
	ck_assert_int_eq(table_take(table, &frame, &copy), 0);
	ck_assert_mem_eq(&row, &copy, table->size);
	frame.len--;
	ck_assert_int_eq(table_take(table, &frame, &copy), -1);
}
END_TEST

static const struct {
	const char *column, *value;
} strange[] = {
    {"time", "-1"},
    {"latency", "-1"},
    {"latency", "-2"},
    {"count", "4294967295"},
    {"last", "-1"},
    {"health", "'well'"},
    {"number", "-0.5"},
    {"number", "9e999"},
};

START_TEST(what_means_null_in_a_row_is_refused_in_a_file)
{
	const char *column;
	struct note note;
	char sql[128];

	create();
	write_note(&nothing);
	snprintf(sql, sizeof(sql), "UPDATE note SET %s = %s",
	    strange[_i].column, strange[_i].value);
	run_sql(sql);
	column = read_note(2, &note);
	ck_assert_ptr_nonnull(column);
	ck_assert_str_eq(column, strange[_i].column);
}
END_TEST

START_TEST(what_is_no_share_or_count_is_not_carried)
{
	static const double bad[] = {-1, (double)INFINITY, -(double)INFINITY};
	unsigned char packed[FRAME_MAX];
	struct frame frame = {.data = packed};
	struct note note = nothing;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		note.number = bad[i];
		frame.len = (uint32_t)table_pack(&notes, &note, packed);
		ck_assert_int_eq(table_take(&notes, &frame, &note), -1);
	}
}
END_TEST

START_TEST(null_is_refused_where_it_may_not_be)
{
	struct note note;

	run_sql("CREATE TABLE note (id INTEGER);"
		"INSERT INTO note VALUES (NULL)");
	ck_assert_str_eq(read_note(1, &note), "id");
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("state_table");
	TCase *tcase = tcase_create("table");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, a_file_that_lacks_columns_is_read);
	tcase_add_test(tcase, nothing_is_written_as_null);
	tcase_add_test(tcase, a_value_of_each_is_written_and_read);
	tcase_add_test(tcase, nothing_is_carried_in_a_frame);
	tcase_add_loop_test(
	    tcase, the_longest_text_is_carried_in_a_frame, 0, STATE_TABLES);
	tcase_add_loop_test(tcase,
	    what_means_null_in_a_row_is_refused_in_a_file, 0,
	    (int)(sizeof(strange) / sizeof(strange[0])));
	tcase_add_test(tcase, what_is_no_share_or_count_is_not_carried);
	tcase_add_test(tcase, null_is_refused_where_it_may_not_be);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
