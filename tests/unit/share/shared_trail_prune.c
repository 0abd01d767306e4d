/*
 * Tests of what of the shared trail is deleted as it is too old: only what
 * counts no more, and no node brings it back, whatever its clock says and
 * however long it was away.
 */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "share/shared_trail.h"
#include "state/override_clock.h"

#define NOW_MS INT64_C(1795961110000)
#define LONG_AGO_MS (NOW_MS - STATE_OVERRIDES_AGE_MS - 1000)

/* Revisions before and after what is just old enough. */
#define OLD 10
#define YOUNG 11

static const struct calendar calendar = {
    .hours = UINT64_C(90) * 24, .revision = 90, .day = {{0, OLD}}, .n = 1};

static struct shared_trail *t;

static void
begin(void)
{
	t = shared_trail_create();
}

static void
end(void)
{
	shared_trail_destroy(t);
}

static struct state_override
row_of(uint64_t number, const char *action, const char *target)
{
	struct state_override row = {.number = number,
	    .at_ms = LONG_AGO_MS,
	    .length_ms = -1,
	    .shared = STATE_SHARED_ACCEPTED};

	(void)snprintf(row.id, sizeof(row.id), "id-%d", (int)number);
	(void)snprintf(row.action, sizeof(row.action), "%s", action);
	(void)snprintf(row.kind, sizeof(row.kind), "region");
	(void)snprintf(row.target, sizeof(row.target), "%s", target);
	return row;
}

static void
have(const struct state_override *row)
{
	ck_assert_int_eq(shared_trail_local(t, row, false), 0);
}

static void
begin_reading(uint64_t generation, uint64_t pruned)
{
	shared_trail_begin(t);
	if (generation > 0)
		shared_trail_generation(t, generation, 80);
	if (pruned > 0)
		shared_trail_pruned(t, pruned, 79);
}

static void
end_reading(void)
{
	shared_trail_end(t);
	shared_trail_catch_up(t, 0, NOW_MS);
}

static void
read_row(const struct state_override *row, int64_t revision)
{
	ck_assert_int_eq(shared_trail_row(t, row, revision), 0);
}

/* The numbers that the next offer deletes, in one line. */
static const char *
deleted(int64_t revision)
{
	static char out[256];
	const struct shared_offer *offer = shared_trail_offer(t, 0, NOW_MS);
	size_t len = 0;

	out[0] = '\0';
	if (offer == NULL)
		return "nothing";
	ck_assert_uint_eq(offer->n, 0);
	ck_assert_uint_eq(offer->pruned, offer->generation);
	for (size_t i = 0; i < offer->n_gone; i++)
		len += (size_t)snprintf(out + len, sizeof(out) - len, "%d ",
		    (int)offer->gone[i].number);
	shared_trail_settle(t, SHARED_TAKEN, revision);
	return out;
}

/* What is to be dropped here, in one line: taken away, or "!": refused. */
static const char *
dropped(void)
{
	static char out[256];
	struct state_override row;
	enum shared_drop drop;
	size_t len = 0;

	out[0] = '\0';
	while ((drop = shared_trail_drop(t, 0, NOW_MS, &row)) !=
	    SHARED_DROP_NONE) {
		len += (size_t)snprintf(out + len, sizeof(out) - len, "%d%s ",
		    (int)row.number, drop == SHARED_DROP_PUT ? "!" : "");
		ck_assert(drop == SHARED_DROP_TAKE ||
		    row.shared == STATE_SHARED_REFUSED);
	}
	return out;
}

