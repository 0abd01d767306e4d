/*
 * What operators said, whatever happens to the programs and to the database: in
 * the answers within a quarter of a second, over at its end with everything
 * started again in between, and neither ended nor revived by a database that is
 * lost, an older copy, or corrupt.
 */
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "tests/system/node.h"

/* From the commit to the first answer by it. */
#define WITHIN_MS 250
#define TURNS 21

/* A client near eu-west gets it, or us-east where that is drained. */
#define DRAINED 1
#define SERVED 2

static void
start(struct node *node)
{
	node_serve(node);
	node_check(node);
}

static void
begin(struct node *node, struct harness *h)
{
	node_init(node, h);
	node_pair(node, "", "every: 100ms, timeout: 1500ms, fall: 1, rise: 1");
	node_standin(node, 0);
	node_standin(node, 1);
	start(node);
	HARNESS_WAIT(10000,
	    strcmp(node_sql(node,
		       "SELECT count(*) FROM endpoint WHERE health = 'up'"),
		"2\n") == 0);
	HARNESS_WAIT(10000, node_pair_answer(node) == SERVED);
}

/* Both daemons end as if the machine lost its power. */
static void
kill_both(struct node *node)
{
	harness_kill(node->h, node->probe);
	harness_kill(node->h, node->server);
}

static void
finish(struct node *node)
{
	harness_stop(node->h, node->server);
	harness_stop(node->h, node->probe);
	harness_destroy(node->h);
}

/* Say it of eu-west, as a row of the table; when it was committed. */
static int64_t
say(sqlite3 *db, const char *action)
{
	char sql[512], *error = NULL;

	snprintf(sql, sizeof(sql),
	    "INSERT INTO override (number, at_ms, action, kind, target, value,"
	    " length_ms, ramp_ms, author, reason, forced, sequence)"
	    " SELECT ifnull(max(number), 0) + 1,"
	    " %lld, '%s', 'region',"
	    " 'eu-west', '', NULL, 0, 'ann', 'a test', 0,"
	    " max(ifnull(max(sequence), 0), (SELECT max(sequence) FROM"
	    " vantage)) + 1 FROM override",
	    (long long)clock_wall_ms(), action);
	ck_assert_msg(sqlite3_exec(db, sql, NULL, NULL, &error) == SQLITE_OK,
	    "%s", error != NULL ? error : "?");
	return harness_ms();
}

static int
by_size(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return x < y ? -1 : x > y;
}

/* The median of many turns, as the machine may have no time for one. */
START_TEST(test_in_the_answers_at_once)
{
	struct harness *h = harness_create();
	int64_t took[TURNS];
	struct node node;
	sqlite3 *db;

	begin(&node, h);
	ck_assert_int_eq(
	    sqlite3_open(harness_path(h, "state.db"), &db), SQLITE_OK);
	(void)sqlite3_busy_timeout(db, 5000);
	for (int i = 0; i < TURNS; i++) {
		bool drain = i % 2 == 0;
		int64_t said = say(db, drain ? "drain" : "undrain");

		HARNESS_WAIT(10000,
		    node_pair_answer(&node) == (drain ? DRAINED : SERVED));
		took[i] = harness_ms() - said;
	}
	sqlite3_close(db);
	qsort(took, TURNS, sizeof(took[0]), by_size);
	printf("in the answers after %lld ms, median of %d, at most %lld\n",
	    (long long)took[TURNS / 2], TURNS, (long long)took[TURNS - 1]);
	ck_assert_int_le(took[TURNS / 2], WITHIN_MS);
	finish(&node);
}
END_TEST

static void
drain(struct node *node, const char *length)
{
	const char *out;
	int status = length != NULL
	    ? node_ctl(node, &out, "drain", "region", "eu-west", "--for",
		  length, "--reason", "a test")
	    : node_ctl(node, &out, "drain", "region", "eu-west", "--reason",
		  "a test");

	ck_assert_msg(status == 0, "%s", out);
	HARNESS_WAIT(5000, node_pair_answer(node) == DRAINED);
}

static void
undrain(struct node *node)
{
	const char *out;

	ck_assert_msg(node_ctl(node, &out, "undrain", "region", "eu-west",
			  "--reason", "a test") == 0,
	    "%s", out);
	HARNESS_WAIT(5000, node_pair_answer(node) == SERVED);
}

START_TEST(test_over_at_its_end)
{
	struct harness *h = harness_create();
	struct node node;
	int64_t said;

	begin(&node, h);
	said = harness_ms();
	drain(&node, "6s");
	while (harness_ms() - said < 4000) {
		kill_both(&node);
		start(&node);
		ck_assert_int_eq(node_pair_answer(&node), DRAINED);
	}
	HARNESS_WAIT(10000, node_pair_answer(&node) == SERVED);
	ck_assert_int_ge(harness_ms() - said, 5900);
	finish(&node);
}
END_TEST

/* The row of the last override is there. */
static bool
has_row(struct node *node, const char *where)
{
	char sql[256];

	snprintf(
	    sql, sizeof(sql), "SELECT count(*) FROM override WHERE %s", where);
	return strcmp(node_sql(node, sql), "1\n") == 0;
}

static bool
is_mirrored(struct node *node, const char *words)
{
	return strstr(harness_read(
			  node->h, harness_path(node->h, "state.db.mirror")),
		   words) != NULL;
}

static void
remove_database(struct node *node)
{
	(void)unlink(harness_path(node->h, "state.db"));
	(void)unlink(harness_path(node->h, "state.db-wal"));
	(void)unlink(harness_path(node->h, "state.db-shm"));
}

