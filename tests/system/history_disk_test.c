/*
 * The disk of the history of traffic is full: answers go on, the log says so
 * once and what to do, and what was counted meanwhile is written when there is
 * room again.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "tests/system/disk.h"
#include "tests/system/output.h"

#define NAME "one.inference.example."
#define GERMAN "84.128.0.0/24" /* nearest to eu-west */
#define WAIT_MS 30000

/* Long enough for some tries to open it anew. */
#define TRIES_MS 6000

/* What ${sql} says of the history. */
static const char *
history_sql(struct node *node, const char *sql)
{
	const char *out;

	(void)harness_run(node->h, &out, "/usr/bin/sqlite3", "-cmd",
	    ".timeout 5000", harness_path(node->h, "disk/history.db"), sql,
	    NULL);
	return out;
}

static int
counted(struct node *node)
{
	const char *sum = history_sql(node,
	    "select total(answers) from traffic_hour where region = 'eu-west'");

	return (int)strtol(sum, NULL, 10);
}

static void
ask_times(struct node *node, int n)
{
	struct reply reply;

	for (int i = 0; i < n; i++)
		ck_assert(node_reply(node, NAME, "A", GERMAN, &reply));
}

/* How often ${words} are in the log. */
static int
said(struct node *node, const char *words)
{
	const char *log =
	    harness_read(node->h, harness_path(node->h, "meridiand.log"));
	int n = 0;

	while ((log = strstr(log, words)) != NULL) {
		log += strlen(words);
		n++;
	}
	return n;
}

static void
expect_told(struct node *node)
{
	const char *out;

	HARNESS_WAIT(
	    WAIT_MS, node_metric(node, "meridian_history_writable") == 0);
	ck_assert_int_eq(node_ctl(node, &out, "status"), 1);
	output_means(out, "HISTORY: ");
	output_means(out, "the disk is full");
	output_means(out, "nothing needs a restart");
}

START_TEST(a_full_disk_loses_no_answer_and_no_count)
{
	struct harness *h = harness_create();
	struct node node;
	const char *out;
	int64_t until;
	int n = 5;

	node_init(&node, h);
	node_standin(&node, 0);
	node_standin(&node, 1);
	disk_make(h, "size=8m");
	node_pair(&node,
	    "history: {file: disk/history.db, every: 1s, sample: 1}\n",
	    "every: 200ms, timeout: 1500ms");
	node_check(&node);
	node_serve(&node);
	HARNESS_WAIT(WAIT_MS, node_ctl(&node, &out, "status") == 0);
	ask_times(&node, n);
	HARNESS_WAIT(WAIT_MS, counted(&node) >= n);
	n = counted(&node);
	disk_fill(h);
	expect_told(&node);
	/* Answers go on, and one sentence is enough. */
	for (until = clock_mono_ms() + TRIES_MS; clock_mono_ms() < until; n++)
		ask_times(&node, 1);
	ck_assert_int_eq(said(&node, "cannot be written to"), 1);
	ck_assert_int_eq(said(&node, "the disk is full"), 1);
	ck_assert_int_eq(said(&node, "nothing needs a restart"), 1);
	disk_make_room(h);
	HARNESS_WAIT(
	    WAIT_MS, node_metric(&node, "meridian_history_writable") == 1);
	HARNESS_WAIT(WAIT_MS, counted(&node) >= n);
	ck_assert_int_eq(counted(&node), n);
	ck_assert(node_metric(&node, "meridian_history_lost_total") == 0);
	ck_assert_int_eq(said(&node, "is written to"), 1);
	ck_assert_str_eq(history_sql(&node, "pragma integrity_check"), "ok\n");
	HARNESS_WAIT(WAIT_MS, node_ctl(&node, &out, "status") == 0);
	harness_stop(h, node.server);
	harness_stop(h, node.probe);
	disk_unmount(h);
	harness_destroy(h);
}
END_TEST

int
main(void)
{
	const struct harness_case cases[] = {
	    {"full", a_full_disk_loses_no_answer_and_no_count, 120},
	};

	if (!disk_is_allowed()) {
		puts("no right to mount a disk");
		return 77;
	}
	return harness_main(
	    "history disk", cases, sizeof(cases) / sizeof(cases[0]));
}
