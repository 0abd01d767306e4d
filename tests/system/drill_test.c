/*
 * A drill, and a backup that is restored, with real daemons under load: no
 * query is lost, and the state after is the state before; a drill that would do
 * harm is refused, or undone as soon as it does; and one whose meridianctl is
 * killed ends all the same.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/system/drill.h"
#include "tests/system/output.h"

START_TEST(a_drill_loses_nothing_and_tells_who_moved)
{
	struct harness *h = harness_create();
	struct drill_load load;
	struct node node;
	const char *out;
	pid_t pid;

	drill_start(&node, h);
	drill_begin_load(&load, &node);
	pid = drill_begin(&node, "4s", NULL);
	HARNESS_WAIT(20000, drill_is_on(&node));
	ck_assert_int_eq(harness_wait(h, pid, 60000), 0);
	HARNESS_WAIT(10000, drill_is_over(&node));
	drill_end_load(&load);
	out = drill_log(&node);
	output_contains(out, "the safety rule first: what would be left");
	output_contains(out, "region eu-west drained (it would be)");
	output_contains(out, "drill complete: region eu-west, after ");
	output_contains(out,
	    "region                    answers/s:  before    "
	    "during     after   peak load\n");
	ck_assert_msg(strstr(out, "named it since it was drained") != NULL ||
		strstr(out, "the last answer that named it: ") != NULL,
	    "%s", out);
	output_fits(strstr(out, "drill complete"));
	/* Nothing is left of it. */
	ck_assert_int_eq(node_ctl(&node, &out, "status"), 0);
	output_contains(out, "well: ");
	harness_destroy(h);
}
END_TEST

START_TEST(a_drill_is_told_to_scripts)
{
	struct harness *h = harness_create();
	struct node node;
	const char *out;

	drill_start(&node, h);
	ck_assert_int_eq(
	    harness_wait(h, drill_begin(&node, "2s", "--json"), 60000), 0);
	out = drill_log(&node);
	output_contains(out, "\"outcome\": \"complete\"");
	output_contains(
	    out, "\"region\": \"eu-west\",\n      \"drilled\": true");
	output_contains(out, "\"last_answer_after_ms\": ");
	ck_assert_int_eq(
	    node_ctl(&node, &out, "drill", "region", "eu-west"), 64);
	output_contains(out, "a drill needs an end: --for LENGTH");
	ck_assert_int_eq(
	    node_ctl(&node, &out, "drill", "region", "*", "--for", "10s"), 1);
	output_says(out, "refused: ");
	ck_assert(drill_is_over(&node));
	harness_destroy(h);
}
END_TEST

START_TEST(a_drill_is_undone_when_another_region_goes_down)
{
	struct harness *h = harness_create();
	struct drill_load load;
	struct node node;
	const char *out;
	pid_t pid;

	drill_start(&node, h);
	drill_begin_load(&load, &node);
	pid = drill_begin(&node, "10m", NULL);
	HARNESS_WAIT(20000, drill_is_on(&node));
	node_order(&node, 0, "health=down");
	ck_assert_int_eq(harness_wait(h, pid, 60000), 3);
	HARNESS_WAIT(10000, drill_is_over(&node));
	drill_end_load(&load);
	out = drill_log(&node);
	output_says(out, "drill undone: region eu-west, after ");
	output_says(out, "region us-east has nothing up any more");
	output_says(out, "us in us-east: down, was up");
	ck_assert_str_eq(
	    node_sql(&node,
		"SELECT author, reason FROM override WHERE action = 'undrain'"),
	    "ann@desk|drill: region us-east has nothing up any more\n");
	harness_destroy(h);
}
END_TEST

START_TEST(a_drill_ends_by_hand_and_by_itself)
{
	struct harness *h = harness_create();
	struct node node;
	const char *out;
	pid_t pid;

	drill_start(&node, h);
	/* Ctrl-C. */
	pid = drill_begin(&node, "10m", NULL);
	HARNESS_WAIT(20000, drill_is_on(&node));
	harness_signal(h, pid, SIGINT);
	ck_assert_int_eq(harness_wait(h, pid, 30000), 4);
	HARNESS_WAIT(10000, drill_is_over(&node));
	output_says(drill_log(&node), "drill interrupted: region eu-west");
	/* Killed: its length ends it. */
	pid = drill_begin(&node, "6s", NULL);
	HARNESS_WAIT(20000, drill_is_on(&node));
	harness_kill(h, pid);
	HARNESS_WAIT(30000, drill_is_over(&node));
	/* Somebody else's undrain. */
	pid = drill_begin(&node, "10m", NULL);
	HARNESS_WAIT(20000, drill_is_on(&node));
	ck_assert_int_eq(
	    node_ctl(&node, &out, "undrain", "region", "eu-west"), 0);
	ck_assert_int_eq(harness_wait(h, pid, 30000), 4);
	output_says(drill_log(&node), "somebody else ended the drain");
	harness_destroy(h);
}
END_TEST

/* All that a backup is of, as text. */
static char *
dump(struct node *node)
{
	return strdup(node_sql(node,
	    "SELECT number, at_ms, action, kind, target, value, length_ms, "
	    "author, reason FROM override ORDER BY number;"
	    "SELECT client, region, rtt_us FROM latency ORDER BY 1, 2;"
	    "SELECT at_ms, vantage, endpoint, after, reason FROM event "
	    "WHERE before = 'unknown' ORDER BY sequence"));
}

