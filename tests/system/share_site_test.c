/*
 * Of which site a state database is: one of another site shares nothing, and
 * says why, one of none takes the site of etcd and overrules nothing by what it
 * had accepted elsewhere, and an etcd that was wiped gets its site back.
 */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "tests/system/share_pair.h"

/* For what has to happen, on a busy machine. */
#define PATIENCE_MS 60000

#define ELSEWHERE "fedcba9876543210fedcba9876543210"

#define TOLD "this state database is of another site"

#define STUCK "do what is said there: meridian-share reaches etcd"

#define TRAIL "select number, action, target, shared from override"

#define SITE(node) "select site from node where name = '" node "'"

/* Of a node: it shares, and nothing is wrong. */
#define LINKED(node)                                              \
	"select cut_ms is null and link = '' and site <> '' from" \
	" node where name = '" node "'"

/* Override 500, a drain of a region, as the other site accepted it. */
#define ACCEPTED_ELSEWHERE                                                   \
	"insert into override (number, at_ms, action, kind, target, author," \
	" reason, sequence, id, node, shared) values (500, unixepoch() *"    \
	" 1000, 'drain', 'region', 'eu-west', 'x', 'test', 1 + (select"      \
	" max(sequence) from endpoint), 'of-elsewhere', 'z', 1);"

/* What has become of it where it was given to this site. */
#define REFUSED "select shared, refused from override where number >= 500"
#define WHY "2|it was accepted before this node shared with this site\n"

/* What etcd has at ${key}. */
static const char *
value(struct pair *p, const char *key)
{
	const char *out = "";

	(void)harness_run(p->h, &out, ETCD_CTL, "--endpoints",
	    p->etcd.members[0].url, "get", "--print-value-only", key, NULL);
	return out;
}

static void
remove_b(struct pair *p)
{
	(void)harness_run(p->h, NULL, "/bin/rm", "-f",
	    harness_path(p->h, "b.db"), harness_path(p->h, "b.db-wal"),
	    harness_path(p->h, "b.db-shm"), harness_path(p->h, "b.db.mirror"),
	    NULL);
}

static bool
b_has_joined(struct pair *p)
{
	return pair_same(p, "b", LINKED("b"), "1\n") &&
	    pair_same(p, "b", SITE("b"), pair_sql(p, "a", SITE("a")));
}

START_TEST(a_database_of_another_site_shares_nothing)
{
	struct pair p;
	const char *out;

	pair_begin(&p);
	/* Both came to the empty etcd at once. */
	HARNESS_WAIT(PATIENCE_MS, b_has_joined(&p));
	ck_assert_str_eq(
	    value(&p, "/meridian/site"), pair_sql(&p, "a", SITE("a")));
	pair_stop_b(&p);
	ck_assert_str_eq(pair_sql(&p, "b",
			     "update node set site = '" ELSEWHERE
			     "' where name = 'b';" ACCEPTED_ELSEWHERE),
	    "");
	pair_start_b(&p);
	HARNESS_WAIT(PATIENCE_MS, pair_told(&p, "b-share.log", TOLD) > 0);
	HARNESS_WAIT(PATIENCE_MS,
	    pair_same(&p, "b", "select cut_ms > 0 from node where name = 'b'",
		"1\n"));
	ck_assert_int_eq(PAIR_B_CTL(&p, &out, "status", "--all"), 1);
	ck_assert_msg(strstr(node_unwrap(out), TOLD) != NULL, "%s", out);
	/* What to do is not to look for etcd. */
	ck_assert_msg(strstr(node_unwrap(out), STUCK) != NULL, "%s", out);
	HARNESS_WAIT(PATIENCE_MS,
	    PAIR_B_CTL(&p, &out, "status") >= 0 &&
		strstr(node_unwrap(out), STUCK) != NULL);
	/* Its own answers are by what it has; it has told nobody. */
	HARNESS_WAIT(PATIENCE_MS, pair_told(&p, "b.log", "override 500") > 0);
	ck_assert_str_eq(pair_sql(&p, "a", TRAIL), "");
	ck_assert(!pair_has(&p, "/meridian/override/"));
	ck_assert(!pair_has(&p, "/meridian/node/b"));
	ck_assert_int_eq(node_pair_answer(&p.a), 2);
	ck_assert_str_eq(pair_sql(&p, "b", SITE("b")), ELSEWHERE "\n");
	/* What is said at "a" does not come here, either. */
	pair_say(&p, "drain", "us-east");
	ck_assert_str_eq(
	    pair_sql(&p, "b", "select number from override"), "500\n");
	/* It is moved away. */
	pair_stop_b(&p);
	remove_b(&p);
	pair_start_b(&p);
	HARNESS_WAIT(PATIENCE_MS, b_has_joined(&p));
	HARNESS_WAIT(PATIENCE_MS,
	    pair_same(&p, "b", TRAIL, "1|drain|us-east|1\n") &&
		pair_same(&p, "a", TRAIL, "1|drain|us-east|1\n"));
	pair_end(&p);
}
END_TEST

