/*
 * Maintenance windows on running programs: checks and answers go on as ever,
 * changes are kept with a mark, and no hook is told before the window is over.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/clock.h"
#include "tests/system/node.h"
#include "tests/system/output.h"

/* Two endpoints, of which ${us} gives keys of the first, ${region} those of
 * its region. */
static void
steer(struct node *node, const char *region, const char *us)
{
	node_steering(node,
	    "regions:\n"
	    "  us-east: {at: [39.0, -77.5]%s}\n"
	    "  eu-west: {at: [53.3, -6.3]}\n"
	    "checks:\n"
	    "  llm: {preset: vllm, every: 150ms, timeout: 2s, fall: 1, "
	    "rise: 1, flap: {changes: 2, within: 1h, hold: 1h, max: 1h}}\n"
	    "pools:\n"
	    "  v1:\n"
	    "    check: llm\n"
	    "    endpoints:\n"
	    "      - {name: us, region: us-east, address: 192.0.2.1, "
	    "check_at: \"127.0.0.1:%u\"%s}\n"
	    "      - {name: eu, region: eu-west, address: 192.0.2.2, "
	    "check_at: \"127.0.0.1:%u\"}\n"
	    "services:\n"
	    "  one: {pool: v1}\n",
	    region, node->standin_port[0], us, node->standin_port[1]);
}

/* A key for a window that ends in ${s} seconds. */
static const char *
window(char out[256], int s)
{
	char from[CLOCK_TEXT], until[CLOCK_TEXT];
	int64_t now = clock_wall_ms();

	snprintf(out, 256,
	    ", maintenance: [{from: %s, until: %s, reason: new drivers}]",
	    clock_format(now - 60000, from),
	    clock_format(now + s * INT64_C(1000), until));
	return out;
}

static const char *
told(struct harness *h)
{
	return harness_read(h, harness_path(h, "told"));
}

static bool
is(struct node *node, const char *endpoint, const char *health)
{
	char sql[160];

	snprintf(sql, sizeof(sql),
	    "SELECT count(*) FROM endpoint WHERE endpoint = '%s' AND health = "
	    "'%s'",
	    endpoint, health);
	return strcmp(node_sql(node, sql), "1\n") == 0;
}

static void
order(struct node *node, int i, const char *endpoint, const char *health)
{
	char words[32];

	snprintf(words, sizeof(words), "health=%s", health);
	node_order(node, i, words);
	HARNESS_WAIT(10000, is(node, endpoint, health));
}

static uint16_t pages; /* the port of the probe's */

static bool
measures(struct harness *h, const char *line)
{
	const char *body = "";
	char url[64];

	snprintf(url, sizeof(url), "http://127.0.0.1:%u/metrics", pages);
	return harness_http(h, "GET", url, &body) == 200 &&
	    strstr(body, line) != NULL;
}

/* Both up, with a hook that writes a line for each call to "told". */
static void
start(struct node *node, struct harness *h, const char *region, const char *us)
{
	char extra[160];

	harness_write(h, "page",
	    "#!/bin/sh\n"
	    "echo \"> $MERIDIAN_ENDPOINT $MERIDIAN_BEFORE $MERIDIAN_AFTER "
	    "$MERIDIAN_REASON\" >>%s\n",
	    harness_path(h, "told"));
	ck_assert_int_eq(chmod(harness_path(h, "page"), 0755), 0);
	node_init(node, h);
	node_standin(node, 0);
	node_standin(node, 1);
	pages = harness_port(h);
	snprintf(extra, sizeof(extra),
	    "hooks: [{name: page, command: [page], at_most: 600/m}]\n"
	    "probe: {http: \"127.0.0.1:%u\"}\n",
	    pages);
	node_config(node, extra);
	node_records(node, node_zone);
	steer(node, region, us);
	node_serve(node);
	node_check(node);
	HARNESS_WAIT(15000, is(node, "us", "up") && is(node, "eu", "up"));
}

static void
reload(struct node *node, const char *region, const char *us)
{
	steer(node, region, us);
	kill(node->probe, SIGHUP);
}

static void
stop(struct node *node, struct harness *h)
{
	harness_stop(h, node->server);
	harness_stop(h, node->probe);
	harness_destroy(h);
}

