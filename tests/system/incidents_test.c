/*
 * Staged incidents, seen as an operator on call sees them: by the log, by
 * `meridianctl status` and its exit status, by metrics and by answers.  Each
 * says what happened, since when, and what to do; and doing that ends it.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tests/system/node.h"

#define SERVICE "one.inference.example"
#define EUROPE "84.128.0.0/24"
#define AMERICA "4.0.0.0/24"
#define LAST_RESORT "203.0.113.9"

static void
steering(struct node *node, const char *more)
{
	node_steering(node,
	    "regions:\n"
	    "  us-east: {at: [39.0, -77.5]}\n"
	    "  eu-west: {at: [53.3, -6.3]}\n"
	    "checks:\n"
	    "  llm: {preset: vllm, every: 300ms, timeout: 1500ms, fall: 1, "
	    "rise: 1}\n"
	    "pools:\n"
	    "  v1:\n"
	    "    check: llm\n"
	    "    endpoints:\n"
	    "      - {name: us, region: us-east, address: 192.0.2.1, "
	    "check_at: \"127.0.0.1:%u\"}\n"
	    "      - {name: eu, region: eu-west, address: 192.0.2.2, "
	    "check_at: \"127.0.0.1:%u\"}\n"
	    "services:\n"
	    "  one: {pool: v1, last_resort: [records]}\n%s",
	    node->standin_port[0], node->standin_port[1], more);
}

/* The value of a metric of the one service. */
static double
service(struct node *node, const char *what)
{
	char name[128];

	snprintf(name, sizeof(name), "meridian_service_%s{service=\"%s\"}",
	    what, SERVICE);
	return node_metric(node, name);
}

static void
start(struct node *node, struct harness *h)
{
	char zone[2048];

	node_init(node, h);
	node_standins(node);
	node_config(node, "stale: {after: 2s, then: keep}\n");
	snprintf(zone, sizeof(zone), "%sone A " LAST_RESORT "\n", node_zone);
	node_records(node, zone);
	steering(node, "");
	node_check(node);
	node_serve(node);
	HARNESS_WAIT(10000,
	    service(node, "endpoints_up") == 2 &&
		node_metric(node, "meridian_vantage_fresh{vantage=\"test\"}") ==
		    1);
}

static void
finish(struct node *node)
{
	harness_stop(node->h, node->server);
	harness_stop(node->h, node->probe);
	harness_destroy(node->h);
}

static const char *
server_log(struct node *node)
{
	return harness_read(node->h, harness_path(node->h, "meridiand.log"));
}

static void
expect(const char *text, const char *words)
{
	ck_assert_msg(
	    strstr(text, words) != NULL, "no \"%s\" in:\n%s", words, text);
}

/* `meridianctl status` ends with ${status}; its text. */
static const char *
status(struct node *node, int want)
{
	const char *out;
	int got = node_ctl(node, &out, "status");

	ck_assert_msg(
	    got == want, "exit status %d, not %d:\n%s", got, want, out);
	return out;
}

static bool
is_answered(struct node *node, const char *client, const char *address)
{
	return strcmp(node_ask(node, SERVICE ".", "A", client), address) == 0;
}

/* The metric of since when, beside the clock of this machine. */
static void
expect_since(struct node *node, int64_t began_s)
{
	double since = service(node, "state_since_seconds");

	ck_assert_msg(
	    since >= (double)began_s - 1 && since <= (double)began_s + 30,
	    "%f, and it began at %lld", since, (long long)began_s);
}

START_TEST(a_region_down_is_named_with_its_endpoint_and_reason)
{
	struct harness *h = harness_create();
	int64_t began_s = time(NULL);
	struct node node;
	const char *out;

	start(&node, h);
	node_order(&node, 1, "health=down");
	HARNESS_WAIT(10000, service(&node, "state") == 1);
	expect(server_log(&node),
	    "warning: service " SERVICE " is degraded (1 of 2 endpoints up, "
	    "nothing usable in eu-west); why: meridianctl status " SERVICE
	    "\n");
	ck_assert(service(&node, "endpoints_up") == 1);
	expect_since(&node, began_s);
	ck_assert(is_answered(&node, EUROPE, "192.0.2.1"));
	out = status(&node, 1);
	expect(out, SERVICE "              DEGRADED ");
	expect(out, "  eu-west: 0 of 1 up\n");
	expect(out, "    eu                           DOWN\n");
	expect(out, "test: down for ");
	expect(out, "status 503");
	node_order(&node, 1, "health=up");
	HARNESS_WAIT(10000, service(&node, "state") == 0);
	expect(server_log(&node),
	    "info: service " SERVICE " is healthy again, after ");
	ck_assert(is_answered(&node, EUROPE, "192.0.2.2"));
	(void)status(&node, 0);
	finish(&node);
}
END_TEST

