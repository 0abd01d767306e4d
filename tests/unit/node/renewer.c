/*
 * The renewer: when it looks, what it makes of files that change, and what the
 * log says of it, by a clock of its own.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "node/renewer.h"
#include "tests/unit/mmdb_writer.h"
#include "tests/unit/node_fixture.h"

/* The clocks of this test, instead of those of base/clock.c. */
#define BEGIN_S INT64_C(1700000000)
static int64_t now_ms = 1000;

int64_t
clock_mono_ms(void)
{
	return now_ms;
}

int64_t
clock_wall_ms(void)
{
	return BEGIN_S * 1000 + now_ms;
}

const char *
clock_format(int64_t wall_ms, char out[CLOCK_TEXT])
{
	snprintf(out, CLOCK_TEXT, "%lld", (long long)wall_ms);
	return out;
}

/* What is said. */
static FILE *captured;

static const char *
said(void)
{
	static char text[65536];
	size_t n;

	fflush(stderr);
	rewind(captured);
	n = fread(text, 1, sizeof(text) - 1, captured);
	text[n] = '\0';
	return text;
}

static size_t
count(const char *words)
{
	const char *at = said();
	size_t n = 0;

	while ((at = strstr(at, words)) != NULL) {
		at++;
		n++;
	}
	return n;
}

static struct reloader *reloader;
static struct renewer *renewer;
static const struct renewer_report *report;
static uv_loop_t loop;
static int changes;

static int
on_adopt(void *context, struct generation *next, struct errbuf *eb)
{
	(void)context;
	(void)next;
	(void)eb;
	return 0;
}

static void
on_reload(void *context)
{
	(void)context;
}

static void
on_change(void *context)
{
	ck_assert_ptr_eq(context, &changes);
	changes++;
}

static void
write_database(const char *country, int64_t built_s)
{
	struct mmdb_writer *w = mmdb_create(4, 24);
	uint32_t at = mmdb_flat_country(w, country);

	w->built_s = (uint64_t)built_s;
	mmdb_insert(w, "11.0.0.0/8", at);
	mmdb_save(w, node_path("geo.mmdb"));
}

static void
write_config(const char *keys)
{
	char text[512];

	snprintf(text, sizeof(text),
	    "listen: [127.0.0.1:53]\ngeo: [geo.mmdb]\n%szones:\n"
	    "  - {name: a.example, records: a.zone}\n",
	    keys);
	node_write("m.yaml", text);
}

/* A node with ${keys} whose only file that is followed is a database. */
static void
start(const char *keys, int64_t built_s)
{
	static const struct reloader_calls calls = {
	    .adopt = on_adopt, .changed = on_reload};
	static const struct policy_outcomes none = {0};
	static char path[128];
	struct errbuf *eb = malloc(sizeof(*eb));

	node_begin();
	node_write("a.zone", "$TTL 300\n@ SOA a b 1 2 3 4 5\n@ NS ns.else.\n");
	node_write("geo.mmdb", "");
	write_database("FR", built_s);
	write_config(keys);
	captured = tmpfile();
	ck_assert_ptr_nonnull(captured);
	ck_assert_int_ge(dup2(fileno(captured), STDERR_FILENO), 0);
	log_open("test", LOG_LEVEL_INFO);
	ck_assert_int_eq(uv_loop_init(&loop), 0);
	snprintf(path, sizeof(path), "%s", node_path("m.yaml"));
	reloader = reloader_create(path, &none, &calls, &loop);
	errbuf_init(eb);
	ck_assert_msg(
	    reloader_first(reloader, false, eb) != NULL, "%s", eb->text);
	free(eb);
	renewer = renewer_create(reloader, on_change, &changes);
	report = renewer_report(renewer);
	changes = 0;
}

static void
stop(void)
{
	renewer_stop(renewer);
	ck_assert(!reloader_stop(reloader));
	ck_assert_int_eq(uv_run(&loop, UV_RUN_DEFAULT), 0);
	renewer_destroy(renewer);
	reloader_destroy(reloader);
	ck_assert_int_eq(uv_loop_close(&loop), 0);
	fclose(captured);
	node_end();
}

/* ${ms} later: a tick, and all that it starts. */
static void
tick(int64_t ms)
{
	now_ms += ms;
	renewer_tick(renewer, &loop);
	ck_assert_int_eq(uv_run(&loop, UV_RUN_DEFAULT), 0);
	ck_assert(!renewer_busy(renewer) && !reloader_busy(reloader));
}

static const char *
country(void)
{
	const struct generation *g = reloader_generation(reloader);

	/* Place 0 is the unknown one. */
	return geography_place(g->geography, 1)->country;
}

