/* What the verdicts of checks make of an endpoint: several checks, generations
 * beside them, what is degraded, and what comes back too soon. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "probes/checks/panel.h"

#define UP HEALTH_UP
#define DOWN HEALTH_DOWN
#define NONE HEALTH_UNKNOWN

static const struct panel_rules one = {.need = 1};

static struct panel panel;
static struct verdict whole;
static int64_t now;

static void
begin(void)
{
	panel_init(&panel);
	verdict_init(&whole, 0);
	now = 1000;
}

static struct verdict
verdict_of(enum state_health health, const char *reason)
{
	struct verdict v;

	verdict_init(&v, 0);
	v.health = health;
	v.checked_ms = now;
	snprintf(v.reason, sizeof(v.reason), "%s", reason);
	v.fails = health == DOWN ? 3 : 0;
	v.passes = health == UP ? 3 : 0;
	return v;
}

static bool
judge_one(const struct panel_rules *rules, enum state_health health)
{
	struct verdict plan =
	    verdict_of(health, health == DOWN ? "refused" : "");
	const struct panel_vote vote = {.plan = &plan};

	return panel_judge(&panel, rules, &vote, 1, now, now, &whole);
}

/* --- several checks, and generations --- */

static const struct {
	const char *what;
	enum state_health plan[3], deep[3];
	unsigned n, need;
	enum state_health health;
	const char *reason, *degraded;
} combined[] = {
    {"one that passes", {UP}, {NONE}, 1, 1, UP, "", ""},
    {"one that fails", {DOWN}, {NONE}, 1, 1, DOWN, "refused", ""},
    {"one that nobody knows", {NONE}, {NONE}, 1, 1, NONE, "", ""},
    {"a dead engine behind a good page", {UP}, {DOWN}, 1, 1, DOWN,
	"deep: timeout", ""},
    {"a good engine", {UP}, {UP}, 1, 1, UP, "", ""},
    {"no page, whatever the engine was", {DOWN}, {DOWN}, 1, 1, DOWN, "refused",
	""},
    {"all of two pass", {UP, UP}, {NONE, NONE}, 2, 2, UP, "", ""},
    {"one of two that are all needed fails", {UP, DOWN}, {NONE, NONE}, 2, 2,
	DOWN, "b: refused", ""},
    {"both fail", {DOWN, DOWN}, {NONE, NONE}, 2, 2, DOWN,
	"a: refused; b: refused", ""},
    {"one of two that are all needed is not known", {UP, NONE}, {NONE, NONE}, 2,
	2, NONE, "", ""},
    {"one fails, whatever the other is", {NONE, DOWN}, {NONE, NONE}, 2, 2, DOWN,
	"b: refused", ""},
    {"one of two passes, and one is enough", {UP, DOWN}, {NONE, NONE}, 2, 1, UP,
	"", "b: refused"},
    {"none of two passes, and one is enough", {DOWN, DOWN}, {NONE, NONE}, 2, 1,
	DOWN, "a: refused; b: refused", ""},
    {"one of two fails, and one that is not known is enough", {DOWN, NONE},
	{NONE, NONE}, 2, 1, NONE, "a: refused", ""},
    {"two of three pass, and two are needed", {DOWN, UP, UP},
	{NONE, NONE, NONE}, 3, 2, UP, "", "a: refused"},
    {"one of three passes, and two are needed", {DOWN, UP, DOWN},
	{NONE, NONE, NONE}, 3, 2, DOWN, "a: refused; c: refused", ""},
    {"enough pass, one is not known", {UP, UP, NONE}, {NONE, NONE, NONE}, 3, 2,
	UP, "", ""},
    {"nobody knows whether enough pass", {UP, NONE, DOWN}, {NONE, NONE, NONE},
	3, 2, NONE, "c: refused", ""},
    {"an engine of one of two is dead, and one is enough", {UP, UP},
	{DOWN, NONE}, 2, 1, UP, "", "a: deep: timeout"},
};

static const char *const letters[] = {"a", "b", "c"};

