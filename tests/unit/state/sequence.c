/* Which sequences are believed: at any hour, whatever an honest writer does. */
#include "tests/unit/state_fixture.h"

#include "state/database.h"
#include "state/schema.h"
#include "state/sequence.h"
#include "state/table.h"

/* 2026-01-01 and what a century has, in ms. */
#define YEAR_2026 INT64_C(1767225600000)
#define CENTURY (INT64_C(100) * 365 * 24 * 3600 * 1000)

START_TEST(an_honest_writer_is_always_believed)
{
	/* 90 rows in each millisecond, for a century from now on. */
	for (int64_t t = 0; t < CENTURY; t += CENTURY / 1000)
		ck_assert_int_gt(sequence_most(YEAR_2026 + t), 90 * t);
}
END_TEST

START_TEST(a_clock_that_was_never_set_refuses_nothing_honest)
{
	ck_assert_int_eq(sequence_most(0), SEQUENCE_FLOOR);
	ck_assert_int_eq(sequence_most(-5), SEQUENCE_FLOOR);
	ck_assert_int_eq(sequence_most(3600000), SEQUENCE_FLOOR);
}
END_TEST

START_TEST(the_largest_number_of_a_column_is_not_believed)
{
	ck_assert_int_lt(sequence_most(YEAR_2026), COLUMN_SEQUENCE_MAX);
	ck_assert_int_lt(
	    sequence_most(YEAR_2026 + CENTURY), COLUMN_SEQUENCE_MAX);
	ck_assert_int_eq(
	    sequence_most(INT64_MAX), COLUMN_SEQUENCE_MAX / 1000 * 1000);
}
END_TEST

START_TEST(what_is_believed_grows_faster_than_rows_are_written)
{
	ck_assert_int_eq(
	    sequence_most(YEAR_2026 + 1000) - sequence_most(YEAR_2026),
	    1000000);
}
END_TEST

/* Tables of one file: a has two columns, b comes with a later release; what
 * follows them is none of the schema. */
static const struct column columns[] = {
    {.name = "id", .type = COLUMN_NAME, .key = true, .since = 1},
    {.name = "sequence", .type = COLUMN_SEQUENCE, .since = 1},
};
static const struct table tables[] = {
    {.name = "a", .since = 3, .column = columns, .n = 2},
    {.name = "b", .since = 3, .column = columns, .n = 2},
    {.name = "later", .since = 4, .column = columns, .n = 2},
    {.name = "beyond", .since = 1, .column = columns, .n = 2},
};
static const struct schema schema = {
    .version = 4, .table = tables, .n_tables = 3};

START_TEST(the_first_table_with_such_a_row_is_named)
{
	char words[SEQUENCE_WORDS] = "";
	struct sqlite3_stmt *stmt;
	struct database d;

	make_folder();
	run_sql("CREATE TABLE a (id TEXT, sequence INTEGER);"
		"CREATE TABLE b (id TEXT, sequence INTEGER)");
	database_init(&d, file, &schema);
	ck_assert_int_eq(database_connect(&d), 0);
	d.version = 3;
	ck_assert_msg(sequence_prepare(&d, &stmt) == 0, "%s", d.why);
	ck_assert_int_eq(sequence_odd(stmt, 10, words), 0);
	ck_assert_str_eq(words, "");
	run_sql("INSERT INTO b VALUES ('x', 10), ('y', 12), ('z', 11)");
	ck_assert_int_eq(sequence_odd(stmt, 10, words), 1);
	ck_assert_ptr_nonnull(strstr(words, "table b has sequence 12,"));
	ck_assert_ptr_nonnull(
	    strstr(words, "DELETE FROM b WHERE sequence > 10"));
	run_sql("INSERT INTO a VALUES ('x', 13)");
	ck_assert_int_eq(sequence_odd(stmt, 10, words), 1);
	ck_assert_ptr_nonnull(strstr(words, "table a has sequence 13,"));
	ck_assert_int_eq(sequence_odd(stmt, 13, words), 0);
	database_close(&d);
	remove_folder();
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("state_sequence");
	TCase *tcase = tcase_create("sequence");
	tcase_add_test(tcase, an_honest_writer_is_always_believed);
	tcase_add_test(
	    tcase, a_clock_that_was_never_set_refuses_nothing_honest);
	tcase_add_test(tcase, the_largest_number_of_a_column_is_not_believed);
	tcase_add_test(
	    tcase, what_is_believed_grows_faster_than_rows_are_written);
	tcase_add_test(tcase, the_first_table_with_such_a_row_is_named);
	suite_add_tcase(suite, tcase);
	return run_suite(suite);
}
