/*
 * What each of two nodes tells of the other: whether its files are the same.
 */
#include <check.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "tests/system/share_pair.h"

/* How many differ in what they serve; and that all say what, and where they are
 * asked. */
#define PRINTS                                                               \
	"select count(distinct zones || steering), min(length(geography)), " \
	"min(address) like '127.%:%' from node"

/* Node "b" has a record more, and this file of steering. */
static void
change_b(struct pair *p, const char *steering)
{
	char members[256];

	(void)etcd_endpoints(&p->etcd, members, sizeof(members));
	harness_write(p->h, "b.zone",
	    "$TTL 60\n@ SOA ns hostmaster 1 60 60 60 60\n@ NS ns\n"
	    "ns A 127.0.0.1\nmore A 127.0.0.2\n");
	harness_write(p->h, "b.yaml",
	    "listen: 127.0.0.1:%u\nhttp: 127.0.0.1:%u\nstate: b.db\n"
	    "history: off\n"
	    "vantage: other\nnode: b\nshare: {etcd: [%s], lease: 2s}\n"
	    "geo: [%s]\n"
	    "zones:\n"
	    "  - {name: inference.example, records: b.zone, "
	    "steering: %s}\n",
	    p->b_port, p->b_http, members,
	    harness_built(p->h, "geo/iptoasn-country.mmdb"), steering);
}

START_TEST(each_node_knows_what_the_other_serves)
{
	struct pair p;
	const char *out;

	pair_begin(&p);
	HARNESS_WAIT(30000, pair_same(&p, "a", PRINTS, "1|16|1\n"));
	ck_assert_int_eq(PAIR_B_CTL(&p, &out, "fingerprint"), 0);
	change_b(&p, "inference.yaml");
	ck_assert_int_eq(PAIR_B_CTL(&p, &out, "fingerprint"), 1);
	ck_assert_msg(strstr(out, "meridianctl reload") != NULL, "%s", out);
	ck_assert_int_eq(PAIR_B_CTL(&p, &out, "reload"), 0);
	ck_assert_int_eq(PAIR_B_CTL(&p, &out, "fingerprint", "--json"), 0);
	ck_assert_msg(strstr(out, "\"differs\": false") != NULL, "%s", out);
	HARNESS_WAIT(30000, pair_same(&p, "a", PRINTS, "2|16|1\n"));
	pair_end(&p);
}
END_TEST

/* The regions change places. */
static void
write_swapped(struct pair *p)
{
	harness_write(p->h, "swapped.yaml",
	    "regions:\n"
	    "  us-east: {at: [53.3, -6.3]}\n"
	    "  eu-west: {at: [39.0, -77.5]}\n"
	    "checks:\n"
	    "  llm: {preset: vllm, every: 500ms, timeout: 1500ms, fall: 2, "
	    "rise: 1, quorum: any}\n"
	    "pools:\n"
	    "  v1:\n"
	    "    check: llm\n"
	    "    endpoints:\n"
	    "      - {name: us, region: us-east, address: 192.0.2.1, "
	    "check_at: \"127.0.0.1:%u\"}\n"
	    "      - {name: eu, region: eu-west, address: 192.0.2.2, "
	    "check_at: \"127.0.0.1:%u\"}\n"
	    "services:\n"
	    "  one: {pool: v1}\n",
	    p->a.standin_port[0], p->a.standin_port[1]);
}

START_TEST(a_node_that_shares_no_more_is_told)
{
	struct pair p;
	const char *out;
	char url[64];

	pair_begin(&p);
	/* The second one has no geography. */
	HARNESS_WAIT(30000,
	    PAIR_B_CTL(&p, &out, "status", "--all") == 1 &&
		strstr(out, "node b has another geography") != NULL);
	ck_assert_msg(strstr(out, "vantage  test") != NULL, "%s", out);
	ck_assert_msg(strstr(out, "linked") != NULL, "%s", out);
	ck_assert_int_eq(PAIR_B_CTL(&p, &out, "status", "--all", "--json"), 1);
	ck_assert_msg(strstr(out, "\"silent\": false") != NULL, "%s", out);
	(void)PAIR_B_CTL(&p, &out, "status");
	ck_assert_msg(strstr(out,
			  "share       node b linked, 2 of 2 nodes fresh, "
			  "DIFFERENT: b") != NULL,
	    "%s", out);
	HARNESS_WAIT(30000,
	    node_metric(&p.a,
		"meridian_node_differs{node=\"b\",part=\"geography\"}") == 1);
	ck_assert(node_metric(&p.a, "meridian_node_heard{node=\"b\"}") == 1);
	(void)snprintf(
	    url, sizeof(url), "http://127.0.0.1:%u/api/v1/nodes", p.a.http);
	ck_assert_int_eq(harness_http(p.h, "GET", url, &out), 200);
	ck_assert_msg(
	    strstr(out, "\"differs\":[\"geography\"]") != NULL, "%s", out);
	harness_kill(p.h, p.b_share);
	HARNESS_WAIT(30000,
	    PAIR_B_CTL(&p, &out, "status") >= 0 &&
		strstr(out, "NOT SHARING: meridian-share does not run") !=
		    NULL);
	HARNESS_WAIT(30000,
	    PAIR_B_CTL(&p, &out, "status", "--all") == 2 &&
		strstr(out, "NOT SHARING") != NULL);
	p.b_share = pair_start(&p, "meridian-share", "b.yaml", "b-share.log");
	HARNESS_WAIT(30000, PAIR_B_CTL(&p, &out, "status", "--all") == 1);
	pair_end(&p);
}
END_TEST

