/*
 * Tests of the trail that all nodes share: what was accepted is never lost,
 * all nodes have the same, and its order is that of acceptance.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "share/shared_trail.h"
#include "state/override_clock.h"

#define NOW_MS INT64_C(1795961110000)

static struct state_override
row_of(const char *id, uint64_t number, const char *action, const char *target,
    uint32_t shared)
{
	struct state_override row = {.number = number,
	    .at_ms = NOW_MS - 1000,
	    .length_ms = -1,
	    .shared = shared};

	(void)snprintf(row.id, sizeof(row.id), "%s", id);
	(void)snprintf(row.action, sizeof(row.action), "%s", action);
	(void)snprintf(row.kind, sizeof(row.kind), "region");
	(void)snprintf(row.target, sizeof(row.target), "%s", target);
	return row;
}

/* What etcd has when it was read, at a generation that knows all of it. */
static void
read_rows(struct shared_trail *t, const struct state_override *rows, size_t n,
    uint64_t generation, int64_t revision)
{
	shared_trail_begin(t);
	shared_trail_generation(t, generation, revision);
	for (size_t i = 0; i < n; i++)
		ck_assert_int_eq(shared_trail_row(t, &rows[i], 1), 0);
	shared_trail_end(t);
}

/* The one row that is offered. */
static bool
offer_one(struct shared_trail *t, int64_t now_ms, struct state_override *out)
{
	const struct shared_offer *offer = shared_trail_offer(t, 0, now_ms);

	if (offer == NULL)
		return false;
	ck_assert_uint_eq(offer->n, 1);
	*out = offer->row[0];
	return true;
}

START_TEST(what_is_said_gets_the_next_number)
{
	struct shared_trail *t = shared_trail_create();
	struct state_override theirs =
	    row_of("a", 7, "drain", "west", STATE_SHARED_ACCEPTED);
	struct state_override mine =
	    row_of("b", 7, "drain", "east", STATE_SHARED_OFFERED);
	struct state_override out;

	ck_assert_int_eq(shared_trail_local(t, &mine, false), 0);
	/* Nothing is offered before etcd was read. */
	ck_assert(!offer_one(t, NOW_MS, &out));
	read_rows(t, &theirs, 1, theirs.number, 9);
	ck_assert(shared_trail_take(t, &out));
	ck_assert_str_eq(out.id, "a");
	ck_assert(!shared_trail_take(t, &out));
	ck_assert_uint_eq(shared_trail_waiting(t, 0, NOW_MS), 1);
	ck_assert(offer_one(t, NOW_MS, &out));
	ck_assert_str_eq(out.id, "b");
	ck_assert_uint_eq(out.number, 8);
	ck_assert_uint_eq(out.shared, STATE_SHARED_ACCEPTED);
	/* One at a time. */
	ck_assert(!offer_one(t, NOW_MS, &(struct state_override){0}));
	shared_trail_settle(t, SHARED_TAKEN, 10);
	ck_assert_uint_eq(shared_trail_waiting(t, 0, NOW_MS), 0);
	/* And so it has to be here. */
	ck_assert(shared_trail_take(t, &out));
	ck_assert_str_eq(out.id, "b");
	ck_assert_uint_eq(out.number, 8);
	ck_assert_uint_eq(out.shared, STATE_SHARED_ACCEPTED);
	ck_assert(!shared_trail_take(t, &out));
	shared_trail_destroy(t);
}
END_TEST

START_TEST(a_race_that_is_lost_is_run_again)
{
	struct shared_trail *t = shared_trail_create();
	struct state_override mine =
	    row_of("b", 1, "drain", "east", STATE_SHARED_OFFERED);
	struct state_override other =
	    row_of("a", 1, "undrain", "east", STATE_SHARED_ACCEPTED);
	struct state_override out;

	ck_assert_int_eq(shared_trail_local(t, &mine, false), 0);
	read_rows(t, NULL, 0, 0, 0);
	ck_assert(offer_one(t, NOW_MS, &out));
	ck_assert_uint_eq(out.number, 1);
	/* It was late: nothing before it is known by what. */
	shared_trail_settle(t, SHARED_LATE, 0);
	ck_assert(shared_trail_late(t));
	ck_assert_ptr_null(shared_trail_offer(t, 0, NOW_MS));
	ck_assert_int_eq(shared_trail_row(t, &other, 1), 0);
	shared_trail_generation(t, 1, 5);
	ck_assert(!shared_trail_late(t));
	/* Said with the link: the later of two counts, it is not refused. */
	ck_assert(offer_one(t, NOW_MS, &out));
	ck_assert_uint_eq(out.number, 2);
	ck_assert_uint_eq(out.shared, STATE_SHARED_ACCEPTED);
	shared_trail_destroy(t);
}
END_TEST

static const struct {
	const char *what;
	uint64_t number;             /* of the row that etcd has */
	const char *action, *target; /* the same */
	uint32_t shared;             /* the same */
	bool refused;
} meanwhile[] = {
    {"the same was drained", 5, "drain", "east", STATE_SHARED_ACCEPTED, true},
    {"its drain was ended", 6, "undrain", "east", STATE_SHARED_ACCEPTED, true},
    {"before: it was known", 4, "undrain", "east", STATE_SHARED_ACCEPTED,
	false},
    {"another region", 6, "drain", "west", STATE_SHARED_ACCEPTED, false},
    {"another thing", 6, "weight", "east", STATE_SHARED_ACCEPTED, false},
    {"what was refused", 6, "drain", "east", STATE_SHARED_REFUSED, false},
};

