/*
 * A pool while its node is cut off: what its regions keep stays, whatever is
 * measured, goes back to all after the time of the file, and is controlled
 * again from there with the link.  And one with a vantage that is blind: what
 * it finds and measures moves nobody.
 */
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "probes/control/steered.h"
#include "tests/unit/sights_fixture.h"

#define FADE_S 60

static const struct control_endpoint endpoints[] = {
    {.name = "a", .region = 0, .weight = 1, .capacity = 100, .stale_ms = 10000},
    {.name = "b", .region = 1, .weight = 1, .capacity = 100, .stale_ms = 10000},
};
#define ALL (sizeof(endpoints) / sizeof(endpoints[0]))

static struct region_config regions[] = {{.name = "east"}, {.name = "west"}};

static const struct control_pool pool = {.zone = SIGHTS_ZONE,
    .name = SIGHTS_POOL,
    .spills = true,
    .file = {.regions = regions, .n_regions = 2},
    .regions = 3,
    .settings = {.target = 0.5,
	.keep_min = 0.01,
	.ttl_s = 2,
	.step_s = 1,
	.fade_s = FADE_S},
    .endpoints = endpoints,
    .n = ALL};
static const struct control_plan plan = {&pool, 1};

static struct judged_fixture judged;
static struct sights *sights;
static struct steered *s;
static struct overrides hand;
static int64_t now_ms;
static double kept[2]; /* as the state database has it */
static char reason[2][STATE_REASON];
static bool east_is_down;
static double east_is_full;
/* What vantage "far" finds and measures of both; HEALTH_UNKNOWN: it is not. */
static enum state_health far_finds;
static double far_measures;

static void
setup(void)
{
	now_ms = 1000000;
	judged_init(&judged);
	for (size_t i = 0; i < ALL; i++)
		(void)judged_add(&judged, SIGHTS_ZONE, SIGHTS_POOL,
		    endpoints[i].name, regions[endpoints[i].region].name);
	sights = sights_create(&plan, &judged.judged, now_ms);
	s = steered_create(&pool, 0);
	ck_assert_ptr_nonnull(sights);
	ck_assert_ptr_nonnull(s);
	overrides_init(&hand);
	kept[0] = kept[1] = 1;
	east_is_down = false;
	east_is_full = 2;
	far_finds = HEALTH_UNKNOWN;
}

static void
teardown(void)
{
	overrides_finish(&hand);
	steered_destroy(s);
	sights_destroy(sights);
}

/* East is twice as full as it can be, west idle. */
static void
look(void)
{
	sights_hear(sights, "here", "", now_ms);
	for (size_t i = 0; i < ALL; i++)
		sights_tell(sights, "here", endpoints[i].name,
		    i == 0 && east_is_down ? HEALTH_DOWN : HEALTH_UP,
		    i == 0 ? east_is_full : 0, now_ms);
	sights_commit(sights, now_ms);
}

/* "far" looks from a region of its own, later. */
static void
look_from_far(void)
{
	sights_hear(sights, "far", "far", now_ms);
	for (size_t i = 0; i < ALL; i++)
		sights_tell(sights, "far", endpoints[i].name, far_finds,
		    i == 0 ? far_measures : 0, now_ms + 1);
	sights_commit(sights, now_ms);
}

static void
step(unsigned seconds, bool cut)
{
	struct state_keep row;

	for (unsigned i = 0; i < seconds; i++) {
		now_ms += 1000;
		look();
		if (far_finds != HEALTH_UNKNOWN)
			look_from_far();
		sights_sit(sights, now_ms);
		steered_cut(s, cut);
		steered_hand(s, &hand, now_ms);
		steered_step(s, sights, &hand, now_ms);
		for (uint8_t r = 0; r < 2; r++) {
			if (!steered_row(s, r, &row))
				continue;
			ck_assert_double_le(
			    fabs(row.keep - kept[r]), 0.01 + 1e-9);
			kept[r] = row.keep;
			memcpy(reason[r], row.reason, sizeof(reason[r]));
		}
	}
}

START_TEST(cut_off_it_stays_and_then_goes_back_to_all)
{
	double before;

	step(40, false);
	before = kept[0];
	ck_assert_double_lt(before, 0.9);
	ck_assert_ptr_nonnull(strstr(reason[0], "sheds"));
	step(FADE_S - 1, true);
	ck_assert_double_eq(kept[0], before);
	ck_assert_str_eq(reason[0], "cut off from other nodes: stays");
	step(5, true);
	ck_assert_double_gt(kept[0], before);
	ck_assert_str_eq(
	    reason[0], "cut off from other nodes: goes back to all");
	step(60, true);
	ck_assert_double_eq(kept[0], 1);
	/* With the link it goes on from there. */
	step(60, false);
	ck_assert_double_lt(kept[0], 1);
	ck_assert_ptr_nonnull(strstr(reason[0], "sheds"));
}
END_TEST

/* Who did not control before does the same, at the same time. */
START_TEST(each_node_does_the_same)
{
	struct state_keep row = {
	    .zone = "test.example", .pool = "pool", .region = "east"};

	row.keep = kept[0] = 0.7;
	steered_keep(s, &row);
	step(FADE_S - 1, true);
	ck_assert_double_eq(kept[0], 0.7);
	step(12, true);
	ck_assert_double_gt(kept[0], 0.75);
	ck_assert_double_lt(kept[0], 0.85);
}
END_TEST

/* What this node alone finds is no reason to change anything. */
START_TEST(a_region_that_it_cannot_reach_stays_too)
{
	step(40, false);
	east_is_down = true;
	step(30, true);
	ck_assert_str_eq(reason[0], "cut off from other nodes: stays");
	step(FADE_S + 60, true);
	ck_assert_double_eq(kept[0], 1);
}
END_TEST

/* It measures that a region is full which is not; and finds everything down,
 * which its checks ask of all vantages to find up. */
START_TEST(what_a_blind_vantage_finds_moves_nobody)
{
	for (size_t i = 0; i < ALL; i++)
		judged.checks[i].quorum = QUORUM_ALL;
	east_is_full = 0.1;
	far_measures = 2;
	far_finds = HEALTH_DOWN;
	step(60, false);
	ck_assert_double_eq(kept[0], 1);
	ck_assert_double_eq(kept[1], 1);
	/* With the region it sheds to away nobody would be moved either. */
	ck_assert(sights_up(sights, 0, 0));
	ck_assert(sights_up(sights, 0, 1));
	/* It sees, so that what it measures counts. */
	far_finds = HEALTH_UP;
	step(60, false);
	ck_assert_double_lt(kept[0], 0.9);
	ck_assert_ptr_nonnull(strstr(reason[0], "sheds"));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("probes/control: steered");
	TCase *tcase = tcase_create("steered");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, cut_off_it_stays_and_then_goes_back_to_all);
	tcase_add_test(tcase, each_node_does_the_same);
	tcase_add_test(tcase, a_region_that_it_cannot_reach_stays_too);
	tcase_add_test(tcase, what_a_blind_vantage_finds_moves_nobody);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