START_TEST(a_pool_that_is_all_down_is_named_with_the_last_resort_in_use)
{
	struct harness *h = harness_create();
	int64_t began_s = time(NULL);
	struct node node;
	const char *out;

	start(&node, h);
	node_order(&node, 0, "health=down");
	node_order(&node, 1, "health=down");
	HARNESS_WAIT(10000, service(&node, "state") == 2);
	expect(server_log(&node),
	    "warning: service " SERVICE " has nothing healthy left for "
	    "everyone: last resort records in use (0 of 2 endpoints up, "
	    "nothing usable in us-east, eu-west); why: meridianctl "
	    "status " SERVICE "\n");
	expect_since(&node, began_s);
	ck_assert(is_answered(&node, EUROPE, LAST_RESORT));
	ck_assert(is_answered(&node, AMERICA, LAST_RESORT));
	/* The first words as meridian-troubleshooting(7) shows them. */
	out = status(&node, 2);
	expect(
	    out, "LAST RESORT: 1 of 1 service with nothing healthy: " SERVICE);
	expect(out, "mend what is below each endpoint that is down, or take");
	expect(out, "records");
	expect(out, "test: down for ");
	expect(node_page(&node, "/healthz"),
	    "ok; services on their last resort: 1\n");
	node_order(&node, 0, "health=up");
	HARNESS_WAIT(10000, service(&node, "state") == 1);
	expect(server_log(&node),
	    "warning: service " SERVICE " has left its last resort, and is "
	    "degraded (");
	ck_assert(is_answered(&node, EUROPE, "192.0.2.1"));
	(void)status(&node, 1);
	finish(&node);
}
END_TEST

/* As meridian-troubleshooting(7) says: to end the probe is no help, and to say
 * that all is up is. */
START_TEST(a_vantage_that_is_cut_off_is_overruled_by_hand)
{
	struct harness *h = harness_create();
	struct node node;
	const char *out;

	start(&node, h);
	node_order(&node, 0, "health=down");
	node_order(&node, 1, "health=down");
	HARNESS_WAIT(10000, is_answered(&node, EUROPE, LAST_RESORT));
	harness_stop(h, node.probe);
	HARNESS_WAIT(10000, node_metric(&node, "meridian_health_stale") == 1);
	ck_assert(is_answered(&node, EUROPE, LAST_RESORT));
	ck_assert_int_eq(
	    node_ctl(&node, &out, "force", "region", "*", "up", "--for", "30m"),
	    0);
	HARNESS_WAIT(10000, is_answered(&node, EUROPE, "192.0.2.2"));
	ck_assert(is_answered(&node, AMERICA, "192.0.2.1"));
	ck_assert_int_eq(
	    node_ctl(&node, &out, "force", "region", "*", "off"), 1);
	expect(out, "would be left");
	node_order(&node, 0, "health=up");
	node_order(&node, 1, "health=up");
	node_check(&node);
	HARNESS_WAIT(
	    10000, node_ctl(&node, &out, "force", "region", "*", "off") == 0);
	HARNESS_WAIT(10000, service(&node, "state") == 0);
	ck_assert(is_answered(&node, EUROPE, "192.0.2.2"));
	finish(&node);
}
END_TEST

START_TEST(a_probe_that_is_dead_is_named_with_its_vantage)
{
	struct harness *h = harness_create();
	struct node node;
	const char *out;

	start(&node, h);
	harness_kill(h, node.probe);
	HARNESS_WAIT(10000, node_metric(&node, "meridian_health_stale") == 1);
	HARNESS_WAIT(
	    10000, strstr(server_log(&node), "health is stale: ") != NULL);
	expect(server_log(&node), "warning: vantage test: ");
	expect(server_log(&node), "it has no vote any more");
	expect(server_log(&node), "(systemctl status meridian-probe");
	expect(server_log(&node), "health is stale: no vantage has written");
	expect(server_log(&node), "the last was test");
	ck_assert(node_metric(
		      &node, "meridian_vantage_fresh{vantage=\"test\"}") == 0);
	ck_assert(node_metric(&node,
		      "meridian_vantage_age_seconds{vantage=\"test\"}") >= 2);
	out = status(&node, 2);
	expect(out, "STALE: no vantage was heard for ");
	expect(out, " s; health is as old\n");
	expect(out, "is meridian-probe running, with the same state database?");
	expect(out, "test");
	/* It goes on with what it knew, and needs no restart. */
	ck_assert(is_answered(&node, EUROPE, "192.0.2.2"));
	ck_assert_int_eq(strncmp(node_page(&node, "/healthz"), "ok", 2), 0);
	expect(node_page(&node, "/healthz"), "health is stale");
	node_check(&node);
	HARNESS_WAIT(25000,
	    strstr(server_log(&node), "vantage test: heard again") != NULL);
	HARNESS_WAIT(
	    25000, strstr(server_log(&node), "health is fresh again") != NULL);
	(void)status(&node, 0);
	finish(&node);
}
END_TEST