/* Both have the same of health, so that no client gets another answer; then
 * one of them steers in another way. */
START_TEST(answers_of_all_nodes_are_compared)
{
	struct pair p;
	const char *out;

	pair_begin(&p);
	HARNESS_WAIT(30000, pair_same(&p, "a", PRINTS, "1|16|1\n"));
	change_b(&p, "inference.yaml");
	ck_assert_int_eq(PAIR_B_CTL(&p, &out, "reload"), 0);
	ck_assert_int_eq(
	    PAIR_B_CTL(&p, &out, "compare", "--clients", "2000"), 0);
	ck_assert_msg(strstr(out, "all the same") != NULL, "%s", out);
	HARNESS_WAIT(30000,
	    node_ctl(&p.a, &out, "status", "--all") == 1 &&
		strstr(out, "NODES DIFFER: node b serves other zones") != NULL);
	write_swapped(&p);
	change_b(&p, "swapped.yaml");
	ck_assert_int_eq(PAIR_B_CTL(&p, &out, "reload"), 0);
	ck_assert_msg(PAIR_B_CTL(&p, &out, "compare", "one") == 1, "%s", out);
	ck_assert_msg(strstr(out, "192.0.2.2 (eu-west)") != NULL, "%s", out);
	ck_assert_msg(
	    node_ctl(&p.a, &out, "compare", "--nodes", "a,b", "--json") == 1,
	    "%s", out);
	harness_kill(p.h, p.a.server);
	ck_assert_msg(PAIR_B_CTL(&p, &out, "compare", "--clients", "100") == 2,
	    "%s", out);
	ck_assert_msg(strstr(out, "SILENT") != NULL, "%s", out);
	node_serve(&p.a);
	pair_end(&p);
}
END_TEST

/* Both rank by round trips. */
static void
rank_by_latency(struct pair *p)
{
	node_steering(&p->a,
	    "regions:\n"
	    "  us-east: {at: [39.0, -77.5]}\n"
	    "  eu-west: {at: [53.3, -6.3]}\n"
	    "pools:\n"
	    "  v1:\n"
	    "    endpoints:\n"
	    "      - {name: us, region: us-east, address: 192.0.2.1}\n"
	    "      - {name: eu, region: eu-west, address: 192.0.2.2}\n"
	    "services:\n"
	    "  one: {pool: v1, rank: latency}\n");
	change_b(p, "inference.yaml");
}

#define ROUND_TRIPS "select name, latency <> 'none' from node order by name"

START_TEST(other_round_trips_are_told)
{
	struct pair p;
	const char *out, *file;

	pair_begin(&p);
	rank_by_latency(&p);
	ck_assert_int_eq(node_ctl(&p.a, &out, "reload"), 0);
	ck_assert_int_eq(PAIR_B_CTL(&p, &out, "reload"), 0);
	harness_write(p.h, "trips.csv",
	    "81.0.5.0/24,us-east,20\n81.0.5.0/24,eu-west,90\n");
	file = harness_path(p.h, "trips.csv");
	ck_assert_int_eq(node_ctl(&p.a, &out, "latency", "import", file), 0);
	HARNESS_WAIT(30000,
	    node_ctl(&p.a, &out, "status", "--all") == 1 &&
		strstr(out, "ranks by other round trips") != NULL);
	HARNESS_WAIT(30000, pair_same(&p, "b", ROUND_TRIPS, "a|1\nb|0\n"));
	ck_assert_int_eq(node_ctl(&p.a, &out, "fingerprint"), 0);
	/* What "b" had is smoothed with the file, unless it forgets that. */
	harness_write(p.h, "trips.csv", "81.0.5.0/24,us-east,80\n");
	ck_assert_int_eq(PAIR_B_CTL(&p, &out, "latency", "import", file), 0);
	harness_write(p.h, "trips.csv",
	    "81.0.5.0/24,us-east,20\n81.0.5.0/24,eu-west,90\n");
	ck_assert_int_eq(
	    PAIR_B_CTL(&p, &out, "latency", "import", "--replace", file), 0);
	HARNESS_WAIT(30000,
	    pair_same(
		&p, "a", "select count(distinct latency) from node", "1\n"));
	HARNESS_WAIT(30000, pair_same(&p, "b", ROUND_TRIPS, "a|1\nb|1\n"));
	pair_end(&p);
}
END_TEST

