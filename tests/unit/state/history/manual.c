/*
 * Runs the examples of meridian-history(5), as they stand there, over a history
 * of now: each of them has to find something.
 */
#include <check.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "tests/history_made.h"
#include "tests/unit/history_fixture.h"

#define PAGE "man/meridian-history.5"

static void
add_failover(void *context, struct history_batch *batch)
{
	static struct history_failover failover;

	(void)context;
	if (batch->number != 20)
		return;
	failover = (struct history_failover){
	    "chat.inference.example", "v1", "euw1-a", false, batch->minute_ms};
	batch->failover = &failover;
	batch->n_failover = 1;
}

static void
fail_over(void *context, struct history_made_cell *cell)
{
	(void)context;
	if (cell->place_at == 1)
		cell->reason = "failover";
}

/* Of the last three days, up to now. */
static void
make(void)
{
	static const char *const services[] = {"chat.inference.example"};
	static const char *const regions[] = {"eu-west", "us-east"};
	static const char *const countries[] = {"DE", "US"};
	const struct history_made made = {.path = history_file,
	    .from_ms = clock_wall_ms() - 3 * DAY_MS,
	    .days = 3,
	    .step_minutes = 30,
	    .service = services,
	    .n_service = 1,
	    .region = regions,
	    .n_region = 2,
	    .country = countries,
	    .n_country = 2,
	    .pool = "v1",
	    .answers_s = 5,
	    .sample = 8,
	    .seed = 3,
	    .run = 1,
	    .traffic = fail_over,
	    .batch = add_failover};

	ck_assert_ptr_null(history_made_write(&made));
}

/* Run all statements of ${sql}; how many there are. */
static int
run(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *stmt;
	int n = 0;

	for (; *sql != '\0'; n++) {
		const char *next;

		ck_assert_msg(
		    sqlite3_prepare_v2(db, sql, -1, &stmt, &next) == SQLITE_OK,
		    "%s: %s", sql, sqlite3_errmsg(db));
		if (stmt == NULL)
			break;
		ck_assert_msg(
		    sqlite3_step(stmt) == SQLITE_ROW, "finds nothing: %s", sql);
		sqlite3_finalize(stmt);
		sql = next;
	}
	return n;
}

START_TEST(examples)
{
	FILE *page = fopen(PAGE, "r");
	struct text sql;
	char line[256];
	bool inside = false;
	sqlite3 *db;

	make();
	ck_assert_ptr_nonnull(page);
	text_init(&sql, 65536);
	while (fgets(line, sizeof(line), page) != NULL) {
		if (strncmp(line, ".Ed", 3) == 0)
			inside = false;
		if (inside)
			text_add(&sql, "%s", line);
		if (strncmp(line, ".Bd -literal", 12) == 0)
			inside = true;
	}
	fclose(page);
	ck_assert_int_eq(sqlite3_open(history_file, &db), SQLITE_OK);
	ck_assert_int_ge(run(db, sql.data), 5);
	sqlite3_close(db);
	text_finish(&sql);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("history manual");
	TCase *t = tcase_create("");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(t, history_set_up, history_tear_down);
	tcase_set_timeout(t, 120);
	tcase_add_test(t, examples);
	suite_add_tcase(s, t);
	runner = srunner_create(s);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
