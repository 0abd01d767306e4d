/*
 * Tests of the writer of a history: what it sums, and what it counts once.
 */
#include <check.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "state/history/writer.h"
#include "tests/history_made.h"
#include "tests/unit/history_fixture.h"

static struct history_writer *
open_writer(uint64_t max_bytes)
{
	struct history_writer *w =
	    history_writer_create(history_file, max_bytes);

	ck_assert_ptr_nonnull(w);
	ck_assert_msg(history_writer_open(w) == 0, "%s", history_writer_why(w));
	return w;
}

static void
write_one(struct history_writer *w, const struct history_batch *batch)
{
	ck_assert_msg(
	    history_writer_write(w, batch) == 0, "%s", history_writer_why(w));
}

/* --- sums --- */

static uint64_t total;

static void
count_all(void *context, struct history_batch *batch)
{
	(void)context;
	for (size_t i = 0; i < batch->n_traffic; i++)
		total += batch->traffic[i].answers;
}

static const char *const services[] = {"a.example", "b.example", "c.example"};
static const char *const regions[] = {"eu-west", "us-east", "ap-south"};
static const char *const countries[] = {"DE", "US", "IN", "FR", "GB"};

static struct history_made
small(void)
{
	return (struct history_made){.path = history_file,
	    .from_ms = BEGIN_MS,
	    .days = 2,
	    .step_minutes = 7,
	    .service = services,
	    .n_service = 3,
	    .region = regions,
	    .n_region = 3,
	    .country = countries,
	    .n_country = 5,
	    .pool = "v1",
	    .answers_s = 3,
	    .wave = 0.5,
	    .subnets = 0.4,
	    .sample = 4,
	    .seed = 1,
	    .run = 1,
	    .batch = count_all};
}

START_TEST(minutes_hours_and_days_have_one_sum)
{
	struct history_made made = small();

	made.seed = (uint64_t)_i + 1;
	total = 0;
	ck_assert_ptr_null(history_made_write(&made));
	ck_assert_int_eq(history_ask("SELECT sum(answers) FROM traffic_minute"),
	    (long long)total);
	ck_assert_int_eq(history_ask("SELECT sum(answers) FROM traffic_hour"),
	    (long long)total);
	ck_assert_int_eq(history_ask("SELECT sum(answers) FROM traffic_day"),
	    (long long)total);
	ck_assert_int_eq(history_ask("SELECT sum(subnets) FROM traffic_day"),
	    history_ask("SELECT sum(answers) FROM scope_day"));
	ck_assert_int_eq(history_ask("SELECT sum(samples) FROM country_day"),
	    history_ask("SELECT sum(samples) FROM as_day"));
	ck_assert_int_eq(
	    history_ask(
		"SELECT count(*) FROM (SELECT substr(at, 1, 13) AS h,"
		" service, region, sum(answers) AS n FROM traffic_minute"
		" GROUP BY 1, 2, 3 EXCEPT SELECT substr(at, 1, 13), service,"
		" region, sum(answers) FROM traffic_hour GROUP BY 1, 2, 3)"),
	    0);
	ck_assert_int_eq(
	    history_ask(
		"SELECT count(*) FROM (SELECT substr(at, 1, 10), service,"
		" region, sum(answers) FROM traffic_hour GROUP BY 1, 2, 3"
		" EXCEPT SELECT at, service, region, sum(answers)"
		" FROM traffic_day GROUP BY 1, 2, 3)"),
	    0);
}
END_TEST

/*
 * Batches as they may come: the clock leaps forth and back, the daemon begins
 * anew, minutes are missing, batches come again.
 */
