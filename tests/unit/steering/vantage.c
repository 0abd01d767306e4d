/*
 * Vantages: what makes one fresh, known or stale, whose lease has ended, what
 * is told of each, and which are kept where there are too many.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/health_fixture.h"

static struct plan plan;

static struct model
two_endpoints(void)
{
	plan_init(&plan);
	(void)plan_pool(&plan, "v1", "ab");
	return model_create(&plan.policy);
}

/* What was read when the database was opened is no proof of life. */
START_TEST(what_is_read_at_the_start_is_known_not_fresh)
{
	static const struct {
		enum stale_then then;
		const char *after;
	} rows[] = {{STALE_KEEP, "+-"}, {STALE_UP, "++"}, {STALE_DOWN, "--"}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct model m = two_endpoints();

		health_configure(m.health, STALE, rows[i].then);
		/* Dead for two days, or by its clock not born yet. */
		report_all(&m, "x", i == 0 ? WALL + 3600000 : WALL - 172800000,
		    "v1", "a+ b-");
		ck_assert_int_eq(vantage_of(&m, "x").state, VANTAGE_KNOWN);
		ck_assert_int_eq(vantage_of(&m, "x").arrived_ms, -1);
		ck_assert_int_eq(vantage_of(&m, "x").ahead_ms, 0);
		ck_assert_int_eq(health_age_ms(m.health, m.mono), -1);
		pass(&m, STALE);
		ck_assert_str_eq(said(&m), "+-");
		ck_assert(!is_stale(&m));
		ck_assert_int_eq(vantage_of(&m, "x").state, VANTAGE_KNOWN);
		pass(&m, 1);
		ck_assert_str_eq(said(&m), rows[i].after);
		ck_assert(is_stale(&m));
		ck_assert_int_eq(vantage_of(&m, "x").state, VANTAGE_STALE);
		health_destroy(m.health);
	}
}
END_TEST

/* How a heartbeat is taken, by what was seen before: 10 s ago, one of WALL that
 * moved then. */
START_TEST(only_a_heartbeat_that_is_seen_to_move_is_life)
{
	static const struct {
		const char *what;
		int64_t ago_ms;
		bool full;
		int64_t heartbeat_ms;
		enum vantage_state state;
		int64_t age_ms;
	} rows[] = {
	    {"moved on", 10000, false, WALL + 1, VANTAGE_FRESH, 0},
	    {"went back: a corrected clock", 10000, false, WALL - 90000,
		VANTAGE_FRESH, 0},
	    {"the same", 10000, false, WALL, VANTAGE_FRESH, 10000},
	    {"the same in a full change", 10000, true, WALL, VANTAGE_FRESH,
		10000},
	    {"moved on while we were away: no older, and no younger", 10000,
		true, WALL + 9000, VANTAGE_FRESH, 10000},
	    {"an older copy", 10000, true, WALL - 1, VANTAGE_KNOWN, 10000},
	    {"stale, and the same", STALE + 1, true, WALL, VANTAGE_STALE,
		STALE + 1},
	    {"stale, and moved on while we were away", STALE + 1, true,
		WALL + 1, VANTAGE_KNOWN, STALE + 1},
	    {"stale, and an older copy", STALE + 1, true, WALL - 1,
		VANTAGE_KNOWN, STALE + 1},
	    {"stale, and it lives", STALE + 1, false, WALL + 1, VANTAGE_FRESH,
		0},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct model m = two_endpoints();

		report(&m, "x", "v1", "a+");
		pass(&m, rows[i].ago_ms);
		health_begin(m.health, rows[i].full);
		give_vantage(&m, "x", rows[i].heartbeat_ms, false);
		health_commit(m.health, m.mono);
		ck_assert_msg(vantage_of(&m, "x").state == rows[i].state,
		    "%s: %d", rows[i].what, vantage_of(&m, "x").state);
		ck_assert_msg(health_age_ms(m.health, m.mono) == rows[i].age_ms,
		    "%s: %ld", rows[i].what,
		    (long)health_age_ms(m.health, m.mono));
		health_destroy(m.health);
	}
}
END_TEST

/* One that is known, not fresh, and read again and again does not live on by
 * that; with news in it that nobody saw come it is read anew. */
START_TEST(reading_again_is_no_life)
{
	struct model m = two_endpoints();

	report_all(&m, "x", WALL - 5000, "v1", "a+ b+");
	pass(&m, 20000);
	report_all(&m, "x", WALL - 5000, "v1", "a+ b+");
	pass(&m, 5000);
	report_all(&m, "x", WALL - 4000, "v1", "a+ b+");
	pass(&m, 5001);
	ck_assert_int_eq(vantage_of(&m, "x").state, VANTAGE_STALE);
	report_all(&m, "x", WALL - 4000, "v1", "a+ b+");
	ck_assert_int_eq(vantage_of(&m, "x").state, VANTAGE_STALE);
	health_destroy(m.health);
}
END_TEST

