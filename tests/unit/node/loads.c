/*
 * What vantages say of endpoints beside their health: whose word is told, how
 * old it is, and that what nobody knows is no number.
 */
#include <check.h>
#include <math.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "node/load_items.h"
#include "state/watch.h"
#include "state/writer.h"
#include "tests/unit/node_fixture.h"

#define WALL INT64_C(1700000000000)
#define MONO 500000

static const struct endpoint_key key = {"z.example", "p", "e"};

static struct load_table *table;
static struct load_view view;
static struct vantages *vantages;

static void
set_up(void)
{
	table = load_table_create();
	vantages = calloc(1, sizeof(*vantages) + 3 * sizeof(vantages->of[0]));
	ck_assert(table != NULL && vantages != NULL);
}

static void
tear_down(void)
{
	load_table_destroy(table);
	free(vantages);
}

static void
add_vantage(const char *name, enum vantage_state state, bool blind)
{
	struct health_vantage *v = &vantages->of[vantages->n++];

	snprintf(v->name, sizeof(v->name), "%s", name);
	snprintf(v->region, sizeof(v->region), "here");
	v->state = state;
	v->blind = blind;
}

/* A row of load that was measured ${ago_ms} ago by the wall clock; less than 0:
 * never. */
static void
measure(struct load_table *to, const char *vantage, int64_t ago_ms,
    double saturation, const struct load_table *before, int64_t mono_ms)
{
	const struct load_arrival arrival = {
	    before, mono_ms, WALL + mono_ms - MONO};
	struct state_load row = {.zone = "z.example",
	    .pool = "p",
	    .endpoint = "e",
	    .saturation = saturation,
	    .waiting = (double)NAN,
	    .first_token_us = -1};

	snprintf(row.vantage, sizeof(row.vantage), "%s", vantage);
	row.measured_ms = ago_ms >= 0 ? arrival.wall_ms - ago_ms : 0;
	ck_assert_int_eq(load_table_take(to, &row, &arrival), 0);
}

static void
tell(const char *vantage, const char *degraded, int64_t certificate_ms)
{
	struct state_endpoint row = {.zone = "z.example",
	    .pool = "p",
	    .endpoint = "e",
	    .health = HEALTH_UP,
	    .certificate_ms = certificate_ms};

	snprintf(row.vantage, sizeof(row.vantage), "%s", vantage);
	snprintf(row.degraded, sizeof(row.degraded), "%s", degraded);
	ck_assert_int_eq(load_table_take_endpoint(table, &row), 0);
}

static void
look(const struct load_table *at, int64_t mono_ms)
{
	const struct load_look as = {vantages, mono_ms, WALL + mono_ms - MONO};

	load_table_find(at, &key, "there", &as, &view);
}

START_TEST(nothing_is_known_of_a_stranger)
{
	look(table, MONO);
	ck_assert(!view.told && !view.checked);
	ck_assert(isnan(view.row.saturation) && isnan(view.row.kv_cache));
	ck_assert_int_eq(view.row.first_token_us, -1);
	ck_assert_int_eq(view.age_ms, -1);
	ck_assert_int_eq(view.certificate_ms, -1);
	ck_assert_str_eq(view.degraded, "");
}
END_TEST

START_TEST(age_is_by_arrival)
{
	struct load_table *next = load_table_create();

	/* What is read with all the rest is as old as it says. */
	measure(table, "x", 40000, 0.5, NULL, MONO);
	look(table, MONO);
	ck_assert_int_eq(view.age_ms, 40000);
	ck_assert(view.row.saturation == 0.5 && isnan(view.row.waiting));
	ck_assert_int_eq(view.row.first_token_us, -1);
	/* News are new, whatever its clock says. */
	measure(table, "x", 39000, 0.6, table, MONO + 1000);
	look(table, MONO + 3000);
	ck_assert_int_eq(view.age_ms, 2000);
	/* A row that is written again has the age that it had. */
	measure(table, "x", 41000, (double)NAN, table, MONO + 3000);
	look(table, MONO + 4000);
	ck_assert_int_eq(view.age_ms, 3000);
	ck_assert(isnan(view.row.saturation));
	/* All is read again: not older than what came before it. */
	measure(next, "x", 44000, 0.7, table, MONO + 7000);
	look(next, MONO + 7000);
	ck_assert_int_eq(view.age_ms, 6000);
	load_table_destroy(next);
}
END_TEST