START_TEST(what_is_old_and_counts_no_more_is_deleted)
{
	struct state_override row[] = {
	    row_of(1, "drain", "east"),    /* something was said since */
	    row_of(2, "undrain", "east"),  /* that, which ends it */
	    row_of(3, "drain", "west"),    /* in force */
	    row_of(4, "drain", "west"),    /* refused */
	    row_of(5, "drain", "north"),   /* its length has passed */
	    row_of(6, "drain", "south"),   /* its length has not */
	    row_of(7, "undrain", "other"), /* an end that is young */
	};
	const size_t n = sizeof(row) / sizeof(row[0]);

	row[3].shared = STATE_SHARED_REFUSED;
	row[4].length_ms = CALENDAR_HOUR_MS;
	row[5].length_ms = STATE_OVERRIDES_AGE_MS + 1;
	for (size_t i = 0; i < n; i++)
		have(&row[i]);
	begin_reading(20, 0);
	for (size_t i = 0; i < n; i++)
		read_row(&row[i], i == 6 ? YOUNG : OLD);
	/* No row, and as old; and one that is young. */
	(void)shared_trail_odd(t, 8, OLD);
	(void)shared_trail_odd(t, 9, YOUNG);
	end_reading();
	ck_assert_ptr_null(shared_trail_offer(t, 0, NOW_MS));
	shared_trail_prune(t, &calendar);
	ck_assert_str_eq(deleted(91), "1 4 5 8 ");
	/* What ends others goes after them. */
	ck_assert_str_eq(deleted(92), "2 ");
	ck_assert_str_eq(deleted(93), "nothing");
	ck_assert_str_eq(dropped(), "1 2 4 5 ");
	/* Nothing of it is offered, and no number is given again. */
	ck_assert_uint_eq(shared_trail_waiting(t, 0, 0), 0);
	ck_assert_uint_eq(shared_trail_last(t), 22);
	ck_assert(!shared_trail_behind(t));
	ck_assert_uint_eq(shared_trail_followed(t), 22);
}
END_TEST

START_TEST(a_wrong_clock_makes_nothing_old)
{
	struct state_override row = row_of(1, "undrain", "east");

	/* By wall clocks it is of long ago, and came a moment ago. */
	begin_reading(20, 0);
	read_row(&row, YOUNG);
	end_reading();
	shared_trail_prune(t, &calendar);
	ck_assert_str_eq(deleted(91), "nothing");
	/* By the count it is old, and this boot knows better. */
	override_clock_set(&row, 1000);
	begin_reading(20, 0);
	read_row(&row, OLD);
	end_reading();
	shared_trail_prune(t, &calendar);
	ck_assert_ptr_null(shared_trail_offer(t, clock_mono_ms(), NOW_MS));
}
END_TEST

START_TEST(at_most_so_many_are_deleted_at_a_time)
{
	struct state_override row;
	size_t times = 0, n = 0;
	const struct shared_offer *offer;

	begin_reading(2000, 0);
	for (int i = 1; i <= 1000; i++) {
		row = row_of((uint64_t)i, i % 2 ? "drain" : "undrain", "east");
		read_row(&row, OLD);
	}
	end_reading();
	shared_trail_prune(t, &calendar);
	while ((offer = shared_trail_offer(t, 0, NOW_MS)) != NULL) {
		ck_assert_uint_le(offer->n_gone, SHARED_OFFER_ROWS);
		n += offer->n_gone;
		shared_trail_settle(t, SHARED_TAKEN, 91 + (int64_t)times++);
	}
	ck_assert_uint_eq(n, 1000);
	ck_assert_uint_le(times, 1000 / SHARED_OFFER_ROWS + 2);
}
END_TEST

START_TEST(who_hears_of_it_brings_nothing_back)
{
	struct state_override row[] = {
	    row_of(1, "drain", "east"), row_of(2, "undrain", "east")};

	for (size_t i = 0; i < 2; i++)
		have(&row[i]);
	begin_reading(20, 0);
	for (size_t i = 0; i < 2; i++)
		read_row(&row[i], OLD);
	end_reading();
	/* Another node deletes both, while our clock is a year behind. */
	shared_trail_generation(t, 21, 95);
	shared_trail_pruned(t, 21, 95);
	shared_trail_gone(t, 1, 95);
	shared_trail_gone(t, 2, 95);
	ck_assert_uint_eq(shared_trail_waiting(t, 0, 0), 0);
	ck_assert_ptr_null(shared_trail_offer(t, 0, 0));
	ck_assert_str_eq(dropped(), "1 2 ");
	ck_assert_str_eq(dropped(), "");
	ck_assert_uint_eq(shared_trail_followed(t), 21);
}
END_TEST

START_TEST(what_is_deleted_by_hand_comes_back)
{
	struct state_override row = row_of(1, "drain", "east");

	have(&row);
	begin_reading(20, 15);
	read_row(&row, OLD);
	end_reading();
	shared_trail_gone(t, 1, 95);
	ck_assert_uint_eq(shared_trail_waiting(t, 0, NOW_MS), 1);
	ck_assert_str_eq(dropped(), "");
}
END_TEST

