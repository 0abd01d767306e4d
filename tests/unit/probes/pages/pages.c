/*
 * What the daemon says of itself: each reason has its kind, a page its series,
 * and /healthz the words that an operator acts on.
 */
#include "probes/pages/pages.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	const char *reason, *kind;
} reasons[] = {
    {"refused", "refused"},
    {"timeout", "timeout"},
    {"timeout after connecting", "timeout"},
    {"status 503", "status"},
    {"not HTTP", "not_http"},
    {"192.0.2.1: reset", "reset"},
    {"/v1/models: status 404", "status"},
    {"/v1/models: body: lacks \"x\": refused", "body"},
    {"[2001:db8::1]: tls: certificate has ended", "tls"},
    {"grpc: NOT_SERVING", "grpc"},
    {"loading", "loading"},
    {"something new", "other"},
    {"", "other"},
};

START_TEST(each_reason_has_a_kind)
{
	ck_assert_str_eq(
	    tally_kind_name(tally_kind(reasons[_i].reason)), reasons[_i].kind);
}
END_TEST

static struct tally tally;
static struct text out;
static struct pages_figures figures;

static void
setup(void)
{
	ck_assert_int_eq(tally_init(&tally), 0);
	text_init(&out, 64 << 20);
	memset(&figures, 0, sizeof(figures));
	figures.at_ms = 100000;
	figures.certificate_ms = figures.state.written_ms = -1;
}

static void
teardown(void)
{
	tally_finish(&tally);
	text_finish(&out);
}

static void
result(const char *zone, const char *name, bool deep,
    enum attempt_outcome outcome, const char *reason, int64_t us)
{
	struct attempt_result r = {.outcome = outcome,
	    .connect_us = us,
	    .first_byte_us = us,
	    .total_us = us};

	snprintf(r.reason, sizeof(r.reason), "%s", reason);
	tally_result(&tally, tally_find(&tally, zone, name), deep, &r);
}

static bool
says(const char *line)
{
	out.len = 0;
	pages_metrics(&figures, &tally, 100500, &out);
	ck_assert(!out.failed);
	return strstr(out.data, line) != NULL;
}

START_TEST(results_are_counted_by_check_and_kind)
{
	result("a.example", "c", false, ATTEMPT_PASSED, "", 3000);
	result("a.example", "c", false, ATTEMPT_FAILED, "status 500", 3000);
	result("b.example", "c", false, ATTEMPT_FAILED, "refused", -1);
	result("b.example", "c", true, ATTEMPT_BUSY, "busy", 20000000);
	ck_assert(says("meridian_probe_checks_total{zone=\"a.example\",check="
		       "\"c\",task=\"plan\",result=\"passed\"} 1\n"));
	ck_assert(says("meridian_probe_failures_total{zone=\"a.example\","
		       "check=\"c\",task=\"plan\",kind=\"status\"} 1\n"));
	ck_assert(says("meridian_probe_failures_total{zone=\"b.example\","
		       "check=\"c\",task=\"plan\",kind=\"refused\"} 1\n"));
	ck_assert(says("meridian_probe_checks_total{zone=\"b.example\",check="
		       "\"c\",task=\"deep\",result=\"busy\"} 1\n"));
	/* A check without generations has no series of them. */
	ck_assert(!says("zone=\"a.example\",check=\"c\",task=\"deep\""));
}
END_TEST

START_TEST(times_are_a_histogram_and_unknown_ones_are_in_none)
{
	result("a.example", "c", false, ATTEMPT_PASSED, "", 3000);
	result("a.example", "c", false, ATTEMPT_PASSED, "", 20000000);
	result("a.example", "c", false, ATTEMPT_FAILED, "refused", -1);
	ck_assert(says("meridian_probe_connect_seconds_bucket{zone=\"a."
		       "example\",check=\"c\",task=\"plan\",le=\"0.0025\"} 0"));
	ck_assert(says("le=\"0.005\"} 1\n"));
	ck_assert(says("le=\"10.0\"} 1\n"));
	ck_assert(says("meridian_probe_connect_seconds_bucket{zone=\"a."
		       "example\",check=\"c\",task=\"plan\",le=\"+Inf\"} 2\n"));
	ck_assert(says("meridian_probe_connect_seconds_sum{zone=\"a.example\","
		       "check=\"c\",task=\"plan\"} 20.003\n"));
	ck_assert(says("meridian_probe_connect_seconds_count{zone=\"a."
		       "example\",check=\"c\",task=\"plan\"} 2\n"));
}
END_TEST

START_TEST(who_waits_for_whom_is_shown)
{
	figures.gate = (struct gate_figures){
	    .limit = 64, .taken = 60, .waiting = 7, .waited = 99};
	ck_assert(says("meridian_probe_concurrency 64\n"));
	ck_assert(says("meridian_probe_waiting 7\n"));
	ck_assert(says("meridian_probe_waited_total 99\n"));
}
END_TEST

