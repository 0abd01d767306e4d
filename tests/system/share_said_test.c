/*
 * What operators say at nodes that share: what would break the safety rule
 * together is not accepted, and a length ends for all at once.
 */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "tests/system/share_pair.h"

#define TRAIL "select number, action, shared, node from override"

#define TOLD "was refused by other nodes: unsafe by now"

/* Whoever follows events of both nodes. */
static void
follow(struct pair *p, pid_t pid[2])
{
	pid[0] = harness_start(p->h, "a-events.log", "meridianctl", "-c",
	    harness_path(p->h, "meridian.yaml"), "events", "--follow", NULL);
	pid[1] = harness_start(p->h, "b-events.log", "meridianctl", "-c",
	    harness_path(p->h, "b.yaml"), "events", "--follow", NULL);
}

static void
follow_end(struct pair *p, const pid_t pid[2])
{
	harness_kill(p->h, pid[0]);
	harness_kill(p->h, pid[1]);
}

/* ${words} are so often in what was followed at each node. */
static bool
both_told(struct pair *p, const char *words, int n)
{
	return pair_told(p, "a-events.log", words) == n &&
	    pair_told(p, "b-events.log", words) == n;
}

/* The page of events has ${words}. */
static bool
page_has(struct pair *p, uint16_t http, const char *words)
{
	const char *out;
	char url[64];

	(void)snprintf(
	    url, sizeof(url), "http://127.0.0.1:%u/api/v1/events", http);
	(void)harness_http(p->h, "GET", url, &out);
	return strstr(out, words) != NULL;
}

/* Each drain leaves a region, both would leave none: who is offered later is
 * refused. */
START_TEST(two_that_leave_nothing_together_are_not_both_accepted)
{
	static const char refused[] =
	    "select count(*) from override where shared = 2 and "
	    "refused like 'unsafe by now: %' and length(refused) > 95";
	static const char accepted[] =
	    "select count(*) from override where shared = 1";
	struct pair p;
	const char *out;
	pid_t followers[2];
	bool told;

	pair_begin(&p);
	follow(&p, followers);
	etcd_kill(&p.etcd, 0);
	HARNESS_WAIT(20000,
	    pair_same(&p, "a", "select cut_ms > 0 from node where name = 'a'",
		"1\n") &&
		pair_same(&p, "b",
		    "select cut_ms > 0 from node where name = 'b'", "1\n"));
	ck_assert_int_eq(
	    node_ctl(&p.a, &out, "drain", "region", "eu-west", "--reason", "a"),
	    0);
	ck_assert_int_eq(
	    PAIR_B_CTL(&p, &out, "drain", "region", "us-east", "--reason", "b"),
	    0);
	ck_assert_msg(strstr(out, "this node only") != NULL, "%s", out);
	etcd_run(&p.etcd, 0);
	etcd_await(&p.etcd, 0);
	HARNESS_WAIT(40000,
	    pair_same(&p, "a", refused, "1\n") &&
		pair_same(&p, "b", refused, "1\n") &&
		pair_same(&p, "a", accepted, "1\n") &&
		pair_same(&p, "b", accepted, "1\n"));
	/* Both are told. */
	ck_assert_int_eq(node_ctl(&p.a, &out, "events"), 0);
	ck_assert_msg(strstr(out, "unsafe by now") != NULL, "%s", out);
	ck_assert_int_eq(PAIR_B_CTL(&p, &out, "events"), 0);
	ck_assert_msg(strstr(out, "unsafe by now") != NULL, "%s", out);
	HARNESS_WAIT(10000, both_told(&p, "in force nowhere: unsafe", 1));
	ck_assert(both_told(&p, "region us-east drained ", 1) ||
	    both_told(&p, "region eu-west drained ", 1));
	follow_end(&p, followers);
	HARNESS_WAIT(10000, page_has(&p, p.a.http, "unsafe by now: "));
	HARNESS_WAIT(10000, page_has(&p, p.b_http, "unsafe by now: "));
	/* So that whoever looks where it was said sees it. */
	(void)node_ctl(&p.a, &out, "status");
	told = strstr(node_words(out), TOLD) != NULL;
	(void)PAIR_B_CTL(&p, &out, "status");
	ck_assert_int_eq(told + (strstr(node_words(out), TOLD) != NULL), 1);
	HARNESS_WAIT(10000, node_pair_answer(&p.a) != 0);
	pair_end(&p);
}
END_TEST

/* Who comes to the end of a length first ends it for all. */
START_TEST(a_length_ends_for_all)
{
	struct pair p;
	const char *out;
	pid_t followers[2];

	pair_begin(&p);
	follow(&p, followers);
	ck_assert_int_eq(PAIR_B_CTL(&p, &out, "drain", "region", "eu-west",
			     "--reason", "test", "--for", "3s"),
	    0);
	HARNESS_WAIT(10000, node_pair_answer(&p.a) == 1);
	HARNESS_WAIT(20000, node_pair_answer(&p.a) == 2);
	HARNESS_WAIT(20000,
	    pair_same(&p, "a", TRAIL, "1|drain|1|b\n2|undrain|1|a\n") ||
		pair_same(&p, "a", TRAIL, "1|drain|1|b\n2|undrain|1|b\n"));
	HARNESS_WAIT(
	    10000, pair_same(&p, "b", TRAIL, pair_sql(&p, "a", TRAIL)));
	/* That is told once, also when it would have been told by now. */
	HARNESS_WAIT(10000, both_told(&p, "region eu-west no longer ", 1));
	for (int64_t end = harness_ms() + 5000; harness_ms() < end;)
		harness_pause();
	ck_assert(both_told(&p, "region eu-west no longer ", 1));
	ck_assert(both_told(&p, "region eu-west drained ", 1));
	follow_end(&p, followers);
	HARNESS_WAIT(10000, page_has(&p, p.a.http, "the length of override 1"));
	HARNESS_WAIT(10000, page_has(&p, p.b_http, "the length of override 1"));
	pair_end(&p);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("share_said");
	Suite *suite = suite_create("share_said");
	SRunner *runner;
	int failed;

	tcase_set_timeout(tc, 240);
	tcase_add_test(
	    tc, two_that_leave_nothing_together_are_not_both_accepted);
	tcase_add_test(tc, a_length_ends_for_all);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
