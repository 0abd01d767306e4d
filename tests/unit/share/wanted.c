/*
 * Tests of which pools somebody has to step for, by files that are written,
 * changed and broken.
 */
#include "share/wanted.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <uv.h>

#define STEERING_HEAD                         \
	"regions:\n"                          \
	"  east: {at: [39.0, -77.5]}\n"       \
	"checks:\n"                           \
	"  llm: {preset: vllm, load: true}\n" \
	"pools:\n"
#define POOL(name, extra)                                                    \
	"  " name ": {check: llm, " extra                                    \
	"endpoints: [{name: e, region: east, address: 192.0.2.1, capacity: " \
	"100}]}\n"

static char folder[64];
static uv_loop_t loop;
static char told[256];
static int times;

static void
write_file(const char *name, const char *text)
{
	char path[128], aside[160];
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	(void)snprintf(aside, sizeof(aside), "%s.new", path);
	f = fopen(aside, "w");
	ck_assert_ptr_nonnull(f);
	ck_assert_int_ge(fputs(text, f), 0);
	ck_assert_int_eq(fclose(f), 0);
	ck_assert_int_eq(rename(aside, path), 0);
}

static void
setup(void)
{
	(void)snprintf(folder, sizeof(folder), "/tmp/wanted-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	ck_assert_int_eq(uv_loop_init(&loop), 0);
	told[0] = '\0';
	times = 0;
	write_file("meridian.yaml",
	    "listen: 127.0.0.1:5300\nstate: state.db\nvantage: v\nzones:\n"
	    "  - {name: Test.Example, records: zone, steering: steering}\n");
}

static void
teardown(void)
{
	static const char *const names[] = {
	    "meridian.yaml", "steering", "zone"};
	char path[128];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
		(void)unlink(path);
	}
	(void)rmdir(folder);
	ck_assert_int_eq(uv_loop_close(&loop), 0);
}

/* Each as ZONE/POOL=SECONDS. */
static void
on_told(void *context, const struct wanted_pool *pools, size_t n)
{
	size_t len = 0;

	(void)context;
	times++;
	told[0] = '\0';
	for (size_t i = 0; i < n; i++)
		len += (size_t)snprintf(&told[len], sizeof(told) - len,
		    "%s/%s=%u ", pools[i].zone, pools[i].pool, pools[i].step_s);
}

static void
run_until(struct wanted *w, const char *want)
{
	uint64_t until;

	uv_update_time(&loop);
	until = uv_now(&loop) + 60000;
	while (!wanted_looked(w) || strcmp(told, want) != 0) {
		ck_assert_msg(uv_now(&loop) < until, "told \"%s\"", told);
		(void)uv_run(&loop, UV_RUN_ONCE);
	}
}

START_TEST(pools_that_are_controlled_are_told)
{
	char path[128];
	struct wanted *w;

	(void)snprintf(path, sizeof(path), "%s/meridian.yaml", folder);
	write_file("steering",
	    STEERING_HEAD POOL("plain", "") POOL(
		"spills", "spill: {every: 3s}, ") POOL("evens", "even: true, ")
		POOL("new", "") "services:\n"
				"  one: {split: {plain: 100, new: 0}, ramp: "
				"{to: 10%, step: 5%}}\n"
				"  two: {split: {spills: 1, evens: 1}}\n");
	w = wanted_start(&loop, path, on_told, NULL);
	ck_assert_ptr_nonnull(w);
	run_until(w,
	    "test.example/spills=3 test.example/evens=0 "
	    "test.example/new=0 ");
	/* What has errors is not believed. */
	times = 0;
	write_file("steering", "regions: [");
	for (int i = 0; i < 4; i++)
		(void)uv_run(&loop, UV_RUN_ONCE);
	ck_assert_int_eq(times, 0);
	write_file("steering",
	    STEERING_HEAD POOL("plain", "") "services:\n"
					    "  one: {pool: plain}\n");
	run_until(w, "");
	wanted_stop(w);
	ck_assert_int_eq(uv_run(&loop, UV_RUN_DEFAULT), 0);
}
END_TEST

START_TEST(it_may_stop_while_it_reads)
{
	char path[128];
	struct wanted *w;

	(void)snprintf(path, sizeof(path), "%s/meridian.yaml", folder);
	w = wanted_start(&loop, path, on_told, NULL);
	ck_assert_ptr_nonnull(w);
	(void)uv_run(&loop, UV_RUN_NOWAIT);
	wanted_stop(w);
	ck_assert_int_eq(uv_run(&loop, UV_RUN_DEFAULT), 0);
	ck_assert_int_eq(times, 0);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("wanted");
	Suite *suite = suite_create("wanted");
	SRunner *runner;
	int failed;

	tcase_set_timeout(tc, 120);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, pools_that_are_controlled_are_told);
	tcase_add_test(tc, it_may_stop_while_it_reads);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
