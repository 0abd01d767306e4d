/*
 * What nodes write into an etcd that lacks it: what is in force however old it
 * is, in the place of what makes no sense there, and with times by the clock of
 * the node that wrote it.
 */
#include <check.h>
#include <string.h>

#include "tests/system/clocks.h"
#include "tests/system/share_pair.h"

/* For what has to happen, on a busy machine. */
#define PATIENCE_MS 60000

#define HOUR_MS (INT64_C(3600) * 1000)

/* Of an override: as etcd's API takes a key, in base64; and what is none. */
#define KEY_1 "L21lcmlkaWFuL292ZXJyaWRlLzAwMDAwMDAwMDAwMDAwMDAwMDAx"
#define KEY_9 "L21lcmlkaWFuL292ZXJyaWRlLzAwMDAwMDAwMDAwMDAwMDAwMDA5"
#define NO_SENSE "bm8gcm93"

#define TRAIL "select number, action, target, shared from override"

static void
empty_etcd(struct pair *p)
{
	etcd_wipe(&p->etcd, 0);
	etcd_run(&p->etcd, 0);
	etcd_await(&p->etcd, 0);
}

static void
put_nonsense(struct pair *p, const char *key)
{
	const char *answer = etcd_post(&p->etcd, 0, "/v3/kv/put",
	    "{\"key\":\"%s\",\"value\":\"" NO_SENSE "\"}", key);

	ck_assert_msg(strstr(answer, "revision") != NULL, "%s", answer);
}

/* Something else than nonsense is at ${key}. */
static bool
makes_sense(struct pair *p, const char *key)
{
	const char *answer =
	    etcd_post(&p->etcd, 0, "/v3/kv/range", "{\"key\":\"%s\"}", key);

	return strstr(answer, "\"value\"") != NULL &&
	    strstr(answer, NO_SENSE) == NULL;
}

START_TEST(what_makes_no_sense_gives_way_to_what_was_accepted)
{
	static const char trail[] = "1|drain|eu-west|1\n2|undrain|eu-west|1\n"
				    "3|drain|us-east|1\n";
	struct pair p;

	pair_begin(&p);
	pair_say(&p, "drain", "eu-west");
	pair_say(&p, "undrain", "eu-west");
	pair_say(&p, "drain", "us-east");
	HARNESS_WAIT(PATIENCE_MS, pair_same(&p, "b", TRAIL, trail));
	/* In a running site the row is written again; */
	put_nonsense(&p, KEY_1);
	HARNESS_WAIT(PATIENCE_MS, makes_sense(&p, KEY_1));
	/* and who fills an etcd takes its place, too. */
	pair_stop_sharing(&p);
	empty_etcd(&p);
	put_nonsense(&p, KEY_1);
	put_nonsense(&p, KEY_9);
	pair_share_again(&p);
	HARNESS_WAIT(PATIENCE_MS, makes_sense(&p, KEY_1));
	pair_say(&p, "undrain", "us-east");
	HARNESS_WAIT(PATIENCE_MS,
	    pair_same(&p, "b",
		"select count(*) from override where number > 103 and "
		"action = 'undrain' and shared = 1",
		"1\n"));
	ck_assert_str_eq(pair_sql(&p, "b", TRAIL " where number < 100"), trail);
	ck_assert(!makes_sense(&p, KEY_9));
	/* Each is said at most once by each process that met it, and what comes
	 * within a minute is only counted. */
	ck_assert_int_ge(pair_told(&p, "b-share.log", "makes no sense"), 2);
	ck_assert_int_le(pair_told(&p, "b-share.log", "override 1 in etcd"), 2);
	ck_assert_int_le(pair_told(&p, "b-share.log", "override 9 in etcd"), 1);
	pair_end(&p);
}
END_TEST

/* As if all that was said had been said long ago, before a boot. */
static void
make_old(struct pair *p, const char *node)
{
	(void)pair_sql(p, node,
	    "update override set at_ms = at_ms - 100 * 86400000, boot = '', "
	    "steady_ms = null");
}

START_TEST(what_is_in_force_is_written_however_old)
{
	struct pair p;

	pair_begin(&p);
	pair_say(&p, "drain", "us-east");
	pair_say(&p, "undrain", "us-east");
	pair_say(&p, "drain", "eu-west");
	HARNESS_WAIT(PATIENCE_MS,
	    pair_same(&p, "b", "select count(*) from override", "3\n"));
	pair_stop_sharing(&p);
	make_old(&p, "a");
	make_old(&p, "b");
	empty_etcd(&p);
	pair_share_again(&p);
	HARNESS_WAIT(PATIENCE_MS,
	    strstr(etcd_post(&p.etcd, 0, "/v3/kv/range",
		       "{\"key\":\"L21lcmlkaWFuL292ZXJyaWRlLw==\","
		       "\"range_end\":\"L21lcmlkaWFuL292ZXJyaWRlMA==\"}"),
		"\"count\":\"1\"") != NULL);
	HARNESS_WAIT(PATIENCE_MS, node_pair_answer(&p.a) == 1);
	pair_end(&p);
}
END_TEST

START_TEST(times_are_by_the_clock_of_who_wrote_them)
{
	struct pair p;

	pair_begin(&p);
	clocks_make(p.h, "clock", -HOUR_MS);
	harness_stop(p.h, p.b_share);
	p.b_share = clocks_start(p.h, "clock", "b-share.log", "meridian-share",
	    harness_path(p.h, "b.yaml"));
	pair_say(&p, "drain", "eu-west");
	HARNESS_WAIT(PATIENCE_MS,
	    pair_same(&p, "b", "select count(*) from override", "1\n"));
	/* "b" fills etcd, with what "a" said. */
	harness_stop(p.h, p.a_share);
	empty_etcd(&p);
	HARNESS_WAIT(PATIENCE_MS, makes_sense(&p, KEY_1));
	/* "a" has lost all it had. */
	harness_stop(p.h, p.a.probe);
	harness_stop(p.h, p.a.server);
	(void)harness_run(p.h, NULL, "/bin/rm", "-f",
	    harness_path(p.h, "state.db"), harness_path(p.h, "state.db-wal"),
	    harness_path(p.h, "state.db-shm"), NULL);
	p.a_share =
	    pair_start(&p, "meridian-share", "meridian.yaml", "share.log");
	HARNESS_WAIT(PATIENCE_MS,
	    pair_same(&p, "a", "select count(*) from override", "1\n"));
	ck_assert_str_eq(
	    pair_sql(&p, "a",
		"select node, abs(at_ms / 1000 - unixepoch()) < 1800 "
		"from override"),
	    "a|1\n");
	node_serve(&p.a);
	node_check(&p.a);
	pair_end(&p);
}
END_TEST

int
main(void)
{
	const struct harness_case cases[] = {
	    {"what_makes_no_sense_gives_way_to_what_was_accepted",
		what_makes_no_sense_gives_way_to_what_was_accepted, 240},
	    {"what_is_in_force_is_written_however_old",
		what_is_in_force_is_written_however_old, 240},
	    {"times_are_by_the_clock_of_who_wrote_them",
		times_are_by_the_clock_of_who_wrote_them, 240},
	};

	return harness_main(
	    "share_fill", cases, sizeof(cases) / sizeof(cases[0]));
}
