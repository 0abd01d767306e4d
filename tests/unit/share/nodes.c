/*
 * Tests of what nodes say of themselves: it comes as it was said, with times by
 * our clock, and what makes no sense is no news.
 */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "share/nodes.h"
#include "state/node_parts.h"

#define NOW_MS INT64_C(1795961110000)
#define HOUR_MS INT64_C(3600000)

/* What a node says at ${at_ms} by its own clock. */
static void
say(struct text *value, int64_t at_ms)
{
	/* It was cut off, but not if somebody hears this. */
	struct state_node row = {.cut_ms = NOW_MS - 1000};

	(void)snprintf(row.name, sizeof(row.name), "east-1");
	(void)snprintf(row.region, sizeof(row.region), "us-east");
	(void)snprintf(row.vantage, sizeof(row.vantage), "use");
	(void)snprintf(row.version, sizeof(row.version), "1.2");
	(void)snprintf(row.zones, sizeof(row.zones), "0a1b");
	(void)snprintf(row.latency, sizeof(row.latency), "2c3d");
	text_init(value, BLOCK_BYTES);
	nodes_say(&row, at_ms, value);
	ck_assert_ptr_nonnull(value->data);
}

START_TEST(it_comes_as_it_was_said)
{
	struct nodes *nodes = nodes_create();
	const struct state_node *row;
	struct text value;
	size_t i = 0;

	say(&value, NOW_MS + HOUR_MS);
	row = nodes_take(nodes, "east-1", value.data, value.len, NOW_MS, true);
	ck_assert_ptr_nonnull(row);
	ck_assert_str_eq(row->name, "east-1");
	ck_assert_str_eq(row->region, "us-east");
	ck_assert_str_eq(row->vantage, "use");
	ck_assert_str_eq(row->version, "1.2");
	ck_assert_str_eq(row->zones, "0a1b");
	ck_assert_str_eq(row->latency, "2c3d");
	/* Whose it is, and when it came by our clock. */
	ck_assert_str_eq(row->origin, "east-1");
	ck_assert_int_eq(row->seen_ms, NOW_MS);
	ck_assert_int_lt(row->cut_ms, 0);
	/* Its clock is an hour ahead of ours. */
	ck_assert(nodes_clock(nodes, "east-1")->known);
	ck_assert_int_le(
	    nodes_clock(nodes, "east-1")->offset_ms, -HOUR_MS + 1000);
	ck_assert_int_ge(
	    nodes_clock(nodes, "east-1")->offset_ms, -HOUR_MS - 1000);
	ck_assert(!nodes_clock(nodes, "west-1")->known);
	ck_assert_ptr_eq(nodes_next(nodes, &i), row);
	ck_assert_ptr_null(nodes_next(nodes, &i));
	/* It may come back with another. */
	nodes_lost(nodes, "east-1");
	nodes_lost(nodes, "west-1");
	ck_assert(!nodes_clock(nodes, "east-1")->known);
	text_finish(&value);
	nodes_destroy(nodes);
}
END_TEST

#define AT "{\"at\":1795961110000,"

static const char *const nonsense[] = {
    "",
    "{",
    "null",
    "[]",
    "{\"at\":1}",
    "{\"at\":\"x\",\"columns\":[]}",
    AT "\"columns\":[],\"pools\":[]}",
    AT "\"columns\":[\"region\"],\"pools\":[[[[\"a\"],[\"b\"]]]]}",
};

START_TEST(what_makes_no_sense_is_no_news)
{
	struct nodes *nodes = nodes_create();
	size_t i = 0;

	ck_assert_ptr_null(nodes_take(
	    nodes, "east-1", nonsense[_i], strlen(nonsense[_i]), NOW_MS, true));
	ck_assert_ptr_null(nodes_next(nodes, &i));
	nodes_destroy(nodes);
}
END_TEST

/* By a watch, or by a reading that lacks its key. */
START_TEST(the_row_of_a_lost_node_says_so)
{
	struct nodes *nodes = nodes_create();
	const struct state_node *row;
	struct text value;

	say(&value, NOW_MS);
	nodes_begin(nodes);
	ck_assert_ptr_nonnull(
	    nodes_take(nodes, "east-1", value.data, value.len, NOW_MS, false));
	ck_assert_ptr_nonnull(
	    nodes_take(nodes, "west-1", value.data, value.len, NOW_MS, false));
	nodes_end(nodes);
	row = nodes_row(nodes, "east-1");
	ck_assert_str_eq(row->link, "");
	ck_assert(!node_is_silent(row, NOW_MS));
	if (_i == 0) {
		ck_assert_ptr_eq(nodes_lost(nodes, "east-1"), row);
		ck_assert_ptr_null(nodes_lost(nodes, "nobody"));
	} else {
		nodes_begin(nodes);
		/* What it says makes no sense, and its lease lives. */
		ck_assert_ptr_null(
		    nodes_take(nodes, "west-1", "odd", 3, NOW_MS, false));
		nodes_end(nodes);
	}
	ck_assert_str_eq(row->link, STATE_LINK_ENDED);
	ck_assert(node_is_silent(row, NOW_MS));
	ck_assert_str_eq(nodes_row(nodes, "west-1")->link, "");
	/* It comes back. */
	row = nodes_take(nodes, "east-1", value.data, value.len, NOW_MS, true);
	ck_assert_ptr_nonnull(row);
	ck_assert(!node_is_silent(row, NOW_MS));
	text_finish(&value);
	nodes_destroy(nodes);
}
END_TEST

