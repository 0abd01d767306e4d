/*
 * Of which pools a node may step: of those whose lock it holds, while it is not
 * cut off; where nothing is shared, of all.
 */
#include "probes/control/holding.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

#define SILENT_MS 30000

static struct holding h;

static void
setup(void)
{
	memset(&h, 0, sizeof(h));
}

static void
teardown(void)
{
	holding_finish(&h);
}

static void
give_lock(const char *pool, const char *node, uint64_t token)
{
	struct state_lock row = {.zone = "z.example", .token = token};

	snprintf(row.pool, sizeof(row.pool), "%s", pool);
	snprintf(row.node, sizeof(row.node), "%s", node);
	holding_lock(&h, &row);
}

static void
give_node(const char *name, int64_t cut_ms, uint64_t sequence, int64_t mono_ms)
{
	struct state_node row = {.cut_ms = cut_ms, .sequence = sequence};

	snprintf(row.name, sizeof(row.name), "%s", name);
	holding_node(&h, &row, mono_ms);
}

static bool
may(const char *pool, int64_t mono_ms)
{
	return holding_may(&h, "z.example", pool, mono_ms);
}

START_TEST(without_sharing_it_steps_for_all)
{
	ck_assert(may("chat", 0));
	give_lock("chat", "there", 1);
	ck_assert(may("chat", 10 * SILENT_MS));
}
END_TEST

START_TEST(only_the_holder_steps)
{
	holding_share(&h, "here", SILENT_MS, 0);
	ck_assert(!may("chat", 1));
	give_lock("chat", "there", 1);
	ck_assert(!may("chat", 1));
	give_lock("chat", "here", 2);
	ck_assert(may("chat", 1));
	ck_assert(!may("other", 1));
	ck_assert(!holding_may(&h, "y.example", "chat", 1));
	give_lock("chat", "", 2);
	ck_assert(!may("chat", 1));
	give_lock("chat", "here", 3);
	/* All rows come, and this is not there any more. */
	holding_begin(&h);
	ck_assert(!may("chat", 1));
}
END_TEST

START_TEST(one_that_is_cut_off_steps_for_none)
{
	holding_share(&h, "here", SILENT_MS, 0);
	give_lock("chat", "here", 1);
	give_node("here", -1, 5, 1000);
	give_node("here", -1, 6, 2000);
	ck_assert(may("chat", 2000 + SILENT_MS));
	ck_assert(!may("chat", 2001 + SILENT_MS));
	give_node("there", -1, 7, 40000);
	ck_assert(!may("chat", 40000));
	give_node("here", -1, 8, 40000);
	ck_assert(may("chat", 40000));
	ck_assert(!holding_cut(&h, 40000));
	give_node("here", 1234, 9, 41000);
	ck_assert(!may("chat", 41000));
	ck_assert(holding_cut(&h, 41000));
	holding_share(&h, NULL, SILENT_MS, 42000);
	ck_assert(may("chat", 42000));
	ck_assert(!holding_cut(&h, 42000));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("probes/control: holding");
	TCase *tcase = tcase_create("holding");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, without_sharing_it_steps_for_all);
	tcase_add_test(tcase, only_the_holder_steps);
	tcase_add_test(tcase, one_that_is_cut_off_steps_for_none);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
