/*
 * The state database under other faults: two daemons of one vantage, a file and
 * a folder that may not be written to.  Who cannot write says why, in log,
 * status and metrics; answers go on, and nothing has to be started again when
 * it is mended.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/system/node.h"

/* A user that rights mean something to; the test is root. */
#define OTHER_USER 65534

/* When a daemon that is refused looks again, and has written; the rest is for a
 * busy machine. */
#define TAKEN_OVER_MS 20000

static uint16_t page_port[2];

/* The files of daemon ${which} of one node: they differ in their pages. */
static const char *
write_config(struct node *node, int which, const char *extra)
{
	char name[32];

	(void)snprintf(name, sizeof(name), "probe-%d.yaml", which);
	harness_write(node->h, name,
	    "listen: [\"127.0.0.1:%u\"]\n"
	    "http: 127.0.0.1:%u\n"
	    "state: state/state.db\n"
	    "vantage: test\n"
	    "geo: [%s]\n"
	    "probe: {http: \"127.0.0.1:%u\"}\n"
	    "zones: [{name: inference.example, records: inference.zone, "
	    "steering: inference.yaml}]\n"
	    "%s",
	    node->port, node->http,
	    harness_built(node->h, "geo/iptoasn-country.mmdb"),
	    page_port[which], extra);
	return harness_path(node->h, name);
}

static pid_t
start_probe(struct node *node, int which)
{
	char file[32], log[32];

	(void)snprintf(file, sizeof(file), "probe-%d.yaml", which);
	(void)snprintf(log, sizeof(log), "probe-%d.log", which);
	return harness_start(node->h, log, "meridian-probe", "-c",
	    harness_path(node->h, file), NULL);
}

/* Also the node's own file, which meridiand and meridianctl read. */
static void
prepare(struct node *node, struct harness *h, const char *extra)
{
	const char *own;

	node_init(node, h);
	node_standin(node, 0);
	node_standin(node, 1);
	page_port[0] = harness_port(h);
	page_port[1] = harness_port(h);
	node_pair(node, "", "every: 200ms, timeout: 1500ms, fall: 1, rise: 1");
	own = write_config(node, 0, extra);
	harness_write(h, "meridian.yaml", "%s", harness_read(h, own));
	(void)write_config(node, 1, extra);
	ck_assert_int_eq(mkdir(harness_path(h, "state"), 0770), 0);
}

static bool
says(struct node *node, int which, const char *path, const char *words)
{
	const char *body = "";
	char url[64];

	(void)snprintf(
	    url, sizeof(url), "http://127.0.0.1:%u%s", page_port[which], path);
	(void)harness_http(node->h, "GET", url, &body);
	return strstr(body, words) != NULL;
}

static bool
is_writable(struct node *node, int which, bool is)
{
	return says(node, which, "/metrics",
	    is ? "meridian_probe_state_writable 1\n"
	       : "meridian_probe_state_writable 0\n");
}

static const char *
log_of(struct node *node, const char *log)
{
	return harness_read(node->h, harness_path(node->h, log));
}

static const char *
ask_sql(struct node *node, const char *sql)
{
	const char *out;

	harness_run(node->h, &out, "/usr/bin/sqlite3", "-cmd", ".timeout 5000",
	    harness_path(node->h, "state/state.db"), sql, NULL);
	return out;
}

static void
health_works(struct node *node)
{
	node_order(node, 1, "health=down");
	HARNESS_WAIT(TAKEN_OVER_MS, node_pair_answer(node) == 1);
	node_order(node, 1, "health=up");
	HARNESS_WAIT(TAKEN_OVER_MS, node_pair_answer(node) == 2);
}

START_TEST(the_second_daemon_of_a_vantage_waits_for_the_first)
{
	struct harness *h = harness_create();
	char before[1024];
	struct node node;
	pid_t first, second;
	const char *out;

	prepare(&node, h, "");
	first = start_probe(&node, 0);
	HARNESS_WAIT(10000, is_writable(&node, 0, true));
	node_serve(&node);
	HARNESS_WAIT(10000, node_pair_answer(&node) == 2);
	second = start_probe(&node, 1);
	HARNESS_WAIT(10000, is_writable(&node, 1, false));
	HARNESS_WAIT(
	    20000, says(&node, 1, "/healthz", "two daemons need two vantages"));
	ck_assert_ptr_nonnull(strstr(log_of(&node, "probe-1.log"),
	    "vantage test is written by process "));
	/* The first notices nothing, and it is the one that is heard. */
	health_works(&node);
	ck_assert(is_writable(&node, 0, true));
	ck_assert(says(&node, 0, "/healthz", "ok\n"));
	ck_assert_int_eq(node_ctl(&node, &out, "status"), 0);
	ck_assert_int_eq(
	    strtol(ask_sql(&node, "select owner_pid from vantage"), NULL, 10),
	    first);
	(void)snprintf(before, sizeof(before), "%s",
	    ask_sql(&node,
		"select group_concat(sequence) from (select sequence from "
		"event order by sequence)"));
	/* It dies, and the second takes its place: what was written stays. */
	harness_kill(h, first);
	HARNESS_WAIT(TAKEN_OVER_MS, is_writable(&node, 1, true));
	health_works(&node);
	ck_assert_int_eq(
	    strtol(ask_sql(&node, "select owner_pid from vantage"), NULL, 10),
	    second);
	before[strcspn(before, "\n")] = '\0';
	out = ask_sql(&node,
	    "select group_concat(sequence) from (select sequence from event "
	    "order by sequence)");
	ck_assert_msg(strncmp(out, before, strlen(before)) == 0, "%s, not %s",
	    out, before);
	harness_stop(h, node.server);
	harness_stop(h, second);
	harness_destroy(h);
}
END_TEST

