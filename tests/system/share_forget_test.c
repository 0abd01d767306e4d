/*
 * A node that was stopped for good is forgotten by all as an operator says so
 * at one of them: its row, its vantage and what it left in etcd; and when it
 * comes back it is a node like any other.
 */
#include <check.h>
#include <string.h>

#include "tests/system/share_pair.h"

/* For what has to happen, on a busy machine. */
#define PATIENCE_MS 60000

#define NODES                                                        \
	"select group_concat(name, ' ') from (select name from node" \
	" order by name)"

/* What a state database has of the node that goes. */
#define LEFT                                                           \
	"select count(*) from (select name from node where name = "    \
	"'b' union all select name from vantage where name = 'other' " \
	"union all select endpoint from endpoint where vantage = 'other')"

static bool
same_at_c(struct pair *p, const char *query, const char *want)
{
	const char *out = "";

	(void)harness_run(p->h, &out, "/usr/bin/sqlite3", "-cmd",
	    ".timeout 5000", harness_path(p->h, "c.db"), query, NULL);
	return strcmp(out, want) == 0;
}

/* A third one, which looks on. */
static pid_t
start_c(struct pair *p)
{
	const struct pair_file c = {.name = "c.yaml",
	    .state = "c.db",
	    .vantage = "third",
	    .node = "c",
	    .share = ""};

	pair_write(p, &c, harness_port(p->h), harness_port(p->h));
	return pair_start(p, "meridian-share", "c.yaml", "c-share.log");
}

/* It is refused at "a", with these words. */
static void
refused(struct pair *p, const char *node, const char *words)
{
	const char *out;

	ck_assert_int_eq(node_ctl(&p->a, &out, "forget", "node", node), 1);
	ck_assert_msg(strstr(node_words(out), words) != NULL, "%s", out);
}

static bool
lacks(struct pair *p, const char *const *keys)
{
	for (; *keys != NULL; keys++)
		if (pair_has(p, *keys))
			return false;
	return true;
}

/* Node "c" goes on alone, without what others left in its state database. */
static void
share_no_more(struct pair *p)
{
	const char *out;

	harness_write(p->h, "c.yaml",
	    "listen: 127.0.0.1:%u\nstate: c.db\nvantage: third\nnode: c\n"
	    "zones:\n"
	    "  - {name: inference.example, records: inference.zone}\n",
	    harness_port(p->h));
	ck_assert(same_at_c(p, NODES, "a b c\n"));
	ck_assert(!same_at_c(p, LEFT, "0\n"));
	ck_assert_int_eq(
	    harness_run(p->h, &out, "meridianctl", "-c",
		harness_path(p->h, "c.yaml"), "forget", "node", "b", NULL),
	    0);
	ck_assert_msg(strstr(node_words(out),
			  "node b is forgotten here, with "
			  "its vantages") != NULL,
	    "%s", out);
	ck_assert(same_at_c(p, NODES, "a c\n"));
	ck_assert(same_at_c(p, LEFT, "0\n"));
}