/* A restart of the server asks all that are alive, not the first that is heard,
 * and the dead no longer than it takes to see that they are. */
START_TEST(after_a_restart_the_living_vote_with_each_other)
{
	struct model m = two_endpoints();

	health_begin(m.health, true);
	give_vantage(&m, "x", WALL, false);
	give_vantage(&m, "y", WALL, false);
	give_vantage(&m, "z", WALL, false);
	give(&m, "x", "v1", "a- b+");
	give(&m, "y", "v1", "a- b+");
	give(&m, "z", "v1", "a+ b+");
	health_commit(m.health, m.mono);
	ck_assert_str_eq(said(&m), "-+");
	pass(&m, 100);
	beat(&m, "z");
	ck_assert_str_eq(said(&m), "-+");
	pass(&m, 4900);
	ck_assert_str_eq(said(&m), "-+");
	pass(&m, 1);
	ck_assert_str_eq(said(&m), "++");
	/* One of them was only late. */
	beat(&m, "x");
	beat(&m, "y");
	ck_assert_str_eq(said(&m), "-+");
	health_destroy(m.health);
}
END_TEST

/* A vantage that was renamed, or ended in good order, votes no more where one
 * that lives has an opinion. */
START_TEST(an_ended_lease_is_an_ended_opinion)
{
	struct model m = two_endpoints();

	health_configure(m.health, STALE, STALE_UP);
	report(&m, "old", "v1", "a+ b-");
	pass(&m, 1000);
	health_begin(m.health, false);
	give_vantage(&m, "old", WALL, true);
	health_commit(m.health, m.mono);
	ck_assert(vantage_of(&m, "old").ended);
	ck_assert_int_eq(vantage_of(&m, "old").state, VANTAGE_FRESH);
	/* Nobody else has one: it is the last word, and no cold start. */
	ck_assert_str_eq(said(&m), "+-");
	pass(&m, 1000);
	report(&m, "new", "v1", "a? b?");
	ck_assert(!vantage_of(&m, "new").ended);
	ck_assert_str_eq(said(&m), "+-");
	report(&m, "new", "v1", "a-");
	ck_assert_str_eq(said(&m), "--");
	/* It comes back. */
	report(&m, "old", "v1", "a+");
	ck_assert(!vantage_of(&m, "old").ended);
	ck_assert_str_eq(said(&m), "+-");
	health_destroy(m.health);
}
END_TEST

START_TEST(an_ended_lease_is_the_last_word_for_stale_after)
{
	struct model m = two_endpoints();

	health_configure(m.health, STALE, STALE_UP);
	health_begin(m.health, false);
	give_vantage(&m, "old", WALL, true);
	give(&m, "old", "v1", "a+ b-");
	health_commit(m.health, m.mono);
	pass(&m, STALE);
	ck_assert_str_eq(said(&m), "+-");
	pass(&m, 1);
	ck_assert_str_eq(said(&m), "++");
	health_destroy(m.health);
}
END_TEST

START_TEST(clocks_that_differ_are_told)
{
	struct model m = two_endpoints();
	struct health_vantage v;

	health_begin(m.health, false);
	give_vantage(&m, "x", m.wall + 7200000, false);
	give_vantage(&m, "y", m.wall - 1000, false);
	health_commit(m.health, m.mono);
	v = vantage_of(&m, "x");
	ck_assert_int_eq(v.ahead_ms, 7200000);
	ck_assert_int_eq(v.heartbeat_ms, WALL + 7200000);
	ck_assert_int_eq(v.arrived_ms, m.mono);
	ck_assert_str_eq(v.version, "v");
	ck_assert_int_eq(vantage_of(&m, "y").ahead_ms, -1000);
	health_destroy(m.health);
}
END_TEST

/* One that left the database is told while it was heard of lately; what it said
 * stays known. */