/* Of a node that has a row which etcd has not. */
static const struct {
	const char *what;
	uint64_t followed; /* of 40, and etcd was pruned at 30 */
	bool old, ended;
	uint64_t number;
	bool offered;
	const char *dropped;
} away[] = {
    {"a drain that was ended meanwhile", 20, true, false, 5, false, "5! "},
    {"what had ended before", 20, true, true, 5, false, "5 "},
    {"what had ended, and its clock is behind", 20, false, true, 5, false,
	"5 "},
    {"what only a wall clock takes for young", 20, false, false, 5, false,
	"5! "},
    {"what was said since, so it was lost", 20, true, false, 35, true, ""},
    {"it was there, so it was lost", 30, true, false, 5, true, ""},
    {"it was there, and ended", 30, true, true, 5, false, ""},
};

START_TEST(who_was_away_brings_nothing_back)
{
	struct state_override row = row_of(away[_i].number, "drain", "east");
	uint64_t waiting;

	if (!away[_i].old)
		row.at_ms = NOW_MS - 5000;
	if (away[_i].ended)
		row.length_ms = 1000;
	shared_trail_local_begin(t);
	have(&row);
	shared_trail_follow(t, away[_i].followed);
	shared_trail_local_end(t, false);
	begin_reading(40, 30);
	end_reading();
	waiting = shared_trail_waiting(t, 0, NOW_MS);
	ck_assert_msg(waiting == away[_i].offered, "%s", away[_i].what);
	ck_assert_msg(
	    strcmp(dropped(), away[_i].dropped) == 0, "%s", away[_i].what);
	ck_assert_uint_eq(shared_trail_followed(t), 40);
	/* Given anew, an older copy of the database is found out as well. */
	shared_trail_local_begin(t);
	have(&row);
	shared_trail_follow(t, away[_i].followed);
	shared_trail_local_end(t, false);
	shared_trail_catch_up(t, 0, NOW_MS);
	ck_assert_msg(strcmp(dropped(), away[_i].dropped) == 0, "%s, again",
	    away[_i].what);
}
END_TEST

/* A machine was off for long, and its wall clock is as old: what a clock of
 * this boot knows to be young was lost in some other way. */
START_TEST(what_this_boot_knows_to_be_young_was_lost)
{
	struct state_override row = row_of(5, "drain", "east");

	override_clock_set(&row, 0);
	shared_trail_local_begin(t);
	have(&row);
	shared_trail_follow(t, 20);
	shared_trail_local_end(t, false);
	begin_reading(40, 30);
	shared_trail_end(t);
	shared_trail_catch_up(t, clock_mono_ms(), NOW_MS);
	ck_assert_uint_eq(shared_trail_waiting(t, clock_mono_ms(), NOW_MS), 1);
	ck_assert_str_eq(dropped(), "");
}
END_TEST

/* By a clock of the boot that has run for longer. */
START_TEST(what_this_boot_knows_to_be_old_had_ended)
{
	for (int64_t more_ms = -1; more_ms <= 0; more_ms++) {
		struct state_override row = row_of(5, "drain", "east");
		int64_t mono_ms = 1000 + STATE_OVERRIDES_AGE_MS + more_ms;

		override_clock_set(&row, 0);
		row.steady_ms = 1000;
		end();
		begin();
		shared_trail_local_begin(t);
		have(&row);
		shared_trail_follow(t, 20);
		shared_trail_local_end(t, false);
		begin_reading(40, 30);
		shared_trail_end(t);
		shared_trail_catch_up(t, mono_ms, NOW_MS);
		ck_assert_uint_eq(
		    shared_trail_waiting(t, mono_ms, NOW_MS), more_ms < 0);
	}
}
END_TEST

/* A node that was cut off while it ran. */
START_TEST(what_etcd_had_before_a_cut_was_deleted_in_it)
{
	struct state_override out, row = row_of(5, "drain", "east");

	begin_reading(40, 30);
	read_row(&row, OLD);
	end_reading();
	ck_assert(shared_trail_take(t, &out));
	have(&row);
	begin_reading(70, 60);
	end_reading();
	ck_assert_str_eq(dropped(), "5! ");
	ck_assert_uint_eq(shared_trail_waiting(t, 0, NOW_MS), 0);
}
END_TEST

