/*
 * Who counts by the quorum of a check: the nearest vantages to the region of
 * the endpoint, or regions as one.
 */
#include "steering/electorate.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "tests/unit/health_fixture.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Vantages by a letter for their region, h for that of the endpoint, then a
 * letter further each: a is nearest, - is nowhere; and what they say. */
static const struct {
	const char *says;
	bool regions;
	unsigned near;
	const char *who; /* "h+ a-" */
	unsigned up, down;
} rows[] = {
    {"all count", false, 0, "h+ a- b-", 1, 2},
    {"the nearest", false, 1, "b- a- h+", 1, 0},
    {"the two nearest", false, 2, "c- c- a- h+", 1, 1},
    {"fewer are heard than count", false, 3, "a- b+", 1, 1},
    {"nowhere is the farthest", false, 2, "-+ z- y-", 0, 2},
    {"and counts where it is needed", false, 2, "-+ z-", 1, 1},
    {"regions vote once", true, 0, "h+ a- a- a- b+", 2, 1},
    {"with as many for as against it is up", true, 0, "a+ a-", 1, 0},
    {"and else by its majority", true, 0, "a+ a- a-", 0, 1},
    {"the two nearest regions", true, 2, "c- c- h+ h+ h- a- b+", 1, 1},
    {"those in no region are one", true, 0, "-- -- -+ a+", 1, 1},
};

START_TEST(those_that_count_are_chosen)
{
	for (size_t i = 0; i < COUNT(rows); i++) {
		static const char *const names[] = {
		    "v0", "v1", "v2", "v3", "v4", "v5", "v6"};
		struct elector electors[7];
		const char *at = rows[i].who;
		unsigned up, down;
		size_t n = 0;

		for (; *at != '\0'; at += at[2] == ' ' ? 3 : 2) {
			bool nowhere = at[0] == '-';

			electors[n] = (struct elector){.name = names[n],
			    .place = nowhere ? PLACE_NONE : (uint64_t)at[0],
			    .own = at[0] == 'h',
			    .apart = nowhere   ? (double)INFINITY
				: at[0] == 'h' ? 0
					       : at[0] - 'a' + 1,
			    .up = at[1] == '+'};
			n++;
		}
		electorate_count(
		    electors, n, rows[i].regions, rows[i].near, &up, &down);
		ck_assert_msg(up == rows[i].up && down == rows[i].down,
		    "%s: %u up, %u down", rows[i].says, up, down);
	}
}
END_TEST

/* Of those that are as near, the first by name on every node. */
START_TEST(names_decide_between_those_that_are_as_near)
{
	struct elector electors[] = {
	    {.name = "c", .place = 1, .apart = 1, .up = true},
	    {.name = "a", .place = 1, .apart = 1},
	    {.name = "b", .place = 1, .apart = 1, .up = true}};
	unsigned up, down;

	electorate_count(electors, 3, false, 1, &up, &down);
	ck_assert_uint_eq(up, 0);
	ck_assert_uint_eq(down, 1);
	for (size_t i = 0; i < 3; i++)
		ck_assert_int_eq(
		    electors[i].counts, strcmp(electors[i].name, "a") == 0);
}
END_TEST

/* --- in the health model --- */

static const char *const regions[] = {"us", "eu", "ap", "sa"};

/* An endpoint in us, and more in the others so that nobody is blind. */
static struct model
four_regions(struct plan *plan, unsigned near)
{
	static const double at[][2] = {
	    {39, -77}, {53, -6}, {1, 103}, {-23, -46}};
	struct policy_check *check;

	plan_init(plan);
	check = plan_pool(plan, "v1", "abcdef");
	check->quorum_near = near;
	for (uint32_t i = 0; i < 6; i++) {
		uint32_t r = i < 4 ? i : 0;

		plan->regions[i].name = regions[r];
		plan->regions[i].at = place_point(at[r][0], at[r][1]);
		plan->endpoints[i].region = i;
	}
	return model_create(&plan->policy);
}

static void
tell(
    struct model *m, const char *vantage, const char *region, const char *words)
{
	struct state_vantage row = {.version = "v",
	    .heartbeat_ms = m->wall,
	    .lease_until_ms = m->wall + 5000,
	    .sequence = (uint64_t)m->wall};

	snprintf(row.name, sizeof(row.name), "%s", vantage);
	snprintf(row.region, sizeof(row.region), "%s", region);
	health_begin(m->health, false);
	health_vantage(m->health, &row, m->mono, m->wall);
	give(m, vantage, "v1", words);
	health_commit(m->health, m->mono);
}

static void
tell_all(struct model *m)
{
	tell(m, "x", "us", "a-b+c+d+e+f+");
	tell(m, "y", "eu", "a-b+c+d+e+f+");
	tell(m, "z", "ap", "a+b+c+d+e+f+");
	tell(m, "w", "sa", "a+b+c+d+e+f+");
}

/* Of us those in us and eu decide, by the distance; when eu is silent, us and
 * sa do. */
START_TEST(the_two_nearest_decide_and_others_when_they_are_silent)
{
	struct plan plan;
	struct model m = four_regions(&plan, 0);

	tell_all(&m);
	ck_assert_str_eq(said(&m), "++++++");
	health_destroy(m.health);
	m = four_regions(&plan, 2);
	tell_all(&m);
	ck_assert_str_eq(said(&m), "-+++++");
	for (int64_t ms = 0; ms <= STALE; ms += 1000) {
		pass(&m, 1000);
		tell(&m, "x", "us", "a-");
		tell(&m, "z", "ap", "a+");
		tell(&m, "w", "sa", "a+");
	}
	/* One for, one against: up. */
	ck_assert_str_eq(said(&m), "++++++");
	health_destroy(m.health);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("steering: electorate");
	TCase *tcase = tcase_create("electorate");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(tcase, those_that_count_are_chosen);
	tcase_add_test(tcase, names_decide_between_those_that_are_as_near);
	tcase_add_test(
	    tcase, the_two_nearest_decide_and_others_when_they_are_silent);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
