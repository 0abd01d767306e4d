/*
 * Two nodes that share what they control by load: each knows how many answers
 * the other gave, and who controls goes by that; and load that does not change
 * stays known at both for longer than it counts where it is measured.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/system/etcd.h"
#include "tests/system/spilled.h"

#define AMERICA "8.8.8.0/24"
#define EUROPE "84.128.0.0/24"

/* Node "test" is `a`, whose probe alone measures. */
struct pair {
	struct harness *h;
	struct etcd_cluster etcd;
	struct node a, b;
	pid_t a_share, b_share;
};

static pid_t
start(struct pair *p, const char *program, const char *file, const char *log)
{
	return harness_start(
	    p->h, log, program, "-c", harness_path(p->h, file), NULL);
}

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
	p->etcd.option = NULL;
	etcd_start(&p->etcd, p->h, 1, false);
	(void)etcd_endpoints(&p->etcd, members, sizeof(members));
	(void)snprintf(extra, sizeof(extra),
	    "node: a\nshare: {etcd: [%s], lease: 2s}\nstale: {after: 6s}\n",
	    members);
	for (int i = 0; i < NODE_STANDINS; i++)
		node_standin(&p->a, i);
	node_order(&p->a, 2, "running=50");
	node_order(&p->a, 3, "running=25");
	node_config(&p->a, extra);
	node_records(&p->a, node_zone);
	spilled_steer(&p->a, "{target: 40%, held: 0s, every: 1s}");
	p->b = p->a;
	p->b.port = harness_port(p->h);
	p->b.http = harness_port(p->h);
	harness_write(p->h, "b.yaml",
	    "listen: 127.0.0.1:%u\nhttp: 127.0.0.1:%u\nstate: b.db\n"
	    "history: off\n"
	    "vantage: other\nnode: b\nshare: {etcd: [%s], lease: 2s}\n"
	    "stale: {after: 6s}\n"
	    "zones:\n"
	    "  - {name: inference.example, records: inference.zone, "
	    "steering: inference.yaml}\n",
	    p->b.port, p->b.http, members);
	node_serve(&p->a);
	node_check(&p->a);
	p->a_share = start(p, "meridian-share", "meridian.yaml", "share.log");
	p->b.server = start(p, "meridiand", "b.yaml", "b.log");
	p->b_share = start(p, "meridian-share", "b.yaml", "b-share.log");
	HARNESS_WAIT(20000,
	    same(p, "b", "select count(*) from endpoint where health = 'up'",
		"2\n"));
}

static void
end(struct pair *p)
{
	harness_stop(p->h, p->b_share);
	harness_stop(p->h, p->a_share);
	harness_stop(p->h, p->b.server);
	if (p->a.probe != 0)
		harness_stop(p->h, p->a.probe);
	harness_stop(p->h, p->a.server);
	etcd_finish(&p->etcd);
	harness_destroy(p->h);
}

/* Clients of America ask one node, those of Europe the other. */
static bool
asked(struct pair *p)
{
	static const char name[] = "one.inference.example.";

	return node_ask(&p->a, name, "A", AMERICA)[0] != '\0' &&
	    node_ask(&p->b, name, "A", EUROPE)[0] != '\0';
}

/* Node b has no geography: all of its clients are of one class. */
#define DEMAND                                                           \
	"select count(*) = 2 from demand where answers > 0 and class = " \
	"'us-east eu-west'"

/* Half of us-east is used, which is more than its target. */
static bool
goes_by_demand(struct pair *p)
{
	const char *reason =
	    sql(p, "a", "select reason from keep where region = 'us-east'");

	return strstr(reason, "sheds") != NULL &&
	    strstr(reason, "by load alone") == NULL;
}

START_TEST(each_node_knows_the_demand_of_all)
{
	struct pair p;

	begin(&p);
	HARNESS_WAIT(60000,
	    asked(&p) && same(&p, "a", DEMAND, "1\n") &&
		same(&p, "b", DEMAND, "1\n"));
	/* Who controls goes by it, not by load alone. */
	HARNESS_WAIT(40000, asked(&p) && goes_by_demand(&p));
	end(&p);
}
END_TEST

/* The load of endpoint us as node b has it: not written for longer than it
 * counts where it is measured, and still known. */
#define QUIET                                                                  \
	"select count(*) from load where endpoint = 'us' and measured_ms > 0 " \
	"and measured_ms < "                                                   \
	"(julianday('now') - 2440587.5) * 86400000 - 6000"

static bool
is_known(struct pair *p)
{
	const char *body = node_page(
	    &p->b, "/api/v1/endpoints?zone=inference.example&pool=v1");

	return strstr(body, "\"saturation\":") != NULL &&
	    strstr(body, "\"saturation\":null") == NULL;
}

START_TEST(load_that_does_not_change_stays_known)
{
	struct pair p;
	const char *out;

	begin(&p);
	/* One process alone carries the rows of a database. */
	ck_assert_int_eq(harness_run(p.h, &out, "meridian-share", "-c",
			     harness_path(p.h, "b.yaml"), NULL),
	    1);
	ck_assert_msg(
	    strstr(out, "another meridian-share carries") != NULL, "%s", out);
	HARNESS_WAIT(40000, is_known(&p));
	HARNESS_WAIT(60000, same(&p, "b", QUIET, "1\n"));
	HARNESS_WAIT(20000, is_known(&p) && same(&p, "b", QUIET, "1\n"));
	/* Who measured it is gone: it gets old. */
	harness_kill(p.h, p.a.probe);
	p.a.probe = 0;
	HARNESS_WAIT(60000, !is_known(&p));
	end(&p);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("shared_load");
	Suite *suite = suite_create("shared_load");
	SRunner *runner;
	int failed;

	tcase_set_timeout(tc, 240);
	tcase_add_test(tc, each_node_knows_the_demand_of_all);
	tcase_add_test(tc, load_that_does_not_change_stays_known);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
