/* How soon a streak may turn a vote: by the pace of each kind of check. */
#include "steering/pending.h"

#include <check.h>

#include "steering/live.h"
#include "tests/unit/health_fixture.h"

#define NONE LIVE_NOT_PENDING
#define UP HEALTH_UP
#define DOWN HEALTH_DOWN
#define NOW 1000000

struct pace {
	uint64_t recheck_ms, slow_ms, fail_back_ms;
};

START_TEST(left)
{
	static const struct {
		const char *what;
		struct pace pace;
		enum state_health health;
		uint32_t passes, fails;
		int64_t age_ms; /* of the last check */
		uint32_t left_s;
	} rows[] = {
	    {"it passes", {0}, UP, 9, 0, 0, NONE},
	    {"one fail of three", {0}, UP, 0, 1, 0, 10},
	    {"and time has gone by", {0}, UP, 0, 1, 3000, 7},
	    {"one is late: the next one takes a period after it", {0}, UP, 0, 1,
		9000, 5},
	    {"the last one is late", {0}, UP, 0, 2, 9000, 0},
	    {"past fall", {0}, UP, 0, 7, 0, 0},
	    {"it is checked again soon", {.recheck_ms = 200}, UP, 0, 1, 0, 1},
	    {"soon is more than a second", {.recheck_ms = 1500}, UP, 0, 1, 0,
		3},
	    {"and the first of them is late", {.recheck_ms = 1500}, UP, 0, 1,
		4000, 2},
	    {"not sooner than its turn", {.recheck_ms = 9000}, UP, 0, 1, 0, 10},
	    {"it fails and is down", {.recheck_ms = 200}, DOWN, 0, 9, 0, NONE},
	    {"one pass of two", {0}, DOWN, 1, 0, 0, 5},
	    {"nothing is checked again soon that is down", {.recheck_ms = 200},
		DOWN, 1, 0, 0, 5},
	    {"it has to pass for a while after that", {.fail_back_ms = 20000},
		DOWN, 1, 0, 1000, 24},
	    {"a while of which a part is over", {.fail_back_ms = 20000}, DOWN,
		4, 0, 1000, 9},
	    {"and which is over, so that it is held", {.fail_back_ms = 20000},
		DOWN, 9, 0, 0, 0},
	    {"it was checked rarely: its turn may be at once",
		{.slow_ms = 30000}, DOWN, 1, 0, 0, 0},
	    {"not as rarely as that", {.slow_ms = 5000}, DOWN, 1, 0, 0, 5},
	    {"unknown", {0}, HEALTH_UNKNOWN, 0, 1, 0, NONE},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct policy_check check = {.every_ms = 5000,
		    .fall = 3,
		    .rise = 2,
		    .recheck_ms = rows[i].pace.recheck_ms,
		    .slow_ms = rows[i].pace.slow_ms,
		    .fail_back_ms = rows[i].pace.fail_back_ms,
		    .deep = {60000, 1, 1}};
		const struct vote vote = {.health = (uint8_t)rows[i].health,
		    .passes = rows[i].passes,
		    .fails = rows[i].fails,
		    .seen_ms = NOW - rows[i].age_ms,
		    .deep_ms = NOW};
		uint32_t left_s = pending_left(&check, &vote, NOW);

		ck_assert_msg(
		    left_s == rows[i].left_s, "%s: %u", rows[i].what, left_s);
	}
}
END_TEST

START_TEST(left_of_generations)
{
	static const struct {
		const char *what;
		enum state_health health;
		uint32_t passes, fails, fail_back_ms;
		int64_t age_ms; /* -1: nobody knows */
		uint32_t left_s;
	} rows[] = {
	    {"one fail of two", UP, 0, 1, 0, 0, 60},
	    {"a while ago", UP, 0, 1, 0, 40000, 20},
	    {"late", UP, 0, 1, 0, 70000, 0},
	    {"nobody knows when", UP, 0, 1, 0, -1, 0},
	    {"down, one pass of three", DOWN, 1, 0, 0, 0, 120},
	    {"nobody knows when it passed", DOWN, 1, 0, 0, -1, 60},
	    {"and a while after that", DOWN, 2, 0, 20000, 10000, 70},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct policy_check check = {.every_ms = 5000,
		    .fall = 9,
		    .rise = 9,
		    .recheck_ms = 200,
		    .slow_ms = 30000,
		    .fail_back_ms = rows[i].fail_back_ms,
		    .deep = {60000, 2, 3}};
		const struct vote vote = {.health = (uint8_t)rows[i].health,
		    .passes = rows[i].passes,
		    .fails = rows[i].fails,
		    .deep = true,
		    .seen_ms = NOW - 1000,
		    .deep_ms = rows[i].age_ms < 0 ? -1 : NOW - rows[i].age_ms};
		uint32_t left_s = pending_left(&check, &vote, NOW);

		ck_assert_msg(
		    left_s == rows[i].left_s, "%s: %u", rows[i].what, left_s);
	}
}
END_TEST