START_TEST(a_probe_that_hangs_is_as_one_that_is_dead)
{
	struct harness *h = harness_create();
	const char *path, *log;
	struct node node;

	start(&node, h);
	path = harness_path(h, "probe.log");
	harness_signal(h, node.probe, SIGSTOP);
	HARNESS_WAIT(
	    10000, strstr(server_log(&node), "health is stale: ") != NULL);
	expect(status(&node, 2), "STALE: ");
	harness_signal(h, node.probe, SIGCONT);
	HARNESS_WAIT(
	    10000, strstr(server_log(&node), "health is fresh again") != NULL);
	HARNESS_WAIT(10000, node_metric(&node, "meridian_health_stale") == 0);
	usleep(1000000);
	/* Nothing is over that was not said to have begun. */
	log = harness_read(h, path);
	ck_assert_msg(strstr(log, "can check all endpoints again") == NULL ||
		strstr(log, "cannot check") != NULL,
	    "%s", log);
	(void)status(&node, 0);
	finish(&node);
}
END_TEST

/* Stopped, as by a debugger, a frozen container or a host without time for it,
 * for longer than health keeps: nobody was silent. */
START_TEST(a_server_that_was_stopped_blames_no_probe)
{
	struct harness *h = harness_create();
	struct node node;
	const char *out;

	start(&node, h);
	node_config(&node, "stale: {after: 2s, then: down}\n");
	ck_assert_int_eq(node_ctl(&node, &out, "reload"), 0);
	harness_signal(h, node.server, SIGSTOP);
	/* This takes its time, more than ${stale}. */
	ck_assert_int_eq(node_ctl(&node, &out, "status", "--json"), 2);
	expect(out, "no server");
	expect(out, "it takes connections and says nothing for 5 s: ");
	expect(out, "one that hangs needs a restart");
	harness_signal(h, node.server, SIGCONT);
	HARNESS_WAIT(
	    10000, strstr(server_log(&node), "did not run for ") != NULL);
	(void)status(&node, 0);
	ck_assert_ptr_null(strstr(server_log(&node), "health is stale"));
	ck_assert_ptr_null(strstr(server_log(&node), "no vote any more"));
	ck_assert_ptr_null(strstr(server_log(&node), "nothing healthy"));
	finish(&node);
}
END_TEST

/* Its first pages are no database any more, as after a bad copy or disk. */
static void
corrupt(struct node *node)
{
	static const char junk[16384] = "no database";
	int fd = open(harness_path(node->h, "state.db"), O_WRONLY);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(
	    (int)pwrite(fd, junk, sizeof(junk), 0), (int)sizeof(junk));
	close(fd);
}

START_TEST(a_corrupt_database_is_named_with_what_to_do)
{
	struct harness *h = harness_create();
	struct node node;
	const char *out;

	start(&node, h);
	harness_stop(h, node.probe);
	unlink(harness_path(h, "state.db-wal"));
	corrupt(&node);
	node_check(&node);
	HARNESS_WAIT(20000, node_metric(&node, "meridian_state_readable") == 0);
	expect(server_log(&node), "warning: state database /");
	expect(server_log(&node), "/state.db: ");
	expect(server_log(&node), "answering from what is known");
	ck_assert(is_answered(&node, EUROPE, "192.0.2.2"));
	HARNESS_WAIT(10000, node_metric(&node, "meridian_health_stale") == 1);
	out = status(&node, 2);
	expect(out, "STALE: ");
	expect(out,
	    "the state database cannot be read: mend that first, as below\n");
	ck_assert_ptr_null(strstr(out, "is meridian-probe running"));
	expect(out, "DATABASE UNREADABLE: meridiand cannot read");
	expect(out, "not a database");
	expect(out, harness_path(h, "state.db"));
	expect(out, "move it, its -wal and its -shm away");
	expect(node_page(&node, "/healthz"), "ok; state database: ");
	/* What it says to do. */
	ck_assert_int_eq(
	    rename(harness_path(h, "state.db"), harness_path(h, "state.bad")),
	    0);
	unlink(harness_path(h, "state.db-wal"));
	unlink(harness_path(h, "state.db-shm"));
	HARNESS_WAIT(20000, node_metric(&node, "meridian_state_readable") == 1);
	HARNESS_WAIT(20000, node_metric(&node, "meridian_health_stale") == 0);
	expect(server_log(&node), "/state.db: readable again");
	ck_assert_ptr_null(strstr(server_log(&node), "is meridian-probe"));
	(void)status(&node, 0);
	finish(&node);
}
END_TEST