/* A row that etcd has is not judged, however far this node followed. */
START_TEST(what_is_lost_after_it_was_read_is_lost)
{
	struct state_override row = row_of(5, "drain", "east");

	shared_trail_local_begin(t);
	have(&row);
	shared_trail_follow(t, 20);
	shared_trail_local_end(t, false);
	begin_reading(40, 30);
	read_row(&row, OLD);
	end_reading();
	begin_reading(41, 30);
	end_reading();
	ck_assert_uint_eq(shared_trail_waiting(t, 0, NOW_MS), 1);
	ck_assert_str_eq(dropped(), "");
}
END_TEST

START_TEST(what_makes_no_sense_is_deleted_so_many_at_a_time)
{
	const struct shared_offer *offer;

	begin_reading(2000, 0);
	for (uint64_t i = 0; i <= SHARED_OFFER_ROWS; i++)
		(void)shared_trail_odd(t, 100 + i, OLD);
	end_reading();
	shared_trail_prune(t, &calendar);
	offer = shared_trail_offer(t, 0, NOW_MS);
	ck_assert_uint_eq(offer->n_gone, SHARED_OFFER_ROWS);
	shared_trail_settle(t, SHARED_TAKEN, 91);
	offer = shared_trail_offer(t, 0, NOW_MS);
	ck_assert_uint_eq(offer->n_gone, 1);
}
END_TEST

/* Of a node that follows, as of one that a backup was given to: a row comes to
 * its database that etcd has not, and was pruned at 30. */
static const struct {
	const char *what;
	bool ended;
	uint64_t number;
	bool offered;
	const char *dropped;
} late[] = {
    {"a drain that was ended long ago", false, 5, false, "5! "},
    {"the last that was", false, 30, false, "30! "},
    {"what had ended", true, 5, false, "5 "},
    {"what was said since, so it was lost", false, 31, true, ""},
};

static void
come_late(size_t i, bool anew)
{
	struct state_override row = row_of(late[i].number, "drain", "east");

	if (late[i].ended)
		row.length_ms = 1000;
	else
		row.at_ms = NOW_MS - 5000;
	shared_trail_local_begin(t);
	shared_trail_follow(t, 40);
	shared_trail_local_end(t, false);
	begin_reading(40, 30);
	end_reading();
	/* By itself, or with all that the database has, whatever that says of
	 * how far it followed. */
	if (anew) {
		shared_trail_local_begin(t);
		shared_trail_follow(t, 40);
	}
	have(&row);
	if (anew)
		shared_trail_local_end(t, false);
	shared_trail_catch_up(t, 0, NOW_MS);
	ck_assert_msg(shared_trail_waiting(t, 0, NOW_MS) == late[i].offered,
	    "%s", late[i].what);
	ck_assert_msg(
	    strcmp(dropped(), late[i].dropped) == 0, "%s", late[i].what);
}

START_TEST(what_comes_late_is_judged_as_at_the_reading)
{
	come_late((size_t)_i, false);
}
END_TEST

START_TEST(what_comes_with_another_copy_is_judged_so)
{
	come_late((size_t)_i, true);
}
END_TEST

/* What was there all the while was not deleted. */
START_TEST(what_was_there_before_is_not_late)
{
	struct state_override row = row_of(5, "drain", "east");

	shared_trail_local_begin(t);
	have(&row);
	shared_trail_follow(t, 40);
	shared_trail_local_end(t, false);
	begin_reading(40, 30);
	read_row(&row, OLD);
	end_reading();
	begin_reading(40, 30);
	end_reading();
	ck_assert_uint_eq(shared_trail_waiting(t, 0, NOW_MS), 1);
	shared_trail_local_begin(t);
	have(&row);
	shared_trail_follow(t, 40);
	shared_trail_local_end(t, false);
	shared_trail_catch_up(t, 0, NOW_MS);
	ck_assert_uint_eq(shared_trail_waiting(t, 0, NOW_MS), 1);
	ck_assert_str_eq(dropped(), "");
}
END_TEST