START_TEST(what_was_said_while_cut_off_gives_way_to_what_came_later)
{
	struct shared_trail *t = shared_trail_create();
	struct state_override mine =
	    row_of("b", 5, "drain", "east", STATE_SHARED_OFFERED);
	struct state_override theirs = row_of("a", meanwhile[_i].number,
	    meanwhile[_i].action, meanwhile[_i].target, meanwhile[_i].shared);
	struct state_override out;

	ck_assert_int_eq(shared_trail_local(t, &mine, true), 0);
	read_rows(t, &theirs, 1, theirs.number, 9);
	ck_assert_int_eq(shared_trail_local(t, &theirs, true), 0);
	ck_assert_int_eq(
	    shared_trail_unjudged(t, 0, NOW_MS) == NULL, meanwhile[_i].refused);
	shared_trail_judged(t, "b", "");
	ck_assert(offer_one(t, NOW_MS, &out));
	ck_assert_uint_eq(out.number, meanwhile[_i].number + 1);
	ck_assert_msg(
	    (out.shared == STATE_SHARED_REFUSED) == meanwhile[_i].refused, "%s",
	    meanwhile[_i].what);
	ck_assert_int_eq(out.refused[0] != '\0', meanwhile[_i].refused);
	shared_trail_destroy(t);
}
END_TEST

/* What came meanwhile gets the number that it had here. */
START_TEST(what_made_way_is_refused_for_what_it_made_way_for)
{
	struct shared_trail *t = shared_trail_create();
	struct state_override out,
	    mine = row_of("b", 5, "drain", "east", STATE_SHARED_OFFERED),
	    theirs = row_of("a", 5, "undrain", "east", STATE_SHARED_ACCEPTED);

	ck_assert_int_eq(shared_trail_local(t, &mine, true), 0);
	read_rows(t, &theirs, 1, 5, 9);
	mine.number = 6;
	ck_assert_int_eq(shared_trail_local(t, &mine, false), 0);
	ck_assert_int_eq(shared_trail_local(t, &theirs, false), 0);
	ck_assert(offer_one(t, NOW_MS, &out));
	ck_assert_uint_eq(out.shared, STATE_SHARED_REFUSED);
	ck_assert_str_eq(out.refused, "override 5 was said meanwhile");
	shared_trail_destroy(t);
}
END_TEST

START_TEST(an_etcd_that_is_empty_is_filled)
{
	struct shared_trail *t = shared_trail_create();
	const struct shared_offer *offer;
	struct state_override out,
	    rows[] = {row_of("c", 3, "drain", "north", STATE_SHARED_ACCEPTED),
		row_of("a", 1, "drain", "east", STATE_SHARED_ACCEPTED),
		row_of("b", 2, "drain", "west", STATE_SHARED_REFUSED),
		row_of("d", 4, "drain", "south", STATE_SHARED_OFFERED),
		row_of("e", 5, "drain", "here", STATE_SHARED_NOT),
		row_of("", 6, "drain", "old", STATE_SHARED_NOT)};
	static const char *const order[] = {"a", "b", "c"};

	for (size_t i = 0; i < 6; i++)
		ck_assert_int_eq(shared_trail_local(t, &rows[i], false), 0);
	read_rows(t, NULL, 0, 0, 0);
	ck_assert(shared_trail_behind(t));
	/* Numbers that others may hold are left out. */
	offer = shared_trail_offer(t, 0, NOW_MS);
	ck_assert_ptr_nonnull(offer);
	ck_assert_uint_eq(offer->n, 3);
	ck_assert_int_eq(offer->revision, 0);
	ck_assert_uint_eq(offer->generation, 3 + SHARED_TRAIL_LEAP);
	for (size_t i = 0; i < 3; i++) {
		ck_assert_str_eq(offer->row[i].id, order[i]);
		ck_assert_uint_eq(offer->row[i].number, i + 1);
		ck_assert_uint_eq(offer->row[i].shared,
		    i == 1 ? STATE_SHARED_REFUSED : STATE_SHARED_ACCEPTED);
	}
	shared_trail_settle(t, SHARED_TAKEN, 7);
	ck_assert(!shared_trail_behind(t));
	for (size_t i = 0; i < 2; i++) {
		ck_assert(offer_one(t, NOW_MS, &out));
		ck_assert_str_eq(out.id, i == 0 ? "d" : "e");
		ck_assert_uint_eq(out.number, 4 + SHARED_TRAIL_LEAP + i);
		shared_trail_settle(t, SHARED_TAKEN, 8 + (int64_t)i);
	}
	ck_assert_ptr_null(shared_trail_offer(t, 0, NOW_MS));
	shared_trail_destroy(t);
}
END_TEST