START_TEST(checks_put_together)
{
	struct verdict plan[3], deep[3];
	struct panel_vote votes[3];
	unsigned n = combined[_i].n;
	const struct panel_rules rules = {.need = combined[_i].need};

	begin();
	for (unsigned i = 0; i < n; i++) {
		plan[i] = verdict_of(combined[_i].plan[i],
		    combined[_i].plan[i] == DOWN ? "refused" : "");
		deep[i] = verdict_of(combined[_i].deep[i],
		    combined[_i].deep[i] == DOWN ? "timeout" : "");
		votes[i] = (struct panel_vote){
		    n > 1 ? letters[i] : NULL, &plan[i], &deep[i]};
	}
	panel_judge(&panel, &rules, votes, n, now, now, &whole);
	ck_assert_msg(
	    whole.health == combined[_i].health, "%s", combined[_i].what);
	ck_assert_msg(strcmp(whole.reason, combined[_i].reason) == 0, "%s: %s",
	    combined[_i].what, whole.reason);
	ck_assert_msg(strcmp(whole.degraded, combined[_i].degraded) == 0,
	    "%s: %s", combined[_i].what, whole.degraded);
}
END_TEST

/* --- the streak of several checks --- */

static const struct {
	const char *what;
	struct {
		enum state_health health;
		uint32_t passes, fails;
	} of[3];
	unsigned n, need;
	uint32_t passes, fails;
} streaks[] = {
    {"up: the one that fails brings it down",
	{{UP, 9, 0}, {UP, 0, 2}, {UP, 8, 0}}, 3, 3, 0, 2},
    {"up: of two that fail the nearest does",
	{{UP, 0, 1}, {UP, 0, 2}, {UP, 8, 0}}, 3, 3, 0, 2},
    {"up: one more or less changes nothing",
	{{UP, 9, 0}, {UP, 0, 2}, {UP, 8, 0}}, 3, 2, 9, 0},
    {"up: two that fail do", {{UP, 0, 1}, {UP, 0, 2}, {UP, 8, 0}}, 3, 2, 0, 1},
    {"up: what is down for long is no streak of what is left",
	{{UP, 9, 0}, {DOWN, 0, 99}}, 2, 1, 9, 0},
    {"up: what is left fails", {{UP, 0, 1}, {DOWN, 0, 99}}, 2, 1, 0, 1},
    {"down: the one that passes brings it up", {{DOWN, 0, 9}, {DOWN, 1, 0}}, 2,
	1, 1, 0},
    {"down: one of two that it lacks is not enough",
	{{DOWN, 0, 9}, {DOWN, 1, 0}}, 2, 2, 0, 9},
    {"down: both that it lacks pass", {{DOWN, 2, 0}, {DOWN, 1, 0}}, 2, 2, 1, 0},
    {"down: the one that it lacks, whatever others do",
	{{UP, 70, 0}, {DOWN, 1, 0}}, 2, 2, 1, 0},
    {"down: the nearest of three", {{DOWN, 1, 0}, {DOWN, 3, 0}, {DOWN, 2, 0}},
	3, 1, 3, 0},
    {"down: two of three", {{DOWN, 1, 0}, {DOWN, 3, 0}, {DOWN, 2, 0}}, 3, 2, 2,
	0},
    {"down: one is up, and one of two that are not",
	{{UP, 9, 0}, {DOWN, 3, 0}, {DOWN, 4, 0}}, 3, 2, 4, 0},
    {"not known: the first failure is a result", {{NONE, 0, 1}}, 1, 1, 0, 1},
    {"not known: of two that it could do with one of, one is none",
	{{NONE, 0, 1}, {NONE, 0, 0}}, 2, 1, 0, 0},
};

