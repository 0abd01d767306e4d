/*
 * Tests of what operators said: which row of a target counts, what is in force
 * at a time, what a lost, new or older file ends (nothing), and how much of a
 * target a drain on its way has out.
 */
#include "steering/overrides.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/steering_fixture.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define WALL INT64_C(1700000000000)
#define MONO INT64_C(1000000)

static struct overrides o;

static void
setup(void)
{
	overrides_init(&o);
}

static void
teardown(void)
{
	overrides_finish(&o);
}

/* Said ${ago_ms} before WALL. */
static struct state_override
saying(uint64_t number, const char *action, const char *target,
    const char *value, int64_t ago_ms, int64_t length_ms)
{
	struct state_override row = {.number = number,
	    .at_ms = WALL - ago_ms,
	    .length_ms = length_ms,
	    .kind = "region",
	    .author = "ann",
	    .reason = "test"};

	snprintf(row.action, sizeof(row.action), "%s", action);
	snprintf(row.target, sizeof(row.target), "%s", target);
	snprintf(row.value, sizeof(row.value), "%s", value);
	if (strcmp(action, "canary") == 0)
		snprintf(row.kind, sizeof(row.kind), "service");
	return row;
}

/* A change of the database that has the ${n} rows of ${row}. */
static void
change(bool full, const struct state_override *row, size_t n)
{
	overrides_begin(&o, full);
	for (size_t i = 0; i < n; i++)
		(void)overrides_take(&o, &row[i], MONO, WALL);
	overrides_commit(&o);
}

static bool
drained(const char *target, int64_t mono_ms)
{
	const struct overrides_item *item =
	    overrides_find(&o, OVERRIDE_DRAIN, TARGET_REGION, target);

	return item != NULL && overrides_in_force(item, mono_ms);
}

/* What other nodes refused counts nowhere, and what it stood for counts again:
 * its row comes after. */
START_TEST(what_is_refused_is_not_in_force)
{
	struct state_override rows[] = {
	    saying(1, "undrain", "eu", "", 9, -1),
	    saying(2, "drain", "eu", "", 8, -1),
	};

	snprintf(rows[1].id, sizeof(rows[1].id), "x");
	change(true, rows, 2);
	ck_assert(drained("eu", MONO));
	rows[1].number = 5;
	rows[1].shared = STATE_SHARED_REFUSED;
	change(false, rows + 1, 1);
	ck_assert(!drained("eu", MONO));
	change(false, rows, 1);
	ck_assert_ptr_nonnull(
	    overrides_find(&o, OVERRIDE_DRAIN, TARGET_REGION, "eu"));
	ck_assert(!drained("eu", MONO));
	ck_assert_uint_eq(o.last, 5);
}
END_TEST

/* It gets another number when others were faster, and is no other saying. */
START_TEST(another_number_begins_nothing_anew)
{
	struct state_override row = saying(1, "drain", "eu", "", 500, 1000);

	snprintf(row.id, sizeof(row.id), "x");
	change(true, &row, 1);
	row.number = 7;
	row.shared = STATE_SHARED_ACCEPTED;
	overrides_begin(&o, true);
	(void)overrides_take(&o, &row, MONO + 400, WALL - 100000);
	overrides_commit(&o);
	ck_assert_uint_eq(o.n, 1);
	ck_assert_uint_eq(o.item[0].row.number, 7);
	ck_assert_uint_eq(o.item[0].row.shared, STATE_SHARED_ACCEPTED);
	ck_assert(drained("eu", MONO + 499));
	ck_assert(!drained("eu", MONO + 501));
}
END_TEST