START_TEST(an_older_etcd_is_not_believed_before_it_is_filled)
{
	struct shared_trail *t = shared_trail_create();
	struct state_override out,
	    mine[] = {row_of("a", 1, "drain", "east", STATE_SHARED_ACCEPTED),
		row_of("b", 2, "undrain", "east", STATE_SHARED_ACCEPTED)},
	    theirs[] = {mine[0],
		row_of("x", 3, "drain", "west", STATE_SHARED_ACCEPTED)};

	for (size_t i = 0; i < 2; i++)
		ck_assert_int_eq(shared_trail_local(t, &mine[i], false), 0);
	/* By its generation it lacks one, whatever rows it has. */
	read_rows(t, theirs, 2, 1, 4);
	ck_assert(shared_trail_behind(t));
	ck_assert(!shared_trail_take(t, &out));
	ck_assert(offer_one(t, NOW_MS, &out));
	ck_assert_str_eq(out.id, "b");
	ck_assert_uint_eq(out.number, 2);
	/* Another node was faster. */
	shared_trail_settle(t, SHARED_LATE, 0);
	read_rows(t, theirs, 2, 3 + SHARED_TRAIL_LEAP, 5);
	ck_assert(!shared_trail_behind(t));
	ck_assert(shared_trail_take(t, &out));
	ck_assert_str_eq(out.id, "x");
	/* What that one lacked is written, at one generation more. */
	ck_assert(offer_one(t, NOW_MS, &out));
	ck_assert_str_eq(out.id, "b");
	ck_assert_uint_eq(out.number, 2);
	shared_trail_settle(t, SHARED_TAKEN, 6);
	ck_assert_ptr_null(shared_trail_offer(t, 0, NOW_MS));
	shared_trail_destroy(t);
}
END_TEST

START_TEST(an_etcd_that_lacks_nothing_but_its_generation_is_filled)
{
	struct shared_trail *t = shared_trail_create();
	const struct shared_offer *offer;
	struct state_override mine =
	    row_of("a", 1, "drain", "east", STATE_SHARED_ACCEPTED);

	ck_assert_int_eq(shared_trail_local(t, &mine, false), 0);
	read_rows(t, &mine, 1, 0, 0);
	offer = shared_trail_offer(t, 0, NOW_MS);
	ck_assert_ptr_nonnull(offer);
	ck_assert_uint_eq(offer->n, 0);
	ck_assert_uint_eq(offer->generation, 1 + SHARED_TRAIL_LEAP);
	shared_trail_settle(t, SHARED_TAKEN, 1);
	ck_assert(!shared_trail_behind(t));
	shared_trail_destroy(t);
}
END_TEST

START_TEST(a_long_trail_is_filled_in_parts)
{
	struct shared_trail *t = shared_trail_create();
	const struct shared_offer *offer;
	size_t n = 0, times = 0;
	char id[STATE_ID];

	for (uint64_t i = 1; i <= 3 * SHARED_OFFER_ROWS; i++) {
		struct state_override row;

		(void)snprintf(id, sizeof(id), "id%u", (unsigned)i);
		row = row_of(id, i, "drain", "east", STATE_SHARED_ACCEPTED);
		ck_assert_int_eq(shared_trail_local(t, &row, false), 0);
	}
	read_rows(t, NULL, 0, 0, 0);
	while ((offer = shared_trail_offer(t, 0, NOW_MS)) != NULL) {
		ck_assert(shared_trail_behind(t));
		ck_assert_int_eq(offer->revision, (int64_t)times);
		n += offer->n;
		shared_trail_settle(t, SHARED_TAKEN, (int64_t)++times);
	}
	ck_assert_uint_eq(n, 3 * SHARED_OFFER_ROWS);
	ck_assert_uint_eq(times, 4);
	ck_assert(!shared_trail_behind(t));
	shared_trail_destroy(t);
}
END_TEST

START_TEST(what_makes_no_sense_gives_its_place_to_the_row_of_that_number)
{
	struct shared_trail *t = shared_trail_create();
	const struct shared_offer *offer;
	struct state_override row[] = {
	    row_of("a", 3, "drain", "east", STATE_SHARED_ACCEPTED),
	    row_of("b", 1, "drain", "west", STATE_SHARED_OFFERED)};

	ck_assert_int_eq(shared_trail_local(t, &row[0], false), 0);
	ck_assert_int_eq(shared_trail_local(t, &row[1], false), 0);
	shared_trail_begin(t);
	shared_trail_generation(t, 4, 9);
	/* It is said once, however often it is read or written. */
	ck_assert(shared_trail_odd(t, 3, 7));
	ck_assert(!shared_trail_odd(t, 3, 8));
	ck_assert(shared_trail_odd(t, 5, 6));
	shared_trail_end(t);
	/* By its number nobody is led to believe that others were given. */
	ck_assert(!shared_trail_behind(t));
	offer = shared_trail_offer(t, 0, NOW_MS);
	ck_assert_uint_eq(offer->n, 1);
	ck_assert_uint_eq(offer->row[0].number, 3);
	ck_assert_int_eq(offer->replaces[0], 8);
	shared_trail_settle(t, SHARED_TAKEN, 10);
	offer = shared_trail_offer(t, 0, NOW_MS);
	ck_assert_uint_eq(offer->n, 1);
	ck_assert_str_eq(offer->row[0].id, "b");
	ck_assert_uint_eq(offer->row[0].number, 6);
	ck_assert_int_eq(offer->replaces[0], 0);
	shared_trail_settle(t, SHARED_TAKEN, 11);
	/* It comes over a row that was there: that has its number again. */
	ck_assert(shared_trail_odd(t, 3, 12));
	offer = shared_trail_offer(t, 0, NOW_MS);
	ck_assert_uint_eq(offer->n, 1);
	ck_assert_uint_eq(offer->row[0].number, 3);
	ck_assert_int_eq(offer->replaces[0], 12);
	shared_trail_settle(t, SHARED_TAKEN, 13);
	ck_assert_ptr_null(shared_trail_offer(t, 0, NOW_MS));
	shared_trail_destroy(t);
}
END_TEST

