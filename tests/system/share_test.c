/*
 * Two nodes that share through etcd: each sees what the other's vantage finds
 * and what is said at the other, goes on while it is cut off, and loses nothing
 * with etcd.
 */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "tests/system/etcd.h"
#include "tests/system/node.h"

#define CHECK "every: 500ms, timeout: 1500ms, fall: 2, rise: 1, quorum: any"

struct pair {
	struct harness *h;
	struct etcd_cluster etcd;
	struct node a;
	uint16_t b_port, b_http;
	pid_t a_share, b_server, b_probe, b_share;
};

static pid_t
start(struct pair *p, const char *program, const char *file, const char *log)
{
	return harness_start(
	    p->h, log, program, "-c", harness_path(p->h, file), NULL);
}

/* meridianctl of node "b". */
#define B_CTL(p, out, ...)                            \
	harness_run((p)->h, out, "meridianctl", "-c", \
	    harness_path((p)->h, "b.yaml"), __VA_ARGS__, NULL)

/* Of the state database of node "a" or "b". */
static const char *
sql(struct pair *p, const char *node, const char *query)
{
	const char *out = "";

	(void)harness_run(p->h, &out, "/usr/bin/sqlite3", "-cmd",
	    ".timeout 5000",
	    harness_path(p->h, node[0] == 'a' ? "state.db" : "b.db"), query,
	    NULL);
	return out;
}

static bool
same(struct pair *p, const char *node, const char *query, const char *want)
{
	return strcmp(sql(p, node, query), want) == 0;
}

static void
begin(struct pair *p)
{
	char extra[512], members[256];

	p->h = harness_create();
	node_init(&p->a, p->h);
	p->b_port = harness_port(p->h);
	p->b_http = harness_port(p->h);
	p->etcd.option = NULL;
	etcd_start(&p->etcd, p->h, 1, false);
	(void)etcd_endpoints(&p->etcd, members, sizeof(members));
	(void)snprintf(extra, sizeof(extra),
	    "node: a\nshare: {etcd: [%s], lease: 2s}\n", members);
	node_standins(&p->a);
	node_pair(&p->a, extra, CHECK);
	harness_write(p->h, "b.yaml",
	    "listen: 127.0.0.1:%u\nhttp: 127.0.0.1:%u\nstate: b.db\n"
	    "vantage: other\nnode: b\nshare: {etcd: [%s], lease: 2s}\n"
	    "zones:\n"
	    "  - {name: inference.example, records: inference.zone, "
	    "steering: inference.yaml}\n",
	    p->b_port, p->b_http, members);
	node_serve(&p->a);
	node_check(&p->a);
	p->a_share = start(p, "meridian-share", "meridian.yaml", "share.log");
	p->b_server = start(p, "meridiand", "b.yaml", "b.log");
	p->b_probe = start(p, "meridian-probe", "b.yaml", "b-probe.log");
	p->b_share = start(p, "meridian-share", "b.yaml", "b-share.log");
	HARNESS_WAIT(20000,
	    same(p, "a", "select count(*) from endpoint where health = 'up'",
		"4\n") &&
		same(p, "b",
		    "select count(*) from endpoint where health = 'up'",
		    "4\n"));
}

static void
end(struct pair *p)
{
	harness_stop(p->h, p->b_share);
	harness_stop(p->h, p->a_share);
	harness_stop(p->h, p->b_probe);
	harness_stop(p->h, p->b_server);
	harness_stop(p->h, p->a.probe);
	harness_stop(p->h, p->a.server);
	etcd_finish(&p->etcd);
	harness_destroy(p->h);
}

START_TEST(each_node_knows_what_the_other_finds)
{
	struct pair p;

	begin(&p);
	ck_assert_str_eq(
	    sql(&p, "b", "select name, node from vantage order by name"),
	    "other|\ntest|a\n");
	HARNESS_WAIT(10000,
	    same(&p, "a", "select name, origin from node order by name",
		"a|\nb|b\n"));
	node_order(&p.a, 0, "health=down");
	HARNESS_WAIT(10000,
	    same(&p, "b",
		"select health from endpoint where vantage = 'test' and "
		"endpoint = 'us'",
		"down\n"));
	/* A probe that is gone is no vantage that counts. */
	harness_kill(p.h, p.a.probe);
	HARNESS_WAIT(60000,
	    same(&p, "b",
		"select lease_until_ms = 0 from vantage where name = 'test'",
		"1\n"));
	node_check(&p.a);
	HARNESS_WAIT(20000,
	    same(&p, "b",
		"select lease_until_ms = 0 from vantage where name = 'test'",
		"0\n"));
	end(&p);
}
END_TEST

#define TRAIL "select number, action, shared, node from override"

START_TEST(what_is_said_at_one_node_counts_at_all)
{
	struct pair p;
	const char *out;

	begin(&p);
	ck_assert_int_eq(node_pair_answer(&p.a), 2);
	ck_assert_int_eq(
	    B_CTL(&p, &out, "drain", "region", "eu-west", "--reason", "test"),
	    0);
	ck_assert_msg(strstr(out, "accepted by all nodes") != NULL, "%s", out);
	HARNESS_WAIT(10000, node_pair_answer(&p.a) == 1);
	ck_assert_str_eq(sql(&p, "a", TRAIL), "1|drain|1|b\n");

	/* Cut off it counts on this node, and is offered later. */
	etcd_kill(&p.etcd, 0);
	HARNESS_WAIT(20000,
	    same(&p, "a", "select cut_ms > 0 from node where name = 'a'",
		"1\n"));
	ck_assert_int_eq(
	    node_ctl(&p.a, &out, "undrain", "region", "eu-west"), 0);
	ck_assert_msg(strstr(out, "this node only") != NULL, "%s", out);
	HARNESS_WAIT(10000, node_pair_answer(&p.a) == 2);
	ck_assert_str_eq(sql(&p, "b", TRAIL), "1|drain|1|b\n");
	etcd_run(&p.etcd, 0);
	etcd_await(&p.etcd, 0);
	HARNESS_WAIT(20000,
	    same(&p, "b", TRAIL, "1|drain|1|b\n2|undrain|1|a\n") &&
		same(&p, "a", TRAIL, "1|drain|1|b\n2|undrain|1|a\n"));

	/* An etcd that was made anew has all of it again. */
	harness_kill(p.h, p.a_share);
	etcd_wipe(&p.etcd, 0);
	etcd_run(&p.etcd, 0);
	etcd_await(&p.etcd, 0);
	ck_assert_int_eq(
	    B_CTL(&p, &out, "drain", "region", "us-east", "--reason", "test"),
	    0);
	HARNESS_WAIT(20000,
	    same(&p, "b", TRAIL, "1|drain|1|b\n2|undrain|1|a\n3|drain|1|b\n"));
	p.a_share = start(&p, "meridian-share", "meridian.yaml", "share.log");
	HARNESS_WAIT(20000,
	    same(&p, "a", TRAIL, "1|drain|1|b\n2|undrain|1|a\n3|drain|1|b\n"));
	end(&p);
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