START_TEST(one_that_is_not_in_the_database_is_told_until_it_is_stale)
{
	struct model m = two_endpoints();
	struct health_vantage few[1];

	report(&m, "x", "v1", "a- b-");
	report(&m, "y", "v1", "");
	ck_assert_uint_eq(health_vantages(m.health, m.mono, few, 1), 2);
	ck_assert_str_eq(few[0].name, "x");
	report_all(&m, "y", m.wall + 1, "v1", "");
	ck_assert_str_eq(vantage_of(&m, "x").name, "x");
	pass(&m, STALE + 1);
	beat(&m, "y");
	ck_assert_str_eq(vantage_of(&m, "x").name, "");
	ck_assert_uint_eq(health_vantages(m.health, m.mono, few, 1), 1);
	ck_assert_str_eq(few[0].name, "y");
	ck_assert_str_eq(said(&m), "--");
	/* It is stale, and in the database. */
	report_all(&m, "x", WALL, "v1", "a- b-");
	ck_assert_str_eq(vantage_of(&m, "x").name, "x");
	health_destroy(m.health);
}
END_TEST

/* Read ${n} vantages, "d0" to the last, that wrote one after the other, and
 * said that a is down. */
static void
read_many(struct model *m, unsigned n)
{
	health_begin(m->health, true);
	for (int part = 0; part < 2; part++)
		for (unsigned i = 0; i < n; i++) {
			char name[16];

			snprintf(name, sizeof(name), "d%u", i);
			if (part == 0)
				give_vantage(m, name, WALL - n + i, false);
			else
				give(m, name, "v1", "a-");
		}
	health_commit(m->health, m->mono);
}

START_TEST(dead_vantages_make_room_for_one_that_lives)
{
	struct model m = two_endpoints();

	read_many(&m, VANTAGE_MAX);
	ck_assert_str_eq(vantage_of(&m, "d0").name, "d0");
	pass(&m, 5001);
	report(&m, "x", "v1", "a+");
	ck_assert_str_eq(vantage_of(&m, "x").name, "x");
	ck_assert_str_eq(vantage_of(&m, "d0").name, "");
	ck_assert_str_eq(vantage_of(&m, "d1").name, "d1");
	ck_assert_int_eq(said(&m)[0], '+');
	pass(&m, 1000);
	beat(&m, "y");
	ck_assert_str_eq(vantage_of(&m, "x").name, "x");
	ck_assert_str_eq(vantage_of(&m, "d1").name, "");
	ck_assert_uint_eq(
	    health_vantages(m.health, m.mono, NULL, 0), VANTAGE_MAX);
	health_destroy(m.health);
}
END_TEST

/* Those that wrote last, where none is heard. */
START_TEST(the_freshest_vantages_win)
{
	struct model m = two_endpoints();
	FILE *captured = tmpfile();
	char line[256];

	ck_assert_ptr_nonnull(captured);
	ck_assert_int_ge(dup2(fileno(captured), STDERR_FILENO), 0);
	read_many(&m, VANTAGE_MAX + 100);
	ck_assert_str_eq(vantage_of(&m, "d99").name, "");
	ck_assert_str_eq(vantage_of(&m, "d100").name, "d100");
	ck_assert_str_eq(vantage_of(&m, "d1123").name, "d1123");
	/* Again: those that are there are worth more. */
	health_begin(m.health, true);
	give_vantage(&m, "older", WALL - 5000, false);
	give_vantage(&m, "newer", WALL + 1, false);
	health_commit(m.health, m.mono);
	ck_assert_str_eq(vantage_of(&m, "older").name, "");
	ck_assert_str_eq(vantage_of(&m, "newer").name, "newer");
	ck_assert_str_eq(vantage_of(&m, "d100").name, "");
	/* One that wrote as long ago as the least: no reason to change. */
	health_begin(m.health, true);
	give_vantage(&m, "same", WALL - VANTAGE_MAX - 100 + 101, false);
	health_commit(m.health, m.mono);
	ck_assert_str_eq(vantage_of(&m, "same").name, "");
	ck_assert_str_eq(vantage_of(&m, "d101").name, "d101");
	health_begin(m.health, true);
	give_vantage(&m, "old", WALL - 6000, false);
	health_commit(m.health, m.mono);
	ck_assert_str_eq(vantage_of(&m, "old").name, "");
	health_destroy(m.health);
	/* That is said once. */
	rewind(captured);
	ck_assert_ptr_nonnull(fgets(line, sizeof(line), captured));
	ck_assert_ptr_nonnull(strstr(line, "more than 1024 vantages"));
	ck_assert_ptr_null(fgets(line, sizeof(line), captured));
	fclose(captured);
}
END_TEST

/* Whatever the others wrote: one that writes now lives. */
START_TEST(a_living_one_is_heard_whatever_its_sequence)
{
	struct model m = two_endpoints();

	read_many(&m, VANTAGE_MAX);
	health_begin(m.health, false);
	give_vantage(&m, "x", WALL - 100000, false);
	health_commit(m.health, m.mono);
	ck_assert_str_eq(vantage_of(&m, "x").name, "x");
	ck_assert_str_eq(vantage_of(&m, "d0").name, "");
	health_destroy(m.health);
}
END_TEST