START_TEST(a_row_that_is_written_over_by_another_gets_the_next_number)
{
	struct shared_trail *t = shared_trail_create();
	struct state_override out,
	    row = row_of("a", 3, "drain", "east", STATE_SHARED_ACCEPTED),
	    other = row_of("x", 3, "drain", "west", STATE_SHARED_ACCEPTED);

	ck_assert_int_eq(shared_trail_local(t, &row, false), 0);
	read_rows(t, &row, 1, 3, 9);
	ck_assert(!offer_one(t, NOW_MS, &out));
	ck_assert_int_eq(shared_trail_row(t, &other, 1), 0);
	ck_assert(offer_one(t, NOW_MS, &out));
	ck_assert_str_eq(out.id, "a");
	ck_assert_uint_eq(out.number, 4);
	shared_trail_destroy(t);
}
END_TEST

START_TEST(numbers_that_moved_are_put_from_the_last_on)
{
	struct shared_trail *t = shared_trail_create();
	struct state_override out,
	    mine[] = {row_of("a", 1, "drain", "east", STATE_SHARED_ACCEPTED),
		row_of("b", 2, "drain", "west", STATE_SHARED_ACCEPTED)},
	    theirs[] = {row_of("x", 1, "drain", "a", STATE_SHARED_ACCEPTED),
		row_of("a", 2, "drain", "east", STATE_SHARED_ACCEPTED),
		row_of("b", 3, "drain", "west", STATE_SHARED_ACCEPTED)};
	static const char *const order[] = {"b", "a", "x"};

	for (size_t i = 0; i < 2; i++)
		ck_assert_int_eq(shared_trail_local(t, &mine[i], false), 0);
	read_rows(t, theirs, 3, 3, 9);
	for (size_t i = 0; i < 3; i++) {
		ck_assert(shared_trail_take(t, &out));
		ck_assert_str_eq(out.id, order[i]);
	}
	ck_assert(!shared_trail_take(t, &out));
	shared_trail_destroy(t);
}
END_TEST

static const struct {
	const char *what, *action;
	uint32_t shared;
	int64_t length_ms;
	bool replaced, offered;
} old[] = {
    {"a drain", "drain", STATE_SHARED_ACCEPTED, -1, false, true},
    {"one that goes on", "drain", STATE_SHARED_ACCEPTED,
	STATE_OVERRIDES_AGE_MS + 1, false, true},
    {"one that is over", "drain", STATE_SHARED_ACCEPTED, STATE_OVERRIDES_AGE_MS,
	false, false},
    {"one with a later one", "drain", STATE_SHARED_ACCEPTED, -1, true, false},
    {"what ends others", "undrain", STATE_SHARED_ACCEPTED, -1, false, false},
    {"a refused one", "drain", STATE_SHARED_REFUSED, -1, false, false},
    {"one of before sharing", "drain", STATE_SHARED_NOT, -1, false, true},
};

START_TEST(of_what_is_old_only_what_is_in_force_is_written_again)
{
	struct shared_trail *t = shared_trail_create();
	struct state_override out,
	    row = row_of("a", 3, old[_i].action, "east", old[_i].shared),
	    later = row_of("b", 4, "undrain", "east", STATE_SHARED_ACCEPTED);

	row.length_ms = old[_i].length_ms;
	row.at_ms = NOW_MS - STATE_OVERRIDES_AGE_MS;
	later.at_ms = row.at_ms;
	ck_assert_int_eq(shared_trail_local(t, &row, false), 0);
	if (old[_i].replaced)
		ck_assert_int_eq(shared_trail_local(t, &later, false), 0);
	read_rows(t, NULL, 0, 4, 1);
	ck_assert_msg(
	    shared_trail_waiting(t, 0, NOW_MS) == (old[_i].offered ? 1 : 0),
	    "%s", old[_i].what);
	ck_assert_msg(
	    offer_one(t, NOW_MS, &out) == old[_i].offered, "%s", old[_i].what);
	/* A moment before, any of them counts. */
	if (!old[_i].offered)
		ck_assert_ptr_nonnull(shared_trail_offer(t, 0, NOW_MS - 1));
	shared_trail_destroy(t);
}
END_TEST

START_TEST(a_number_that_another_row_has_got_is_not_taken)
{
	struct shared_trail *t = shared_trail_create();
	struct state_override theirs =
	    row_of("x", 3, "drain", "west", STATE_SHARED_ACCEPTED);
	struct state_override out,
	    mine = row_of("a", 3, "drain", "east", STATE_SHARED_ACCEPTED);

	/* An older backup was restored, and number 3 given again. */
	ck_assert_int_eq(shared_trail_local(t, &mine, false), 0);
	read_rows(t, &theirs, 1, theirs.number, 9);
	ck_assert(offer_one(t, NOW_MS, &out));
	ck_assert_uint_eq(out.number, 4);
	ck_assert_uint_eq(out.shared, STATE_SHARED_ACCEPTED);
	shared_trail_destroy(t);
}
END_TEST

START_TEST(a_row_that_was_deleted_is_offered_again)
{
	struct shared_trail *t = shared_trail_create();
	struct state_override out,
	    row = row_of("a", 3, "drain", "east", STATE_SHARED_ACCEPTED);

	ck_assert_int_eq(shared_trail_local(t, &row, false), 0);
	read_rows(t, &row, 1, 3, 9);
	ck_assert(!shared_trail_take(t, &out));
	ck_assert(!offer_one(t, NOW_MS, &out));
	shared_trail_gone(t, 3, 10);
	ck_assert(offer_one(t, NOW_MS, &out));
	ck_assert_uint_eq(out.number, 3);
	shared_trail_destroy(t);
}
END_TEST