/* Of what a daemon has open it is known whose it was. */
START_TEST(a_database_that_becomes_corrupt_is_set_aside)
{
	struct harness *h = harness_create();
	struct node node;
	const char *out;

	start(&node, h);
	corrupt(&node);
	HARNESS_WAIT(
	    20000, access(harness_path(h, "state.db.corrupt"), F_OK) == 0);
	/* Health gets through again, and nobody had to come. */
	node_order(&node, 1, "health=down");
	HARNESS_WAIT(20000, is_answered(&node, EUROPE, "192.0.2.1"));
	node_order(&node, 1, "health=up");
	HARNESS_WAIT(20000, is_answered(&node, EUROPE, "192.0.2.2"));
	HARNESS_WAIT(20000, node_metric(&node, "meridian_state_readable") == 1);
	HARNESS_WAIT(20000, node_metric(&node, "meridian_health_stale") == 0);
	ck_assert_str_eq(node_sql(&node, "pragma integrity_check"), "ok\n");
	HARNESS_WAIT(20000, node_ctl(&node, &out, "status") == 1);
	expect(out, "DATABASE SET ASIDE: ");
	expect(out, "remove the file when all is clear");
	ck_assert_int_eq(unlink(harness_path(h, "state.db.corrupt")), 0);
	(void)status(&node, 0);
	finish(&node);
}
END_TEST

START_TEST(a_bad_file_is_named_at_the_reload_and_at_the_restart)
{
	struct harness *h = harness_create();
	struct node node;
	const char *out;

	start(&node, h);
	steering(&node, "  two: {pool: v2}\n");
	ck_assert_int_ne(node_ctl(&node, &out, "reload"), 0);
	expect(out, "inference.yaml:14:15: error: ");
	expect(out, "v2");
	expect(server_log(&node), "inference.yaml:14:15: ");
	expect(
	    server_log(&node), "error: reload failed: what was loaded at 20");
	expect(server_log(&node), "a restart would not serve");
	ck_assert(node_metric(&node, "meridian_reload_success") == 0);
	ck_assert(is_answered(&node, EUROPE, "192.0.2.2"));
	out = status(&node, 1);
	expect(out, "last load   FAILED at 20");
	expect(out, "inference.yaml:14:15: ");
	expect(node_page(&node, "/healthz"), "ok; the last load had errors");
	/* Somebody restarts it all the same. */
	harness_stop(h, node.server);
	expect(server_log(&node), "meridiand ends on SIGTERM, after ");
	node.server = harness_start(h, "restart.log", "meridiand", "--strict",
	    "-c", harness_path(h, "meridian.yaml"), NULL);
	ck_assert_int_eq(harness_wait(h, node.server, 10000), 1);
	out = harness_read(h, harness_path(h, "restart.log"));
	expect(out, "inference.yaml:14:15: ");
	expect(out,
	    "meridiand does not serve: mend what is said above; "
	    "meridianctl check says");
	out = status(&node, 2);
	expect(out, "NO SERVER: ");
	ck_assert_int_eq(node_ctl(&node, &out, "check"), 1);
	expect(out, "inference.yaml:14:15: error: ");
	steering(&node, "");
	ck_assert_int_eq(node_ctl(&node, &out, "check"), 0);
	node_serve(&node);
	HARNESS_WAIT(10000, is_answered(&node, EUROPE, "192.0.2.2"));
	finish(&node);
}
END_TEST

int
main(void)
{
	const struct harness_case cases[] = {
	    {"region", a_region_down_is_named_with_its_endpoint_and_reason, 0},
	    {"pool",
		a_pool_that_is_all_down_is_named_with_the_last_resort_in_use,
		0},
	    {"cut off", a_vantage_that_is_cut_off_is_overruled_by_hand, 0},
	    {"probe", a_probe_that_is_dead_is_named_with_its_vantage, 0},
	    {"hanging", a_probe_that_hangs_is_as_one_that_is_dead, 0},
	    {"stopped", a_server_that_was_stopped_blames_no_probe, 0},
	    {"database", a_corrupt_database_is_named_with_what_to_do, 0},
	    {"set aside", a_database_that_becomes_corrupt_is_set_aside, 0},
	    {"files", a_bad_file_is_named_at_the_reload_and_at_the_restart, 0},
	};

	return harness_main(
	    "incidents", cases, sizeof(cases) / sizeof(cases[0]));
}