/* The file of node "b" is of node ${name}, and meridian-share reads it. */
static void
reload_b(struct pair *p, const char *name, const char *share)
{
	const struct pair_file b = {.name = "b.yaml",
	    .state = "b.db",
	    .vantage = "{name: other, region: eu-west}",
	    .node = name,
	    .share = share};

	pair_write(p, &b, p->b_port, p->b_http);
	harness_signal(p->h, p->b_share, SIGHUP);
}

START_TEST(meridian_share_reloads)
{
	struct pair p;

	pair_begin(&p);
	reload_b(&p, "b", ", address: 192.0.2.9");
	HARNESS_WAIT(30000,
	    pair_same(&p, "a",
		"select region, address from node where name = 'b'",
		"eu-west|192.0.2.9:53\n"));
	/* A file with errors changes nothing. */
	reload_b(&p, "b", ", nonsense: 1");
	/* Another name is another node: it begins anew, twice. */
	reload_b(&p, "c", "");
	HARNESS_WAIT(30000,
	    pair_same(&p, "a", "select region from node where name = 'c'",
		"eu-west\n"));
	HARNESS_WAIT(30000,
	    pair_same(&p, "b",
		"select revision > 0, rows_in > 0 from node where name = 'c'",
		"1|1\n"));
	reload_b(&p, "b", "");
	HARNESS_WAIT(30000,
	    pair_same(
		&p, "b", "select name from node where origin = ''", "b\n"));
	node_order(&p.a, 0, "health=down");
	HARNESS_WAIT(30000,
	    pair_same(&p, "b",
		"select health from endpoint where vantage = 'test' and "
		"endpoint = 'us'",
		"down\n"));
	pair_end(&p);
}
END_TEST

/* It goes on telling the others, which see what is wrong, and where it is. */
START_TEST(a_node_that_cannot_write_says_so)
{
	struct pair p;
	const char *out;
	sqlite3 *db = NULL;

	pair_begin(&p);
	ck_assert_int_eq(
	    sqlite3_open(harness_path(p.h, "b.db"), &db), SQLITE_OK);
	(void)sqlite3_busy_timeout(db, 10000);
	ck_assert_int_eq(
	    sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
	HARNESS_WAIT(
	    30000, pair_told(&p, "b-share.log", "b.db: locked by another") > 0);
	HARNESS_WAIT(30000,
	    node_ctl(&p.a, &out, "status", "--all") == 1 &&
		strstr(node_unwrap(out),
		    "NODE TROUBLED: node b: its state database cannot be "
		    "written: ") != NULL);
	HARNESS_WAIT(30000,
	    PAIR_B_CTL(&p, &out, "status", "--all") == 2 &&
		strstr(out, "NOT WRITTEN") != NULL);
	ck_assert_msg(
	    strstr(out, "node, b, runs but does not write") != NULL, "%s", out);
	ck_assert_msg(strstr(out, "NOT SHARING") == NULL, "%s", out);
	HARNESS_WAIT(30000,
	    PAIR_B_CTL(&p, &out, "status") >= 0 &&
		strstr(out, "NOT WRITTEN: meridian-share runs") != NULL);
	ck_assert_int_eq(sqlite3_close(db), SQLITE_OK);
	/* The geography is another one still. */
	HARNESS_WAIT(60000,
	    node_ctl(&p.a, &out, "status", "--all") == 1 &&
		strstr(out, "TROUBLED") == NULL &&
		strstr(out, "STALE") == NULL);
	HARNESS_WAIT(60000,
	    PAIR_B_CTL(&p, &out, "status", "--all") == 1 &&
		strstr(out, "NOT WRITTEN") == NULL);
	pair_end(&p);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("nodes");
	Suite *suite = suite_create("nodes");
	SRunner *runner;
	int failed;

	tcase_set_timeout(tc, 240);
	tcase_add_test(tc, each_node_knows_what_the_other_serves);
	tcase_add_test(tc, answers_of_all_nodes_are_compared);
	tcase_add_test(tc, a_node_that_shares_no_more_is_told);
	tcase_add_test(tc, a_node_that_cannot_write_says_so);
	tcase_add_test(tc, other_round_trips_are_told);
	tcase_add_test(tc, meridian_share_reloads);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