static const struct {
	const char *what, *action, *value;
	uint32_t forced;
	bool cut, judged;
} judged[] = {
    {"a drain", "drain", "", 0, true, true},
    {"a force down", "force", "down", 0, true, true},
    {"what takes nothing away", "force", "up", 0, true, false},
    {"the end of a drain", "undrain", "", 0, true, false},
    {"what was said against the rule", "drain", "", 1, true, false},
    {"what was said with the link", "drain", "", 0, false, false},
};

START_TEST(what_was_said_while_cut_off_is_judged_before_it_is_offered)
{
	struct shared_trail *t = shared_trail_create();
	const struct state_override *row;
	struct state_override out,
	    mine =
		row_of("b", 1, judged[_i].action, "east", STATE_SHARED_OFFERED),
	    theirs = row_of("a", 1, "drain", "west", STATE_SHARED_ACCEPTED);

	(void)snprintf(mine.value, sizeof(mine.value), "%s", judged[_i].value);
	mine.forced = judged[_i].forced;
	ck_assert_int_eq(shared_trail_local(t, &mine, judged[_i].cut), 0);
	read_rows(t, NULL, 0, 0, 0);
	row = shared_trail_unjudged(t, 0, NOW_MS);
	ck_assert_msg(
	    (row != NULL) == judged[_i].judged, "%s", judged[_i].what);
	if (row != NULL) {
		ck_assert_ptr_null(shared_trail_offer(t, 0, NOW_MS));
		shared_trail_judged(t, row->id, "");
		ck_assert_ptr_null(shared_trail_unjudged(t, 0, NOW_MS));
		/* Another was said meanwhile: it is looked at with that. */
		ck_assert_int_eq(shared_trail_row(t, &theirs, 1), 0);
		shared_trail_generation(t, 1, 4);
		ck_assert_ptr_null(shared_trail_offer(t, 0, NOW_MS));
		/* It is not here yet. */
		ck_assert_ptr_null(shared_trail_unjudged(t, 0, NOW_MS));
		ck_assert_int_eq(shared_trail_local(t, &theirs, true), 0);
		ck_assert_ptr_nonnull(shared_trail_unjudged(t, 0, NOW_MS));
		shared_trail_judged(t, "b", "unsafe");
	}
	ck_assert(offer_one(t, NOW_MS, &out));
	ck_assert_uint_eq(out.shared,
	    row != NULL ? STATE_SHARED_REFUSED : STATE_SHARED_ACCEPTED);
	ck_assert_str_eq(out.refused, row != NULL ? "unsafe" : "");
	shared_trail_destroy(t);
}
END_TEST

START_TEST(a_database_that_is_given_anew_keeps_what_was_said_while_cut_off)
{
	struct shared_trail *t = shared_trail_create();
	struct state_override mine =
	    row_of("b", 1, "drain", "east", STATE_SHARED_OFFERED);

	ck_assert_int_eq(shared_trail_local(t, &mine, true), 0);
	/* It got another number, and all is read again, with the link. */
	shared_trail_local_begin(t);
	mine.number = 2;
	ck_assert_int_eq(shared_trail_local(t, &mine, false), 0);
	read_rows(t, NULL, 0, 0, 0);
	/* Nothing is offered before all is told. */
	ck_assert_ptr_null(shared_trail_unjudged(t, 0, NOW_MS));
	shared_trail_local_end(t, false);
	ck_assert_ptr_nonnull(shared_trail_unjudged(t, 0, NOW_MS));
	/* What is not there any more is forgotten. */
	shared_trail_local_begin(t);
	shared_trail_local_begin(t);
	ck_assert_int_eq(shared_trail_local(t, &mine, false), 0);
	shared_trail_local_end(t, false);
	ck_assert_ptr_null(shared_trail_unjudged(t, 0, NOW_MS));
	shared_trail_destroy(t);
}
END_TEST

static const struct {
	const char *action, *value, *ends_as, *ends_with;
} lengths[] = {
    {"drain", "", "undrain", ""},
    {"weight", "50%", "weight", "off"},
    {"canary", "v2 5%", "canary", "off"},
};