/* Of other nodes comes what changed: what did not is as old as the heartbeat of
 * who measures it, or as that says by our clock where it was read alone. */
START_TEST(of_another_node_it_is_as_of_the_last_heartbeat)
{
	struct vantages *v = calloc(1, sizeof(*v) + sizeof(v->of[0]));
	struct vantages *before = vantages;

	ck_assert_ptr_nonnull(v);
	measure(table, "x", 0, 0.5, table, MONO);
	look(table, MONO + 400000);
	ck_assert_int_eq(view.age_ms, 400000);
	v->n = 1;
	v->of[0].arrived_ms = MONO + 399000;
	v->of[0].heartbeat_ms = WALL + 398000;
	snprintf(v->of[0].name, sizeof(v->of[0].name), "x");
	vantages = v;
	look(table, MONO + 400000);
	ck_assert_int_eq(view.age_ms, 400000);
	snprintf(v->of[0].node, sizeof(v->of[0].node), "b");
	look(table, MONO + 400000);
	ck_assert_int_eq(view.age_ms, 1000);
	v->of[0].arrived_ms = -1;
	look(table, MONO + 400000);
	ck_assert_int_eq(view.age_ms, 2000);
	vantages = before;
	free(v);
}
END_TEST

START_TEST(a_clock_that_is_ahead_makes_nothing_newer_than_now)
{
	measure(table, "x", 0, 0.5, NULL, MONO);
	measure(table, "y", -1, 0.5, NULL, MONO);
	look(table, MONO - 5);
	ck_assert_int_eq(view.age_ms, 0);
}
END_TEST

START_TEST(the_last_measure_is_told)
{
	measure(table, "b", 3000, 0.3, NULL, MONO);
	measure(table, "a", 9000, 0.9, NULL, MONO);
	measure(table, "0", -1, (double)NAN, NULL, MONO);
	look(table, MONO);
	ck_assert(view.told);
	ck_assert_str_eq(view.row.vantage, "b");
	ck_assert(view.row.saturation == 0.3);
	/* Of those that never measured any the first by name. */
	load_table_destroy(table);
	table = load_table_create();
	measure(table, "b", -1, (double)NAN, NULL, MONO);
	measure(table, "a", -1, (double)NAN, NULL, MONO);
	look(table, MONO);
	ck_assert(view.told);
	ck_assert_str_eq(view.row.vantage, "a");
	ck_assert_int_eq(view.age_ms, -1);
}
END_TEST

START_TEST(those_degrade_that_have_a_vote)
{
	static const struct {
		const char *what;
		enum vantage_state state;
		bool blind;
		const char *degraded;
	} rows[] = {
	    {"it lives", VANTAGE_FRESH, false, "slow"},
	    {"it is gone, and another lives", VANTAGE_STALE, false, ""},
	    {"it is blind there", VANTAGE_FRESH, true, ""},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		tear_down();
		set_up();
		add_vantage("x", rows[i].state, rows[i].blind);
		add_vantage("y", VANTAGE_FRESH, false);
		tell("x", "slow", 5000);
		tell("y", "", 9000);
		look(table, MONO);
		ck_assert(view.checked);
		ck_assert_msg(strcmp(view.degraded, rows[i].degraded) == 0,
		    "%s", rows[i].what);
		ck_assert_int_eq(view.certificate_ms, 5000);
	}
	/* Where nobody has a vote all count. */
	vantages->n = 0;
	look(table, MONO);
	ck_assert_str_eq(view.degraded, "slow");
	/* And it is over when its row says so. */
	tell("x", "", -1);
	look(table, MONO);
	ck_assert_str_eq(view.degraded, "");
	ck_assert_int_eq(view.certificate_ms, 9000);
}
END_TEST

