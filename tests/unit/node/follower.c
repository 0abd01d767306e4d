/*
 * The follower: when it says that something may have changed, what it reports
 * of a database that is there, missing or another, and when health is stale.
 */
#include <check.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "node/follower.h"
#include "state/endpoint_key.h"
#include "state/watch.h"
#include "state/writer.h"

/* Longest wait for what has to come; it ends when it came. */
#define WAIT_MS 20000

static char folder[] = "/tmp/meridian-follower-XXXXXX";
static char good[64], missing[64];
static uv_loop_t loop;
static struct follower *follower;
static int changes;
static struct health_report report;
static const struct policy nothing_checked;

static void
on_change(void *context)
{
	ck_assert_ptr_eq(context, &loop);
	changes++;
}

/* Of an endpoint that is in the database; unknown: it is not. */
static enum state_health endpoint_health;

/* A database with a heartbeat of now. */
static void
write_database(void)
{
	struct state_writer *w = state_writer_create(good, "test", 1, "id");
	struct state_endpoint row = {.zone = "z.example",
	    .pool = "v1",
	    .endpoint = "a",
	    .health = endpoint_health};

	ck_assert_ptr_nonnull(w);
	ck_assert_int_eq(state_writer_open(w), 0);
	ck_assert_int_eq(state_writer_begin(w), 0);
	if (endpoint_health != HEALTH_UNKNOWN)
		ck_assert_int_eq(state_writer_put(w, TABLE_ENDPOINT, &row), 0);
	ck_assert_int_eq(state_writer_commit(w), 0);
	state_writer_destroy(w);
}

static void
start(uint64_t stale_after_ms)
{
	const struct server_config config = {
	    .stale_after_ms = stale_after_ms, .stale_then = STALE_KEEP};

	signal(SIGPIPE, SIG_IGN);
	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(good, sizeof(good), "%s/state.db", folder);
	snprintf(missing, sizeof(missing), "%s/missing.db", folder);
	write_database();
	ck_assert_int_eq(uv_loop_init(&loop), 0);
	follower = follower_create(&loop, on_change, &loop);
	ck_assert_ptr_nonnull(follower);
	follower_configure(follower, &config);
	ck_assert_int_eq(follower_adopt(follower, &nothing_checked), 0);
}

static void
stop(void)
{
	static const char *const suffixes[] = {"", "-wal", "-shm"};
	char path[80];

	follower_stop(follower);
	ck_assert_int_eq(uv_run(&loop, UV_RUN_DEFAULT), 0);
	ck_assert_int_eq(uv_loop_close(&loop), 0);
	follower_destroy(follower);
	for (size_t i = 0; i < 3; i++) {
		snprintf(path, sizeof(path), "%s%s", good, suffixes[i]);
		unlink(path);
	}
	rmdir(folder);
}

static void
wake(uv_timer_t *timer)
{
	(void)timer;
}

/* Run the loop until there were ${n} changes, and look at the report. */
static void
wait_for(int n)
{
	int64_t end = clock_mono_ms() + WAIT_MS;
	uv_timer_t timer;

	uv_timer_init(&loop, &timer);
	uv_timer_start(&timer, wake, 20, 20);
	while (changes < n && clock_mono_ms() < end)
		uv_run(&loop, UV_RUN_ONCE);
	uv_close((uv_handle_t *)&timer, NULL);
	uv_run(&loop, UV_RUN_NOWAIT);
	ck_assert_int_ge(changes, n);
	follower_report(follower, &report);
}

static bool
is_stale(void)
{
	struct live *live = follower_live(follower, &nothing_checked);
	bool stale;

	ck_assert_ptr_nonnull(live);
	stale = live->stale;
	live_destroy(live);
	return stale;
}

/* Where nothing is checked nothing is waited for: that is known at once. */
START_TEST(nothing)
{
	start(30000);
	follower_follow(follower, NULL, true);
	ck_assert_int_eq(changes, 1);
	follower_report(follower, &report);
	ck_assert(!report.heard);
	ck_assert_str_eq(report.trouble, "");
	stop();
}
END_TEST

START_TEST(heartbeat)
{
	int64_t before = clock_mono_ms();

	start(30000);
	follower_follow(follower, good, true);
	wait_for(1);
	/* What was there may be from long ago. */
	ck_assert(!report.heard);
	ck_assert(!is_stale());
	write_database();
	wait_for(changes + 1);
	ck_assert(report.heard);
	ck_assert_int_ge(report.alive_ms, before);
	ck_assert_int_le(report.alive_ms, clock_mono_ms());
	ck_assert_str_eq(report.trouble, "");
	ck_assert(!is_stale());
	stop();
}
END_TEST

/* The list has each vantage with what is known of it; who keeps it may go on
 * looking at it when the next one is there. */
START_TEST(vantages)
{
	struct vantages *kept;

	start(1500);
	follower_report(follower, &report);
	ck_assert_ptr_null(report.vantages);
	ck_assert(vantages_same(NULL, NULL));
	follower_follow(follower, good, true);
	wait_for(1);
	ck_assert_uint_eq(report.vantages->n, 1);
	ck_assert_str_eq(report.vantages->of[0].name, "test");
	ck_assert_str_eq(report.vantages->of[0].version, MERIDIAN_VERSION);
	ck_assert(report.vantages->of[0].ended);
	kept = vantages_share(report.vantages);
	ck_assert(vantages_same(kept, report.vantages));
	ck_assert(!vantages_same(kept, NULL));
	write_database();
	wait_for(changes + 1);
	ck_assert_int_eq(report.vantages->of[0].state, VANTAGE_FRESH);
	ck_assert_int_le(llabs(report.vantages->of[0].ahead_ms), 1000);
	ck_assert_int_le(
	    vantages_age_ms(&report.vantages->of[0], clock_mono_ms()), WAIT_MS);
	/* It goes silent: that is told without any news. */
	uv_sleep(1600);
	follower_tick(follower);
	follower_report(follower, &report);
	ck_assert_int_eq(report.vantages->of[0].state, VANTAGE_STALE);
	ck_assert(!vantages_same(kept, report.vantages));
	ck_assert_str_eq(kept->of[0].name, "test");
	vantages_release(kept);
	stop();
}
END_TEST