static void
remove_database(struct node *node)
{
	static const char *const files[] = {
	    "state.db", "state.db-wal", "state.db-shm"};

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		(void)unlink(harness_path(node->h, files[i]));
}

START_TEST(a_backup_brings_back_what_was_lost)
{
	struct harness *h = harness_create();
	struct drill_load load;
	struct node node;
	const char *out, *folder;
	char *before, *after;

	drill_start(&node, h);
	folder = harness_path(h, "backup");
	harness_write(
	    h, "trips.csv", "client,region,rtt\n192.0.2.0/24,us-east,12.5\n");
	ck_assert_int_eq(node_ctl(&node, &out, "latency", "import",
			     harness_path(h, "trips.csv")),
	    0);
	ck_assert_int_eq(node_ctl(&node, &out, "drain", "region", "ap-south",
			     "--reason", "new racks"),
	    0);
	ck_assert_int_eq(node_ctl(&node, &out, "drain", "endpoint", "eu",
			     "--reason", "ends soon"),
	    0);
	drill_begin_load(&load, &node);
	ck_assert_int_eq(node_ctl(&node, &out, "backup", folder), 0);
	output_contains(out, "state.db ");
	output_contains(out, "last-good ");
	/* None is written over another. */
	ck_assert_int_eq(node_ctl(&node, &out, "backup", folder), 1);
	ck_assert_int_eq(node_ctl(&node, &out, "undrain", "endpoint", "eu"), 0);
	before = dump(&node);
	/* It has all of it, and more. */
	ck_assert_int_eq(node_ctl(&node, &out, "restore", folder), 0);
	output_contains(out, "it is whole");
	output_contains(out, "it has all that the backup has");
	after = dump(&node);
	ck_assert_str_eq(before, after);
	free(after);
	/* The database is lost while all runs. */
	remove_database(&node);
	HARNESS_WAIT(20000,
	    access(harness_path(h, "state.db"), F_OK) == 0 &&
		strcmp(node_sql(&node,
			   "SELECT count(*) FROM endpoint WHERE health "
			   "= 'up'"),
		    "3\n") == 0);
	ck_assert_int_eq(
	    node_ctl(&node, &out, "restore", folder, "--dry-run"), 0);
	output_contains(out, "would be back");
	ck_assert_int_eq(node_ctl(&node, &out, "restore", folder), 0);
	output_contains(out, "1 measured round trip back");
	output_says(out,
	    "1 of what was said has been ended since, and stays "
	    "ended");
	/* What is in force is, and what was ended is not. */
	ck_assert_int_eq(node_ctl(&node, &out, "overrides"), 0);
	output_says(out, "region ap-south drained");
	ck_assert_ptr_null(strstr(out, "endpoint eu drained"));
	after = strdup(
	    node_sql(&node, "SELECT client, region, rtt_us FROM latency"));
	ck_assert_str_eq(after, "192.0.2.0/24|us-east|12500\n");
	HARNESS_WAIT(10000, drill_is_over(&node));
	drill_end_load(&load);
	free(before);
	free(after);
	harness_destroy(h);
}
END_TEST

START_TEST(a_backup_that_is_damaged_restores_nothing)
{
	struct harness *h = harness_create();
	struct node node;
	const char *out, *folder;

	drill_start(&node, h);
	folder = harness_path(h, "backup");
	HARNESS_WAIT(10000,
	    node_metric(&node, "meridian_last_good_timestamp_seconds") > 0);
	ck_assert_int_eq(node_ctl(&node, &out, "backup", folder), 0);
	/* The files of the node come back, too, if they are wanted. */
	harness_write(h, "inference.yaml", "regions: nonsense\n");
	ck_assert_int_eq(node_ctl(&node, &out, "restore", folder), 0);
	output_says(out, "inference.yaml: is not what it was");
	ck_assert_int_eq(node_ctl(&node, &out, "check"), 1);
	ck_assert_int_eq(
	    node_ctl(&node, &out, "restore", folder, "--files"), 0);
	ck_assert_int_eq(node_ctl(&node, &out, "check"), 0);
	ck_assert_int_eq(harness_run(h, NULL, "/bin/sh", "-c",
			     "printf X | dd of=\"$0\" bs=1 seek=5000 "
			     "conv=notrunc",
			     harness_path(h, "backup/state.db"), NULL),
	    0);
	ck_assert_int_eq(node_ctl(&node, &out, "restore", folder), 1);
	output_says(out, "state.db: damaged: it is not what was backed up");
	harness_write(h, "backup/manifest.json", "nonsense\n");
	ck_assert_int_eq(node_ctl(&node, &out, "restore", folder), 1);
	output_says(out, "damaged, or of a newer release: nothing is restored");
	ck_assert_int_eq(
	    node_ctl(&node, &out, "restore", harness_path(h, "none")), 1);
	output_says(out, "it is no backup");
	harness_destroy(h);
}
END_TEST

int
main(void)
{
	const struct harness_case cases[] = {
	    {"drill", a_drill_loses_nothing_and_tells_who_moved, 120},
	    {"json", a_drill_is_told_to_scripts, 120},
	    {"undone", a_drill_is_undone_when_another_region_goes_down, 120},
	    {"ends", a_drill_ends_by_hand_and_by_itself, 120},
	    {"backup", a_backup_brings_back_what_was_lost, 120},
	    {"damaged", a_backup_that_is_damaged_restores_nothing, 120},
	};

	return harness_main("drill", cases, sizeof(cases) / sizeof(cases[0]));
}