START_TEST(the_streak_is_that_of_the_check_with_which_it_turns)
{
	struct verdict plan[3];
	struct panel_vote votes[3];
	const struct panel_rules rules = {.need = streaks[_i].need};

	begin();
	for (unsigned i = 0; i < streaks[_i].n; i++) {
		plan[i] = verdict_of(streaks[_i].of[i].health, "");
		plan[i].passes = streaks[_i].of[i].passes;
		plan[i].fails = streaks[_i].of[i].fails;
		votes[i] = (struct panel_vote){letters[i], &plan[i], NULL};
	}
	panel_judge(&panel, &rules, votes, streaks[_i].n, now, now, &whole);
	ck_assert_msg(whole.passes == streaks[_i].passes &&
		whole.fails == streaks[_i].fails,
	    "%s: %u passes, %u failures", streaks[_i].what,
	    (unsigned)whole.passes, (unsigned)whole.fails);
}
END_TEST

/* Names and reasons as long as they may be are cut, and nothing else is. */
START_TEST(a_reason_of_many_checks_is_cut)
{
	static const char *const names[] = {
	    "a-name-of-a-check-that-is-longer-than-anybody-would-make-it-now",
	    "another-name-of-a-check-that-is-longer-than-anybody-would-make"};
	struct verdict plan[2];
	struct panel_vote votes[2];
	const struct panel_rules rules = {.need = 2};

	begin();
	for (unsigned i = 0; i < 2; i++) {
		plan[i] = verdict_of(DOWN, "status 503 of the second address");
		votes[i] = (struct panel_vote){names[i], &plan[i], NULL};
	}
	panel_judge(&panel, &rules, votes, 2, now, now, &whole);
	ck_assert_uint_eq(strlen(whole.reason), STATE_REASON - 1);
	ck_assert_int_eq(strncmp(whole.reason, names[0], strlen(names[0])), 0);
}
END_TEST

/* --- what an earlier run left --- */

/* A check that an endpoint can do without was down before a restart, and still
 * is: that is no news, whatever is heard first. */
START_TEST(what_was_degraded_stays_so_over_a_restart)
{
	struct verdict a = verdict_of(NONE, ""), b = verdict_of(NONE, "");
	const struct panel_vote votes[] = {{"a", &a, NULL}, {"b", &b, NULL}};

	begin();
	whole.health = UP;
	snprintf(whole.degraded, sizeof(whole.degraded), "%s", "b: status 503");
	panel.recalled = true;
	a.health = UP;
	ck_assert(!panel_judge(&panel, &one, votes, 2, now, now, &whole));
	ck_assert_str_eq(whole.degraded, "b: status 503");
	b = verdict_of(DOWN, "refused");
	ck_assert(!panel_judge(&panel, &one, votes, 2, now, now, &whole));
	ck_assert_str_eq(whole.degraded, "b: refused");
	b = verdict_of(UP, "");
	ck_assert(panel_judge(&panel, &one, votes, 2, now, now, &whole));
	ck_assert_str_eq(whole.degraded, "");
}
END_TEST

/* Which check was down is not known, and so each has to pass; why it was is. */
START_TEST(what_was_down_is_told_until_more_is_known)
{
	struct verdict a = verdict_of(DOWN, ""), b = verdict_of(DOWN, "");
	const struct panel_vote votes[] = {{"a", &a, NULL}, {"b", &b, NULL}};
	const struct panel_rules both = {.need = 2};

	begin();
	whole.health = DOWN;
	snprintf(whole.reason, sizeof(whole.reason), "%s", "b: status 503");
	a.passes = 1;
	a.fails = 0;
	ck_assert(!panel_judge(&panel, &both, votes, 2, now, now, &whole));
	ck_assert_str_eq(whole.reason, "b: status 503");
	a.health = UP;
	b = verdict_of(DOWN, "refused");
	ck_assert(!panel_judge(&panel, &both, votes, 2, now, now, &whole));
	ck_assert_str_eq(whole.reason, "b: refused");
	b = verdict_of(UP, "");
	ck_assert(panel_judge(&panel, &both, votes, 2, now, now, &whole));
	ck_assert_str_eq(whole.reason, "");
}
END_TEST