START_TEST(who_comes_to_the_end_of_a_length_first_ends_it_for_all)
{
	struct shared_trail *a = shared_trail_create();
	struct shared_trail *b = shared_trail_create();
	const struct shared_offer *offer;
	const int64_t mono_ms = clock_mono_ms(), wall_ms = clock_wall_ms();
	struct state_override out,
	    row = row_of(
		"x", 1, lengths[_i].action, "east", STATE_SHARED_ACCEPTED);
	char id[STATE_ID];

	(void)snprintf(row.value, sizeof(row.value), "%s", lengths[_i].value);
	row.length_ms = 5000;
	/* Whatever its wall clock said. */
	row.at_ms = wall_ms + 3600000;
	override_clock_set(&row, 0);
	ck_assert_int_eq(shared_trail_local(a, &row, false), 0);
	ck_assert_int_eq(shared_trail_local(b, &row, false), 0);
	read_rows(a, &row, 1, 1, 1);
	read_rows(b, &row, 1, 1, 1);
	ck_assert_ptr_null(shared_trail_offer(a, mono_ms + 4000, wall_ms));
	offer = shared_trail_offer(a, mono_ms + 6000, wall_ms);
	ck_assert_ptr_nonnull(offer);
	ck_assert_uint_eq(offer->n, 1);
	ck_assert_uint_eq(offer->row[0].number, 2);
	ck_assert_uint_eq(offer->generation, 2);
	ck_assert_str_eq(offer->row[0].action, lengths[_i].ends_as);
	ck_assert_str_eq(offer->row[0].value, lengths[_i].ends_with);
	ck_assert_str_eq(offer->row[0].target, "east");
	(void)snprintf(id, sizeof(id), "%s", offer->row[0].id);
	/* Another says the same, and is late. */
	offer = shared_trail_offer(b, mono_ms + 6000, wall_ms);
	ck_assert_ptr_nonnull(offer);
	ck_assert_str_eq(offer->row[0].id, id);
	shared_trail_settle(a, SHARED_TAKEN, 2);
	ck_assert(shared_trail_take(a, &out));
	ck_assert_str_eq(out.id, id);
	ck_assert_ptr_null(shared_trail_offer(a, mono_ms + 7000, wall_ms));
	shared_trail_settle(b, SHARED_LATE, 0);
	ck_assert_int_eq(shared_trail_row(b, &out, 1), 0);
	shared_trail_generation(b, 2, 2);
	ck_assert_ptr_null(shared_trail_offer(b, mono_ms + 7000, wall_ms));
	shared_trail_destroy(a);
	shared_trail_destroy(b);
}
END_TEST

START_TEST(by_wall_clocks_alone_nobody_ends_a_length_for_all)
{
	struct shared_trail *t = shared_trail_create();
	struct state_override row =
	    row_of("x", 1, "drain", "east", STATE_SHARED_ACCEPTED);

	row.length_ms = 5000;
	row.at_ms = clock_wall_ms() - 3600000;
	ck_assert_int_eq(shared_trail_local(t, &row, false), 0);
	read_rows(t, &row, 1, 1, 1);
	ck_assert_ptr_null(
	    shared_trail_offer(t, clock_mono_ms(), clock_wall_ms()));
	shared_trail_destroy(t);
}
END_TEST

/* --- nodes and an etcd, at random --- */

#define NODES 3
#define ROWS 64
#define STEPS 2000

struct model_node {
	struct shared_trail *trail;
	struct state_override rows[ROWS]; /* its database */
	size_t n;
	bool cut;
};

struct model {
	struct model_node node[NODES];
	struct state_override etcd[ROWS], backup[ROWS];
	size_t n, n_backup;
	uint64_t generation, generation_backup;
	int64_t revision; /* of that key: never the same again */
	unsigned said, seed;
	/* The ids of what was accepted. */
	char accepted[ROWS * 2][STATE_ID];
	size_t n_accepted;
};

static unsigned
draw(struct model *m, unsigned below)
{
	m->seed = m->seed * 1103515245 + 12345;
	return m->seed / 65536 % below;
}

/* The database as its carrier writes it: by id, and what was not accepted makes
 * way. */
static void
put(struct model_node *node, const struct state_override *row)
{
	size_t at = node->n;
	uint64_t top = row->number;

	for (size_t i = 0; i < node->n; i++)
		if (strcmp(node->rows[i].id, row->id) == 0)
			at = i;
	if (at == node->n) {
		ck_assert_uint_lt(at, ROWS);
		node->n++;
	}
	node->rows[at] = *row;
	for (size_t i = 0; i < node->n; i++)
		if (node->rows[i].number > top)
			top = node->rows[i].number;
	for (size_t i = 0; i < node->n; i++)
		if (i != at && node->rows[i].number == row->number) {
			node->rows[i].number = ++top;
			ck_assert_int_eq(shared_trail_local(node->trail,
					     &node->rows[i], node->cut),
			    0);
		}
	ck_assert_int_eq(
	    shared_trail_local(node->trail, &node->rows[at], node->cut), 0);
}

static void
take_all(struct model_node *node)
{
	struct state_override row;

	while (shared_trail_take(node->trail, &row))
		put(node, &row);
}

/* One transaction; whether the answer comes. */
static bool
offer(struct model *m, struct model_node *node)
{
	const struct state_override *row =
	    shared_trail_unjudged(node->trail, 0, NOW_MS);
	const struct shared_offer *offer;

	if (row != NULL)
		shared_trail_judged(
		    node->trail, row->id, draw(m, 4) == 0 ? "unsafe" : "");
	offer = node->cut ? NULL : shared_trail_offer(node->trail, 0, NOW_MS);
	if (offer == NULL)
		return false;
	if (offer->revision != m->revision) {
		shared_trail_settle(node->trail, SHARED_LATE, 0);
		return true;
	}
	for (size_t i = 0; i < offer->n; i++) {
		for (size_t k = 0; k < m->n; k++) {
			ck_assert_uint_ne(
			    m->etcd[k].number, offer->row[i].number);
			ck_assert_str_ne(m->etcd[k].id, offer->row[i].id);
		}
		ck_assert_uint_lt(m->n, ROWS);
		m->etcd[m->n++] = offer->row[i];
	}
	m->generation = offer->generation;
	m->revision++;
	/* The answer may be lost: then nobody was told that it is accepted. */
	if (draw(m, 4) == 0) {
		shared_trail_settle(node->trail, SHARED_UNKNOWN, 0);
		return true;
	}
	for (size_t i = 0; i < offer->n; i++)
		if (offer->row[i].shared == STATE_SHARED_ACCEPTED)
			(void)snprintf(
			    m->accepted[m->n_accepted++ % (2 * ROWS)], STATE_ID,
			    "%s", offer->row[i].id);
	shared_trail_settle(node->trail, SHARED_TAKEN, m->revision);
	take_all(node);
	return true;
}