START_TEST(sums_hold_whatever_the_clock_does)
{
	static const char *const reasons[] = {"first", "failover", "load"};
	uint64_t random = (uint64_t)_i * 7919 + 1, run = 1, number = 0;
	struct history_writer *w = open_writer(UINT64_C(1) << 30);
	int64_t at = BEGIN_MS;
	long long given = 0, with = 0;

	for (int i = 0; i < 400; i++) {
		double what = history_made_random(&random);
		struct history_traffic row[3];
		struct history_batch batch = {.node = "n", .sample = 64};

		at += 60000;
		if (what < 0.05)
			at += 60000 * (int64_t)(1 + 3000 * what);
		else if (what < 0.1)
			at -= 60000 * (int64_t)(1 + 3000 * (what - 0.05));
		else if (what < 0.15) {
			run++;
			number = 0;
			history_writer_destroy(w);
			w = open_writer(UINT64_C(1) << 30);
		}
		for (int k = 0; k < 3; k++) {
			uint64_t n = history_made_count(&random, 5);
			bool subnet = history_made_random(&random) < 0.5;

			row[k] = (struct history_traffic){services[i % 3], "v1",
			    regions[k], reasons[(i + k) % 3], subnet, n};
			given += (long long)n;
			with += subnet ? (long long)n : 0;
		}
		batch.run = run;
		batch.number = ++number;
		batch.minute_ms = at;
		batch.traffic = row;
		batch.n_traffic = 3;
		write_one(w, &batch);
		if (what > 0.9)
			write_one(w, &batch);
	}
	history_writer_destroy(w);
	ck_assert_int_eq(
	    history_ask("SELECT sum(answers) FROM traffic_minute"), given);
	ck_assert_int_eq(
	    history_ask("SELECT sum(answers) FROM traffic_hour"), given);
	ck_assert_int_eq(
	    history_ask("SELECT sum(answers) FROM traffic_day"), given);
	ck_assert_int_eq(
	    history_ask("SELECT sum(subnets) FROM traffic_day"), with);
}
END_TEST

/* --- what counts once, and twice --- */

static const struct history_traffic ten[] = {
    {"a.example", "v1", "eu-west", "first", true, 10}};

static struct history_batch
minute(uint64_t run, uint64_t number, int64_t at_ms)
{
	return (struct history_batch){.node = "n",
	    .run = run,
	    .number = number,
	    .minute_ms = at_ms,
	    .sample = 64,
	    .traffic = ten,
	    .n_traffic = 1};
}

struct given {
	const char *says;
	struct {
		uint64_t run, number;
		int64_t minute;
	} batch[4];
	long long answers, minutes; /* in all, and how many rows of minutes */
};

static const struct given given[] = {
    {"a batch that comes again counts once", {{1, 1, 0}, {1, 1, 0}}, 10, 1},
    {"an older one of the same run counts no more",
	{{1, 1, 0}, {1, 2, 1}, {1, 1, 0}}, 20, 2},
    {"after a restart numbers begin anew", {{1, 1, 0}, {1, 2, 1}, {2, 1, 1}},
	30, 2},
    {"a clock set back gives a minute twice: both count",
	{{1, 1, 60}, {1, 2, 0}, {1, 3, 60}}, 30, 2},
    {"a clock set forward leaves a gap", {{1, 1, 0}, {1, 2, 100000}, {1, 3, 1}},
	30, 3},
};

START_TEST(a_batch_counts_once)
{
	const struct given *g = &given[_i];
	struct history_writer *w = open_writer(UINT64_C(1) << 30);

	for (size_t i = 0; i < 4 && g->batch[i].run != 0; i++) {
		const struct history_batch batch = minute(g->batch[i].run,
		    g->batch[i].number, BEGIN_MS + g->batch[i].minute * 60000);

		write_one(w, &batch);
	}
	history_writer_destroy(w);
	ck_assert_msg(history_ask("SELECT sum(answers) FROM traffic_minute") ==
		    g->answers &&
		history_ask("SELECT count(*) FROM traffic_minute") ==
		    g->minutes &&
		history_ask("SELECT sum(answers) FROM traffic_day") ==
		    g->answers,
	    "%s", g->says);
}
END_TEST

START_TEST(the_writer_knows_after_a_restart_what_it_has)
{
	struct history_batch batch = minute(1, 1, BEGIN_MS);
	struct history_writer *w = open_writer(UINT64_C(1) << 30);

	write_one(w, &batch);
	history_writer_destroy(w);
	w = open_writer(UINT64_C(1) << 30);
	write_one(w, &batch);
	history_writer_destroy(w);
	ck_assert_int_eq(
	    history_ask("SELECT sum(answers) FROM traffic_minute"), 10);
	ck_assert_int_eq(history_ask("SELECT count(*) FROM path"), 1);
}
END_TEST

/* --- what is kept --- */

START_TEST(the_largest_of_a_day_stay_and_the_rest_is_one)
{
	static char names[60][3];
	static const char *list[60];
	struct history_made made = small();

	for (int i = 0; i < 60; i++) {
		snprintf(names[i], 3, "%c%c", 'A' + i / 26, 'A' + i % 26);
		list[i] = names[i];
	}
	made.country = list;
	made.n_country = 60;
	made.n_service = 1;
	made.answers_s = 200;
	made.step_minutes = 60;
	ck_assert_ptr_null(history_made_write(&made));
	/* The last day is not over. */
	ck_assert_int_eq(
	    history_ask("SELECT count(DISTINCT country) FROM country_day"
			" WHERE at = '2026-03-28'"),
	    31);
	ck_assert_int_eq(
	    history_ask("SELECT count(DISTINCT country) FROM country_day"
			" WHERE at = '2026-03-29'"),
	    60);
	ck_assert_int_eq(
	    history_ask("SELECT count(*) FROM as_day WHERE at = '2026-03-28'"),
	    21);
	ck_assert_int_eq(
	    history_ask("SELECT sum(samples) FROM country_day WHERE at = "
			"'2026-03-28'"),
	    history_ask(
		"SELECT sum(samples) FROM as_day WHERE at = '2026-03-28'"));
	ck_assert_int_eq(
	    history_ask("SELECT count(*) FROM country_day WHERE country ="
			" 'other' AND at = '2026-03-28'"),
	    1);
}
END_TEST

