/*
 * Tests of how long endpoints have been up, as the health model reads it from
 * the rows of vantages: for slow starts, also after a restart.
 */
#include "steering/health.h"

#include "tests/unit/health_fixture.h"

static struct plan plan;

/* One endpoint, whose pool has a slow start, or not. */
static struct model
one_endpoint(enum quorum_kind quorum, bool slow)
{
	struct policy_check *check;

	plan_init(&plan);
	check = plan_pool(&plan, "v1", "a");
	check->quorum = quorum;
	plan.endpoints[0].slow = slow;
	return model_create(&plan.policy);
}

/* ${vantage} finds it up, or down, by a check ${late_ms} before now, and has
 * for ${ago_ms}, in a change that is open. */
static void
give_checked(struct model *m, const char *vantage, enum state_health health,
    int64_t ago_ms, int64_t late_ms)
{
	struct state_endpoint row = row_of(m, vantage, "v1", "a", health);

	row.checked_ms = m->wall - late_ms;
	row.since_ms = m->wall - ago_ms;
	give_vantage(m, vantage, m->wall, false);
	health_endpoint(m->health, &row);
}

static void
give_since(
    struct model *m, const char *vantage, enum state_health health, int64_t ago)
{
	give_checked(m, vantage, health, ago, 0);
}

static uint32_t
up_ms(const struct model *m)
{
	struct live *live = live_of(m);
	uint32_t up = live->up_ms[0];

	live_destroy(live);
	return up;
}

static const struct {
	const char *what;
	enum quorum_kind quorum;
	int64_t ago[3]; /* of three vantages; -1: finds it down */
	uint32_t up_ms;
} rows[] = {
    {"all alike", QUORUM_MAJORITY, {9000, 9000, 9000}, 9000},
    {"the second makes half of them", QUORUM_MAJORITY, {9000, 4000, 1000},
	4000},
    {"one of them is against it", QUORUM_MAJORITY, {9000, -1, 1000}, 1000},
    {"any is enough", QUORUM_ANY, {2000, -1, 70000}, 70000},
    {"the last of all", QUORUM_ALL, {9000, 4000, 1000}, 1000},
    {"a clock that was set back", QUORUM_MAJORITY, {-5000, -5000, -5000}, 0},
    {"it is not up", QUORUM_ALL, {9000, 4000, -1}, LIVE_LONG_UP},
};

START_TEST(it_is_up_since_enough_say_so)
{
	static const char *const names[] = {"x", "y", "z"};
	struct model m = one_endpoint(rows[_i].quorum, true);

	health_begin(m.health, false);
	for (unsigned i = 0; i < 3; i++)
		give_since(&m, names[i],
		    rows[_i].ago[i] == -1 ? HEALTH_DOWN : HEALTH_UP,
		    rows[_i].ago[i]);
	health_commit(m.health, m.mono);
	ck_assert_msg(
	    up_ms(&m) == rows[_i].up_ms, "%s: %u", rows[_i].what, up_ms(&m));
	health_destroy(m.health);
}
END_TEST

/* Time goes by between two checks, too; and a restart of meridiand, which reads
 * the rows anew, changes nothing. */
START_TEST(a_restart_goes_on_where_it_was)
{
	struct model m = one_endpoint(QUORUM_MAJORITY, true);
	struct model again = one_endpoint(QUORUM_MAJORITY, true);

	health_begin(m.health, false);
	give_since(&m, "x", HEALTH_UP, 20000);
	health_commit(m.health, m.mono);
	pass(&m, 700);
	ck_assert_uint_eq(up_ms(&m), 20700);

	again.mono = 99000000;
	health_begin(again.health, true);
	give_since(&again, "x", HEALTH_UP, 20000);
	health_commit(again.health, again.mono);
	pass(&again, 700);
	ck_assert_uint_eq(up_ms(&again), 20700);
	health_destroy(m.health);
	health_destroy(again.health);
}
END_TEST

/* A row that came late, as the machine was busy, makes nothing younger. */
START_TEST(a_late_row_takes_nothing_back)
{
	struct model m = one_endpoint(QUORUM_MAJORITY, true);

	health_begin(m.health, false);
	give_since(&m, "x", HEALTH_UP, 5000);
	health_commit(m.health, m.mono);
	pass(&m, 2000);
	ck_assert_uint_eq(up_ms(&m), 7000);
	/* Of a check a second later, which took another to come. */
	health_begin(m.health, false);
	give_checked(&m, "x", HEALTH_UP, 7000, 1000);
	health_commit(m.health, m.mono);
	ck_assert_uint_eq(up_ms(&m), 7000);
	pass(&m, 500);
	ck_assert_uint_eq(up_ms(&m), 7500);
	health_destroy(m.health);
}
END_TEST

/* It was down in between, whether or not that was seen here. */
START_TEST(a_return_begins_anew)
{
	for (int seen = 0; seen < 2; seen++) {
		struct model m = one_endpoint(QUORUM_MAJORITY, true);

		health_begin(m.health, false);
		give_since(&m, "x", HEALTH_UP, 60000);
		health_commit(m.health, m.mono);
		pass(&m, 5000);
		ck_assert_uint_eq(up_ms(&m), 65000);
		if (seen) {
			health_begin(m.health, false);
			give_since(&m, "x", HEALTH_DOWN, 0);
			health_commit(m.health, m.mono);
		}
		pass(&m, 5000);
		health_begin(m.health, false);
		give_since(&m, "x", HEALTH_UP, 1000);
		health_commit(m.health, m.mono);
		ck_assert_uint_eq(up_ms(&m), 1000);
		health_destroy(m.health);
	}
}
END_TEST

/* While its vantage is silent it is as old as it was, and grows on. */
START_TEST(silence_does_not_make_it_whole)
{
	struct model m = one_endpoint(QUORUM_MAJORITY, true);

	health_begin(m.health, false);
	give_since(&m, "x", HEALTH_UP, 1000);
	health_commit(m.health, m.mono);
	pass(&m, 2 * STALE);
	ck_assert_uint_eq(up_ms(&m), 2 * STALE + 1000);
	health_destroy(m.health);
}
END_TEST

START_TEST(nobody_asks_where_there_is_no_slow_start)
{
	struct model m = one_endpoint(QUORUM_MAJORITY, false);

	health_begin(m.health, false);
	give_since(&m, "x", HEALTH_UP, 1000);
	health_commit(m.health, m.mono);
	ck_assert_uint_eq(up_ms(&m), LIVE_LONG_UP);
	health_destroy(m.health);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("steering: returns");
	TCase *tc = tcase_create("returns");

	tcase_add_loop_test(tc, it_is_up_since_enough_say_so, 0,
	    (int)(sizeof(rows) / sizeof(rows[0])));
	tcase_add_test(tc, a_restart_goes_on_where_it_was);
	tcase_add_test(tc, a_late_row_takes_nothing_back);
	tcase_add_test(tc, a_return_begins_anew);
	tcase_add_test(tc, silence_does_not_make_it_whole);
	tcase_add_test(tc, nobody_asks_where_there_is_no_slow_start);
	suite_add_tcase(suite, tc);
	return fixture_run(suite);
}