START_TEST(nobody_is_called_before_the_window_is_over)
{
	struct harness *h = harness_create();
	char key[256];
	const char *out;
	struct node node;

	start(&node, h, window(key, 3600), "");
	ck_assert_str_eq(
	    node_ask(&node, "one.inference.example.", "A", "12.0.0.0/24"),
	    "192.0.2.1");
	HARNESS_WAIT(5000,
	    strcmp(node_sql(&node,
		       "SELECT maintenance FROM endpoint WHERE maintenance_ms "
		       "> 0"),
		"new drivers\n") == 0);
	order(&node, 0, "us", "down");
	/* Nobody is sent to it, whatever the reason is. */
	HARNESS_WAIT(10000,
	    strcmp(
		node_ask(&node, "one.inference.example.", "A", "12.0.0.0/24"),
		"192.0.2.2") == 0);
	ck_assert_int_eq(node_ctl(&node, &out, "status"), 0);
	output_contains(out, "maintenance: 1 of 2 endpoints, 1 of them down");
	output_contains(out, "in maintenance until ");
	output_contains(out, "(new drivers)");
	output_contains(out, " maintenance ");
	ck_assert_int_eq(
	    node_ctl(&node, &out, "events", "--endpoint", "us", "--last", "1"),
	    0);
	output_contains(out, ": maintenance (new drivers): status 503\n");
	ck_assert_int_eq(node_ctl(&node, &out, "events", "--endpoint", "us",
			     "--last", "1", "--json"),
	    0);
	output_contains(out, "\"maintenance\":true");
	HARNESS_WAIT(10000,
	    measures(
		h, "meridian_probe_maintenance_endpoints{state=\"down\"} 1\n"));
	/* Of another one people are told, and this shows that of the first
	 * they were not; that is a finding. */
	order(&node, 1, "eu", "down");
	HARNESS_WAIT(10000, strstr(told(h), "> eu up down") != NULL);
	ck_assert_ptr_null(strstr(told(h), "> us "));
	HARNESS_WAIT(10000, node_ctl(&node, &out, "status") != 0);
	/* It is over before it was planned to be. */
	reload(&node, "", "");
	HARNESS_WAIT(
	    10000, strstr(told(h), "> us up down down since ") != NULL);
	output_contains(told(h), "after maintenance: status 503\n");
	ck_assert_ptr_nonnull(
	    strstr(harness_read(h, harness_path(h, "probe.log")),
		"us is down after maintenance: "));
	stop(&node, h);
}
END_TEST

/* It was down three times, and is up: nothing is told, nothing is held. */
START_TEST(what_is_up_again_is_told_to_nobody)
{
	struct harness *h = harness_create();
	char key[256];
	struct node node;

	start(&node, h, "", window(key, 3600));
	for (int i = 0; i < 3; i++) {
		order(&node, 0, "us", "down");
		order(&node, 0, "us", "up");
	}
	reload(&node, "", "");
	HARNESS_WAIT(10000,
	    strstr(harness_read(h, harness_path(h, "probe.log")),
		"maintenance is over for 1 endpoint\n") != NULL);
	/* No check began anew for that. */
	ck_assert_ptr_nonnull(
	    strstr(harness_read(h, harness_path(h, "probe.log")),
		"0 with another check or address\n"));
	order(&node, 1, "eu", "down");
	HARNESS_WAIT(10000, strstr(told(h), "> eu up down") != NULL);
	ck_assert_ptr_null(strstr(told(h), "> us "));
	stop(&node, h);
}
END_TEST

/* What was told as down before is told as up when the window is over. */
START_TEST(an_open_incident_is_closed_after_the_window)
{
	struct harness *h = harness_create();
	char key[256];
	struct node node;

	start(&node, h, "", "");
	order(&node, 0, "us", "down");
	HARNESS_WAIT(10000, strstr(told(h), "> us up down") != NULL);
	reload(&node, "", window(key, 3600));
	HARNESS_WAIT(10000,
	    strstr(harness_read(h, harness_path(h, "probe.log")),
		"maintenance begins for 1 endpoint\n") != NULL);
	order(&node, 0, "us", "up");
	order(&node, 1, "eu", "down");
	HARNESS_WAIT(10000, strstr(told(h), "> eu up down") != NULL);
	ck_assert_ptr_null(strstr(told(h), "> us down up"));
	reload(&node, "", "");
	HARNESS_WAIT(10000, strstr(told(h), "> us down up up since ") != NULL);
	stop(&node, h);
}
END_TEST

/* The clock alone ends it, also while the daemon is not there. */
START_TEST(a_window_ends_while_nobody_runs)
{
	struct harness *h = harness_create();
	char key[256];
	int64_t end;
	struct node node;

	start(&node, h, "", window(key, 8));
	end = clock_wall_ms() + 9000;
	order(&node, 0, "us", "down");
	harness_stop(h, node.probe);
	ck_assert_str_eq(told(h), "");
	HARNESS_WAIT(20000, clock_wall_ms() > end);
	node_check(&node);
	HARNESS_WAIT(
	    10000, strstr(told(h), "> us up down down since ") != NULL);
	stop(&node, h);
}
END_TEST

int
main(void)
{
	const struct harness_case cases[] = {
	    {"quiet", nobody_is_called_before_the_window_is_over, 0},
	    {"up again", what_is_up_again_is_told_to_nobody, 0},
	    {"an open incident", an_open_incident_is_closed_after_the_window,
		0},
	    {"a restart", a_window_ends_while_nobody_runs, 0},
	};

	return harness_main(
	    "maintenance", cases, sizeof(cases) / sizeof(cases[0]));
}