START_TEST(of_a_target_the_last_counts_in_whatever_order_rows_come)
{
	struct state_override rows[] = {
	    saying(1, "drain", "eu", "", 9, -1),
	    saying(2, "undrain", "eu", "", 8, -1),
	    saying(3, "drain", "us", "", 7, -1),
	    saying(4, "drain", "eu", "", 6, -1),
	    saying(5, "undrain", "eu", "", 5, -1),
	};

	/* Each order of the five. */
	for (unsigned code = 0; code < 120; code++) {
		bool taken[COUNT(rows)] = {false};
		unsigned left = code;

		teardown();
		setup();
		overrides_begin(&o, true);
		for (unsigned i = 0; i < COUNT(rows); i++) {
			unsigned skip = left % (5 - i), k = 0;

			left /= 5 - i;
			while (taken[k] || skip-- > 0)
				k++;
			taken[k] = true;
			(void)overrides_take(&o, &rows[k], MONO, WALL);
		}
		overrides_commit(&o);
		ck_assert_uint_eq(o.n, 2);
		ck_assert_uint_eq(o.item[0].row.number, 3);
		ck_assert_uint_eq(o.item[1].row.number, 5);
		ck_assert(!drained("eu", MONO));
		ck_assert(drained("us", MONO));
		ck_assert_uint_eq(o.last, 5);
	}
}
END_TEST

static const struct {
	const char *says, *action, *value;
	bool good, off;
	uint32_t ppm;
} values[] = {
    {"a drain has none", "drain", "", true, false, 0},
    {"an undrain ends", "undrain", "", true, true, 0},
    {"forced up", "force", "up", true, false, 0},
    {"forced down", "force", "down", true, false, 0},
    {"not forced", "force", "off", true, true, 0},
    {"forced to nothing", "force", "left", false, false, 0},
    {"half the weight", "weight", "50%", true, false, 500000},
    {"no weight at all", "weight", "0%", true, false, 0},
    {"twice the weight", "weight", "200%", true, false, 2000000},
    {"the weight of the file", "weight", "off", true, true, 0},
    {"no weight that is one", "weight", "heavy", false, false, 0},
    {"frozen", "freeze", "on", true, false, 0},
    {"thawed", "freeze", "off", true, true, 0},
    {"half frozen", "freeze", "", false, false, 0},
    {"a canary", "canary", "chat-v2 10%", true, false, 100000},
    {"a canary that is all", "canary", "chat-v2 100%", true, false, 1000000},
    {"more than all", "canary", "chat-v2 101%", false, false, 0},
    {"no canary", "canary", "off", true, true, 0},
    {"a canary without a share", "canary", "chat-v2", false, false, 0},
    {"a share without a canary", "canary", " 10%", false, false, 0},
    {"what a later release says", "boost", "on", false, false, 0},
};

START_TEST(words_mean_what_they_say_or_are_left_out)
{
	for (size_t i = 0; i < COUNT(values); i++) {
		struct state_override row =
		    saying(1, values[i].action, "x", values[i].value, 0, -1);

		teardown();
		setup();
		change(true, &row, 1);
		ck_assert_msg(o.n == values[i].good, "%s", values[i].says);
		if (o.n == 0)
			continue;
		ck_assert_msg(o.item[0].off == values[i].off &&
			o.item[0].ppm == values[i].ppm,
		    "%s: %u", values[i].says, o.item[0].ppm);
		ck_assert_msg(
		    overrides_in_force(&o.item[0], MONO) != values[i].off, "%s",
		    values[i].says);
	}
	ck_assert_str_eq(override_what_word(OVERRIDE_CANARY), "canary");
}
END_TEST

START_TEST(a_kind_that_nobody_knows_is_left_out)
{
	struct state_override row = saying(1, "drain", "eu", "", 0, -1);

	snprintf(row.kind, sizeof(row.kind), "rack");
	change(true, &row, 1);
	ck_assert_uint_eq(o.n, 0);
}
END_TEST