/* --- as JSON --- */

static bool
is_null(const json_t *load, const char *name)
{
	return json_is_null(json_object_get(load, name));
}

START_TEST(what_nobody_knows_is_null)
{
	json_t *load;

	look(table, MONO);
	load = load_items_object(&view, false, false);
	ck_assert(json_is_null(load));
	json_decref(load);
	load = load_items_object(&view, true, false);
	ck_assert(is_null(load, "saturation") && is_null(load, "waiting"));
	ck_assert(is_null(load, "first_token_ms") && is_null(load, "age_ms"));
	ck_assert(is_null(load, "measured") && is_null(load, "vantage"));
	json_decref(load);
	measure(table, "x", 2000, 1.25, NULL, MONO);
	look(table, MONO);
	load = load_items_object(&view, true, false);
	ck_assert(json_real_value(json_object_get(load, "saturation")) == 1.25);
	ck_assert_int_eq(
	    json_integer_value(json_object_get(load, "age_ms")), 2000);
	ck_assert(is_null(load, "waiting"));
	json_decref(load);
}
END_TEST

/* --- the database --- */

static struct loads *loads;
static uv_loop_t loop;
static char database[128];

static void
begin_files(void)
{
	node_begin();
	snprintf(database, sizeof(database), "%s", node_path("state.db"));
}

static void
end_files(void)
{
	static const char *const ends[] = {"", "-wal", "-shm"};
	char path[160];

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		snprintf(path, sizeof(path), "%s%s", database, ends[i]);
		unlink(path);
	}
	node_end();
}

static void
run_sql(const char *sql)
{
	sqlite3 *db;
	char *why = NULL;

	ck_assert_int_eq(sqlite3_open(database, &db), SQLITE_OK);
	sqlite3_busy_timeout(db, 20000);
	ck_assert_msg(sqlite3_exec(db, sql, NULL, NULL, &why) == SQLITE_OK,
	    "%s: %s", sql, why);
	sqlite3_close(db);
}

/* The file with an endpoint that is half full. */
static void
make_database(void)
{
	struct state_writer *w;

	w = state_writer_create(database, "x", 1, "id");
	ck_assert_ptr_nonnull(w);
	ck_assert_msg(state_writer_open(w) == 0, "%s", state_writer_why(w));
	state_writer_destroy(w);
	run_sql("INSERT INTO load (vantage, zone, pool, endpoint, measured_ms, "
		"saturation, sequence) VALUES ('x', 'z.example', 'p', 'e', "
		"1700000000000, 0.5, 10)");
}

/* A policy of this endpoint, whose load counts for ${stale_ms}. */
static double
seen(struct loads *at, uint64_t stale_ms, bool *stale)
{
	static const struct policy_region region = {.name = "there"};
	const struct policy_check check = {.load_stale_ms = stale_ms};
	const struct policy_endpoint endpoint = {.key = key};
	const struct policy policy = {.regions = &region,
	    .n_regions = 1,
	    .endpoints = &endpoint,
	    .n_endpoints = 1,
	    .checks = &check,
	    .n_checks = 1};
	const struct loads_look from = {
	    .loads = at, .mono_ms = clock_mono_ms()};

	ck_assert(loads_wanted(&policy, 0) == (stale_ms > 0));
	*stale = loads_see(&from, &policy, 0, &view);
	return view.row.saturation;
}