START_TEST(degraded_is_a_change_of_its_own)
{
	struct verdict plan = verdict_of(UP, "");
	const struct panel_vote vote = {.plan = &plan};

	begin();
	ck_assert(panel_judge(&panel, &one, &vote, 1, now, now, &whole));
	ck_assert(!panel_judge(&panel, &one, &vote, 1, now, now, &whole));
	snprintf(plan.degraded, sizeof(plan.degraded), "%s", "slow: 3000 ms");
	ck_assert(panel_judge(&panel, &one, &vote, 1, now, now, &whole));
	ck_assert_int_eq(whole.health, UP);
	ck_assert_str_eq(whole.degraded, "slow: 3000 ms");
	/* Another flaw is no other state. */
	snprintf(plan.degraded, sizeof(plan.degraded), "%s", "slow: 4000 ms");
	ck_assert(!panel_judge(&panel, &one, &vote, 1, now, now, &whole));
	ck_assert_str_eq(whole.degraded, "slow: 4000 ms");
	plan.degraded[0] = '\0';
	ck_assert(panel_judge(&panel, &one, &vote, 1, now, now, &whole));
	ck_assert_str_eq(whole.degraded, "");
}
END_TEST

/* What was down and is not known for a moment stays down, and what was up stays
 * up. */
START_TEST(what_is_not_known_any_more_stays)
{
	begin();
	judge_one(&one, UP);
	ck_assert(!judge_one(&one, NONE));
	ck_assert_int_eq(whole.health, UP);
	judge_one(&one, DOWN);
	ck_assert(!judge_one(&one, NONE));
	ck_assert_int_eq(whole.health, DOWN);
}
END_TEST

/* A clock that is set back does not stop the news of checks. */
START_TEST(the_wall_clock_may_go_back)
{
	begin();
	now = 5000;
	judge_one(&one, UP);
	ck_assert_int_eq(whole.checked_ms, 5000);
	now = 2000;
	judge_one(&one, UP);
	ck_assert_int_eq(whole.checked_ms, 2000);
}
END_TEST

START_TEST(generations_that_begin_to_fail_are_told)
{
	struct verdict plan = verdict_of(UP, ""), deep = verdict_of(UP, "");
	const struct panel_vote vote = {.plan = &plan, .deep = &deep};

	begin();
	deep.fails = 1;
	deep.passes = 0;
	snprintf(deep.reason, sizeof(deep.reason), "%s", "timeout");
	panel_judge(&panel, &one, &vote, 1, now, now, &whole);
	ck_assert_int_eq(whole.health, UP);
	ck_assert_uint_eq(whole.fails, 1);
	ck_assert_str_eq(whole.reason, "deep: timeout");
	ck_assert_str_eq(whole.degraded, "");
}
END_TEST

START_TEST(reasons_are_told_whole)
{
	struct verdict plan = verdict_of(DOWN, "");
	const struct panel_vote vote = {.plan = &plan};

	begin();
	memset(plan.reason, 'x', sizeof(plan.reason) - 1);
	panel_judge(&panel, &one, &vote, 1, now, now, &whole);
	ck_assert_str_eq(whole.reason, plan.reason);
}
END_TEST

/* Of one that is up, why the check fails with which it would turn, a failure
 * that is no verdict yet; of one that is down, all that are. */
static const struct {
	const char *what;
	enum state_health health[2];
	const char *reason[2], *told;
	unsigned need;
} tellers[] = {
    {"down beside one that fails and is enough", {DOWN, UP},
	{"refused", "timeout"}, "timeout", 1},
    {"down before one that fails and is needed", {DOWN, UP},
	{"refused", "timeout"}, "refused", 2},
    {"down behind one that fails and is needed", {UP, DOWN},
	{"timeout", "refused"}, "refused", 2},
    {"one that fails behind one that passes", {UP, UP}, {"", "timeout"},
	"timeout", 2},
    {"one that fails before one that passes", {UP, UP}, {"timeout", ""},
	"timeout", 2},
    {"one that fails, and another is enough", {UP, UP}, {"timeout", ""}, "", 1},
    {"both fail", {UP, UP}, {"timeout", "refused"}, "timeout", 2},
    {"both are down", {DOWN, DOWN}, {"reset", "refused"}, "reset; refused", 1},
    {"neither fails", {UP, UP}, {"", ""}, "", 1},
};

