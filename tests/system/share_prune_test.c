/*
 * What nobody needs is deleted in etcd, and no node brings it back: overrides
 * of long ago that count no more, what vantages left that are gone, and
 * controllers of pools that are, and what makes no sense.  The time that has
 * passed is written into etcd, by the count of hours that nodes keep there.
 */
#include <check.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/system/share_pair.h"

/* For what has to happen, on a busy machine. */
#define PATIENCE_MS 60000

#define DAY_MS (INT64_C(24) * 3600 * 1000)

#define TRAIL "select number, action, target, shared from override"

static void
put(struct pair *p, const char *key, const char *value)
{
	ck_assert_int_eq(harness_run(p->h, NULL, ETCD_CTL, "--endpoints",
			     p->etcd.members[0].url, "put", key, value, NULL),
	    0);
}

static int64_t
wall_ms(void)
{
	struct timespec now;

	ck_assert_int_eq(clock_gettime(CLOCK_REALTIME, &now), 0);
	return (int64_t)now.tv_sec * 1000;
}

/* Override ${number}, which all have, was said a hundred days ago, and came to
 * etcd before that of today. */
static void
make_old(struct pair *p, int number, const char *action, const char *target)
{
	char query[256], key[64], value[512], id[64];

	for (int i = 0; i < 2; i++) {
		(void)snprintf(query, sizeof(query),
		    "update override set at_ms = at_ms - %" PRId64
		    ", boot = '', steady_ms = null where number = %d",
		    100 * DAY_MS, number);
		(void)pair_sql(p, i == 0 ? "a" : "b", query);
	}
	(void)snprintf(query, sizeof(query),
	    "select id from override where number = %d", number);
	(void)snprintf(id, sizeof(id), "%s", pair_sql(p, "a", query));
	id[strcspn(id, "\n")] = '\0';
	(void)snprintf(key, sizeof(key), "/meridian/override/%020d", number);
	(void)snprintf(value, sizeof(value),
	    "{\"at\":%" PRId64 ",\"columns\":[\"number\",\"at_ms\","
	    "\"action\",\"kind\",\"target\",\"author\",\"reason\",\"id\","
	    "\"node\",\"shared\"],\"pools\":[[[[%d,%" PRId64 ",\"%s\","
	    "\"region\",\"%s\",\"x\",\"test\",\"%s\",\"a\",1]]]]}",
	    wall_ms(), number, wall_ms() - 100 * DAY_MS, action, target, id);
	put(p, key, value);
}

/* More than ninety days pass. */
static void
let_time_pass(struct pair *p)
{
	const char *answer =
	    etcd_post(&p->etcd, 0, "/v3/kv/range", "{\"key\":\"bm9uZQ==\"}");
	const char *revision = strstr(answer, "\"revision\":\"");
	char value[64];

	ck_assert_ptr_nonnull(revision);
	(void)snprintf(value, sizeof(value), "2300\n0 %ld\n",
	    strtol(revision + strlen("\"revision\":\""), NULL, 10));
	put(p, "/meridian/calendar", value);
}

/* Node "b" was away for long: it has a drain that was ended meanwhile. */
static void
bring_back_old(struct pair *p)
{
	char query[512];

	(void)snprintf(query, sizeof(query),
	    "update node set followed = 0 where name = 'b'; insert into "
	    "override (number, at_ms, action, kind, target, author, reason, "
	    "sequence, id, node, shared) values (1, %" PRId64
	    ", 'drain', 'region', 'eu-west', 'x', 'test', (select "
	    "max(sequence) from override), 'of-long-ago', 'a', 1)",
	    wall_ms() - 100 * DAY_MS);
	ck_assert_str_eq(pair_sql(p, "b", query), "");
}

/* The largest sequence there is: what has a larger one is news to readers. */
#define TOP                                                                \
	"max((select max(sequence) from node), (select max(sequence) from" \
	" vantage), (select max(sequence) from endpoint), (select"         \
	" max(sequence) from override))"

/* The same comes back while "b" follows, and its wall clock takes it for
 * new. */
static void
bring_back_late(struct pair *p)
{
	ck_assert_str_eq(
	    pair_sql(p, "b",
		"insert into override (number, at_ms, action, kind, target,"
		" author, reason, sequence, id, node, shared) values (2,"
		" unixepoch() * 1000, 'drain', 'region', 'eu-west', 'x',"
		" 'test', 1 + " TOP ", 'of-late', 'a', 1)"),
	    "");
}

