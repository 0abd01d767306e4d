/*
 * Tests of the trail of a state database of which nobody knows the site: what
 * it accepted elsewhere overrules nothing, and what was said there on a node
 * alone goes by the same rules as ever.
 */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "share/shared_trail.h"

#define NOW_MS INT64_C(1795961110000)

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
row_of(uint64_t number, const char *action, const char *target, uint32_t shared)
{
	struct state_override row = {.number = number,
	    .at_ms = NOW_MS - 5000,
	    .length_ms = -1,
	    .shared = shared};

	(void)snprintf(row.id, sizeof(row.id), "id-%d", (int)number);
	(void)snprintf(row.action, sizeof(row.action), "%s", action);
	(void)snprintf(row.kind, sizeof(row.kind), "region");
	(void)snprintf(row.target, sizeof(row.target), "%s", target);
	return row;
}

static void
have(const struct state_override *row)
{
	ck_assert_int_eq(shared_trail_local(t, row, true), 0);
}

/* All rows of a state database, of no site. */
static void
have_all(const struct state_override *rows, size_t n)
{
	shared_trail_local_begin(t);
	for (size_t i = 0; i < n; i++)
		have(&rows[i]);
	shared_trail_local_end(t, true);
}

static void
read_rows(const struct state_override *rows, size_t n, uint64_t generation)
{
	shared_trail_begin(t);
	if (generation > 0)
		shared_trail_generation(t, generation, 80);
	for (size_t i = 0; i < n; i++)
		ck_assert_int_eq(shared_trail_row(t, &rows[i], 50), 0);
	shared_trail_end(t);
	shared_trail_catch_up(t, 0, NOW_MS);
}

/* What is to be dropped here, in one line: taken away, or "!": refused. */
static const char *
dropped(struct state_override *last)
{
	static char out[256];
	enum shared_drop drop;
	size_t len = 0;

	out[0] = '\0';
	while (
	    (drop = shared_trail_drop(t, 0, NOW_MS, last)) != SHARED_DROP_NONE)
		len += (size_t)snprintf(out + len, sizeof(out) - len, "%d%s ",
		    (int)last->number, drop == SHARED_DROP_PUT ? "!" : "");
	return out;
}

START_TEST(what_was_accepted_elsewhere_ends_here)
{
	struct state_override last,
	    rows[] = {
		row_of(500, "drain", "east", STATE_SHARED_ACCEPTED),
		row_of(501, "drain", "west", STATE_SHARED_ACCEPTED),
		row_of(502, "undrain", "west", STATE_SHARED_ACCEPTED),
		row_of(503, "drain", "north", STATE_SHARED_REFUSED),
	    };

	have_all(rows, 4);
	ck_assert_uint_eq(shared_trail_last(t), 0);
	read_rows(NULL, 0, 7);
	ck_assert(!shared_trail_behind(t));
	ck_assert_uint_eq(shared_trail_waiting(t, 0, NOW_MS), 0);
	ck_assert_ptr_null(shared_trail_offer(t, 0, NOW_MS));
	ck_assert_str_eq(dropped(&last), "500! 501 502 503 ");
	/* No number of it counts. */
	ck_assert_uint_eq(shared_trail_last(t), 7);
	ck_assert_str_eq(dropped(&last), "");
}
END_TEST

START_TEST(what_was_refused_for_that_stays_here)
{
	struct state_override last,
	    row = row_of(500, "drain", "east", STATE_SHARED_ACCEPTED);

	have_all(&row, 1);
	read_rows(NULL, 0, 7);
	ck_assert_str_eq(dropped(&last), "500! ");
	ck_assert_uint_eq(last.shared, STATE_SHARED_REFUSED);
	ck_assert_str_eq(last.refused,
	    "it was accepted before this node shared with this site");
	/* It is in the database; and by now that is of the site. */
	have(&last);
	ck_assert_str_eq(dropped(&row), "");
	shared_trail_destroy(t);
	t = shared_trail_create();
	shared_trail_local_begin(t);
	have(&last);
	shared_trail_local_end(t, false);
	read_rows(NULL, 0, 7);
	ck_assert(!shared_trail_behind(t));
	ck_assert_ptr_null(shared_trail_offer(t, 0, NOW_MS));
	ck_assert_str_eq(dropped(&row), "");
	ck_assert_uint_eq(shared_trail_last(t), 7);
}
END_TEST