START_TEST(it_looks_as_often_as_it_is_told_and_reads_what_rests)
{
	start("geo_follow: 10s\n", BEGIN_S);
	tick(60000);
	ck_assert_int_eq(changes, 0);
	write_database("DE", BEGIN_S);
	tick(9999);
	ck_assert_uint_eq(report->pending, 0);
	tick(1);
	ck_assert_uint_eq(report->pending, 1);
	ck_assert_str_eq(country(), "FR");
	tick(9999);
	ck_assert_str_eq(country(), "FR");
	tick(1);
	ck_assert_str_eq(country(), "DE");
	ck_assert_uint_eq(report->pending, 0);
	ck_assert_uint_eq(report->done, 1);
	ck_assert_uint_eq(report->failed, 0);
	ck_assert_int_eq(report->at_ms, clock_wall_ms());
	ck_assert_uint_eq(count("followed what has changed on disk"), 1);
	ck_assert_uint_eq(count("geography read again: "), 1);
	stop();
}
END_TEST

START_TEST(trouble_is_said_once_and_ends_when_the_file_is_whole)
{
	int64_t since;

	start("geo_follow: 10s\n", BEGIN_S);
	tick(60000);
	node_write("geo.mmdb", "half");
	tick(10000);
	tick(10000);
	ck_assert_uint_eq(report->failed, 1);
	ck_assert_ptr_nonnull(strstr(
	    report->trouble, "geo.mmdb: no MaxMind database, or cut short"));
	ck_assert_ptr_null(strchr(report->trouble, '\n'));
	since = report->since_ms;
	ck_assert_int_eq(since, clock_wall_ms());
	for (int i = 0; i < 100; i++)
		tick(10000);
	/* It was tried again by now, and that was no news. */
	ck_assert_uint_eq(report->failed, 2);
	ck_assert_uint_eq(count("no MaxMind database"), 1);
	ck_assert_uint_eq(count("what cannot be read is served as it was"), 1);
	ck_assert_int_eq(report->since_ms, since);
	ck_assert_str_eq(country(), "FR");
	write_database("DE", BEGIN_S);
	tick(10000);
	tick(10000);
	ck_assert_str_eq(report->trouble, "");
	ck_assert_str_eq(country(), "DE");
	/* The same again is news. */
	node_write("geo.mmdb", "half");
	tick(10000);
	tick(10000);
	ck_assert_uint_eq(count("no MaxMind database"), 2);
	stop();
}
END_TEST

START_TEST(trouble_ends_when_nothing_is_followed_any_more)
{
	start("geo_follow: 10s\n", BEGIN_S);
	tick(60000);
	node_write("geo.mmdb", "half");
	tick(10000);
	tick(10000);
	ck_assert_str_ne(report->trouble, "");
	write_database("DE", BEGIN_S);
	write_config("geo_follow: off\n");
	reloader_reload(reloader, &loop);
	ck_assert_int_eq(uv_run(&loop, UV_RUN_DEFAULT), 0);
	ck_assert_str_eq(country(), "DE");
	tick(10000);
	ck_assert_str_eq(report->trouble, "");
	ck_assert_uint_eq(report->pending, 0);
	stop();
}
END_TEST

START_TEST(a_file_that_never_rests_is_warned_of_once)
{
	char text[32];

	start("geo_follow: 10s\n", BEGIN_S);
	tick(60000);
	for (int i = 0; i < 120; i++) {
		snprintf(text, sizeof(text), "%*s", i % 30 + 1, "x");
		node_write("geo.mmdb", text);
		tick(10000);
		if (i == 30)
			ck_assert_str_eq(report->trouble, "");
	}
	ck_assert_uint_eq(report->failed, 0);
	ck_assert_ptr_nonnull(strstr(
	    report->trouble, "geo.mmdb: has not been the same at two looks"));
	ck_assert_uint_eq(count("has not been the same"), 1);
	write_database("DE", BEGIN_S);
	tick(10000);
	tick(10000);
	ck_assert_str_eq(report->trouble, "");
	ck_assert_str_eq(country(), "DE");
	stop();
}
END_TEST

/* Of one that becomes old without any load. */
START_TEST(a_database_that_grows_old_is_warned_of_once)
{
	start("geo_follow: off\ngeo_max_age: 30d\n",
	    BEGIN_S - INT64_C(30) * 86400 + 3600);
	for (int i = 0; i < 50; i++)
		tick(60000);
	ck_assert_uint_eq(count("older than geo_max_age"), 0);
	for (int i = 0; i < 50; i++)
		tick(60000);
	ck_assert_uint_eq(
	    count("1 database of geography is older than geo_max_age"), 1);
	stop();
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("node_renewer");
	TCase *tc = tcase_create("renewer");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(
	    tc, it_looks_as_often_as_it_is_told_and_reads_what_rests);
	tcase_add_test(
	    tc, trouble_is_said_once_and_ends_when_the_file_is_whole);
	tcase_add_test(tc, trouble_ends_when_nothing_is_followed_any_more);
	tcase_add_test(tc, a_file_that_never_rests_is_warned_of_once);
	tcase_add_test(tc, a_database_that_grows_old_is_warned_of_once);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