START_TEST(the_check_with_which_it_turns_is_told)
{
	const struct panel_rules rules = {.need = tellers[_i].need};
	struct verdict plan[2];
	struct panel_vote votes[2];

	begin();
	for (int i = 0; i < 2; i++) {
		plan[i] =
		    verdict_of(tellers[_i].health[i], tellers[_i].reason[i]);
		if (tellers[_i].health[i] == UP && plan[i].reason[0] != '\0') {
			plan[i].fails = 1;
			plan[i].passes = 0;
		}
		votes[i] = (struct panel_vote){.plan = &plan[i]};
	}
	panel_judge(&panel, &rules, votes, 2, now, now, &whole);
	ck_assert_msg(strcmp(whole.reason, tellers[_i].told) == 0, "%s: %s",
	    tellers[_i].what, whole.reason);
}
END_TEST

/* Held down while enough pass: the shortest streak of those that it needs. */
START_TEST(what_is_held_down_has_a_streak_too)
{
	const struct panel_rules rules = {.need = 2, .fail_back_ms = 60000};
	static const uint32_t passes[] = {9, 1, 4};
	struct panel_vote votes[3];
	struct verdict plan[3];

	begin();
	whole.health = DOWN;
	for (int i = 0; i < 3; i++) {
		/* All of them, or just as many as are needed. */
		plan[i] = verdict_of(_i == 0 || i != 1 ? UP : DOWN, "");
		plan[i].passes = passes[i];
		votes[i] = (struct panel_vote){.plan = &plan[i]};
	}
	panel_judge(&panel, &rules, votes, 3, now, now, &whole);
	ck_assert_int_eq(whole.health, DOWN);
	ck_assert_uint_eq(whole.passes, 4);
}
END_TEST

/* The streak of requests, unless generations begin to fail. */
START_TEST(the_streak_is_that_of_requests)
{
	struct verdict plan = verdict_of(UP, ""), deep = verdict_of(UP, "");
	const struct panel_vote vote = {.plan = &plan, .deep = &deep};

	begin();
	plan.passes = 7;
	deep.passes = 9;
	panel_judge(&panel, &one, &vote, 1, now, now, &whole);
	ck_assert_uint_eq(whole.passes, 7);
	/* Both fail: requests are asked more often. */
	plan.fails = 1;
	plan.passes = 0;
	deep.fails = 2;
	deep.passes = 0;
	panel_judge(&panel, &one, &vote, 1, now, now, &whole);
	ck_assert_uint_eq(whole.fails, 1);
}
END_TEST

/* What an earlier run left counts until it went down or up in this one. */
START_TEST(the_first_verdict_is_no_turn)
{
	begin();
	judge_one(&one, UP);
	ck_assert(!whole.turned);
	judge_one(&one, DOWN);
	ck_assert(whole.turned);
}
END_TEST

/* --- coming back --- */

START_TEST(it_is_up_when_it_passed_for_as_long_as_is_said)
{
	const struct panel_rules rules = {.need = 1, .fail_back_ms = 5000};

	begin();
	/* The first verdict does not wait. */
	judge_one(&rules, UP);
	ck_assert_int_eq(whole.health, UP);
	judge_one(&rules, DOWN);
	ck_assert_int_eq(panel_next(&panel, &rules, &whole, now), -1);
	now = 10000;
	ck_assert(!judge_one(&rules, UP));
	ck_assert_int_eq(whole.health, DOWN);
	ck_assert_str_eq(whole.reason, "passes, up when it has for 5 s");
	ck_assert_int_eq(panel_next(&panel, &rules, &whole, now), 15000);
	now = 14999;
	ck_assert(!judge_one(&rules, UP));
	now = 15000;
	ck_assert(judge_one(&rules, UP));
	ck_assert_int_eq(whole.health, UP);
	ck_assert_str_eq(whole.reason, "");
	ck_assert_int_eq(whole.since_ms, 15000);
	ck_assert_int_eq(panel_next(&panel, &rules, &whole, now), -1);
}
END_TEST