START_TEST(what_was_refused_for_that_stays_as_it_is)
{
	struct state_override out, row = row_of(5, "drain", "east");

	have(&row);
	begin_reading(40, 30);
	end_reading();
	ck_assert_int_eq(
	    shared_trail_drop(t, 0, NOW_MS, &out), SHARED_DROP_PUT);
	shared_trail_local_begin(t);
	have(&out);
	shared_trail_follow(t, 40);
	shared_trail_local_end(t, false);
	shared_trail_catch_up(t, 0, NOW_MS);
	ck_assert_str_eq(dropped(), "");
	ck_assert_uint_eq(shared_trail_waiting(t, 0, NOW_MS), 0);
}
END_TEST

START_TEST(an_etcd_that_is_made_anew_is_told_what_was_deleted)
{
	const struct shared_offer *offer;

	/* All rows of this node are gone by now, and it was started again. */
	shared_trail_local_begin(t);
	shared_trail_follow(t, 40);
	shared_trail_local_end(t, false);
	begin_reading(40, 30);
	end_reading();
	begin_reading(0, 0);
	end_reading();
	ck_assert(shared_trail_behind(t));
	offer = shared_trail_offer(t, 0, NOW_MS);
	ck_assert_uint_eq(offer->n, 0);
	ck_assert_uint_eq(offer->generation, 40 + SHARED_TRAIL_LEAP);
	/* What had ended by 40 is not written there, either. */
	ck_assert_uint_eq(offer->pruned, 40);
	shared_trail_settle(t, SHARED_TAKEN, 2);
	ck_assert(!shared_trail_behind(t));
	ck_assert_ptr_null(shared_trail_offer(t, 0, NOW_MS));
}
END_TEST

START_TEST(numbers_are_known_by_what_was_followed)
{
	shared_trail_local_begin(t);
	shared_trail_follow(t, 40);
	shared_trail_local_end(t, false);
	begin_reading(39, 0);
	end_reading();
	ck_assert(shared_trail_behind(t));
	ck_assert_uint_eq(shared_trail_last(t), 40);
}
END_TEST

START_TEST(more_than_was_given_was_not_deleted)
{
	struct state_override row = row_of(5, "drain", "east");

	have(&row);
	begin_reading(40, 41);
	end_reading();
	ck_assert_str_eq(dropped(), "");
	ck_assert_uint_eq(shared_trail_waiting(t, 0, NOW_MS), 1);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("pruning");
	Suite *suite = suite_create("shared_trail_prune");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tc, begin, end);
	tcase_add_test(tc, what_is_old_and_counts_no_more_is_deleted);
	tcase_add_test(tc, a_wrong_clock_makes_nothing_old);
	tcase_add_test(tc, at_most_so_many_are_deleted_at_a_time);
	tcase_add_test(tc, who_hears_of_it_brings_nothing_back);
	tcase_add_test(tc, what_is_deleted_by_hand_comes_back);
	tcase_add_loop_test(tc, who_was_away_brings_nothing_back, 0,
	    (int)(sizeof(away) / sizeof(away[0])));
	tcase_add_test(tc, what_this_boot_knows_to_be_young_was_lost);
	tcase_add_test(tc, what_this_boot_knows_to_be_old_had_ended);
	tcase_add_test(tc, what_etcd_had_before_a_cut_was_deleted_in_it);
	tcase_add_test(tc, what_is_lost_after_it_was_read_is_lost);
	tcase_add_test(tc, what_makes_no_sense_is_deleted_so_many_at_a_time);
	tcase_add_loop_test(tc, what_comes_late_is_judged_as_at_the_reading, 0,
	    (int)(sizeof(late) / sizeof(late[0])));
	tcase_add_loop_test(tc, what_comes_with_another_copy_is_judged_so, 0,
	    (int)(sizeof(late) / sizeof(late[0])));
	tcase_add_test(tc, what_was_there_before_is_not_late);
	tcase_add_test(tc, what_was_refused_for_that_stays_as_it_is);
	tcase_add_test(tc, an_etcd_that_is_made_anew_is_told_what_was_deleted);
	tcase_add_test(tc, numbers_are_known_by_what_was_followed);
	tcase_add_test(tc, more_than_was_given_was_not_deleted);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
