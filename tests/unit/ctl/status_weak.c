/* Endpoints that are up and not as they should be, as a status tells of them,
 * and load in words. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/load_text.h"
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
status_of(const char *degraded)
{
	return json_pack("{s[{ss ss ss?}]}", "endpoints", "endpoint", "a",
	    "pool", "p", "degraded", degraded);
}

START_TEST(a_degraded_endpoint_is_named_with_its_reason)
{
	json_t *root = status_of("slow: 900 ms");

	ck_assert(status_weak_degraded(&text, root));
	ck_assert_str_eq(text.data, "a of p: slow: 900 ms");
	json_decref(root);
}
END_TEST

START_TEST(one_that_is_not_is_not_named)
{
	json_t *root = status_of(NULL);

	ck_assert(!status_weak_degraded(&text, root));
	json_decref(root);
}
END_TEST

START_TEST(more_than_four_are_counted)
{
	json_t *root = json_pack("{s[]}", "endpoints"), *e;

	for (int i = 0; i < 6; i++) {
		e = json_pack("{ss ss ss}", "endpoint", "x", "pool", "p",
		    "degraded", "slow");
		json_array_append_new(json_object_get(root, "endpoints"), e);
	}
	ck_assert(status_weak_degraded(&text, root));
	ck_assert_str_eq(text.data,
	    "x of p: slow; x of p: slow; x of p: slow; x of p: slow and 2 "
	    "more");
	json_decref(root);
}
END_TEST

/* What a view of a vantage says of endpoint x, and what is told of it. */
static const struct {
	const char *health, *reason;
	int counts;
	const char *told;
} views[] = {
    {"up", "probe: cannot use token", 1, "x of p: probe: cannot use token"},
    {"down", "probe: cannot use token", 1, "x of p: probe: cannot use token"},
    {"up", "probe: cannot use token", 0, NULL},
    {"down", "status 503", 1, NULL},
    {"up", "", 1, NULL},
    {"up", NULL, 1, NULL},
};

START_TEST(one_that_cannot_be_judged_is_named_whatever_its_health)
{
	json_t *root = json_pack("{s[{ss ss s[{ss ss? sb}]}]}", "endpoints",
	    "endpoint", "x", "pool", "p", "views", "health", views[_i].health,
	    "reason", views[_i].reason, "counts", views[_i].counts);

	ck_assert(
	    status_weak_unjudged(&text, root) == (views[_i].told != NULL));
	if (views[_i].told != NULL)
		ck_assert_str_eq(text.data, views[_i].told);
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
	json_t *root = json_pack("{s[{ss ss sn} {ss ss sI}]}", "endpoints",
	    "endpoint", "b", "pool", "p", "certificate_ends_ms", "endpoint",
	    "a", "pool", "p", "certificate_ends_ms",
	    (json_int_t)certificates[_i].ends_ms);
	bool any =
	    status_weak_certificates(&text, root, certificates[_i].now_ms);

	ck_assert(any == (certificates[_i].text != NULL));
	if (any)
		ck_assert_str_eq(text.data, certificates[_i].text);
	json_decref(root);
}
END_TEST

/* --- load --- */

static void
say(const char *body)
{
	json_t *load = json_loads(body, 0, NULL);

	ck_assert_ptr_nonnull(load);
	load_text_say(&text, load);
	json_decref(load);
}

static const struct {
	const char *load, *text;
} loads[] = {
    {"{\"saturation\": 1.2551, \"waiting\": 20.0, \"running\": 105.5, "
     "\"kv_cache\": 0.994, \"first_token_ms\": 120.4, "
     "\"tokens_per_s\": 2500.0, \"stale\": false, \"reason\": \"\"}",
	"load 126 %, 20 waiting, 105.5 running, cache 99 %, first token 120.4 "
	"ms, 2500.0 tokens a second"},
    {"{\"saturation\": 0.0, \"waiting\": 0.0, \"reason\": \"\"}",
	"load 0 %, 0 waiting"},
    {"{\"saturation\": null, \"waiting\": 3.0, \"reason\": \"\"}",
	"load unknown, 3 waiting"},
    {"{\"saturation\": null, \"waiting\": null, \"reason\": \"metrics: "
     "status 404\"}",
	"load unknown (metrics: status 404)"},
    {"{\"saturation\": null, \"stale\": true, \"measured\": "
     "\"2026-11-29T09:00:00Z\", \"age_ms\": 90000, \"reason\": "
     "\"metrics: timeout\"}",
	"load stale since 2026-11-29T09:00:00Z, 90 s ago (metrics: timeout)"},
};

START_TEST(load_in_words)
{
	say(loads[_i].load);
	ck_assert_str_eq(text.data, loads[_i].text);
}
END_TEST

START_TEST(nothing_is_told_of_no_load)
{
	load_text_say(&text, NULL);
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
	tcase_add_test(tcase, one_that_is_not_is_not_named);
	tcase_add_test(tcase, more_than_four_are_counted);
	tcase_add_loop_test(tcase,
	    one_that_cannot_be_judged_is_named_whatever_its_health, 0,
	    (int)(sizeof(views) / sizeof(views[0])));
	tcase_add_loop_test(tcase,
	    certificates_are_named_two_weeks_before_they_end, 0,
	    (int)(sizeof(certificates) / sizeof(certificates[0])));
	tcase_add_loop_test(
	    tcase, load_in_words, 0, (int)(sizeof(loads) / sizeof(loads[0])));
	tcase_add_test(tcase, nothing_is_told_of_no_load);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
