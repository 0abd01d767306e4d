/*
 * Tests of the reader of a history: sums by what they are asked for, at each
 * resolution, and what it says of what is not there.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "state/history/reader.h"
#include "tests/history_made.h"
#include "tests/unit/history_fixture.h"

static struct errbuf eb;
static uint64_t total, of_service, of_hour, subnets;

static void
count(void *context, struct history_batch *batch)
{
	static struct history_failover failover[2];

	(void)context;
	for (size_t i = 0; i < batch->n_traffic; i++) {
		const struct history_traffic *t = &batch->traffic[i];

		total += t->answers;
		subnets += t->subnet ? t->answers : 0;
		if (strcmp(t->service, "b.example") == 0)
			of_service += t->answers;
		if (batch->minute_ms / HOUR_MS == BEGIN_MS / HOUR_MS + 30)
			of_hour += t->answers;
	}
	if (batch->number != 5)
		return;
	for (int i = 0; i < 2; i++)
		failover[i] = (struct history_failover){"a.example", "v1",
		    "euw1-a", i == 1, batch->minute_ms + i * 1000};
	batch->failover = failover;
	batch->n_failover = 2;
}

static void
set_up(void)
{
	static const char *const services[] = {
	    "a.example", "b.example", "c.example"};
	static const char *const regions[] = {"eu-west", "us-east", "ap-south"};
	static const char *const countries[] = {"DE", "US", "IN", "FR", "GB"};
	const struct history_made made = {.path = history_file,
	    .from_ms = BEGIN_MS,
	    .days = 2,
	    .step_minutes = 10,
	    .service = services,
	    .n_service = 3,
	    .region = regions,
	    .n_region = 3,
	    .country = countries,
	    .n_country = 5,
	    .pool = "v1",
	    .answers_s = 5,
	    .subnets = 0.4,
	    .sample = 8,
	    .seed = 3,
	    .run = 1,
	    .batch = count};

	history_set_up();
	total = of_service = of_hour = subnets = 0;
	errbuf_init(&eb);
	ck_assert_ptr_null(history_made_write(&made));
}

/* What a question was answered. */
struct got {
	struct history_answer answer;
	uint64_t answers, subnets, samples;
	size_t rows;
	char first[64]; /* the service or country of the first row */
};

static void
take(void *context, const struct history_row *row)
{
	struct got *got = context;
	const char *name = row->service != NULL ? row->service : row->country;

	if (got->rows++ == 0)
		snprintf(got->first, sizeof(got->first), "%s",
		    name != NULL ? name : "");
	got->answers += row->answers;
	got->subnets += row->subnets;
	got->samples += row->samples;
}

static struct got
ask(const struct history_question *q)
{
	struct history_reader *reader = history_reader_open(history_file, &eb);
	struct got got = {.rows = 0};

	ck_assert_msg(reader != NULL, "%s", eb.text);
	ck_assert_msg(history_sum(reader, q, &got.answer, take, &got, &eb) == 0,
	    "%s", eb.text);
	history_reader_close(reader);
	return got;
}

struct row {
	const char *says;
	struct history_question q;
	const uint64_t *answers; /* NULL: not counted here */
	size_t rows;
	enum history_every every;
};

#define ALL .from_ms = BEGIN_MS, .to_ms = BEGIN_MS + 2 * DAY_MS

static const struct row table[] = {
    {"all, by minutes", {ALL, .every = HISTORY_MINUTE, .by = 0}, &total, 1,
	HISTORY_MINUTE},
    {"all, by hours", {ALL, .every = HISTORY_HOUR, .by = 0}, &total, 1,
	HISTORY_HOUR},
    {"all, by days", {ALL, .every = HISTORY_DAY, .by = 0}, &total, 1,
	HISTORY_DAY},
    {"a step of its own choice", {ALL, .every = HISTORY_AUTO, .by = 0}, &total,
	1, HISTORY_HOUR},
    {"a short period in minutes",
	{.from_ms = BEGIN_MS + 30 * HOUR_MS,
	    .to_ms = BEGIN_MS + 31 * HOUR_MS,
	    .every = HISTORY_AUTO},
	&of_hour, 1, HISTORY_MINUTE},
    {"a period is rounded out",
	{.from_ms = BEGIN_MS + 30 * HOUR_MS + 5,
	    .to_ms = BEGIN_MS + 31 * HOUR_MS - 5,
	    .every = HISTORY_HOUR},
	&of_hour, 1, HISTORY_HOUR},
    {"one service",
	{ALL, .every = HISTORY_DAY, .by = 0, .service = "b.example"},
	&of_service, 1, HISTORY_DAY},
    {"a service nobody has",
	{ALL, .every = HISTORY_DAY, .by = 0, .service = "x.example"}, NULL, 0,
	HISTORY_DAY},
    {"by service", {ALL, .every = HISTORY_HOUR, .by = HISTORY_SERVICE}, &total,
	3, HISTORY_HOUR},
    {"by time", {ALL, .every = HISTORY_DAY, .by = HISTORY_TIME}, &total, 2,
	HISTORY_DAY},
    {"by service and region",
	{ALL, .every = HISTORY_HOUR, .by = HISTORY_SERVICE | HISTORY_REGION},
	&total, 9, HISTORY_HOUR},
    {"by pool", {ALL, .every = HISTORY_HOUR, .by = HISTORY_POOL}, &total, 1,
	HISTORY_HOUR},
    {"by country", {ALL, .every = HISTORY_AUTO, .by = HISTORY_COUNTRY}, NULL, 5,
	HISTORY_DAY},
    {"one country by region",
	{ALL, .every = HISTORY_AUTO, .by = HISTORY_REGION, .country = "IN"},
	NULL, 1, HISTORY_DAY},
    {"scopes are of answers with a subnet",
	{ALL, .every = HISTORY_AUTO, .by = HISTORY_SCOPE}, &subnets, 3,
	HISTORY_DAY},
    {"before all", {.to_ms = BEGIN_MS, .by = HISTORY_SERVICE}, NULL, 0,
	HISTORY_DAY},
};

