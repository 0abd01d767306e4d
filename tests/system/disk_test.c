/*
 * The disk of the state database: full, and of a file system that is read-only.
 * Both daemons say so, checks and answers go on, and what was found meanwhile
 * is written when there is room again.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "tests/system/disk.h"
#include "tests/system/output.h"

static uint16_t probe_http;

/* A node with its state on a disk of 32 MB. */
static void
prepare(struct node *node, struct harness *h)
{
	node_init(node, h);
	node_standin(node, 0);
	node_standin(node, 1);
	probe_http = harness_port(h);
	node_pair(node, "", "every: 200ms, timeout: 1500ms, fall: 1, rise: 1");
	harness_write(h, "meridian.yaml",
	    "listen: [\"127.0.0.1:%u\"]\n"
	    "http: 127.0.0.1:%u\n"
	    "state: disk/state.db\n"
	    "vantage: test\n"
	    "geo: [%s]\n"
	    "stale: {after: 2s, then: keep}\n"
	    "probe: {http: \"127.0.0.1:%u\"}\n"
	    "zones: [{name: inference.example, records: inference.zone, "
	    "steering: inference.yaml}]\n",
	    node->port, node->http,
	    harness_built(h, "geo/iptoasn-country.mmdb"), probe_http);
	disk_make(h, "size=32m");
}

static const char *
probe_page(struct node *node, const char *path)
{
	const char *body = "";
	char url[64];

	snprintf(url, sizeof(url), "http://127.0.0.1:%u%s", probe_http, path);
	(void)harness_http(node->h, "GET", url, &body);
	return body;
}

static bool
probe_says(struct node *node, const char *path, const char *words)
{
	return strstr(probe_page(node, path), words) != NULL;
}

static bool
logged(struct node *node, const char *log, const char *words)
{
	return strstr(harness_read(node->h, harness_path(node->h, log)),
		   words) != NULL;
}

static bool
both_up(struct node *node)
{
	return node_metric(node,
		   "meridian_service_endpoints_up{service=\"one.inference."
		   "example\"}") == 2;
}

static void
start(struct node *node, struct harness *h)
{
	prepare(node, h);
	node_check(node);
	node_serve(node);
	HARNESS_WAIT(10000, both_up(node));
	HARNESS_WAIT(10000, node_pair_answer(node) == 2);
}

static void
finish(struct node *node)
{
	harness_stop(node->h, node->server);
	harness_stop(node->h, node->probe);
	disk_unmount(node->h);
	harness_destroy(node->h);
}

/* All of the events of an endpoint, as "before>after". */
static const char *
events(struct node *node)
{
	const char *out;

	harness_run(node->h, &out, "/usr/bin/sqlite3", "-cmd", ".timeout 5000",
	    harness_path(node->h, "disk/state.db"),
	    "select group_concat(before || '>' || after) from (select * from "
	    "event where endpoint = 'eu' order by sequence)",
	    NULL);
	return out;
}

/* The disk is full: what each says of it. */
static void
expect_told(struct node *node)
{
	const char *out;

	HARNESS_WAIT(15000,
	    probe_says(node, "/metrics", "meridian_probe_state_writable 0\n"));
	HARNESS_WAIT(15000, probe_says(node, "/healthz", "the disk is full"));
	ck_assert(logged(node, "probe.log", "state.db: the disk is full"));
	HARNESS_WAIT(
	    15000, node_metric(node, "meridian_state_disk_writable") == 0);
	ck_assert(node_metric(node, "meridian_state_disk_free_bytes") < 65536);
	ck_assert(node_metric(node, "meridian_state_readable") == 1);
	output_means(
	    node_page(node, "/healthz"), "; state database: its disk is full");
	HARNESS_WAIT(15000, node_metric(node, "meridian_health_stale") == 1);
	ck_assert(logged(node, "meridiand.log",
	    "state.db: its disk is full: meridian-probe cannot write"));
	HARNESS_WAIT(15000,
	    logged(node, "meridiand.log",
		"health is stale: nothing can be written to the state "
		"database, mend that first: its disk is full"));
	ck_assert_int_eq(node_ctl(node, &out, "status"), 2);
	output_means(out, "STALE: ");
	output_means(
	    out, "the state database cannot be written: mend that first");
	output_means(out, "DATABASE DISK: ");
	output_means(out, "its disk is full, ");
	output_means(out, "mend that: nothing needs a restart");
	output_means(out, "PROBE: ");
}

/*
 * Health changes there and back while nothing can be written: both are told
 * apart by events afterwards, and answers follow what is true then.
 */
