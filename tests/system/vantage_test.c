/*
 * Vantages on a bad day: a clock that is an hour off, or goes forward and back
 * while the probe runs (libfaketime), and a vantage that gets another name.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/system/node.h"

/* Clients that are nearest to the regions of the stand-ins 0 and 1. */
static const char *const near[] = {"4.0.0.0/24", "84.128.0.0/24"};
static const char *const address[] = {"192.0.2.1", "192.0.2.2"};
#define REGIONS 2

/* What is stale is down, and soon: whatever makes health older shows at once.
 */
#define STALE "stale: {after: 2s, then: down}\n"

/* The dynamic linker puts the folder of the machine's libraries for $LIB.  A
 * sanitizer wants to be loaded first, and there is nothing to see then. */
#define FAKETIME "LD_PRELOAD=/usr/$LIB/faketime/libfaketime.so.1"
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED true
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED true
#endif
#endif
#ifndef SANITIZED
#define SANITIZED false
#endif

static int
count(struct node *node, const char *usable)
{
	const char *page = node_page(node, "/api/v1/status");
	char text[64];
	int n = 0;

	snprintf(text, sizeof(text), "\"usable\": \"%s\"", usable);
	while ((page = strstr(page, text)) != NULL) {
		page++;
		n++;
	}
	return n;
}

static void
prepare(struct node *node, struct harness *h)
{
	node_init(node, h);
	node_standins(node);
	node_config(node, STALE);
	node_records(node, node_zone);
	node_steering(node,
	    "regions:\n"
	    "  us-east: {at: [39.0, -77.5]}\n"
	    "  eu-west: {at: [53.3, -6.3]}\n"
	    "checks:\n"
	    "  llm: {preset: vllm, model: test-model, every: 400ms, timeout: "
	    "200ms, fall: 3, rise: 2}\n"
	    "pools:\n"
	    "  v1:\n"
	    "    check: llm\n"
	    "    endpoints:\n"
	    "      - {name: us, region: us-east, address: 192.0.2.1, "
	    "check_at: \"127.0.0.1:%u\"}\n"
	    "      - {name: eu, region: eu-west, address: 192.0.2.2, "
	    "check_at: \"127.0.0.1:%u\"}\n"
	    "services:\n"
	    "  one: {pool: v1}\n",
	    node->standin_port[0], node->standin_port[1]);
}

/* The clock of the probe's host: "+0", "+1h", "-1h". */
static void
set_clock(struct node *node, const char *offset)
{
	harness_write(node->h, "clock", "%s\n", offset);
}

/* Start the probe on a host whose wall clock is as set_clock() says. */
static void
start_faked(struct node *node)
{
	char file[512];

	snprintf(file, sizeof(file), "FAKETIME_TIMESTAMP_FILE=%s",
	    harness_path(node->h, "clock"));
	node->probe = harness_start(node->h, "probe.log", "/usr/bin/env",
	    FAKETIME, file, "FAKETIME_NO_CACHE=1",
	    "FAKETIME_DONT_FAKE_MONOTONIC=1", "DONT_FAKE_MONOTONIC=1",
	    harness_built(node->h, "meridian-probe"), "-c",
	    harness_path(node->h, "meridian.yaml"), NULL);
}

/* How far the last heartbeat is from our clock, in minutes. */
static int
minutes_off(struct node *node)
{
	return (int)strtol(node_sql(node,
			       "SELECT round((heartbeat_ms / 1000 -"
			       " strftime('%s', 'now')) / 60.0) FROM vantage"),
	    NULL, 10);
}

/* For ${ms} nobody is sent elsewhere, and health is fresh. */
static void
all_is_well(struct node *node, int64_t ms)
{
	int64_t end = harness_ms() + ms;

	while (harness_ms() < end) {
		for (int i = 0; i < REGIONS; i++)
			ck_assert_str_eq(
			    node_ask(
				node, "one.inference.example.", "A", near[i]),
			    address[i]);
		ck_assert_int_eq(count(node, "up"), REGIONS);
		ck_assert(node_metric(node, "meridian_health_stale") == 0);
	}
}