START_TEST(sums)
{
	const struct row *row = &table[_i];
	struct got got = ask(&row->q);

	ck_assert_msg(
	    got.rows == row->rows, "%s: %zu rows", row->says, got.rows);
	ck_assert_msg(got.answer.every == row->every, "%s: a step of %d",
	    row->says, (int)got.answer.every);
	ck_assert_msg(row->answers == NULL || got.answers == *row->answers,
	    "%s: %llu answers", row->says, (unsigned long long)got.answers);
}
END_TEST

START_TEST(days_know_of_subnets)
{
	struct history_question q = {
	    ALL, .every = HISTORY_DAY, .by = HISTORY_SERVICE};
	struct got got = ask(&q);

	ck_assert_uint_eq(got.subnets, subnets);
	ck_assert_str_eq(got.first, "a.example");
}
END_TEST

START_TEST(places_are_times_their_sample)
{
	struct history_question q = {
	    ALL, .every = HISTORY_AUTO, .by = HISTORY_COUNTRY};
	struct got got = ask(&q);

	ck_assert_uint_eq(got.answer.sample, 8);
	ck_assert_uint_eq(got.answers, 8 * got.samples);
	/* An estimate of all, to within some errors of so many samples. */
	ck_assert_uint_gt(got.answers, total / 100 * 95);
	ck_assert_uint_lt(got.answers, total / 100 * 105);
	q.by = HISTORY_AS;
	ck_assert_uint_eq(ask(&q).samples, got.samples);
}
END_TEST

static int left, came_back, gaps;
static int64_t gap_ms;

static void
take_failover(void *context, const struct history_failover *f)
{
	(void)context;
	ck_assert_str_eq(f->service, "a.example");
	ck_assert_str_eq(f->endpoint, "euw1-a");
	left += !f->back;
	came_back += f->back;
}

static void
take_gap(void *context, int64_t from_ms, int64_t to_ms)
{
	(void)context;
	gaps++;
	gap_ms += to_ms - from_ms;
}

static void
take_name(void *context, const char *name)
{
	struct text *names = context;

	text_add(names, "%s ", name);
}

START_TEST(failovers_gaps_names_and_bounds)
{
	struct history_reader *r = history_reader_open(history_file, &eb);
	struct history_bounds b;
	struct text names;

	text_init(&names, 200);
	left = came_back = gaps = 0;
	gap_ms = 0;
	ck_assert_ptr_nonnull(r);
	ck_assert_int_eq(history_failovers(r, BEGIN_MS, BEGIN_MS + DAY_MS,
			     "a.example", take_failover, NULL, &eb),
	    0);
	ck_assert_int_eq(left, 1);
	ck_assert_int_eq(came_back, 1);
	/* Nine of ten minutes have no batch. */
	ck_assert_int_eq(
	    history_gaps(r, BEGIN_MS, BEGIN_MS + HOUR_MS, take_gap, NULL, &eb),
	    0);
	ck_assert_int_eq(gaps, 6);
	ck_assert_int_eq(gap_ms, 54 * 60000);
	ck_assert_int_eq(
	    history_names(r, HISTORY_SERVICE, take_name, &names, &eb), 0);
	ck_assert_str_eq(names.data, "a.example b.example c.example ");
	text_finish(&names);
	ck_assert_int_eq(history_bounds(r, &b, &eb), 0);
	ck_assert_int_eq(b.first_ms, BEGIN_MS);
	ck_assert_int_eq(b.last_ms, BEGIN_MS + 2 * DAY_MS - 9 * 60000);
	ck_assert_str_eq(b.node, "made");
	history_reader_close(r);
}
END_TEST

START_TEST(what_is_not_there_is_said)
{
	char path[sizeof(history_file) + 16];
	FILE *other;

	snprintf(path, sizeof(path), "%s-shm", history_file);
	ck_assert_ptr_null(history_reader_open("/tmp/no-such/history", &eb));
	ck_assert_ptr_nonnull(strstr(eb.text, "there is no history at"));
	errbuf_init(&eb);
	other = fopen(path, "w");
	fputs("no database\n", other);
	fclose(other);
	ck_assert_ptr_null(history_reader_open(path, &eb));
	ck_assert_ptr_nonnull(strstr(eb.text, "not a database"));
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("history reader");
	TCase *t = tcase_create("");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(t, set_up, history_tear_down);
	tcase_set_timeout(t, 120);
	tcase_add_loop_test(
	    t, sums, 0, (int)(sizeof(table) / sizeof(table[0])));
	tcase_add_test(t, days_know_of_subnets);
	tcase_add_test(t, places_are_times_their_sample);
	tcase_add_test(t, failovers_gaps_names_and_bounds);
	tcase_add_test(t, what_is_not_there_is_said);
	suite_add_tcase(s, t);
	runner = srunner_create(s);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