START_TEST(what_etcd_has_is_of_the_site)
{
	struct state_override last,
	    rows[] = {
		row_of(3, "drain", "east", STATE_SHARED_ACCEPTED),
		row_of(4, "drain", "west", STATE_SHARED_ACCEPTED),
	    };

	have_all(rows, 2);
	read_rows(rows, 1, 7);
	ck_assert_str_eq(dropped(&last), "4! ");
	/* It comes to etcd all the same, by another node. */
	ck_assert_int_eq(shared_trail_row(t, &rows[1], 90), 0);
	shared_trail_catch_up(t, 0, NOW_MS);
	ck_assert_str_eq(dropped(&last), "");
	/* And is lost there: this node knows it. */
	shared_trail_gone(t, 3, 91);
	shared_trail_catch_up(t, 0, NOW_MS);
	ck_assert_uint_eq(shared_trail_waiting(t, 0, NOW_MS), 1);
	ck_assert_str_eq(dropped(&last), "");
}
END_TEST

START_TEST(what_was_said_alone_counts_as_ever)
{
	struct state_override last,
	    rows[] = {
		row_of(500, "drain", "east", STATE_SHARED_ACCEPTED),
		row_of(501, "weight", "west", STATE_SHARED_NOT),
	    };
	const struct shared_offer *offer;

	have_all(rows, 2);
	read_rows(NULL, 0, 7);
	ck_assert_str_eq(dropped(&last), "500! ");
	offer = shared_trail_offer(t, 0, NOW_MS);
	ck_assert_uint_eq(offer->n, 1);
	ck_assert_str_eq(offer->row[0].id, "id-501");
	ck_assert_uint_eq(offer->row[0].number, 8);
	ck_assert_uint_eq(offer->row[0].shared, STATE_SHARED_ACCEPTED);
}
END_TEST

/* Mirrors and backups are written back while this runs. */
START_TEST(what_comes_late_ends_as_well)
{
	struct state_override last,
	    row = row_of(500, "drain", "east", STATE_SHARED_ACCEPTED);

	have_all(NULL, 0);
	read_rows(NULL, 0, 7);
	have(&row);
	ck_assert_uint_eq(shared_trail_waiting(t, 0, NOW_MS), 0);
	ck_assert(!shared_trail_behind(t));
	shared_trail_catch_up(t, 0, NOW_MS);
	ck_assert_str_eq(dropped(&last), "500! ");
	/* All is given once more, when the database is of the site. */
	shared_trail_local_begin(t);
	shared_trail_local_end(t, false);
	row.number = 600;
	(void)snprintf(row.id, sizeof(row.id), "id-600");
	have(&row);
	shared_trail_catch_up(t, 0, NOW_MS);
	ck_assert_str_eq(dropped(&last), "600! ");
}
END_TEST

START_TEST(a_database_that_is_lost_while_it_is_shared_is_of_none)
{
	struct state_override last,
	    rows[] = {
		row_of(3, "drain", "east", STATE_SHARED_ACCEPTED),
		row_of(4, "drain", "west", STATE_SHARED_ACCEPTED),
	    };

	shared_trail_local_begin(t);
	have(&rows[0]);
	shared_trail_local_end(t, false);
	read_rows(NULL, 0, 7);
	ck_assert_uint_eq(shared_trail_waiting(t, 0, NOW_MS), 1);
	/* One that this node had is known; the other is not. */
	have_all(rows, 2);
	shared_trail_catch_up(t, 0, NOW_MS);
	ck_assert_uint_eq(shared_trail_waiting(t, 0, NOW_MS), 1);
	ck_assert_str_eq(dropped(&last), "4! ");
}
END_TEST