START_TEST(a_node_that_is_gone_is_forgotten_by_all)
{
	static const char *const keys[] = {"/meridian/node/b",
	    "/meridian/vantage/other", "/meridian/live/other",
	    "/meridian/verdict/other", "/meridian/address/other",
	    "/meridian/load/other", "/meridian/demand/b", NULL};
	struct pair p;
	const char *out;
	pid_t c;

	pair_begin(&p);
	c = start_c(&p);
	HARNESS_WAIT(PATIENCE_MS,
	    pair_same(&p, "a", NODES, "a b c\n") &&
		same_at_c(&p, NODES, "a b c\n"));
	refused(&p, "b", "node b: it was heard ");
	refused(&p, "a", "it is this node itself");
	refused(&p, "nobody", "known are b, c");
	ck_assert(!pair_has(&p, "/meridian/forgotten/"));

	pair_stop_b(&p);
	HARNESS_WAIT(PATIENCE_MS, !pair_has(&p, "/meridian/node/b"));
	ck_assert(!same_at_c(&p, LEFT, "0\n"));
	ck_assert(pair_has(&p, "/meridian/verdict/other"));
	ck_assert_msg(node_ctl(&p.a, &out, "forget", "node", "b", "--reason",
			  "sold", "--author", "ann") == 0,
	    "%s", out);
	ck_assert_msg(strstr(node_words(out), "forgotten by all nodes") != NULL,
	    "%s", out);
	HARNESS_WAIT(PATIENCE_MS,
	    pair_same(&p, "a", LEFT, "0\n") && same_at_c(&p, LEFT, "0\n"));
	ck_assert(lacks(&p, keys));
	ck_assert(same_at_c(&p,
	    "select name, author, reason, node, shared from forgotten",
	    "b|ann|sold|a|1\n"));
	ck_assert(pair_told(&p, "c-share.log",
		      "node b is forgotten, as ann "
		      "says at node a") == 1);
	(void)node_ctl(&p.a, &out, "status", "--all");
	ck_assert_msg(strstr(out, "SILENT") == NULL, "%s", out);
	refused(&p, "b", "no node b is known here: known are c");
	ck_assert_int_eq(node_ctl(&p.a, &out, "events"), 0);
	ck_assert_msg(
	    strstr(out, "  node b forgotten by ann: sold (said at node a)") !=
		NULL,
	    "%s", out);
	ck_assert_int_eq(
	    harness_run(p.h, &out, "meridianctl", "-c",
		harness_path(p.h, "c.yaml"), "events", "--json", NULL),
	    0);
	ck_assert_msg(
	    strstr(out, "\"event\":\"node forgotten\"") != NULL, "%s", out);

	/* Whoever begins later does not bring it back. */
	harness_stop(p.h, c);
	c = start_c(&p);
	HARNESS_WAIT(PATIENCE_MS, same_at_c(&p, NODES, "a c\n"));

	pair_start_b(&p);
	HARNESS_WAIT(PATIENCE_MS,
	    pair_same(&p, "a", NODES, "a b c\n") &&
		same_at_c(&p, NODES, "a b c\n") &&
		!pair_has(&p, "/meridian/forgotten/"));
	HARNESS_WAIT(PATIENCE_MS,
	    pair_same(&p, "a",
		"select count(*) from endpoint where vantage = 'other' and "
		"health = 'up'",
		"2\n"));
	refused(&p, "b", "node b: it was heard ");

	/* Nobody is forgotten by one that cannot tell the others. */
	etcd_kill(&p.etcd, 0);
	HARNESS_WAIT(PATIENCE_MS,
	    pair_same(&p, "a", "select cut_ms > 0 from node where name = 'a'",
		"1\n"));
	refused(&p, "b", "cut off from the others");
	harness_stop(p.h, c);
	share_no_more(&p);
	pair_end(&p);
}
END_TEST

/* Both are told that it is forgotten, whoever came first. */
START_TEST(two_may_forget_one_at_once)
{
	struct pair p;
	const char *out;
	pid_t c;

	pair_begin(&p);
	c = start_c(&p);
	HARNESS_WAIT(PATIENCE_MS,
	    pair_same(&p, "a", NODES, "a b c\n") &&
		same_at_c(&p, NODES, "a b c\n"));
	pair_stop_b(&p);
	HARNESS_WAIT(PATIENCE_MS,
	    !pair_has(&p, "/meridian/node/b") &&
		!pair_has(&p, "/meridian/live/other"));
	(void)harness_start(p.h, "c-forget.log", "meridianctl", "-c",
	    harness_path(p.h, "c.yaml"), "forget", "node", "b", "--author",
	    "cid", NULL);
	/* It may be gone before this one asks. */
	ck_assert_msg(node_ctl(&p.a, &out, "forget", "node", "b", "--author",
			  "ann") == 0 ||
		strstr(node_words(out), "no node b is known") != NULL,
	    "%s", out);
	HARNESS_WAIT(PATIENCE_MS,
	    pair_told(&p, "c-forget.log", "forgotten by all nodes") == 1 ||
		pair_told(&p, "c-forget.log", "no node b is known") == 1);
	HARNESS_WAIT(PATIENCE_MS,
	    pair_same(&p, "a", LEFT, "0\n") && same_at_c(&p, LEFT, "0\n"));
	harness_stop(p.h, c);
	pair_start_b(&p);
	HARNESS_WAIT(PATIENCE_MS,
	    pair_told(&p, "b.log", "serving 1 zone") >= 1 &&
		pair_same(&p, "a",
		    "select count(*) from endpoint where vantage = 'other' "
		    "and health = 'up'",
		    "2\n"));
	pair_end(&p);
}
END_TEST

int
main(void)
{
	const struct harness_case cases[] = {
	    {"a_node_that_is_gone_is_forgotten_by_all",
		a_node_that_is_gone_is_forgotten_by_all, 300},
	    {"two_may_forget_one_at_once", two_may_forget_one_at_once, 180},
	};

	return harness_main(
	    "share_forget", cases, sizeof(cases) / sizeof(cases[0]));
}