START_TEST(a_failure_begins_the_wait_anew)
{
	const struct panel_rules rules = {.need = 1, .fail_back_ms = 5000};

	begin();
	judge_one(&rules, DOWN);
	now = 10000;
	judge_one(&rules, UP);
	now = 13000;
	judge_one(&rules, DOWN);
	ck_assert_int_eq(panel_next(&panel, &rules, &whole, now), -1);
	now = 14000;
	judge_one(&rules, UP);
	ck_assert_int_eq(panel_next(&panel, &rules, &whole, now), 19000);
	now = 16000;
	judge_one(&rules, UP);
	ck_assert_int_eq(whole.health, DOWN);
	now = 19000;
	judge_one(&rules, UP);
	ck_assert_int_eq(whole.health, UP);
}
END_TEST

/* --- damping --- */

static const struct panel_rules damped = {.need = 1,
    .damping = {.changes = 3,
	.within_ms = 100000,
	.hold_ms = 10000,
	.max_hold_ms = 30000}};

/* Down and up again a second later; how long it was held after that. */
static int64_t
flap(void)
{
	int64_t began;

	judge_one(&damped, DOWN);
	began = now += 1000;
	while (!judge_one(&damped, UP)) {
		int64_t next = panel_next(&panel, &damped, &whole, now);

		ck_assert_int_gt(next, now);
		now = next;
	}
	ck_assert_int_eq(whole.health, UP);
	now += 1000;
	return now - 1000 - began;
}

START_TEST(what_flaps_is_held_longer_each_time)
{
	begin();
	judge_one(&damped, UP);
	ck_assert_int_eq(flap(), 0);
	ck_assert_int_eq(flap(), 0);
	/* A hold begins when it went down, a second before it passed. */
	ck_assert_int_eq(flap(), 9000);
	ck_assert_int_eq(flap(), 19000);
	ck_assert_int_eq(flap(), 29000);
	ck_assert_int_eq(flap(), 29000);
	/* Quiet for long enough, it is as at first. */
	now += 200000;
	ck_assert_int_eq(flap(), 0);
}
END_TEST

/* Holds are longer than the time that counts, and still grow to the longest. */
START_TEST(the_longest_hold_is_reached_and_kept)
{
	const struct panel_rules rules = {.need = 1,
	    .damping = {.changes = 4,
		.within_ms = 600000,
		.hold_ms = 60000,
		.max_hold_ms = 1800000}};
	int64_t down = 0;

	begin();
	judge_one(&rules, UP);
	for (int i = 0; i < 20; i++) {
		int64_t began = now;

		judge_one(&rules, DOWN);
		now += 5000;
		while (!judge_one(&rules, UP))
			now = panel_next(&panel, &rules, &whole, now);
		down = now - began;
		if (i >= 8)
			ck_assert_int_eq(down, 1800000);
		now += 2000;
	}
}
END_TEST

/* It is down at ${at}, and up again a second later if it may. */
static void
fall_at(const struct panel_rules *rules, int64_t at)
{
	now = at;
	judge_one(rules, DOWN);
	now += 1000;
	judge_one(rules, UP);
}

/* As often as is said, in the time that is said and no longer. */
START_TEST(what_counts_as_flapping_is_what_the_file_says)
{
	static const int64_t start = INT64_C(5000000000);

	for (int64_t late = 0; late <= 1; late++) {
		begin();
		now = start - 1000;
		judge_one(&damped, UP);
		fall_at(&damped, start);
		ck_assert_int_eq(whole.health, UP);
		fall_at(&damped, start + 50000);
		ck_assert_int_eq(whole.health, UP);
		fall_at(&damped, start + 100000 + late);
		ck_assert_int_eq(whole.health, late == 0 ? DOWN : UP);
	}
}
END_TEST

/* A fall so long after the end of a hold makes the next one longer, and one
 * that is a millisecond later begins anew. */