START_TEST(a_full_disk_is_said_by_both_daemons_and_loses_no_event)
{
	struct harness *h = harness_create();
	struct node node;
	const char *out;

	start(&node, h);
	disk_fill(h);
	/* Of what is on the disk already some takes more, for a while. */
	HARNESS_WAIT(20000,
	    probe_says(&node, "/metrics", "meridian_probe_state_writable 0\n"));
	node_order(&node, 1, "health=down");
	HARNESS_WAIT(10000,
	    probe_says(&node, "/metrics",
		"meridian_probe_endpoints{state=\"down\"} 1\n"));
	node_order(&node, 1, "health=up");
	HARNESS_WAIT(10000,
	    probe_says(&node, "/metrics",
		"meridian_probe_endpoints{state=\"down\"} 0\n"));
	node_order(&node, 1, "health=down");
	HARNESS_WAIT(10000,
	    probe_says(&node, "/metrics", "meridian_probe_events_waiting 3\n"));
	expect_told(&node);
	/* Answers are those of before, and go on. */
	ck_assert_int_eq(node_pair_answer(&node), 2);
	disk_make_room(h);
	HARNESS_WAIT(15000, node_pair_answer(&node) == 1);
	HARNESS_WAIT(
	    15000, node_metric(&node, "meridian_state_disk_writable") == 1);
	HARNESS_WAIT(15000,
	    probe_says(&node, "/metrics", "meridian_probe_state_writable 1\n"));
	ck_assert(logged(&node, "meridiand.log", "its disk has room again"));
	ck_assert_str_eq(events(&node), "unknown>up,up>down,down>up,up>down\n");
	node_order(&node, 1, "health=up");
	HARNESS_WAIT(15000, node_pair_answer(&node) == 2);
	HARNESS_WAIT(15000, node_ctl(&node, &out, "status") == 0);
	finish(&node);
}
END_TEST

/* Before it is too late, and while it is written all the same. */
START_TEST(a_disk_that_is_nearly_full_is_said)
{
	struct harness *h = harness_create();
	struct node node;
	const char *out;
	int fd;

	start(&node, h);
	fd = open(harness_path(h, "disk/others"), O_WRONLY | O_CREAT, 0600);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(posix_fallocate(fd, 0, 20 << 20), 0);
	close(fd);
	HARNESS_WAIT(15000,
	    logged(
		&node, "meridiand.log", "state.db: its disk is nearly full: "));
	ck_assert(node_metric(&node, "meridian_state_disk_writable") == 1);
	ck_assert_int_eq(node_ctl(&node, &out, "status"), 1);
	output_means(out, "DATABASE DISK: ");
	output_means(out, "its disk is nearly full,");
	output_means(out, "make room: once it is full");
	ck_assert(
	    probe_says(&node, "/metrics", "meridian_probe_state_writable 1\n"));
	disk_make_room(h);
	HARNESS_WAIT(15000, node_ctl(&node, &out, "status") == 0);
	finish(&node);
}
END_TEST

/* As a kernel makes it when a disk fails.  One that is written to cannot be
 * made so by us. */
START_TEST(a_read_only_file_system_is_said_by_both_daemons)
{
	struct harness *h = harness_create();
	struct node node;
	const char *out;

	start(&node, h);
	harness_stop(h, node.probe);
	harness_stop(h, node.server);
	disk_mount(h, "size=32m", MS_REMOUNT | MS_RDONLY);
	node_check(&node);
	node_serve(&node);
	HARNESS_WAIT(15000,
	    probe_says(&node, "/metrics", "meridian_probe_state_writable 0\n"));
	ck_assert(logged(&node, "probe.log", "state.db: "));
	HARNESS_WAIT(
	    15000, node_metric(&node, "meridian_state_disk_writable") == 0);
	ck_assert_int_ne(node_ctl(&node, &out, "status"), 0);
	output_means(out, "DATABASE DISK: ");
	output_means(out, "its file system is read-only");
	ck_assert_int_ne(node_pair_answer(&node), 0);
	/* Nothing has to be started again. */
	disk_mount(h, "size=32m", MS_REMOUNT);
	HARNESS_WAIT(15000,
	    probe_says(&node, "/metrics", "meridian_probe_state_writable 1\n"));
	HARNESS_WAIT(15000, both_up(&node));
	HARNESS_WAIT(15000, node_ctl(&node, &out, "status") == 0);
	finish(&node);
}
END_TEST

int
main(void)
{
	const struct harness_case cases[] = {
	    {"full", a_full_disk_is_said_by_both_daemons_and_loses_no_event,
		120},
	    {"nearly full", a_disk_that_is_nearly_full_is_said, 60},
	    {"read-only", a_read_only_file_system_is_said_by_both_daemons, 60},
	};

	if (!disk_is_allowed()) {
		puts("no right to mount a disk");
		return 77;
	}
	return harness_main("disk", cases, sizeof(cases) / sizeof(cases[0]));
}