/* Nobody knows of which check of a set the streak is: the soonest counts. */
START_TEST(left_of_a_set)
{
	static const struct {
		const char *what;
		enum state_health health;
		uint32_t passes, fails, left_s;
	} rows[] = {
	    {"the second is the soonest", UP, 0, 1, 6},
	    {"two of its three fail", UP, 0, 2, 3},
	    {"past those, nobody knows", UP, 0, 3, 0},
	    {"down: the first is", DOWN, 1, 0, 20},
	    {"nothing has begun", UP, 9, 0, NONE},
	};
	static const struct policy_check set[] = {
	    {.more = 1, .every_ms = 20000, .fall = 5, .rise = 2},
	    {.every_ms = 3000, .fall = 3, .rise = 40, .deep = {60000, 9, 9}}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct vote vote = {.health = (uint8_t)rows[i].health,
		    .passes = rows[i].passes,
		    .fails = rows[i].fails,
		    .seen_ms = NOW,
		    .deep_ms = NOW};
		uint32_t left_s = pending_left(set, &vote, NOW);

		ck_assert_msg(
		    left_s == rows[i].left_s, "%s: %u", rows[i].what, left_s);
	}
}
END_TEST

/* The row of an endpoint that is up, ${ms} later. */
static void
tell(struct model *m, int64_t ms, uint32_t passes, uint32_t fails,
    const char *reason)
{
	struct state_endpoint row;

	pass(m, ms);
	row = row_of(m, "x", "v1", "a", HEALTH_UP);
	row.passes = passes;
	row.fails = fails;
	snprintf(row.reason, sizeof(row.reason), "%s", reason);
	health_begin(m->health, false);
	give_vantage(m, "x", m->wall, false);
	health_endpoint(m->health, &row);
	health_commit(m->health, m->mono);
}

/* Requests go on to pass while generations fail, and each writes the row. */
START_TEST(requests_do_not_put_generations_off)
{
	static struct plan plan;
	struct policy_check *check;
	struct model m;

	plan_init(&plan);
	check = plan_pool(&plan, "v1", "a");
	check->deep = (struct policy_deep){60000, 2, 1};
	m = model_create(&plan.policy);
	tell(&m, 0, 9, 0, "");
	ck_assert_uint_eq(pending_of(&m), NONE);
	tell(&m, 1000, 0, 1, "deep: timeout");
	ck_assert_uint_eq(pending_of(&m), 60);
	tell(&m, 5000, 0, 1, "deep: timeout");
	tell(&m, 5000, 0, 1, "deep: timeout");
	ck_assert_uint_eq(pending_of(&m), 50);
	/* Requests that fail too are told instead of them. */
	tell(&m, 5000, 0, 1, "refused");
	ck_assert_uint_eq(pending_of(&m), 10);
	health_destroy(m.health);
}
END_TEST

/* A server that starts while they fail knows their schedule, not their turn. */
START_TEST(generations_that_were_there)
{
	static struct plan plan;
	struct model m;

	plan_init(&plan);
	plan_pool(&plan, "v1", "a")->deep = (struct policy_deep){60000, 3, 1};
	m = model_create(&plan.policy);
	tell(&m, 0, 0, 1, "deep: timeout");
	ck_assert_uint_eq(pending_of(&m), 60);
	tell(&m, 5000, 0, 1, "deep: timeout");
	ck_assert_uint_eq(pending_of(&m), 60);
	tell(&m, 5000, 0, 2, "deep: timeout");
	ck_assert_uint_eq(pending_of(&m), 60);
	tell(&m, 5000, 0, 2, "deep: timeout");
	ck_assert_uint_eq(pending_of(&m), 55);
	health_destroy(m.health);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("steering: pending");
	TCase *tc = tcase_create("pending");

	tcase_add_test(tc, left);
	tcase_add_test(tc, left_of_generations);
	tcase_add_test(tc, left_of_a_set);
	tcase_add_test(tc, requests_do_not_put_generations_off);
	tcase_add_test(tc, generations_that_were_there);
	suite_add_tcase(suite, tc);
	return fixture_run(suite);
}