START_TEST(a_hold_grows_with_what_comes_soon_after_it)
{
	static const int64_t start = INT64_C(5000000000);

	for (int64_t late = 0; late <= 1; late++) {
		int64_t held;

		begin();
		now = start - 1000;
		judge_one(&damped, UP);
		for (int i = 0; i < 3; i++)
			fall_at(&damped, start + 2000 * i);
		held = start + 4000 + 10000;
		ck_assert_int_eq(
		    panel_next(&panel, &damped, &whole, now), held);
		now = held;
		ck_assert(judge_one(&damped, UP));
		fall_at(&damped, held + 100000 + late);
		ck_assert_int_eq(whole.health, late == 0 ? DOWN : UP);
		if (late == 0)
			ck_assert_int_eq(
			    panel_next(&panel, &damped, &whole, now),
			    held + 100000 + 20000);
	}
}
END_TEST

/* Where a hold is over and the wait for passes is not, that one is told. */
START_TEST(what_it_waits_for_is_told)
{
	struct panel_rules rules = damped;

	rules.fail_back_ms = 60000;
	begin();
	judge_one(&rules, UP);
	for (int i = 0; i < 3; i++) {
		judge_one(&rules, DOWN);
		verdict_init(&whole, now);
		whole.health = UP;
	}
	judge_one(&rules, DOWN);
	judge_one(&rules, UP);
	now = panel.held_ms - 1;
	judge_one(&rules, UP);
	ck_assert_str_eq(
	    whole.reason, "passes, held down since it was down too often");
	now = panel.held_ms;
	judge_one(&rules, UP);
	ck_assert_int_eq(whole.health, DOWN);
	ck_assert_str_eq(whole.reason, "passes, up when it has for 60 s");
}
END_TEST

START_TEST(a_hold_is_told)
{
	begin();
	judge_one(&damped, UP);
	flap();
	flap();
	judge_one(&damped, DOWN);
	now += 1000;
	judge_one(&damped, UP);
	ck_assert_int_eq(whole.health, DOWN);
	ck_assert_str_eq(
	    whole.reason, "passes, held down since it was down too often");
}
END_TEST

/* Another run, on another clock: what of a hold was left is still left, and the
 * next is twice as long. */
START_TEST(a_hold_outlives_a_restart)
{
	int64_t held, hold;

	begin();
	judge_one(&damped, UP);
	flap();
	flap();
	judge_one(&damped, DOWN);
	held = panel_held(&panel, 1000000, now);
	ck_assert_int_eq(held, 1010000);
	hold = (int64_t)panel.hold_ms;
	panel_init(&panel);
	ck_assert_int_eq(panel_held(&panel, 1000000, now), -1);
	now = 50;
	panel_restore(&panel, &damped.damping, held, hold, 1004000, now);
	ck_assert(!judge_one(&damped, UP));
	ck_assert_int_eq(panel_next(&panel, &damped, &whole, now), 6050);
	now = 6050;
	ck_assert(judge_one(&damped, UP));
	now += 1000;
	ck_assert_int_eq(flap(), 19000);
}
END_TEST

static const struct {
	const char *what;
	unsigned changes;
	int64_t held_ms, hold_ms,
	    left_ms; /* after a start at 1000000; 0: none */
} left[] = {
    {"what is left", 3, 1004000, 10000, 4000},
    {"a clock that was set back", 3, 9000000, 10000, 10000},
    {"longer than is said now", 3, 9000000, 90000, 30000},
    {"over while nobody ran", 3, 900000, 10000, 0},
    {"never", 3, -1, -1, 0},
    {"damping was taken out", 0, 1004000, 10000, 0},
};

START_TEST(no_more_of_a_hold_is_restored_than_is_left)
{
	struct panel_rules rules = damped;

	begin();
	judge_one(&rules, DOWN);
	rules.damping.changes = left[_i].changes;
	panel_restore(&panel, &rules.damping, left[_i].held_ms,
	    left[_i].hold_ms, 1000000, now);
	ck_assert_msg(judge_one(&rules, UP) == (left[_i].left_ms == 0), "%s",
	    left[_i].what);
	if (left[_i].left_ms != 0)
		ck_assert_msg(panel_next(&panel, &rules, &whole, now) ==
			now + left[_i].left_ms,
		    "%s", left[_i].what);
}
END_TEST