/* Put a copy of the database to ${name}; put that back. */
static void
copy_to(struct node *node, const char *name)
{
	char sql[512];

	snprintf(
	    sql, sizeof(sql), "VACUUM INTO '%s'", harness_path(node->h, name));
	(void)node_sql(node, sql);
}

static void
put_back(struct node *node, const char *name)
{
	char from[512];

	remove_database(node);
	snprintf(from, sizeof(from), "%s", harness_path(node->h, name));
	ck_assert_int_eq(rename(from, harness_path(node->h, "state.db")), 0);
}

START_TEST(test_a_lost_database_ends_nothing)
{
	struct harness *h = harness_create();
	const char *page;
	struct node node;

	begin(&node, h);
	drain(&node, NULL);
	HARNESS_WAIT(5000, is_mirrored(&node, "override number=1 "));
	/* Pages tell who, why and until when. */
	ck_assert(node_metric(&node, "meridian_overrides") > 0);
	ck_assert(node_metric(&node, "meridian_mirror_written") > 0);
	page = node_page(&node, "/api/v1/status");
	/* Too long for a message. */
	ck_assert(strstr(page, "\"target\":\"eu-west\"") != NULL);
	ck_assert(strstr(page, "\"reason\":\"a test\"") != NULL);
	ck_assert(
	    strstr(page,
		"\"left_ms\":null,\"until_ms\":null,\"listed\":true") != NULL);
	/* While all is running. */
	remove_database(&node);
	HARNESS_WAIT(15000, has_row(&node, "number = 1 AND action = 'drain'"));
	ck_assert_int_eq(node_pair_answer(&node), DRAINED);
	/* And while nothing is. */
	kill_both(&node);
	remove_database(&node);
	start(&node);
	ck_assert_int_eq(node_pair_answer(&node), DRAINED);
	HARNESS_WAIT(15000, has_row(&node, "number = 1 AND author <> ''"));
	ck_assert_int_eq(node_pair_answer(&node), DRAINED);
	ck_assert_ptr_nonnull(strstr(
	    harness_read(h, harness_path(h, "meridiand.log")), "written back"));
	undrain(&node);
	ck_assert(has_row(&node, "number = 2 AND action = 'undrain'"));
	finish(&node);
}
END_TEST

/* As in the mirror are those that were given. */
START_TEST(test_numbers_go_on_in_a_new_database)
{
	struct harness *h = harness_create();
	const char *out;
	struct node node;

	begin(&node, h);
	drain(&node, NULL);
	HARNESS_WAIT(5000, is_mirrored(&node, "override number=1 "));
	kill_both(&node);
	remove_database(&node);
	start(&node);
	/* Before or after the first is written back. */
	ck_assert_msg(node_ctl(&node, &out, "weight", "pool", "v1", "50%",
			  "--reason", "a test") == 0,
	    "%s", out);
	ck_assert(has_row(&node, "number = 2 AND action = 'weight'"));
	HARNESS_WAIT(15000, has_row(&node, "number = 1"));
	ck_assert_int_eq(node_pair_answer(&node), DRAINED);
	finish(&node);
}
END_TEST

START_TEST(test_an_older_copy_ends_and_revives_nothing)
{
	struct harness *h = harness_create();
	struct node node;

	begin(&node, h);
	copy_to(&node, "before.db");
	drain(&node, NULL);
	copy_to(&node, "drained.db");
	HARNESS_WAIT(5000, is_mirrored(&node, "override number=1 "));
	kill_both(&node);
	put_back(&node, "before.db");
	start(&node);
	ck_assert_int_eq(node_pair_answer(&node), DRAINED);
	HARNESS_WAIT(15000, has_row(&node, "number = 1"));
	undrain(&node);
	HARNESS_WAIT(5000, is_mirrored(&node, "override number=2 "));
	kill_both(&node);
	put_back(&node, "drained.db");
	start(&node);
	ck_assert_int_eq(node_pair_answer(&node), SERVED);
	HARNESS_WAIT(15000, has_row(&node, "action = 'undrain'"));
	ck_assert_int_eq(node_pair_answer(&node), SERVED);
	finish(&node);
}
END_TEST

START_TEST(test_a_corrupt_database_ends_nothing)
{
	struct harness *h = harness_create();
	struct node node;
	FILE *f;

	begin(&node, h);
	drain(&node, NULL);
	HARNESS_WAIT(5000, is_mirrored(&node, "override number=1 "));
	f = fopen(harness_path(h, "state.db"), "r+e");
	ck_assert_ptr_nonnull(f);
	for (int i = 0; i < 65536; i++)
		fputc('x', f);
	fclose(f);
	HARNESS_WAIT(
	    20000, access(harness_path(h, "state.db.corrupt"), F_OK) == 0);
	HARNESS_WAIT(20000, has_row(&node, "number = 1"));
	ck_assert_int_eq(node_pair_answer(&node), DRAINED);
	/* One that is cut off under a server that starts. */
	kill_both(&node);
	ck_assert_int_eq(truncate(harness_path(h, "state.db"), 5000), 0);
	start(&node);
	ck_assert_int_eq(node_pair_answer(&node), DRAINED);
	finish(&node);
}
END_TEST

int
main(void)
{
	const struct harness_case cases[] = {
	    {"in the answers at once", test_in_the_answers_at_once, 120},
	    {"over at its end", test_over_at_its_end, 120},
	    {"a lost database ends nothing", test_a_lost_database_ends_nothing,
		120},
	    {"numbers go on in a new database",
		test_numbers_go_on_in_a_new_database, 120},
	    {"an older copy ends and revives nothing",
		test_an_older_copy_ends_and_revives_nothing, 120},
	    {"a corrupt database ends nothing",
		test_a_corrupt_database_ends_nothing, 120},
	};

	return harness_main(
	    "overrides", cases, sizeof(cases) / sizeof(cases[0]));
}