/* Neither what makes no sense nor nodes of long ago keep others out. */
START_TEST(nodes_that_went_make_place)
{
	struct nodes *nodes = nodes_create();
	struct text value;
	char name[16];

	say(&value, NOW_MS);
	for (int i = 0; i < 2 * NODES_MAX; i++) {
		(void)snprintf(name, sizeof(name), "odd-%d", i);
		ck_assert_ptr_null(
		    nodes_take(nodes, name, "odd", 3, NOW_MS, true));
	}
	for (int i = 0; i < NODES_MAX; i++) {
		(void)snprintf(name, sizeof(name), "n-%d", i);
		ck_assert_ptr_nonnull(nodes_take(
		    nodes, name, value.data, value.len, NOW_MS + i, true));
	}
	ck_assert_ptr_null(
	    nodes_take(nodes, "new-1", value.data, value.len, NOW_MS, true));
	nodes_lost(nodes, "n-7");
	nodes_lost(nodes, "n-3");
	ck_assert_ptr_nonnull(
	    nodes_take(nodes, "new-1", value.data, value.len, NOW_MS, true));
	/* That of which was heard longest ago went. */
	ck_assert(!nodes_clock(nodes, "n-3")->known);
	nodes_lost(nodes, "n-9");
	ck_assert_ptr_nonnull(
	    nodes_take(nodes, "n-7", value.data, value.len, NOW_MS, true));
	text_finish(&value);
	nodes_destroy(nodes);
}
END_TEST

START_TEST(more_nodes_than_there_can_be_are_left_out)
{
	struct nodes *nodes = nodes_create();
	struct text value;
	char name[16];

	say(&value, NOW_MS);
	for (int i = 0; i < NODES_MAX; i++) {
		(void)snprintf(name, sizeof(name), "n%d", i);
		ck_assert_ptr_nonnull(nodes_take(
		    nodes, name, value.data, value.len, NOW_MS, false));
	}
	ck_assert_ptr_null(nodes_take(
	    nodes, "one-more", value.data, value.len, NOW_MS, false));
	ck_assert_ptr_nonnull(
	    nodes_take(nodes, "n7", value.data, value.len, NOW_MS, false));
	text_finish(&value);
	nodes_destroy(nodes);
}
END_TEST

START_TEST(what_came_last_of_a_node_counts)
{
	struct nodes *nodes = nodes_create();
	struct text value;
	size_t i = 0;

	say(&value, NOW_MS);
	ck_assert_ptr_nonnull(
	    nodes_take(nodes, "east-1", value.data, value.len, NOW_MS, true));
	ck_assert_ptr_nonnull(
	    nodes_take(nodes, "west-1", value.data, value.len, NOW_MS, true));
	nodes_heard(nodes, "east-1", 7);
	nodes_heard(nodes, "west-1", 9);
	nodes_heard(nodes, "nobody", 9);
	/* It has come back since. */
	ck_assert(!nodes_forget(nodes, "east-1", 6));
	ck_assert_str_eq(nodes_row(nodes, "east-1")->name, "east-1");
	ck_assert(nodes_forget(nodes, "east-1", 7));
	ck_assert_ptr_null(nodes_row(nodes, "east-1"));
	ck_assert(nodes_forget(nodes, "nobody", 8));
	/* Others stay. */
	ck_assert_str_eq(nodes_next(nodes, &i)->name, "west-1");
	ck_assert_ptr_null(nodes_next(nodes, &i));
	ck_assert(!nodes_forget(nodes, "west-1", 8));
	text_finish(&value);
	nodes_destroy(nodes);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("nodes");
	Suite *suite = suite_create("nodes");
	SRunner *runner;
	int failed;

	tcase_add_test(tc, it_comes_as_it_was_said);
	tcase_add_loop_test(tc, what_makes_no_sense_is_no_news, 0,
	    (int)(sizeof(nonsense) / sizeof(nonsense[0])));
	tcase_add_loop_test(tc, the_row_of_a_lost_node_says_so, 0, 2);
	tcase_add_test(tc, nodes_that_went_make_place);
	tcase_add_test(tc, what_came_last_of_a_node_counts);
	tcase_add_test(tc, more_nodes_than_there_can_be_are_left_out);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