/* Who runs as another user than root, whom rights do not stop. */
static bool
prepare_rights(struct node *node, struct harness *h)
{
	if (geteuid() != 0) {
		puts("measured: nothing: needs root, to be another user");
		return false;
	}
	prepare(node, h, "user: nobody\n");
	ck_assert_int_eq(
	    chown(harness_path(h, "."), OTHER_USER, OTHER_USER), 0);
	ck_assert_int_eq(
	    chown(harness_path(h, "state"), OTHER_USER, OTHER_USER), 0);
	return true;
}

/* What whoever cannot write says of it, while answers go on. */
static void
expect_told(struct node *node, const char *words)
{
	const char *out;

	HARNESS_WAIT(10000, is_writable(node, 0, false));
	HARNESS_WAIT(20000, says(node, 0, "/healthz", words));
	ck_assert_msg(strstr(log_of(node, "probe-0.log"), words) != NULL, "%s",
	    log_of(node, "probe-0.log"));
	ck_assert_int_ne(node_ctl(node, &out, "status", "--json"), 0);
	ck_assert_ptr_nonnull(strstr(out, "\"finding\": \"probe\""));
	ck_assert_msg(strstr(out, words) != NULL, "%s", out);
	ck_assert_int_ne(node_pair_answer(node), 0);
}

START_TEST(a_file_that_may_not_be_written_to)
{
	struct harness *h = harness_create();
	const char *file = harness_path(h, "state/state.db");
	struct node node;
	pid_t probe;

	if (!prepare_rights(&node, h))
		return;
	probe = start_probe(&node, 0);
	node_serve(&node);
	HARNESS_WAIT(10000, node_pair_answer(&node) == 2);
	HARNESS_WAIT(10000, is_writable(&node, 0, true));
	harness_stop(h, probe);
	ck_assert_int_eq(chmod(file, 0444), 0);
	probe = start_probe(&node, 0);
	expect_told(&node, "it may not be written to");
	ck_assert_int_eq(chmod(file, 0660), 0);
	/* Whoever read it as root meanwhile has made its log as it was. */
	HARNESS_WAIT(10000,
	    is_writable(&node, 0, true) ||
		strstr(log_of(&node, "probe-0.log"),
		    "file may not be read and written by this user") != NULL);
	(void)chmod(harness_path(h, "state/state.db-wal"), 0660);
	(void)chmod(harness_path(h, "state/state.db-shm"), 0660);
	HARNESS_WAIT(10000, is_writable(&node, 0, true));
	health_works(&node);
	harness_stop(h, node.server);
	harness_stop(h, probe);
	harness_destroy(h);
}
END_TEST

/* And in it, no file; or one that is deleted while it is written. */
START_TEST(a_folder_that_may_not_be_written_to)
{
	struct harness *h = harness_create();
	const char *folder = harness_path(h, "state");
	struct node node;
	pid_t probe;

	if (!prepare_rights(&node, h))
		return;
	probe = start_probe(&node, 0);
	node_serve(&node);
	HARNESS_WAIT(10000, node_pair_answer(&node) == 2);
	HARNESS_WAIT(10000, is_writable(&node, 0, true));
	ck_assert_int_eq(chown(folder, 0, 0), 0);
	ck_assert_int_eq(chmod(folder, 0555), 0);
	ck_assert_int_eq(unlink(harness_path(h, "state/state.db")), 0);
	unlink(harness_path(h, "state/state.db-wal"));
	unlink(harness_path(h, "state/state.db-shm"));
	expect_told(&node, "it cannot be created in its folder: Permission");
	ck_assert_int_eq(chown(folder, OTHER_USER, OTHER_USER), 0);
	ck_assert_int_eq(chmod(folder, 0770), 0);
	HARNESS_WAIT(10000, is_writable(&node, 0, true));
	health_works(&node);
	harness_stop(h, node.server);
	harness_stop(h, probe);
	harness_destroy(h);
}
END_TEST

int
main(void)
{
	const struct harness_case cases[] = {
	    {"two daemons", the_second_daemon_of_a_vantage_waits_for_the_first,
		120},
	    {"a file", a_file_that_may_not_be_written_to, 60},
	    {"a folder", a_folder_that_may_not_be_written_to, 60},
	};

	return harness_main("faults", cases, sizeof(cases) / sizeof(cases[0]));
}
