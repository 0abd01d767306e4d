/* Which nodes the log says would answer differently, and when. */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "share/unlike.h"
#include "state/node_parts.h"

#define NOW_MS INT64_C(1795961110000)

static struct nodes *nodes;
static struct unlike *unlike;
static struct state_node self;

/* Node ${name} says this of its round trips at ${now_ms}. */
static void
hear(const char *name, const char *latency, int64_t now_ms)
{
	struct state_node row = {.cut_ms = -1};
	struct text value;

	(void)snprintf(row.name, sizeof(row.name), "%s", name);
	(void)snprintf(row.zones, sizeof(row.zones), "0a1b");
	(void)snprintf(row.latency, sizeof(row.latency), "%s", latency);
	text_init(&value, BLOCK_BYTES);
	nodes_say(&row, now_ms, &value);
	ck_assert_ptr_nonnull(
	    nodes_take(nodes, name, value.data, value.len, now_ms, true));
	text_finish(&value);
}

/* How many differences the log has ${after_ms} after the begin, when "b" was
 * heard just now. */
static size_t
look(const char *latency, int64_t after_ms)
{
	hear("b", latency, NOW_MS + after_ms);
	return unlike_look(
	    unlike, &self, nodes, NOW_MS + after_ms, 1 + after_ms);
}

static void
setup(void)
{
	nodes = nodes_create();
	unlike = unlike_create();
	memset(&self, 0, sizeof(self));
	(void)snprintf(self.name, sizeof(self.name), "a");
	(void)snprintf(self.zones, sizeof(self.zones), "0a1b");
	(void)snprintf(self.latency, sizeof(self.latency), "11");
}

static void
teardown(void)
{
	unlike_destroy(unlike);
	nodes_destroy(nodes);
}

START_TEST(what_lasts_is_said)
{
	ck_assert_uint_eq(look("22", 0), 0);
	ck_assert_uint_eq(look("22", UNLIKE_MS - 1), 0);
	ck_assert_uint_eq(look("22", UNLIKE_MS), 1);
	ck_assert_uint_eq(look("22", 2 * UNLIKE_MS), 1);
	ck_assert_uint_eq(look("11", 2 * UNLIKE_MS + 1), 0);
	/* It begins anew. */
	ck_assert_uint_eq(look("22", 2 * UNLIKE_MS + 2), 0);
}
END_TEST

START_TEST(what_is_over_soon_is_not)
{
	(void)look("22", 0);
	(void)look("11", UNLIKE_MS / 2);
	(void)look("22", UNLIKE_MS - 1);
	ck_assert_uint_eq(look("22", UNLIKE_MS + 1), 0);
}
END_TEST

START_TEST(what_is_not_known_is_not_different)
{
	(void)look("", 0);
	ck_assert_uint_eq(look("", UNLIKE_MS), 0);
	/* Nor is this node another one. */
	hear("a", "22", NOW_MS);
	(void)look("11", 0);
	ck_assert_uint_eq(look("11", UNLIKE_MS), 0);
}
END_TEST

START_TEST(of_who_is_silent_nothing_is_said)
{
	(void)look("22", 0);
	ck_assert_uint_eq(unlike_look(unlike, &self, nodes, NOW_MS + UNLIKE_MS,
			      1 + UNLIKE_MS),
	    0);
	ck_assert_uint_eq(look("22", UNLIKE_MS + 1), 1);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("unlike");
	Suite *suite = suite_create("share: unlike");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, what_lasts_is_said);
	tcase_add_test(tc, what_is_over_soon_is_not);
	tcase_add_test(tc, what_is_not_known_is_not_different);
	tcase_add_test(tc, of_who_is_silent_nothing_is_said);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