/* A server that dies is found out as ever, and found again. */
static void
failover_works(struct node *node)
{
	node_order(node, 1, "health=down");
	HARNESS_WAIT(10000,
	    strcmp(node_ask(node, "one.inference.example.", "A", near[1]),
		address[0]) == 0);
	node_order(node, 1, "health=up");
	HARNESS_WAIT(10000, count(node, "up") == REGIONS);
}

static bool
can_fake(void)
{
	if (SANITIZED)
		printf("not under a sanitizer\n");
	return !SANITIZED;
}

START_TEST(test_clock_an_hour_off)
{
	static const struct {
		const char *offset;
		int minutes;
	} rows[] = {{"+1h", 60}, {"-1h", -60}};

	for (size_t i = 0; can_fake() && i < sizeof(rows) / sizeof(rows[0]);
	     i++) {
		struct harness *h = harness_create();
		struct node node;

		prepare(&node, h);
		set_clock(&node, rows[i].offset);
		start_faked(&node);
		node_serve(&node);
		HARNESS_WAIT(20000, count(&node, "up") == REGIONS);
		ck_assert_int_eq(minutes_off(&node), rows[i].minutes);
		HARNESS_WAIT(
		    5000, node_metric(&node, "meridian_health_stale") == 0);
		all_is_well(&node, 2500);
		failover_works(&node);
		harness_destroy(h);
	}
}
END_TEST

START_TEST(test_clock_steps)
{
	struct harness *h = harness_create();
	struct node node;

	prepare(&node, h);
	set_clock(&node, "+0");
	if (can_fake()) {
		start_faked(&node);
		node_serve(&node);
		HARNESS_WAIT(20000, count(&node, "up") == REGIONS);
		HARNESS_WAIT(
		    5000, node_metric(&node, "meridian_health_stale") == 0);
		ck_assert_int_eq(minutes_off(&node), 0);
		set_clock(&node, "+1h");
		all_is_well(&node, 2500);
		ck_assert_int_eq(minutes_off(&node), 60);
		set_clock(&node, "-1h");
		all_is_well(&node, 2500);
		ck_assert_int_eq(minutes_off(&node), -60);
		set_clock(&node, "+0");
		all_is_well(&node, 2500);
		failover_works(&node);
	}
	harness_destroy(h);
}
END_TEST

/* The probe ends in good order and comes back as another vantage, while a
 * region dies: what the old one said of it counts no more once the new one has
 * looked. */
START_TEST(test_renamed)
{
	struct harness *h = harness_create();
	struct node node;
	char *file, *name;
	int64_t began;

	prepare(&node, h);
	node_config(&node, "");
	node_check(&node);
	node_serve(&node);
	HARNESS_WAIT(20000, count(&node, "up") == REGIONS);
	harness_stop(h, node.probe);
	node_order(&node, 1, "health=down");
	file = strdup(harness_read(h, harness_path(h, "meridian.yaml")));
	ck_assert_ptr_nonnull(file);
	name = strstr(file, "vantage: test");
	ck_assert_ptr_nonnull(name);
	harness_write(h, "meridian.yaml", "%.*svantage: next%s",
	    (int)(name - file), file, name + strlen("vantage: test"));
	free(file);
	/* Nobody looks: what is known stays. */
	ck_assert_str_eq(
	    node_ask(&node, "one.inference.example.", "A", near[1]),
	    address[1]);
	node_check(&node);
	began = harness_ms();
	HARNESS_WAIT(10000, count(&node, "down") == 1);
	printf("found after %lld ms\n", (long long)(harness_ms() - began));
	while (harness_ms() - began < 3000)
		for (int i = 0; i < REGIONS; i++)
			ck_assert(harness_ms() - began < 2500 ||
			    strcmp(node_ask(&node, "one.inference.example.",
				       "A", near[i]),
				address[0]) == 0);
	ck_assert_int_eq(count(&node, "down"), 1);
	harness_destroy(h);
}
END_TEST

int
main(void)
{
	const struct harness_case cases[] = {
	    {"a clock an hour off", test_clock_an_hour_off, 90},
	    {"a clock that steps", test_clock_steps, 90},
	    {"a renamed vantage", test_renamed, 60},
	};

	return harness_main("vantage", cases, sizeof(cases) / sizeof(cases[0]));
}
