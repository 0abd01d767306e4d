/* Which node controls which pools, as pages tell it. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "node/lock_list.h"

static struct lock_list *list;

static void
take(const char *pool, const char *node)
{
	struct state_lock row = {.zone = "z"};

	(void)snprintf(row.pool, sizeof(row.pool), "%s", pool);
	(void)snprintf(row.node, sizeof(row.node), "%s", node);
	lock_list_take(list, &row);
}

static void
change(bool full, const char *pool, const char *node)
{
	lock_list_begin(list, full);
	take(pool, node);
	lock_list_commit(list);
}

/* What ${node} holds is ${want}, as JSON. */
static void
expect(const char *node, const char *want)
{
	json_t *array = lock_list_of(list, node);
	char *text = json_dumps(array, JSON_COMPACT);

	ck_assert_str_eq(text, want);
	free(text);
	json_decref(array);
}

START_TEST(each_lock_has_one_holder)
{
	list = lock_list_create();
	ck_assert_ptr_nonnull(list);
	expect("a", "[]");
	lock_list_begin(list, true);
	take("p", "a");
	take("q", "a");
	/* It counts once it is whole. */
	expect("a", "[]");
	lock_list_commit(list);
	expect("a",
	    "[{\"zone\":\"z\",\"pool\":\"p\"},{\"zone\":\"z\",\"pool\":"
	    "\"q\"}]");
	change(false, "p", "b");
	expect("a", "[{\"zone\":\"z\",\"pool\":\"q\"}]");
	expect("b", "[{\"zone\":\"z\",\"pool\":\"p\"}]");
	change(false, "p", "");
	expect("b", "[]");
	/* What is not among all rows is no more. */
	change(true, "r", "b");
	expect("a", "[]");
	expect("b", "[{\"zone\":\"z\",\"pool\":\"r\"}]");
	lock_list_destroy(list);
	lock_list_destroy(NULL);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("lock_list");
	Suite *suite = suite_create("node: lock_list");
	SRunner *runner;
	int failed;

	tcase_add_test(tc, each_lock_has_one_holder);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