START_TEST(a_database_that_is_swapped_while_it_is_shared_is_found_out)
{
	struct pair p;
	char copy[512];

	pair_begin(&p);
	HARNESS_WAIT(PATIENCE_MS, b_has_joined(&p));
	(void)snprintf(
	    copy, sizeof(copy), "vacuum into '%s'", harness_path(p.h, "x.db"));
	ck_assert_str_eq(pair_sql(&p, "b", copy), "");
	(void)harness_run(p.h, NULL, "/usr/bin/sqlite3",
	    harness_path(p.h, "x.db"),
	    "update node set site = '" ELSEWHERE
	    "' where name = 'b';" ACCEPTED_ELSEWHERE,
	    NULL);
	remove_b(&p);
	(void)harness_run(p.h, NULL, "/bin/mv", harness_path(p.h, "x.db"),
	    harness_path(p.h, "b.db"), NULL);
	HARNESS_WAIT(PATIENCE_MS,
	    pair_told(&p, "b-share.log", TOLD) > 0 &&
		pair_told(&p, "b.log", "override 500") > 0);
	ck_assert_str_eq(pair_sql(&p, "a", TRAIL), "");
	ck_assert(!pair_has(&p, "/meridian/override/"));
	/* Without one, it takes the site again; and what meridiand writes back
	 * there counts no more. */
	remove_b(&p);
	HARNESS_WAIT(
	    PATIENCE_MS, b_has_joined(&p) && pair_same(&p, "b", REFUSED, WHY));
	ck_assert_str_eq(pair_sql(&p, "a", TRAIL), "");
	ck_assert(!pair_has(&p, "/meridian/override/"));
	pair_end(&p);
}
END_TEST

START_TEST(a_database_of_no_site_overrules_nothing)
{
	static const char trail[] = "1|drain|eu-west|1\n2|undrain|eu-west|1\n"
				    "3|drain|us-east|1\n";
	struct pair p;

	pair_begin(&p);
	HARNESS_WAIT(PATIENCE_MS, b_has_joined(&p));
	pair_say(&p, "drain", "eu-west");
	pair_say(&p, "undrain", "eu-west");
	pair_stop_b(&p);
	remove_b(&p);
	/* A node alone that has a database of before; it says something. */
	pair_start_b(&p);
	HARNESS_WAIT(PATIENCE_MS, b_has_joined(&p));
	pair_stop_b(&p);
	ck_assert_str_eq(
	    pair_sql(&p, "b",
		"delete from node; delete from override;" ACCEPTED_ELSEWHERE
		"insert into override (number, at_ms, action, kind, target,"
		" author, reason, sequence, id) values (501, unixepoch() *"
		" 1000, 'drain', 'region', 'us-east', 'x', 'alone', 1 + (select"
		" max(sequence) from endpoint), 'said-alone')"),
	    "");
	(void)harness_run(
	    p.h, NULL, "/bin/rm", "-f", harness_path(p.h, "b.db.mirror"), NULL);
	pair_start_b(&p);
	/* That counts everywhere, and nothing else. */
	HARNESS_WAIT(PATIENCE_MS, pair_same(&p, "a", TRAIL, trail));
	HARNESS_WAIT(PATIENCE_MS,
	    pair_same(&p, "b", REFUSED, WHY) && b_has_joined(&p) &&
		pair_same(&p, "b", TRAIL " where shared = 1", trail));
	ck_assert_int_eq(node_pair_answer(&p.a), 2);
	/* Nor when it begins again, and is of the site. */
	harness_stop(p.h, p.b_share);
	p.b_share = pair_start(&p, "meridian-share", "b.yaml", "again.log");
	pair_say(&p, "undrain", "us-east");
	HARNESS_WAIT(PATIENCE_MS,
	    pair_same(
		&p, "b", TRAIL " where number = 4", "4|undrain|us-east|1\n"));
	ck_assert_str_eq(pair_sql(&p, "b", REFUSED), WHY);
	ck_assert_int_eq(pair_told(&p, "again.log", "is filled"), 0);
	pair_end(&p);
}
END_TEST

START_TEST(an_etcd_that_was_wiped_gets_its_site_back)
{
	struct pair p;
	char before[64];

	pair_begin(&p);
	HARNESS_WAIT(PATIENCE_MS, b_has_joined(&p));
	pair_say(&p, "drain", "us-east");
	(void)snprintf(
	    before, sizeof(before), "%s", value(&p, "/meridian/site"));
	ck_assert_uint_eq(strlen(before), 33);
	etcd_wipe(&p.etcd, 0);
	etcd_run(&p.etcd, 0);
	etcd_await(&p.etcd, 0);
	HARNESS_WAIT(PATIENCE_MS,
	    pair_has(&p, "/meridian/override/0000000000000000000"));
	ck_assert_str_eq(value(&p, "/meridian/site"), before);
	HARNESS_WAIT(PATIENCE_MS,
	    b_has_joined(&p) && pair_same(&p, "a", LINKED("a"), "1\n"));
	ck_assert_str_eq(pair_sql(&p, "b", SITE("b")), before);
	ck_assert_str_eq(pair_sql(&p, "a", TRAIL), "1|drain|us-east|1\n");
	ck_assert_int_eq(pair_told(&p, "share.log", TOLD), 0);
	ck_assert_int_eq(pair_told(&p, "b-share.log", TOLD), 0);
	pair_end(&p);
}
END_TEST

int
main(void)
{
	const struct harness_case cases[] = {
	    {"a_database_of_another_site_shares_nothing",
		a_database_of_another_site_shares_nothing, 300},
	    {"a_database_that_is_swapped_while_it_is_shared_is_found_out",
		a_database_that_is_swapped_while_it_is_shared_is_found_out,
		300},
	    {"a_database_of_no_site_overrules_nothing",
		a_database_of_no_site_overrules_nothing, 300},
	    {"an_etcd_that_was_wiped_gets_its_site_back",
		an_etcd_that_was_wiped_gets_its_site_back, 300},
	};

	return harness_main(
	    "share_site", cases, sizeof(cases) / sizeof(cases[0]));
}