/* A database that is missing is a trouble, which is over with another one; what
 * was known stays. */
START_TEST(another)
{
	start(30000);
	follower_follow(follower, good, true);
	wait_for(1);
	write_database();
	wait_for(changes + 1);
	follower_follow(follower, missing, true);
	follower_report(follower, &report);
	ck_assert_str_eq(report.trouble, "");
	wait_for(changes + 1);
	ck_assert_str_ne(report.trouble, "");
	ck_assert(report.heard);
	/* The one that is followed already: its trouble stays. */
	follower_follow(follower, missing, true);
	follower_report(follower, &report);
	ck_assert_str_ne(report.trouble, "");
	follower_follow(follower, good, true);
	wait_for(changes + 1);
	ck_assert_str_eq(report.trouble, "");
	follower_follow(follower, missing, true);
	wait_for(changes + 1);
	ck_assert_str_ne(report.trouble, "");
	follower_follow(follower, NULL, true);
	follower_report(follower, &report);
	ck_assert_str_eq(report.trouble, "");
	stop();
}
END_TEST

/* Health gets stale without any news. */
START_TEST(stale)
{
	start(1500);
	follower_follow(follower, good, true);
	wait_for(1);
	write_database();
	wait_for(changes + 1);
	while (clock_mono_ms() - report.alive_ms <= 1500)
		uv_sleep(10);
	follower_tick(follower);
	ck_assert(is_stale());
	follower_report(follower, &report);
	ck_assert(report.heard);
	write_database();
	wait_for(changes + 1);
	follower_tick(follower);
	ck_assert(!is_stale());
	stop();
}
END_TEST

/* After a stop nobody is silent for what we could not hear; who is silent then,
 * is stale after its time. */
START_TEST(a_time_in_which_we_did_not_run_makes_nobody_stale)
{
	int64_t resumed, end = clock_mono_ms() + WAIT_MS;

	start(1500);
	follower_follow(follower, good, true);
	wait_for(1);
	write_database();
	wait_for(changes + 1);
	follower_tick(follower);
	uv_sleep(2100);
	follower_tick(follower);
	resumed = clock_mono_ms();
	ck_assert(!is_stale());
	follower_report(follower, &report);
	ck_assert_int_eq(report.vantages->of[0].state, VANTAGE_FRESH);
	while (!is_stale() && clock_mono_ms() < end) {
		uv_sleep(20);
		follower_tick(follower);
	}
	ck_assert(is_stale());
	ck_assert_int_ge(clock_mono_ms() - resumed, 500);
	/* Times are those of the monotonic clock again. */
	write_database();
	wait_for(changes + 1);
	ck_assert_int_ge(report.alive_ms, resumed);
	ck_assert_int_le(report.alive_ms, clock_mono_ms());
	ck_assert_int_ge(report.vantages->of[0].arrived_ms, resumed);
	ck_assert_int_le(report.vantages->of[0].arrived_ms, clock_mono_ms());
	stop();
}
END_TEST

/* A policy that is adopted reads the database again in full: what nobody wanted
 * before is there, though nothing was written since. */
START_TEST(adopted)
{
	const struct endpoint_key key = {"z.example", "v1", "a"};
	const struct policy_endpoint endpoint = {.key = key,
	    .hash = endpoint_key_hash(&key),
	    .resolved = STEERING_NONE};
	const struct policy_check check = {.every_ms = 1000};
	const struct policy_region region = {.name = "us-east"};
	const struct policy policy = {.endpoints = &endpoint,
	    .n_endpoints = 1,
	    .regions = &region,
	    .n_regions = 1,
	    .checks = &check,
	    .n_checks = 1};
	struct live *live;

	endpoint_health = HEALTH_DOWN;
	start(30000);
	follower_follow(follower, good, true);
	wait_for(1);
	ck_assert_int_eq(follower_adopt(follower, &policy), 0);
	live = follower_live(follower, &policy);
	ck_assert_int_eq(live->endpoint[0], USABLE_YES);
	ck_assert_uint_eq(live->presumed[0], 1);
	live_destroy(live);
	wait_for(changes + 1);
	live = follower_live(follower, &policy);
	ck_assert_int_eq(live->endpoint[0], USABLE_NO);
	live_destroy(live);
	stop();
}
END_TEST

int
main(int argc, char **argv)
{
	Suite *suite;
	TCase *tcase;
	SRunner *runner;
	int failed;

	if (state_watch_is_child(argc, argv))
		return state_watch_child(argc, argv);
	suite = suite_create("node_follower");
	tcase = tcase_create("follower");
	tcase_add_test(tcase, nothing);
	tcase_add_test(tcase, heartbeat);
	tcase_add_test(tcase, vantages);
	tcase_add_test(tcase, another);
	tcase_add_test(tcase, stale);
	tcase_add_test(
	    tcase, a_time_in_which_we_did_not_run_makes_nobody_stale);
	tcase_add_test(tcase, adopted);
	tcase_set_timeout(tcase, 60);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