START_TEST(lengths_are_counted_from_when_it_was_said)
{
	struct state_override row[] = {
	    saying(1, "drain", "eu", "", 400, 1000),
	    saying(2, "drain", "us", "", 1000, 1000),
	    saying(3, "drain", "ap", "", -5000, 1000), /* a clock was set */
	};

	change(true, row, 3);
	ck_assert(drained("eu", MONO + 599) && !drained("eu", MONO + 600));
	ck_assert(!drained("us", MONO));
	ck_assert(drained("ap", MONO + 999) && !drained("ap", MONO + 1000));
	ck_assert_int_eq(overrides_next_ms(&o, MONO), 600);
	ck_assert_int_eq(overrides_next_ms(&o, MONO + 700), 300);
	ck_assert_int_eq(overrides_next_ms(&o, MONO + 1000), -1);
	ck_assert_int_eq(overrides_left_ms(&o.item[0], MONO + 100), 500);
	ck_assert_int_eq(overrides_left_ms(&o.item[0], MONO + 900), 0);
	/* Read again at another wall clock: the monotonic one goes on. */
	overrides_begin(&o, true);
	(void)overrides_take(&o, &row[0], MONO + 100, WALL + 999999);
	overrides_commit(&o);
	ck_assert(drained("eu", MONO + 599) && !drained("eu", MONO + 600));
	/* Time that went by unseen. */
	overrides_pass(&o, 500);
	ck_assert(drained("eu", MONO + 99) && !drained("eu", MONO + 100));
}
END_TEST

START_TEST(a_file_that_is_lost_or_older_ends_and_revives_nothing)
{
	struct state_override row[] = {
	    saying(1, "drain", "eu", "", 9, -1),
	    saying(2, "undrain", "eu", "", 8, -1),
	    saying(3, "drain", "us", "", 7, -1),
	};

	change(true, row, 3);
	/* Lost. */
	change(true, NULL, 0);
	ck_assert(!drained("eu", MONO) && drained("us", MONO));
	ck_assert(!o.item[0].listed && !o.item[1].listed);
	/* An older copy, from before the undrain. */
	change(true, row, 1);
	ck_assert(!drained("eu", MONO) && drained("us", MONO));
	/* It comes back. */
	change(true, row, 3);
	ck_assert(o.item[0].listed && o.item[1].listed);
	/* What is not full says nothing of others. */
	change(false, NULL, 0);
	ck_assert(o.item[0].listed && o.item[1].listed);
}
END_TEST

START_TEST(in_a_file_that_counts_anew_the_later_counts)
{
	struct state_override before = saying(17, "drain", "eu", "", 9, -1);
	struct state_override after = saying(1, "undrain", "eu", "", 0, -1);
	struct state_override copy = saying(2, "undrain", "eu", "", 20, -1);

	change(true, &before, 1);
	change(true, &copy, 1);
	ck_assert(drained("eu", MONO));
	change(true, &after, 1);
	ck_assert(!drained("eu", MONO));
	/* Numbers go on from the highest there was. */
	ck_assert_uint_eq(o.last, 17);
	/* While the file has it, a lower number is older, whatever the clock
	 * said. */
	teardown();
	setup();
	change(true, &before, 1);
	change(false, &after, 1);
	ck_assert(drained("eu", MONO));
}
END_TEST

START_TEST(what_was_kept_elsewhere_is_not_listed)
{
	struct state_override row = saying(3, "drain", "us", "", 7, -1);

	ck_assert(overrides_take(&o, &row, MONO, WALL));
	ck_assert(drained("us", MONO) && !o.item[0].listed);
	change(true, NULL, 0);
	ck_assert(drained("us", MONO) && !o.item[0].listed);
	change(true, &row, 1);
	ck_assert(o.item[0].listed);
	/* What is known is no news, and does not unlist it. */
	ck_assert(!overrides_take(&o, &row, MONO, WALL));
	ck_assert(o.item[0].listed);
}
END_TEST

START_TEST(what_is_long_over_is_forgotten)
{
	const int64_t old = STATE_OVERRIDES_AGE_MS + 60000;
	struct state_override row[] = {
	    saying(1, "drain", "eu", "", old, -1),
	    saying(2, "drain", "us", "", old, 1000),
	    saying(3, "undrain", "ap", "", old, -1),
	    saying(4, "drain", "sa", "", old, old),
	};

	change(true, row, 4);
	ck_assert_uint_eq(o.n, 4);
	change(true, NULL, 0);
	(void)overrides_take(&o, &row[0], MONO, WALL);
	ck_assert_uint_eq(o.n, 2);
	ck_assert(drained("eu", MONO) && !drained("sa", MONO));
}
END_TEST