static void
read_etcd(struct model *m, struct model_node *node)
{
	do
		read_rows(
		    node->trail, m->etcd, m->n, m->generation, m->revision);
	while (shared_trail_behind(node->trail) && offer(m, node));
	take_all(node);
}

static void
say(struct model *m, struct model_node *node)
{
	static const char *const targets[] = {"east", "west", "north"};
	char id[STATE_ID];
	struct state_override row;
	uint64_t top = 0;

	if (m->said + 1 == ROWS)
		return;
	for (size_t i = 0; i < node->n; i++)
		if (node->rows[i].number > top)
			top = node->rows[i].number;
	(void)snprintf(id, sizeof(id), "id%u", ++m->said);
	row = row_of(id, top + 1, draw(m, 2) == 0 ? "drain" : "undrain",
	    targets[draw(m, 3)], STATE_SHARED_OFFERED);
	put(node, &row);
}

static void
step(struct model *m)
{
	struct model_node *node = &m->node[draw(m, NODES)];

	switch (draw(m, 12)) {
	case 0:
		say(m, node);
		break;
	case 1:
		node->cut = !node->cut;
		if (!node->cut)
			read_etcd(m, node);
		break;
	case 2:
		/* Its sharer is killed and started again. */
		shared_trail_destroy(node->trail);
		node->trail = shared_trail_create();
		for (size_t i = 0; i < node->n; i++)
			ck_assert_int_eq(shared_trail_local(
					     node->trail, &node->rows[i], true),
			    0);
		if (!node->cut)
			read_etcd(m, node);
		break;
	case 3:
		memcpy(m->backup, m->etcd, sizeof(m->backup));
		m->n_backup = m->n;
		m->generation_backup = m->generation;
		break;
	case 4:
		if (draw(m, 8) != 0)
			break;
		/* Etcd is made anew, or a backup is restored: whoever has a
		 * link notices. */
		m->n = draw(m, 2) == 0 ? 0 : m->n_backup;
		m->generation = m->n == 0 ? 0 : m->generation_backup;
		m->revision++;
		memcpy(m->etcd, m->backup, sizeof(m->etcd));
		for (int i = 0; i < NODES; i++)
			if (!m->node[i].cut)
				read_etcd(m, &m->node[i]);
		break;
	case 5:
	case 6:
	case 7:
		if (!node->cut)
			read_etcd(m, node);
		break;
	default:
		(void)offer(m, node);
		break;
	}
}

static bool
has(const struct model_node *node, const char *id)
{
	for (size_t i = 0; i < node->n; i++)
		if (strcmp(node->rows[i].id, id) == 0)
			return node->rows[i].shared == STATE_SHARED_ACCEPTED;
	return false;
}

static int
by_number(const void *a, const void *b)
{
	const struct state_override *x = a, *y = b;

	return x->number < y->number ? -1 : x->number > y->number;
}

START_TEST(all_nodes_end_with_the_same_and_nothing_accepted_is_lost)
{
	struct model *m = calloc(1, sizeof(*m));

	ck_assert_ptr_nonnull(m);
	m->seed = (unsigned)_i + 1;
	for (int i = 0; i < NODES; i++)
		m->node[i].trail = shared_trail_create();
	for (int i = 0; i < STEPS; i++)
		step(m);
	for (int i = 0; i < NODES; i++)
		m->node[i].cut = false;
	for (int round = 0; round < 4 * ROWS; round++)
		for (int i = 0; i < NODES; i++) {
			read_etcd(m, &m->node[i]);
			(void)offer(m, &m->node[i]);
		}
	for (int i = 0; i < NODES; i++) {
		struct model_node *node = &m->node[i];

		read_etcd(m, node);
		ck_assert_uint_eq(
		    shared_trail_waiting(node->trail, 0, NOW_MS), 0);
		ck_assert_uint_eq(node->n, m->node[0].n);
		qsort(node->rows, node->n, sizeof(node->rows[0]), by_number);
		for (size_t k = 0; k < node->n; k++) {
			ck_assert_str_eq(
			    node->rows[k].id, m->node[0].rows[k].id);
			ck_assert_uint_eq(
			    node->rows[k].shared, m->node[0].rows[k].shared);
			ck_assert(k == 0 ||
			    node->rows[k].number > node->rows[k - 1].number);
		}
		for (size_t k = 0; k < m->n_accepted && k < 2 * ROWS; k++)
			ck_assert_msg(has(node, m->accepted[k]),
			    "seed %d: node %d lost %s", _i + 1, i,
			    m->accepted[k]);
	}
	for (int i = 0; i < NODES; i++)
		shared_trail_destroy(m->node[i].trail);
	free(m);
}
END_TEST

/* One who writes the last number there is leaves numbers for others. */
START_TEST(a_number_far_from_all_is_not_believed)
{
	struct shared_trail *t = shared_trail_create();

	ck_assert(shared_trail_believes(t, 5));
	shared_trail_begin(t);
	shared_trail_generation(t, 1000, 1);
	ck_assert(shared_trail_believes(t, 1));
	ck_assert(shared_trail_believes(t, 1000 + SHARED_TRAIL_JUMP - 1));
	ck_assert(!shared_trail_believes(t, 1000 + SHARED_TRAIL_JUMP));
	ck_assert(!shared_trail_believes(t, SHARED_TRAIL_NUMBER_MAX));
	shared_trail_destroy(t);
}
END_TEST