/* One that was only in a change that broke off is nobody. */
START_TEST(what_broke_off_leaves_no_ghost)
{
	struct model m = two_endpoints();

	health_configure(m.health, STALE, STALE_DOWN);
	report(&m, "x", "v1", "a+");
	pass(&m, 1);
	health_begin(m.health, false);
	give_vantage(&m, "ghost", m.wall, false);
	give(&m, "ghost", "v1", "a- b-");
	health_begin(m.health, false);
	give(&m, "ghost", "v1", "a- b-");
	health_commit(m.health, m.mono);
	ck_assert_str_eq(said(&m), "+!");
	ck_assert_str_eq(vantage_of(&m, "ghost").name, "");
	pass(&m, STALE);
	ck_assert(is_stale(&m));
	ck_assert_str_eq(said(&m), "-?");
	/* Nobody was heard when x is again. */
	ck_assert_int_eq(health_age_ms(m.health, m.mono), STALE + 1);
	beat(&m, "x");
	ck_assert_str_eq(said(&m), "+!");
	health_destroy(m.health);
}
END_TEST

START_TEST(one_that_lives_makes_room_for_nobody)
{
	struct model m = two_endpoints();

	/* It wrote before all others, by its own sequence. */
	health_begin(m.health, false);
	give_vantage(&m, "x", WALL - 100000, false);
	give(&m, "x", "v1", "a+");
	health_commit(m.health, m.mono);
	read_many(&m, VANTAGE_MAX);
	ck_assert_str_eq(vantage_of(&m, "x").name, "x");
	ck_assert_str_eq(vantage_of(&m, "d0").name, "");
	/* All live: who comes last finds no room, and harms nobody. */
	health_begin(m.health, false);
	for (unsigned i = 1; i < VANTAGE_MAX; i++) {
		char name[16];

		snprintf(name, sizeof(name), "d%u", i);
		give_vantage(&m, name, WALL + 1, false);
	}
	health_commit(m.health, m.mono);
	report(&m, "more", "v1", "a- b-");
	ck_assert_str_eq(vantage_of(&m, "more").name, "");
	ck_assert_uint_eq(
	    health_vantages(m.health, m.mono, NULL, 0), VANTAGE_MAX);
	health_destroy(m.health);
}
END_TEST

/* The votes of one that had to go are not those of the one in its place. */
START_TEST(a_place_is_inherited_without_votes)
{
	struct model m = two_endpoints();

	read_many(&m, VANTAGE_MAX);
	health_configure(m.health, STALE, STALE_KEEP);
	ck_assert_int_eq(said(&m)[0], '-');
	health_begin(m.health, false);
	for (unsigned i = 0; i < VANTAGE_MAX; i++) {
		char name[16];

		snprintf(name, sizeof(name), "l%u", i);
		give_vantage(&m, name, WALL + 1, false);
	}
	health_commit(m.health, m.mono);
	ck_assert_str_eq(vantage_of(&m, "d5").name, "");
	ck_assert_int_eq(said(&m)[0], '!');
	/* And a full change takes them out of memory. */
	report_all(&m, "l5", WALL + 2, "v1", "a+");
	ck_assert_int_eq(said(&m)[0], '+');
	health_destroy(m.health);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("steering: vantage");
	TCase *tc = tcase_create("vantage");

	tcase_add_test(tc, what_is_read_at_the_start_is_known_not_fresh);
	tcase_add_test(tc, only_a_heartbeat_that_is_seen_to_move_is_life);
	tcase_add_test(tc, reading_again_is_no_life);
	tcase_add_test(tc, after_a_restart_the_living_vote_with_each_other);
	tcase_add_test(tc, an_ended_lease_is_an_ended_opinion);
	tcase_add_test(tc, an_ended_lease_is_the_last_word_for_stale_after);
	tcase_add_test(tc, clocks_that_differ_are_told);
	tcase_add_test(
	    tc, one_that_is_not_in_the_database_is_told_until_it_is_stale);
	tcase_add_test(tc, dead_vantages_make_room_for_one_that_lives);
	tcase_add_test(tc, the_freshest_vantages_win);
	tcase_add_test(tc, a_living_one_is_heard_whatever_its_sequence);
	tcase_add_test(tc, what_broke_off_leaves_no_ghost);
	tcase_add_test(tc, one_that_lives_makes_room_for_nobody);
	tcase_add_test(tc, a_place_is_inherited_without_votes);
	suite_add_tcase(suite, tc);
	return fixture_run(suite);
}