static struct state_override
ramped(uint64_t number, const char *action, int64_t ago_ms)
{
	struct state_override row =
	    saying(number, action, "eu", "", ago_ms, -1);

	row.ramp_ms = 1000;
	return row;
}

static uint32_t
out(int64_t mono_ms)
{
	return overrides_out(
	    overrides_find(&o, OVERRIDE_DRAIN, TARGET_REGION, "eu"), mono_ms);
}

START_TEST(a_drain_goes_out_evenly_and_comes_back_so)
{
	struct state_override drain = ramped(1, "drain", 250);
	struct state_override again = ramped(2, "drain", 0);
	struct state_override back = ramped(3, "undrain", 0);
	const struct overrides_item *item;
	uint32_t before = 0;

	change(true, &drain, 1);
	item = &o.item[0];
	ck_assert(overrides_ramping(item, MONO));
	ck_assert_uint_eq(out(MONO), 250000);
	for (int64_t t = 0; t < 1000; t += 50) {
		ck_assert_uint_ge(out(MONO + t), before);
		before = out(MONO + t);
	}
	ck_assert_uint_eq(out(MONO + 750), 1000000);
	ck_assert(!overrides_ramping(item, MONO + 750));
	/* Said again on the way, it goes on from there. */
	change(false, &again, 1);
	ck_assert_uint_eq(out(MONO), 250000);
	ck_assert_uint_eq(out(MONO + 500), 625000);
	/* And so does the way back. */
	change(false, &back, 1);
	ck_assert_uint_eq(out(MONO), 250000);
	ck_assert_uint_eq(out(MONO + 500), 125000);
	ck_assert_uint_eq(out(MONO + 1000), 0);
}
END_TEST

START_TEST(a_restart_on_the_way_changes_nothing)
{
	struct state_override rows[] = {
	    ramped(1, "drain", 900), ramped(2, "undrain", 400)};
	uint32_t is;

	change(true, rows, 2);
	/* Half of it was out when the way back began. */
	ck_assert_uint_eq(out(MONO), 300000);
	is = out(MONO + 100);
	teardown();
	setup();
	overrides_begin(&o, true);
	for (int i = 0; i < 2; i++)
		(void)overrides_take(&o, &rows[i], MONO + 5000, WALL + 100);
	overrides_commit(&o);
	ck_assert_uint_eq(out(MONO + 5000), is);
}
END_TEST

START_TEST(a_copy_is_the_same)
{
	struct state_override row = saying(3, "drain", "us", "", 7, -1);
	struct overrides copy;

	change(true, &row, 1);
	ck_assert_int_eq(overrides_copy(&copy, &o), 0);
	ck_assert_uint_eq(copy.n, 1);
	ck_assert_str_eq(copy.item[0].row.target, "us");
	overrides_finish(&copy);
	ck_assert(drained("us", MONO));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("overrides");
	TCase *tcase = tcase_create("overrides");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, what_is_refused_is_not_in_force);
	tcase_add_test(tcase, another_number_begins_nothing_anew);
	tcase_add_test(
	    tcase, of_a_target_the_last_counts_in_whatever_order_rows_come);
	tcase_add_test(tcase, words_mean_what_they_say_or_are_left_out);
	tcase_add_test(tcase, a_kind_that_nobody_knows_is_left_out);
	tcase_add_test(tcase, lengths_are_counted_from_when_it_was_said);
	tcase_add_test(
	    tcase, a_file_that_is_lost_or_older_ends_and_revives_nothing);
	tcase_add_test(tcase, in_a_file_that_counts_anew_the_later_counts);
	tcase_add_test(tcase, what_was_kept_elsewhere_is_not_listed);
	tcase_add_test(tcase, what_is_long_over_is_forgotten);
	tcase_add_test(tcase, a_drain_goes_out_evenly_and_comes_back_so);
	tcase_add_test(tcase, a_restart_on_the_way_changes_nothing);
	tcase_add_test(tcase, a_copy_is_the_same);
	suite_add_tcase(suite, tcase);
	return fixture_run(suite);
}