/* Nor when it stands in the database of this node: it is not offered, and the
 * others go on with the numbers that they have. */
START_TEST(a_number_far_from_all_in_the_own_database_stays_there)
{
	struct shared_trail *t = shared_trail_create();
	struct state_override odd = row_of("odd", SHARED_TRAIL_NUMBER_MAX - 1,
				  "drain", "eu", STATE_SHARED_ACCEPTED),
			      said = row_of("said", SHARED_TRAIL_NUMBER_MAX,
				  "drain", "us", STATE_SHARED_OFFERED),
			      out;

	read_rows(t, NULL, 0, 7, 1);
	ck_assert_int_eq(shared_trail_local(t, &odd, false), SHARED_LOCAL_ODD);
	ck_assert_int_eq(
	    shared_trail_local(t, &said, false), SHARED_LOCAL_KNOWN);
	ck_assert(!shared_trail_behind(t));
	ck_assert(offer_one(t, NOW_MS, &out));
	ck_assert_str_eq(out.id, "said");
	ck_assert_uint_eq(out.number, 8);
	shared_trail_destroy(t);
}
END_TEST

/* At the end of all numbers a filling still is one that is read. */
START_TEST(no_generation_is_written_that_nobody_reads)
{
	struct shared_trail *t = shared_trail_create();
	const struct shared_offer *offer;
	struct state_override row;

	/* As far as steps that are believed can lead. */
	for (uint64_t n = 1; n < SHARED_TRAIL_NUMBER_MAX; n += 1U << 31) {
		row = row_of("far", n, "drain", "eu", STATE_SHARED_ACCEPTED);
		ck_assert_int_eq(
		    shared_trail_local(t, &row, false), SHARED_LOCAL_KNOWN);
	}
	row.number = SHARED_TRAIL_NUMBER_MAX;
	ck_assert_int_eq(
	    shared_trail_local(t, &row, false), SHARED_LOCAL_KNOWN);
	read_rows(t, NULL, 0, 0, 1);
	ck_assert(shared_trail_behind(t));
	offer = shared_trail_offer(t, 0, NOW_MS);
	ck_assert_ptr_nonnull(offer);
	ck_assert_uint_eq(offer->generation, SHARED_TRAIL_NUMBER_MAX);
	shared_trail_settle(t, SHARED_TAKEN, 2);
	row = row_of("said", 1, "drain", "us", STATE_SHARED_OFFERED);
	ck_assert_int_eq(
	    shared_trail_local(t, &row, false), SHARED_LOCAL_KNOWN);
	offer = shared_trail_offer(t, 0, NOW_MS);
	ck_assert(offer == NULL || offer->n == 0);
	shared_trail_destroy(t);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("shared trail");
	Suite *suite = suite_create("shared_trail");
	SRunner *runner;
	int failed;

	tcase_add_test(tc, a_number_far_from_all_is_not_believed);
	tcase_add_test(
	    tc, a_number_far_from_all_in_the_own_database_stays_there);
	tcase_add_test(tc, no_generation_is_written_that_nobody_reads);
	tcase_add_test(tc, what_is_said_gets_the_next_number);
	tcase_add_test(tc, a_race_that_is_lost_is_run_again);
	tcase_add_loop_test(tc,
	    what_was_said_while_cut_off_gives_way_to_what_came_later, 0,
	    (int)(sizeof(meanwhile) / sizeof(meanwhile[0])));
	tcase_add_test(tc, what_made_way_is_refused_for_what_it_made_way_for);
	tcase_add_test(tc, an_etcd_that_is_empty_is_filled);
	tcase_add_test(tc, an_older_etcd_is_not_believed_before_it_is_filled);
	tcase_add_test(
	    tc, an_etcd_that_lacks_nothing_but_its_generation_is_filled);
	tcase_add_test(tc, a_long_trail_is_filled_in_parts);
	tcase_add_test(
	    tc, what_makes_no_sense_gives_its_place_to_the_row_of_that_number);
	tcase_add_test(
	    tc, a_row_that_is_written_over_by_another_gets_the_next_number);
	tcase_add_test(tc, numbers_that_moved_are_put_from_the_last_on);
	tcase_add_loop_test(tc,
	    of_what_is_old_only_what_is_in_force_is_written_again, 0,
	    (int)(sizeof(old) / sizeof(old[0])));
	tcase_add_test(tc, a_number_that_another_row_has_got_is_not_taken);
	tcase_add_test(tc, a_row_that_was_deleted_is_offered_again);
	tcase_add_loop_test(tc,
	    what_was_said_while_cut_off_is_judged_before_it_is_offered, 0,
	    (int)(sizeof(judged) / sizeof(judged[0])));
	tcase_add_test(tc,
	    a_database_that_is_given_anew_keeps_what_was_said_while_cut_off);
	tcase_add_loop_test(tc,
	    who_comes_to_the_end_of_a_length_first_ends_it_for_all, 0,
	    (int)(sizeof(lengths) / sizeof(lengths[0])));
	tcase_add_test(tc, by_wall_clocks_alone_nobody_ends_a_length_for_all);
	tcase_add_loop_test(tc,
	    all_nodes_end_with_the_same_and_nothing_accepted_is_lost, 0, 40);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
