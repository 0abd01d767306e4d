/*
 * A report of some hours is of these hours: what was answered earlier on the
 * same day is not in it; what is counted by whole days is said to be.  Made
 * through the real writer of the history.
 */
#include <check.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "ctl/command.h"
#include "ctl/facts.h"
#include "ctl/report_table.h"
#include "state/history/writer.h"

#define MINUTE_MS INT64_C(60000)
#define DAY_MS (1440 * MINUTE_MS)

static const char zone[] = "@ 60 SOA ns h 1 2 3 4 5\n@ NS ns\nns A 192.0.2.1\n";

static const char steering[] =
    "regions:\n"
    "  us: {at: [39, -77]}\n"
    "  eu: {at: [53, -6]}\n"
    "pools:\n"
    "  web:\n"
    "    endpoints:\n"
    "      - {name: a, region: us, address: 192.0.2.10}\n"
    "      - {name: b, region: eu, address: 192.0.2.11}\n"
    "services:\n"
    "  www: {pool: web, rank: {listed: [us, eu]}}\n";

static const char node[] =
    "listen: 127.0.0.1:5300\nalone: true\nstate: state.db\n"
    "zones:\n  - {name: example, records: example.zone, "
    "steering: example.yaml}\n";

static char folder[] = "/tmp/meridian-period-XXXXXX";

static const char *
path(const char *name, char out[128])
{
	snprintf(out, 128, "%s/%s", folder, name);
	return out;
}

static void
write_file(const char *name, const char *text)
{
	char at[128];
	FILE *to = fopen(path(name, at), "w");

	ck_assert_ptr_nonnull(to);
	fputs(text, to);
	ck_assert_int_eq(fclose(to), 0);
}

static void
write_minute(struct history_writer *w, uint64_t number, int64_t minute_ms,
    const char *region, bool subnet, uint64_t answers)
{
	const struct history_traffic traffic = {
	    "www.example", "web", region, "first", subnet, answers};
	const struct history_batch batch = {.node = "test",
	    .run = 1,
	    .number = number,
	    .minute_ms = minute_ms,
	    .sample = 64,
	    .traffic = &traffic,
	    .n_traffic = 1};

	ck_assert_msg(
	    history_writer_write(w, &batch) == 0, "%s", history_writer_why(w));
}

/* The report of an hour from ${from_ms} on, as its JSON. */
static json_t *
report_hour(const struct generation *g, int64_t from_ms)
{
	const struct facts_wish wish = {
	    .from_ms = from_ms, .to_ms = from_ms + 60 * MINUTE_MS};
	static struct errbuf eb;
	struct report report;
	struct facts facts;
	json_t *root;
	char *text;
	size_t len;
	FILE *to = open_memstream(&text, &len);

	errbuf_init(&eb);
	ck_assert_ptr_nonnull(to);
	ck_assert_msg(facts_collect(&facts, g, &wish, &eb) == 0, "%s", eb.text);
	ck_assert_int_eq(report_make(&report, &facts), 0);
	/* The plot is of minutes, as they are there. */
	ck_assert_int_eq(report.step_ms, MINUTE_MS);
	ck_assert_uint_eq(report.n_steps, 60);
	ck_assert_uint_eq(report.n_lines, 1);
	report_json(&report, to);
	ck_assert_int_eq(fclose(to), 0);
	root = json_loads(text, 0, NULL);
	ck_assert_msg(root != NULL, "%s", text);
	free(text);
	report_finish(&report);
	facts_finish(&facts);
	return root;
}

static double
number_of(const json_t *root, const char *table, size_t row, const char *key)
{
	const json_t *n = json_object_get(
	    json_array_get(
		json_object_get(json_object_get(root, "tables"), table), row),
	    key);

	ck_assert_msg(json_is_number(n), "%s %zu %s", table, row, key);
	return json_number_value(n);
}

START_TEST(an_hour_is_no_day)
{
	/* Noon of yesterday: of the same day three hours before. */
	int64_t noon = clock_wall_ms() / DAY_MS * DAY_MS - DAY_MS / 2;
	static const char *const names[] = {"example.zone", "example.yaml",
	    "meridian.yaml", "history.db", "history.db-wal", "history.db-shm",
	    "history.db-lock"};
	struct history_writer *w;
	struct generation *g;
	char at[128];
	json_t *root;

	ck_assert_ptr_nonnull(mkdtemp(folder));
	write_file("example.zone", zone);
	write_file("example.yaml", steering);
	write_file("meridian.yaml", node);
	w = history_writer_create(path("history.db", at), UINT64_C(1) << 30);
	ck_assert_ptr_nonnull(w);
	ck_assert_int_eq(history_writer_open(w), 0);
	write_minute(w, 1, noon - 180 * MINUTE_MS, "us", false, 750);
	write_minute(w, 2, noon + 5 * MINUTE_MS, "eu", true, 250);
	history_writer_destroy(w);
	g = command_load_quietly(path("meridian.yaml", at));
	ck_assert_ptr_nonnull(g);

	root = report_hour(g, noon);
	ck_assert_double_eq(number_of(root, "services", 0, "answers"), 250);
	/* It is not known which hours of the day client subnets are of. */
	ck_assert_double_eq(number_of(root, "services", 0, "subnet"), 0.25);
	ck_assert_double_eq(number_of(root, "regions", 0, "answers"), 0);
	ck_assert_double_eq(number_of(root, "regions", 1, "answers"), 250);
	ck_assert_double_eq(number_of(root, "regions", 1, "share"), 1);
	ck_assert_str_ne(json_string_value(json_object_get(root, "days_from")),
	    json_string_value(json_object_get(root, "from")));
	json_decref(root);

	root = report_hour(g, noon - 180 * MINUTE_MS);
	ck_assert_double_eq(number_of(root, "services", 0, "answers"), 750);
	json_decref(root);

	generation_release(g);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		(void)unlink(path(names[i], at));
	ck_assert_int_eq(rmdir(folder), 0);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("ctl/period");
	TCase *tcase = tcase_create("period");
	SRunner *runner;
	int failed;

	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, an_hour_is_no_day);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