START_TEST(late_turns_are_counted)
{
	tally_turn(&tally, 0, 0);
	tally_turn(&tally, 300, 2);
	ck_assert(says("meridian_probe_lateness_seconds_bucket{le=\"0.25\"} "
		       "1\n"));
	ck_assert(says("meridian_probe_lateness_seconds_count 2\n"));
	ck_assert(says("meridian_probe_missed_turns_total 2\n"));
}
END_TEST

START_TEST(readings_of_load_are_counted)
{
	size_t c = tally_find(&tally, "a.example", "c");

	(void)tally_find(&tally, "a.example", "none");
	tally_load(&tally, c, LOAD_READ, "");
	tally_load(&tally, c, LOAD_READ, "");
	tally_load(&tally, c, LOAD_LACKING, "waiting: -1 is outside 0 to 9");
	tally_load(&tally, c, LOAD_UNREAD, "metrics: status 404");
	tally_load(&tally, c, LOAD_UNREAD, "metrics: timeout");
	tally_load(&tally, c, LOAD_UNMADE, "probe: no memory");
	tally_load_turn(&tally, 300, 2);
	ck_assert(says("meridian_probe_load_readings_total{zone=\"a.example\","
		       "check=\"c\",result=\"read\"} 2\n"));
	ck_assert(says("check=\"c\",result=\"lacking\"} 1\n"));
	ck_assert(says("check=\"c\",result=\"failed\"} 2\n"));
	ck_assert(says("check=\"c\",result=\"unmade\"} 1\n"));
	ck_assert(says("meridian_probe_load_failures_total{zone=\"a.example\","
		       "check=\"c\",kind=\"status\"} 1\n"));
	ck_assert(says("check=\"c\",kind=\"timeout\"} 1\n"));
	/* A check that reads no load has no series of it. */
	ck_assert(!says("check=\"none\""));
	ck_assert(says("meridian_probe_load_lateness_seconds_count 1\n"));
	ck_assert(says("meridian_probe_load_missed_turns_total 2\n"));
	ck_assert(says("meridian_probe_lateness_seconds_count 0\n"));
}
END_TEST

/* However many checks the files have, the page is bounded. */
START_TEST(checks_beyond_the_bound_are_counted_together)
{
	char name[32];

	for (unsigned i = 0; i < TALLY_CHECKS + 5; i++) {
		snprintf(name, sizeof(name), "c%u", i);
		result("a.example", name, false, ATTEMPT_PASSED, "", 1);
	}
	ck_assert(says("check=\"c511\",task=\"plan\",result=\"passed\"} 1\n"));
	ck_assert(!says("check=\"c512\""));
	ck_assert(says("zone=\"\",check=\"other\",task=\"plan\",result="
		       "\"passed\"} 5\n"));
}
END_TEST

START_TEST(a_copy_is_apart_from_what_it_was_made_of)
{
	struct tally copy;

	ck_assert_int_eq(tally_init(&copy), 0);
	result("a.example", "c", false, ATTEMPT_PASSED, "", 1);
	tally_copy(&copy, &tally);
	result("a.example", "c", false, ATTEMPT_PASSED, "", 1);
	ck_assert_uint_eq(copy.checks[0].plan.outcome[ATTEMPT_PASSED], 1);
	tally_finish(&copy);
}
END_TEST

static const char *
health(int64_t now_ms, bool well)
{
	out.len = 0;
	ck_assert(pages_health(&figures, now_ms, &out) == well);
	out.data[out.len] = '\0';
	return out.data;
}

START_TEST(health_says_what_is_wrong)
{
	ck_assert_str_eq(health(100900, true), "ok\n");
	ck_assert_str_eq(health(107000, false), "the loop hangs for 7 s now\n");
	snprintf(figures.state_words, sizeof(figures.state_words), "disk full");
	figures.state_since_ms = 98000;
	/* What lasts for a moment is no reason to call anybody. */
	ck_assert_str_eq(health(100900, true), "ok\n");
	ck_assert_str_eq(health(104000, false),
	    "for 6 s now nothing is written to the state database: disk "
	    "full\n");
	snprintf(figures.late_words, sizeof(figures.late_words), "30 of 40");
	ck_assert_str_eq(health(100900, false), "checks are late: 30 of 40\n");
	ck_assert(says("meridian_probe_state_writable 0\n"));
	figures.late_words[0] = '\0';
	figures.files_words = "the files have errors";
	ck_assert_str_eq(health(100900, false),
	    "the files have errors: see meridianctl check\n");
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("probes_pages_pages");
	TCase *tcase = tcase_create("pages");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, each_reason_has_a_kind, 0,
	    (int)(sizeof(reasons) / sizeof(reasons[0])));
	tcase_add_test(tcase, results_are_counted_by_check_and_kind);
	tcase_add_test(
	    tcase, times_are_a_histogram_and_unknown_ones_are_in_none);
	tcase_add_test(tcase, who_waits_for_whom_is_shown);
	tcase_add_test(tcase, late_turns_are_counted);
	tcase_add_test(tcase, readings_of_load_are_counted);
	tcase_add_test(tcase, checks_beyond_the_bound_are_counted_together);
	tcase_add_test(tcase, a_copy_is_apart_from_what_it_was_made_of);
	tcase_add_test(tcase, health_says_what_is_wrong);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