START_TEST(what_nobody_needs_is_deleted_and_stays_so)
{
	static const char nothing[] = "{\"at\":1,\"columns\":[],\"pools\":[]}";
	static const char left[] = "3|drain|us-east|1\n4|undrain|us-east|1\n"
				   "5|drain|us-east|1\n";
	struct pair p;

	pair_begin(&p);
	pair_say(&p, "drain", "eu-west");
	pair_say(&p, "undrain", "eu-west");
	pair_say(&p, "drain", "us-east");
	pair_say(&p, "undrain", "us-east");
	pair_say(&p, "drain", "us-east");
	HARNESS_WAIT(PATIENCE_MS,
	    pair_same(&p, "b", "select count(*) from override", "5\n"));
	pair_stop_sharing(&p);
	make_old(&p, 1, "drain", "eu-west");
	make_old(&p, 2, "undrain", "eu-west");
	put(&p, "/meridian/verdict/gone/00", nothing);
	put(&p, "/meridian/load/gone/01", nothing);
	put(&p, "/meridian/vantage/senseless", "?");
	put(&p, "/meridian/keep/inference.example/gone", nothing);
	put(&p, "/meridian/factor/inference.example/gone/00", nothing);
	put(&p, "/meridian/ramp/inference.example/gone", nothing);
	put(&p, "/meridian/forgotten/gone", nothing);
	let_time_pass(&p);
	pair_share_again(&p);
	/* What a clock of this boot knows to be young stays, and what is in
	 * force. */
	HARNESS_WAIT(PATIENCE_MS,
	    pair_same(&p, "a", TRAIL, left) && pair_same(&p, "b", TRAIL, left));
	HARNESS_WAIT(PATIENCE_MS,
	    !pair_has(&p, "/meridian/verdict/gone/") &&
		!pair_has(&p, "/meridian/load/gone/"));
	HARNESS_WAIT(PATIENCE_MS,
	    !pair_has(&p, "/meridian/vantage/senseless") &&
		!pair_has(&p, "/meridian/keep/") &&
		!pair_has(&p, "/meridian/factor/") &&
		!pair_has(&p, "/meridian/ramp/") &&
		!pair_has(&p, "/meridian/forgotten/"));
	ck_assert(!pair_has(&p, "/meridian/override/00000000000000000001"));
	ck_assert(!pair_has(&p, "/meridian/override/00000000000000000002"));
	ck_assert(pair_has(&p, "/meridian/override/00000000000000000005"));
	ck_assert(pair_has(&p, "/meridian/verdict/test/"));
	ck_assert(pair_has(&p, "/meridian/verdict/other/"));

	/* Who was away brings nothing back. */
	HARNESS_WAIT(PATIENCE_MS,
	    pair_same(&p, "b", "select followed > 5 from node where name = 'b'",
		"1\n"));
	harness_stop(p.h, p.b_share);
	bring_back_old(&p);
	p.b_share = pair_start(&p, "meridian-share", "b.yaml", "b-share.log");
	HARNESS_WAIT(PATIENCE_MS,
	    pair_same(&p, "b",
		"select shared from override where id = 'of-long-ago'", "2\n"));
	ck_assert_str_eq(pair_sql(&p, "a", TRAIL), left);
	HARNESS_WAIT(PATIENCE_MS,
	    pair_same(&p, "b", "select followed > 5 from node where name = 'b'",
		"1\n"));
	bring_back_late(&p);
	HARNESS_WAIT(PATIENCE_MS,
	    pair_same(&p, "b",
		"select shared from override where id = 'of-late'", "2\n"));
	ck_assert_str_eq(pair_sql(&p, "a", TRAIL), left);
	ck_assert(!pair_has(&p, "/meridian/override/00000000000000000002"));

	/* An etcd that is made anew is told, and no number is given again. */
	etcd_wipe(&p.etcd, 0);
	etcd_run(&p.etcd, 0);
	etcd_await(&p.etcd, 0);
	HARNESS_WAIT(PATIENCE_MS,
	    pair_has(&p, "/meridian/pruned") &&
		pair_has(&p, "/meridian/override/00000000000000000005"));
	ck_assert(!pair_has(&p, "/meridian/override/00000000000000000001"));
	pair_say(&p, "undrain", "us-east");
	HARNESS_WAIT(PATIENCE_MS,
	    pair_same(&p, "b",
		"select number > 100, shared from override where "
		"action = 'undrain' and number > 5",
		"1|1\n"));
	pair_end(&p);
}
END_TEST

int
main(void)
{
	const struct harness_case cases[] = {
	    {"what_nobody_needs_is_deleted_and_stays_so",
		what_nobody_needs_is_deleted_and_stays_so, 300},
	};

	return harness_main(
	    "share_prune", cases, sizeof(cases) / sizeof(cases[0]));
}