/* Somebody works on it: how often it is down says nothing of it. */
START_TEST(in_maintenance_nothing_is_counted)
{
	struct panel_rules rules = damped;

	begin();
	judge_one(&damped, UP);
	rules.maintenance = true;
	for (int i = 0; i < 5; i++) {
		now += 1000;
		ck_assert(judge_one(&rules, DOWN));
		now += 1000;
		ck_assert(judge_one(&rules, UP));
	}
	/* Behind it the third time is the first that is held. */
	ck_assert_int_eq(flap(), 0);
	ck_assert_int_eq(flap(), 0);
	ck_assert_int_eq(flap(), 9000);
}
END_TEST

START_TEST(without_damping_nothing_is_held)
{
	begin();
	judge_one(&one, UP);
	for (int i = 0; i < 100; i++) {
		now += 10;
		ck_assert(judge_one(&one, DOWN));
		ck_assert(judge_one(&one, UP));
	}
}
END_TEST

/* What is down from the first verdict on has not gone down. */
START_TEST(a_start_is_no_flap)
{
	begin();
	for (int i = 0; i < 3; i++) {
		verdict_init(&whole, now);
		judge_one(&damped, DOWN);
	}
	ck_assert(judge_one(&damped, UP));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("probes_checks_panel");
	TCase *tcase = tcase_create("panel");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_loop_test(tcase, checks_put_together, 0,
	    (int)(sizeof(combined) / sizeof(combined[0])));
	tcase_add_loop_test(tcase,
	    the_streak_is_that_of_the_check_with_which_it_turns, 0,
	    (int)(sizeof(streaks) / sizeof(streaks[0])));
	tcase_add_test(tcase, a_reason_of_many_checks_is_cut);
	tcase_add_test(tcase, what_was_degraded_stays_so_over_a_restart);
	tcase_add_test(tcase, what_was_down_is_told_until_more_is_known);
	tcase_add_test(tcase, degraded_is_a_change_of_its_own);
	tcase_add_test(tcase, what_is_not_known_any_more_stays);
	tcase_add_test(tcase, the_wall_clock_may_go_back);
	tcase_add_test(tcase, generations_that_begin_to_fail_are_told);
	tcase_add_test(tcase, reasons_are_told_whole);
	tcase_add_loop_test(tcase, the_check_with_which_it_turns_is_told, 0,
	    (int)(sizeof(tellers) / sizeof(tellers[0])));
	tcase_add_loop_test(tcase, what_is_held_down_has_a_streak_too, 0, 2);
	tcase_add_test(tcase, the_streak_is_that_of_requests);
	tcase_add_test(tcase, the_first_verdict_is_no_turn);
	tcase_add_test(tcase, it_is_up_when_it_passed_for_as_long_as_is_said);
	tcase_add_test(tcase, a_failure_begins_the_wait_anew);
	tcase_add_test(tcase, what_flaps_is_held_longer_each_time);
	tcase_add_test(tcase, the_longest_hold_is_reached_and_kept);
	tcase_add_test(tcase, what_counts_as_flapping_is_what_the_file_says);
	tcase_add_test(tcase, a_hold_grows_with_what_comes_soon_after_it);
	tcase_add_test(tcase, what_it_waits_for_is_told);
	tcase_add_test(tcase, a_hold_is_told);
	tcase_add_test(tcase, a_hold_outlives_a_restart);
	tcase_add_loop_test(tcase, no_more_of_a_hold_is_restored_than_is_left,
	    0, (int)(sizeof(left) / sizeof(left[0])));
	tcase_add_test(tcase, in_maintenance_nothing_is_counted);
	tcase_add_test(tcase, without_damping_nothing_is_held);
	tcase_add_test(tcase, a_start_is_no_flap);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