START_TEST(load_that_is_old_counts_no_more)
{
	bool stale;

	make_database();
	loads = loads_read(database);
	ck_assert_ptr_nonnull(loads);
	/* That was long ago, however long it counts. */
	ck_assert(isnan(seen(loads, 60000, &stale)));
	ck_assert(stale && view.told && view.age_ms > 60000);
	ck_assert(seen(loads, 0, &stale) == 0.5);
	ck_assert(!stale);
	loads_destroy(loads);
	/* One that cannot be read says nothing. */
	loads = loads_read("/nowhere/state.db");
	ck_assert_ptr_nonnull(loads);
	ck_assert(isnan(seen(loads, 60000, &stale)));
	ck_assert(!stale && !view.told);
	loads_destroy(loads);
}
END_TEST

static void
stop_waiting(uv_timer_t *timer)
{
	uv_stop(timer->loop);
}

/* Run the loop until the saturation is ${wanted}. */
static void
await(double wanted)
{
	int64_t end = clock_mono_ms() + 20000;
	uv_timer_t timer;
	bool stale;
	double is;

	uv_timer_init(&loop, &timer);
	uv_timer_start(&timer, stop_waiting, 20, 20);
	for (;;) {
		is = seen(loads, 0, &stale);
		if (is == wanted || (isnan(is) && isnan(wanted)))
			break;
		ck_assert_msg(clock_mono_ms() < end, "%g, not %g", is, wanted);
		uv_run(&loop, UV_RUN_DEFAULT);
	}
	uv_close((uv_handle_t *)&timer, NULL);
	uv_run(&loop, UV_RUN_NOWAIT);
}

START_TEST(it_is_followed)
{
	bool stale;

	make_database();
	ck_assert_int_eq(uv_loop_init(&loop), 0);
	loads = loads_create();
	loads_follow(loads, &loop, database);
	await(0.5);
	run_sql("UPDATE load SET saturation = 1.5, measured_ms = "
		"1700000009000, sequence = 11");
	await(1.5);
	(void)seen(loads, 60000, &stale);
	ck_assert(!stale && view.age_ms < 60000);
	/* A row that is taken away, as the writer does it. */
	run_sql("DELETE FROM load; UPDATE vantage SET removed = 12, sequence "
		"= 12");
	await((double)NAN);
	ck_assert(!view.told);
	/* And nothing is known of what is not followed. */
	run_sql("INSERT INTO load (vantage, zone, pool, endpoint, measured_ms, "
		"saturation, sequence) VALUES ('x', 'z.example', 'p', 'e', "
		"1700000000000, 0.25, 13)");
	await(0.25);
	loads_follow(loads, &loop, NULL);
	await((double)NAN);
	loads_stop(loads);
	ck_assert_int_eq(uv_run(&loop, UV_RUN_DEFAULT), 0);
	ck_assert_int_eq(uv_loop_close(&loop), 0);
	loads_destroy(loads);
}
END_TEST

int
main(int argc, char **argv)
{
	TCase *table_case, *file_case;
	SRunner *runner;
	Suite *suite;
	int failed;

	if (state_watch_is_child(argc, argv))
		return state_watch_child(argc, argv);
	(void)signal(SIGPIPE, SIG_IGN);
	suite = suite_create("node_loads");
	table_case = tcase_create("table");
	file_case = tcase_create("file");
	suite_add_tcase(suite, table_case);
	suite_add_tcase(suite, file_case);
	tcase_add_checked_fixture(table_case, set_up, tear_down);
	tcase_add_test(table_case, nothing_is_known_of_a_stranger);
	tcase_add_test(table_case, age_is_by_arrival);
	tcase_add_test(
	    table_case, of_another_node_it_is_as_of_the_last_heartbeat);
	tcase_add_test(
	    table_case, a_clock_that_is_ahead_makes_nothing_newer_than_now);
	tcase_add_test(table_case, the_last_measure_is_told);
	tcase_add_test(table_case, those_degrade_that_have_a_vote);
	tcase_add_test(table_case, what_nobody_knows_is_null);
	tcase_add_checked_fixture(file_case, begin_files, end_files);
	tcase_add_test(file_case, load_that_is_old_counts_no_more);
	tcase_add_test(file_case, it_is_followed);
	tcase_set_timeout(file_case, 60);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
