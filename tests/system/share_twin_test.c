/*
 * Two nodes of one name, as two machines made from one image are: the later one
 * writes nothing and says why, until the other is gone.
 */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "tests/system/share_pair.h"

#define TOLD "another process shares as this node"

#define CUT "select cut_ms > 0 from node where name = 'a'"

static bool
same_in(struct pair *p, const char *db, const char *query, const char *want)
{
	const char *out = "";

	(void)harness_run(p->h, &out, "/usr/bin/sqlite3", "-cmd",
	    ".timeout 5000", harness_path(p->h, db), query, NULL);
	return strcmp(out, want) == 0;
}

/* The lease of the key of a node that has the name. */
static const char *
holder(struct pair *p)
{
	static char lease[64];
	const char *out = etcd_post(&p->etcd, 0, "/v3/kv/range",
	    "{\"key\":\"L21lcmlkaWFuL25vZGUvYQ==\"}");
	const char *at = strstr(out, "\"lease\":\"");

	lease[0] = '\0';
	if (at != NULL)
		(void)sscanf(at + 9, "%63[0-9]", lease);
	return lease;
}

static pid_t
twin_start(struct pair *p)
{
	const struct pair_file twin = {.name = "twin.yaml",
	    .state = "twin.db",
	    .vantage = "test",
	    .node = "a",
	    .share = ""};

	pair_write(p, &twin, harness_port(p->h), harness_port(p->h));
	return pair_start(p, "meridian-share", "twin.yaml", "twin.log");
}

START_TEST(the_later_of_two_with_a_name_waits)
{
	struct pair p;
	const char *out;
	char before[64];
	pid_t twin;

	pair_begin_leased(&p, 6);
	/* One that begins again is no twin of itself, however it ended. */
	harness_kill(p.h, p.a_share);
	(void)snprintf(before, sizeof(before), "%s", holder(&p));
	ck_assert_str_ne(before, "");
	p.a_share =
	    pair_start(&p, "meridian-share", "meridian.yaml", "again.log");
	HARNESS_WAIT(
	    30000, holder(&p)[0] != '\0' && strcmp(holder(&p), before) != 0);
	(void)snprintf(before, sizeof(before), "%s", holder(&p));
	/* Another machine of that name. */
	twin = twin_start(&p);
	HARNESS_WAIT(60000, pair_told(&p, "twin.log", TOLD) > 0);
	HARNESS_WAIT(20000, same_in(&p, "twin.db", CUT, "1\n"));
	ck_assert_int_eq(
	    harness_run(p.h, &out, "meridianctl", "-c",
		harness_path(p.h, "twin.yaml"), "status", "--all", NULL),
	    1);
	ck_assert_msg(strstr(node_unwrap(out), TOLD) != NULL, "%s", out);
	/* Who was first goes on, and was never disturbed. */
	ck_assert_str_eq(holder(&p), before);
	ck_assert_int_eq(pair_told(&p, "again.log", TOLD), 0);
	ck_assert(same_in(&p, "state.db", CUT, "\n"));
	/* Once it is gone, the other has the name; and now it is the later. */
	harness_kill(p.h, p.a_share);
	HARNESS_WAIT(60000, same_in(&p, "twin.db", CUT, "\n"));
	HARNESS_WAIT(
	    20000, holder(&p)[0] != '\0' && strcmp(holder(&p), before) != 0);
	p.a_share =
	    pair_start(&p, "meridian-share", "meridian.yaml", "third.log");
	HARNESS_WAIT(60000, pair_told(&p, "third.log", TOLD) > 0);
	harness_stop(p.h, twin);
	HARNESS_WAIT(60000, same_in(&p, "state.db", CUT, "\n"));
	pair_end(&p);
}
END_TEST

/* The name of a vantage that a node gave up is that of the node that has it. */
START_TEST(a_vantage_that_was_renamed_is_another_nodes)
{
	static const char is[] =
	    "select count(*) from endpoint where vantage = 'test'";
	static const char of[] = "select node from vantage where name = 'test'";
	struct pair_file c = {.name = "c.yaml",
	    .state = "c.db",
	    .vantage = "test",
	    .node = "c",
	    .share = ""};
	struct pair p;
	pid_t probe, share;

	pair_begin(&p);
	pair_write(&p, &c, harness_port(p.h), harness_port(p.h));
	probe = pair_start(&p, "meridian-probe", "c.yaml", "c-probe.log");
	HARNESS_WAIT(30000, same_in(&p, "c.db", is, "2\n"));
	ck_assert(same_in(&p, "c.db", of, "\n"));
	harness_stop(p.h, probe);
	c.vantage = "third";
	pair_write(&p, &c, harness_port(p.h), harness_port(p.h));
	probe = pair_start(&p, "meridian-probe", "c.yaml", "c-probe2.log");
	share = pair_start(&p, "meridian-share", "c.yaml", "c-share.log");
	HARNESS_WAIT(30000, same_in(&p, "c.db", of, "a\n"));
	ck_assert(same_in(&p, "c.db", is, "2\n"));
	ck_assert_int_eq(pair_told(&p, "c-share.log", "is its own"), 0);
	/* What is found there is heard. */
	harness_stop(p.h, p.a.standin[0]);
	HARNESS_WAIT(30000,
	    same_in(&p, "c.db",
		"select count(*) from endpoint where vantage = 'test' and "
		"health = 'down'",
		"1\n"));
	harness_stop(p.h, share);
	harness_stop(p.h, probe);
	pair_end(&p);
}
END_TEST

int
main(void)
{
	const struct harness_case cases[] = {
	    {"the_later_of_two_with_a_name_waits",
		the_later_of_two_with_a_name_waits, 300},
	    {"a_vantage_that_was_renamed_is_another_nodes",
		a_vantage_that_was_renamed_is_another_nodes, 120},
	};

	return harness_main(
	    "share_twin", cases, sizeof(cases) / sizeof(cases[0]));
}