START_TEST(what_is_old_goes)
{
	struct history_made made = small();

	made.days = 70;
	made.step_minutes = 60;
	made.answers_s = 0.2;
	ck_assert_ptr_null(history_made_write(&made));
	ck_assert_int_eq(
	    history_ask("SELECT max(hour) - min(hour) FROM traffic_minutes"),
	    48);
	ck_assert_int_eq(
	    history_ask("SELECT max(day) - min(day) FROM traffic_hours"), 60);
	ck_assert_int_eq(
	    history_ask("SELECT count(DISTINCT at) FROM traffic_day"), 70);
}
END_TEST

START_TEST(too_much_takes_the_oldest_away)
{
	struct history_made made = small();

	made.days = 3;
	made.step_minutes = 1;
	made.max_bytes = 400000;
	ck_assert_ptr_null(history_made_write(&made));
	ck_assert_int_le(
	    history_ask("SELECT (page_count - freelist_count) * 4096 FROM"
			" pragma_page_count, pragma_freelist_count"),
	    500000);
	/* Of days nothing is missing. */
	ck_assert_int_eq(
	    history_ask("SELECT count(DISTINCT at) FROM traffic_day"), 3);
}
END_TEST

START_TEST(a_second_writer_has_to_wait)
{
	struct history_writer *w = history_writer_create(history_file, 1 << 20);
	struct history_writer *other =
	    history_writer_create(history_file, 1 << 20);

	ck_assert_int_eq(history_writer_open(w), 0);
	ck_assert(!history_writer_taken(w));
	ck_assert_int_eq(history_writer_open(other), -1);
	ck_assert(history_writer_taken(other));
	ck_assert_ptr_nonnull(strstr(history_writer_why(other),
	    "another meridiand writes it: give each node a file of its own"));
	/* It opens the file again after a failure, and has it all the same. */
	ck_assert_int_eq(unlink(history_file), 0);
	ck_assert(!history_writer_same(w));
	ck_assert_int_eq(history_writer_open(other), -1);
	ck_assert_int_eq(access(history_file, F_OK), -1);
	ck_assert_int_eq(history_writer_open(w), 0);
	history_writer_destroy(w);
	ck_assert_int_eq(history_writer_open(other), 0);
	ck_assert(!history_writer_taken(other));
	history_writer_destroy(other);
}
END_TEST

START_TEST(a_file_of_something_else_stays)
{
	struct history_writer *w = history_writer_create(history_file, 1 << 20);
	FILE *other = fopen(history_file, "w");

	fputs("this is my diary, and no database of anybody's\n", other);
	fclose(other);
	ck_assert_int_eq(history_writer_open(w), -1);
	ck_assert_ptr_nonnull(
	    strstr(history_writer_why(w), "meridiand makes a new one"));
	ck_assert_int_eq(history_writer_set_aside(w), 0);
	ck_assert_int_eq(access(history_file, F_OK), 0);
	history_writer_destroy(w);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("history writer");
	TCase *t = tcase_create("");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(t, history_set_up, history_tear_down);
	tcase_set_timeout(t, 120);
	tcase_add_loop_test(t, minutes_hours_and_days_have_one_sum, 0, 3);
	tcase_add_loop_test(
	    t, a_batch_counts_once, 0, (int)(sizeof(given) / sizeof(given[0])));
	tcase_add_loop_test(t, sums_hold_whatever_the_clock_does, 0, 5);
	tcase_add_test(t, the_writer_knows_after_a_restart_what_it_has);
	tcase_add_test(t, the_largest_of_a_day_stay_and_the_rest_is_one);
	tcase_add_test(t, what_is_old_goes);
	tcase_add_test(t, too_much_takes_the_oldest_away);
	tcase_add_test(t, a_second_writer_has_to_wait);
	tcase_add_test(t, a_file_of_something_else_stays);
	suite_add_tcase(s, t);
	runner = srunner_create(s);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
