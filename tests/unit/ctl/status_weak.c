/* Endpoints that are up and not as they should be, as a status tells of them,
 * and load in words. */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/status_load.h"
#include "ctl/status_weak.h"

static struct text text;

static void
set_up(void)
{
	text_init(&text, 4096);
}

static void
tear_down(void)
{
	text_finish(&text);
}

static json_t *
status_of(const char *views)
{
	char body[2048];
	json_t *root;

	snprintf(body, sizeof(body),
	    "{\"endpoints\": [{\"endpoint\": \"a\", \"pool\": \"p\", "
	    "\"views\": [%s]}]}",
	    views);
	root = json_loads(body, 0, NULL);
	ck_assert_ptr_nonnull(root);
	return root;
}

START_TEST(a_degraded_endpoint_is_named_with_its_reason)
{
	json_t *root =
	    status_of("{\"degraded\": \"\", \"counts\": true},"
		      "{\"degraded\": \"slow: 900 ms\", \"counts\": true}");

	ck_assert(status_weak_degraded(&text, root));
	ck_assert_str_eq(text.data, "a of p: slow: 900 ms");
	json_decref(root);
}
END_TEST

START_TEST(a_vantage_that_does_not_count_degrades_nothing)
{
	json_t *root =
	    status_of("{\"degraded\": \"slow: 900 ms\", \"counts\": false}");

	ck_assert(!status_weak_degraded(&text, root));
	json_decref(root);
}
END_TEST

START_TEST(more_than_four_are_counted)
{
	json_t *root = json_pack("{s[]}", "endpoints"), *e;

	for (int i = 0; i < 6; i++) {
		e = json_pack("{ss ss s[{ss sb}]}", "endpoint", "x", "pool",
		    "p", "views", "degraded", "slow", "counts", 1);
		json_array_append_new(json_object_get(root, "endpoints"), e);
	}
	ck_assert(status_weak_degraded(&text, root));
	ck_assert_str_eq(text.data,
	    "x of p: slow; x of p: slow; x of p: slow; x of p: slow and 2 "
	    "more");
	json_decref(root);
}
END_TEST

#define DAY (INT64_C(24) * 3600 * 1000)

static const struct {
	int64_t ends_ms, now_ms;
	const char *text; /* NULL: not named */
} certificates[] = {
    {20 * DAY, 0, NULL},
    {14 * DAY, 0, NULL},
    {14 * DAY - 1, 0, "a of p ends in 13 days"},
    {DAY + 5, 0, "a of p ends in 1 day"},
    {5, 0, "a of p ends in 0 days"},
    {DAY, 3 * DAY, "a of p ended 2 days ago"},
};

START_TEST(certificates_are_named_two_weeks_before_they_end)
{
	json_t *root = json_pack("{s[{ss ss s[{sn} {sI} {sI}]}]}", "endpoints",
	    "endpoint", "a", "pool", "p", "views", "certificate_ends_ms",
	    "certificate_ends_ms", (json_int_t)certificates[_i].ends_ms,
	    "certificate_ends_ms", (json_int_t)(1000 * DAY));
	bool any =
	    status_weak_certificates(&text, root, certificates[_i].now_ms);

	ck_assert(any == (certificates[_i].text != NULL));
	if (any)
		ck_assert_str_eq(text.data, certificates[_i].text);
	json_decref(root);
}
END_TEST

/* --- load --- */

static struct state_load
nothing(void)
{
	const double unknown = (double)NAN;

	return (struct state_load){.saturation = unknown,
	    .waiting = unknown,
	    .running = unknown,
	    .max_running = unknown,
	    .kv_cache = unknown,
	    .utilization = unknown,
	    .preemptions = unknown,
	    .requests = unknown,
	    .errors = unknown,
	    .tokens = unknown,
	    .busy = unknown,
	    .first_token_us = -1,
	    .first_token_95_us = -1,
	    .token_us = -1};
}

START_TEST(load_is_told_in_words)
{
	struct state_load row = nothing();
	json_t *load;

	row.saturation = 1.255;
	row.waiting = 20;
	row.running = 105.5;
	row.kv_cache = 0.994;
	row.first_token_us = 120400;
	row.tokens = 2500;
	load = status_load_object(&row);
	status_load_say(&text, load);
	ck_assert_str_eq(text.data,
	    "load 125 %, 20 waiting, 105.5 running, cache 99 %, first token "
	    "120.4 ms, 2500.0 tokens a second");
	json_decref(load);
}
END_TEST

START_TEST(load_that_nobody_knows_is_told_as_such)
{
	struct state_load row = nothing();
	json_t *load;

	snprintf(row.reason, sizeof(row.reason), "metrics: status 404");
	load = status_load_object(&row);
	ck_assert(json_is_null(json_object_get(load, "waiting")));
	ck_assert(json_is_null(json_object_get(load, "measured")));
	status_load_say(&text, load);
	ck_assert_str_eq(text.data, "load not known (metrics: status 404)");
	json_decref(load);
}
END_TEST

START_TEST(nothing_is_told_of_no_load)
{
	status_load_say(&text, NULL);
	ck_assert_uint_eq(text.len, 0);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("ctl_status_weak");
	TCase *tcase = tcase_create("status_weak");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(tcase, set_up, tear_down);
	tcase_add_test(tcase, a_degraded_endpoint_is_named_with_its_reason);
	tcase_add_test(tcase, a_vantage_that_does_not_count_degrades_nothing);
	tcase_add_test(tcase, more_than_four_are_counted);
	tcase_add_loop_test(tcase,
	    certificates_are_named_two_weeks_before_they_end, 0,
	    (int)(sizeof(certificates) / sizeof(certificates[0])));
	tcase_add_test(tcase, load_is_told_in_words);
	tcase_add_test(tcase, load_that_nobody_knows_is_told_as_such);
	tcase_add_test(tcase, nothing_is_told_of_no_load);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
