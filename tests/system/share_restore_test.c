/*
 * What etcd loses is given back by the nodes: after it was wiped, and after an
 * older backup of it was restored, with overrides that were said after the
 * backup.  No number is given twice, and nothing acts twice.
 */
#include <check.h>
#include <string.h>

#include "tests/system/share_pair.h"

#define TRAIL "select number, action, target, shared from override"

static void
say(struct pair *p, const char *action, const char *region)
{
	const char *out;

	ck_assert_int_eq(
	    PAIR_B_CTL(p, &out, action, "region", region, "--reason", "test"),
	    0);
	ck_assert_msg(strstr(out, "accepted by all nodes") != NULL, "%s", out);
}

/* Both have ${want}, and an etcd that both follow again. */
static void
await_trail(struct pair *p, const char *want)
{
	static const char linked[] =
	    "select count(*) from node where name in ('a', 'b') and "
	    "cut_ms is null and link = '' and origin = ''";

	HARNESS_WAIT(30000,
	    pair_same(p, "a", TRAIL, want) && pair_same(p, "b", TRAIL, want) &&
		pair_same(p, "a", linked, "1\n") &&
		pair_same(p, "b", linked, "1\n"));
}

START_TEST(a_backup_that_is_older_than_the_nodes_is_filled)
{
	struct pair p;

	pair_begin(&p);
	say(&p, "drain", "eu-west");
	etcd_backup(&p.etcd, "backup.db");
	say(&p, "undrain", "eu-west");
	say(&p, "drain", "us-east");
	await_trail(
	    &p, "1|drain|eu-west|1\n2|undrain|eu-west|1\n3|drain|us-east|1\n");
	etcd_restore(&p.etcd, "backup.db");
	etcd_run(&p.etcd, 0);
	etcd_await(&p.etcd, 0);
	/* Who filled it left out a hundred numbers, which others might hold:
	 * one that is said now has none of those before. */
	HARNESS_WAIT(30000,
	    strstr(etcd_post(&p.etcd, 0, "/v3/kv/range",
		       "{\"key\":\"L21lcmlkaWFuL2dlbmVyYXRpb24=\"}"),
		"\"value\":\"MTAz\"") != NULL);
	await_trail(
	    &p, "1|drain|eu-west|1\n2|undrain|eu-west|1\n3|drain|us-east|1\n");
	say(&p, "undrain", "us-east");
	await_trail(&p,
	    "1|drain|eu-west|1\n2|undrain|eu-west|1\n3|drain|us-east|1\n"
	    "104|undrain|us-east|1\n");
	/* The drain of the backup did not begin anew anywhere. */
	ck_assert_int_le(
	    pair_told(&p, "meridiand.log", ": drain region eu-west"), 1);
	ck_assert_int_le(pair_told(&p, "b.log", ": drain region eu-west"), 1);
	ck_assert_int_eq(node_pair_answer(&p.a), 2);
	pair_end(&p);
}
END_TEST

START_TEST(an_etcd_that_is_wiped_is_filled_by_all_at_once)
{
	struct pair p;

	pair_begin(&p);
	say(&p, "drain", "eu-west");
	say(&p, "undrain", "eu-west");
	await_trail(&p, "1|drain|eu-west|1\n2|undrain|eu-west|1\n");
	etcd_wipe(&p.etcd, 0);
	etcd_run(&p.etcd, 0);
	etcd_await(&p.etcd, 0);
	HARNESS_WAIT(30000,
	    strstr(etcd_post(&p.etcd, 0, "/v3/kv/range",
		       "{\"key\":\"L21lcmlkaWFuL2dlbmVyYXRpb24=\"}"),
		"\"value\":\"MTAy\"") != NULL);
	await_trail(&p, "1|drain|eu-west|1\n2|undrain|eu-west|1\n");
	say(&p, "drain", "us-east");
	await_trail(&p,
	    "1|drain|eu-west|1\n2|undrain|eu-west|1\n"
	    "103|drain|us-east|1\n");
	/* Vantages, too, are known to each other again. */
	HARNESS_WAIT(20000,
	    pair_same(&p, "b",
		"select lease_until_ms > 0 from vantage where name = 'test'",
		"1\n") &&
		pair_same(&p, "a",
		    "select lease_until_ms > 0 from vantage where name = "
		    "'other'",
		    "1\n"));
	pair_end(&p);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("share_restore");
	Suite *suite = suite_create("share_restore");
	SRunner *runner;
	int failed;

	tcase_set_timeout(tc, 240);
	tcase_add_test(tc, a_backup_that_is_older_than_the_nodes_is_filled);
	tcase_add_test(tc, an_etcd_that_is_wiped_is_filled_by_all_at_once);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
