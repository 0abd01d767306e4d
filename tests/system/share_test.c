/*
 * Two nodes that share through etcd: each sees what the other's vantage finds
 * and what is said at the other, goes on while it is cut off, and loses nothing
 * with etcd.
 */
#include <check.h>
#include <string.h>

#include "tests/system/share_pair.h"

START_TEST(each_node_knows_what_the_other_finds)
{
	struct pair p;

	pair_begin(&p);
	ck_assert_str_eq(
	    pair_sql(&p, "b", "select name, node from vantage order by name"),
	    "other|\ntest|a\n");
	HARNESS_WAIT(10000,
	    pair_same(&p, "a", "select name, origin from node order by name",
		"a|\nb|b\n"));
	node_order(&p.a, 0, "health=down");
	HARNESS_WAIT(10000,
	    pair_same(&p, "b",
		"select health from endpoint where vantage = 'test' and "
		"endpoint = 'us'",
		"down\n"));
	/* A probe that is gone is no vantage that counts. */
	harness_kill(p.h, p.a.probe);
	HARNESS_WAIT(60000,
	    pair_same(&p, "b",
		"select lease_until_ms = 0 from vantage where name = 'test'",
		"1\n"));
	node_check(&p.a);
	HARNESS_WAIT(20000,
	    pair_same(&p, "b",
		"select lease_until_ms = 0 from vantage where name = 'test'",
		"0\n"));
	pair_end(&p);
}
END_TEST

#define TRAIL "select number, action, shared, node from override"

START_TEST(what_is_said_at_one_node_counts_at_all)
{
	struct pair p;
	const char *out;

	pair_begin(&p);
	ck_assert_int_eq(node_pair_answer(&p.a), 2);
	ck_assert_int_eq(PAIR_B_CTL(&p, &out, "drain", "region", "eu-west",
			     "--reason", "test"),
	    0);
	ck_assert_msg(strstr(out, "accepted by all nodes") != NULL, "%s", out);
	HARNESS_WAIT(10000, node_pair_answer(&p.a) == 1);
	ck_assert_str_eq(pair_sql(&p, "a", TRAIL), "1|drain|1|b\n");

	/* Cut off it counts on this node, and is offered later. */
	etcd_kill(&p.etcd, 0);
	HARNESS_WAIT(20000,
	    pair_same(&p, "a", "select cut_ms > 0 from node where name = 'a'",
		"1\n"));
	ck_assert_int_eq(
	    node_ctl(&p.a, &out, "undrain", "region", "eu-west"), 0);
	ck_assert_msg(strstr(out, "this node only") != NULL, "%s", out);
	HARNESS_WAIT(10000, node_pair_answer(&p.a) == 2);
	ck_assert_str_eq(pair_sql(&p, "b", TRAIL), "1|drain|1|b\n");
	etcd_run(&p.etcd, 0);
	etcd_await(&p.etcd, 0);
	HARNESS_WAIT(20000,
	    pair_same(&p, "b", TRAIL, "1|drain|1|b\n2|undrain|1|a\n") &&
		pair_same(&p, "a", TRAIL, "1|drain|1|b\n2|undrain|1|a\n"));

	/* An etcd that was made anew has all of it again. */
	harness_kill(p.h, p.a_share);
	etcd_wipe(&p.etcd, 0);
	etcd_run(&p.etcd, 0);
	etcd_await(&p.etcd, 0);
	ck_assert_int_eq(PAIR_B_CTL(&p, &out, "drain", "region", "us-east",
			     "--reason", "test"),
	    0);
	HARNESS_WAIT(20000,
	    pair_same(
		&p, "b", TRAIL, "1|drain|1|b\n2|undrain|1|a\n103|drain|1|b\n"));
	p.a_share =
	    pair_start(&p, "meridian-share", "meridian.yaml", "share.log");
	HARNESS_WAIT(20000,
	    pair_same(
		&p, "a", TRAIL, "1|drain|1|b\n2|undrain|1|a\n103|drain|1|b\n"));
	pair_end(&p);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("share");
	Suite *suite = suite_create("share");
	SRunner *runner;
	int failed;

	tcase_set_timeout(tc, 240);
	tcase_add_test(tc, each_node_knows_what_the_other_finds);
	tcase_add_test(tc, what_is_said_at_one_node_counts_at_all);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