START_TEST(who_gives_etcd_its_site_gives_it_its_trail)
{
	struct state_override last,
	    row = row_of(5, "drain", "east", STATE_SHARED_ACCEPTED);
	const struct shared_offer *offer;

	have_all(&row, 1);
	shared_trail_found(t);
	ck_assert_uint_eq(shared_trail_last(t), 5);
	read_rows(NULL, 0, 0);
	ck_assert(shared_trail_behind(t));
	offer = shared_trail_offer(t, 0, NOW_MS);
	ck_assert_uint_eq(offer->n, 1);
	ck_assert_uint_eq(offer->row[0].number, 5);
	shared_trail_settle(t, SHARED_TAKEN, 2);
	ck_assert_str_eq(dropped(&last), "");
	/* What comes late is of the site, too. */
	row.number = 6;
	(void)snprintf(row.id, sizeof(row.id), "id-6");
	have(&row);
	ck_assert_uint_eq(shared_trail_waiting(t, 0, NOW_MS), 1);
}
END_TEST

/* Rows that are being told may be of another database than those before. */
START_TEST(nothing_follows_before_all_is_told)
{
	struct state_override out,
	    mine = row_of(500, "drain", "east", STATE_SHARED_ACCEPTED),
	    theirs = row_of(3, "drain", "west", STATE_SHARED_ACCEPTED);

	read_rows(&theirs, 1, 7);
	shared_trail_local_begin(t);
	have(&mine);
	shared_trail_catch_up(t, 0, NOW_MS);
	ck_assert(!shared_trail_take(t, &out));
	ck_assert_int_eq(
	    shared_trail_drop(t, 0, NOW_MS, &out), SHARED_DROP_NONE);
	ck_assert_ptr_null(shared_trail_offer(t, 0, NOW_MS));
	ck_assert(!shared_trail_behind(t));
	shared_trail_local_end(t, true);
	shared_trail_catch_up(t, 0, NOW_MS);
	ck_assert_str_eq(dropped(&out), "500! ");
	ck_assert(shared_trail_take(t, &out));
	ck_assert_uint_eq(out.number, 3);
}
END_TEST

/* What is in force stays so, whatever was accepted elsewhere. */
START_TEST(what_nobody_knows_replaces_nothing)
{
	struct state_override last,
	    rows[] = {
		row_of(3, "drain", "east", STATE_SHARED_ACCEPTED),
		row_of(500, "undrain", "east", STATE_SHARED_ACCEPTED),
	    };

	/* The first is known, and lost in etcd; it was said long ago. */
	rows[0].at_ms = NOW_MS - STATE_OVERRIDES_AGE_MS - 1000;
	shared_trail_local_begin(t);
	have(&rows[0]);
	shared_trail_local_end(t, false);
	have_all(rows, 2);
	read_rows(NULL, 0, 7);
	ck_assert_uint_eq(shared_trail_waiting(t, 0, NOW_MS), 1);
	ck_assert_str_eq(dropped(&last), "500 ");
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("sites");
	Suite *suite = suite_create("shared_trail_site");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tc, begin, end);
	tcase_add_test(tc, what_was_accepted_elsewhere_ends_here);
	tcase_add_test(tc, what_was_refused_for_that_stays_here);
	tcase_add_test(tc, what_etcd_has_is_of_the_site);
	tcase_add_test(tc, what_was_said_alone_counts_as_ever);
	tcase_add_test(tc, what_comes_late_ends_as_well);
	tcase_add_test(
	    tc, a_database_that_is_lost_while_it_is_shared_is_of_none);
	tcase_add_test(tc, who_gives_etcd_its_site_gives_it_its_trail);
	tcase_add_test(tc, nothing_follows_before_all_is_told);
	tcase_add_test(tc, what_nobody_knows_replaces_nothing);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
