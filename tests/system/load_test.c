/*
 * What endpoints do beside their health, as the server tells it: from what an
 * endpoint says of its load to metrics, status and explain, with the same
 * numbers in each; what nobody knows is no number; and no answer changes.
 */
#include <stdio.h>
#include <string.h>

#include "tests/system/node.h"
#include "tests/system/output.h"

/* So long load counts. */
#define STALE_MS 3000

/* Labels of its two endpoints. */
#define US                                                                \
	"{zone=\"inference.example\",pool=\"v1\",endpoint=\"us\",region=" \
	"\"us-east\"}"
#define EU                                                                \
	"{zone=\"inference.example\",pool=\"v1\",endpoint=\"eu\",region=" \
	"\"eu-west\"}"

#define AMERICA "8.8.8.0/24"
#define EUROPE "84.128.0.0/24"

static double
metric(struct node *node, const char *name, const char *labels)
{
	char full[256];

	snprintf(full, sizeof(full), "meridian_endpoint_%s%s", name, labels);
	return node_metric(node, full);
}

/* Of "us" the load is read; where "eu" should tell its own nobody listens. */
static void
start(struct node *node, struct harness *h)
{
	node_init(node, h);
	node_standin(node, 0);
	node_standin(node, 1);
	node_order(node, 0, "waiting=7&running=3&kv=0.25");
	node_config(node, "");
	node_records(node, node_zone);
	node_steering(node,
	    "regions:\n"
	    "  us-east: {at: [39.0, -77.5]}\n"
	    "  eu-west: {at: [53.3, -6.3]}\n"
	    "checks:\n"
	    "  llm: {preset: vllm, every: 1s, timeout: 1500ms, load: {every: "
	    "1s, timeout: 1s, stale: 3s, smooth: 1s, max_running: 4}}\n"
	    "pools:\n"
	    "  v1:\n"
	    "    check: llm\n"
	    "    endpoints:\n"
	    "      - {name: us, region: us-east, address: 192.0.2.1, "
	    "check_at: \"127.0.0.1:%u\", load_at: \"127.0.0.1:%u\"}\n"
	    "      - {name: eu, region: eu-west, address: 192.0.2.2, "
	    "check_at: \"127.0.0.1:%u\", load_at: \"127.0.0.1:1\"}\n"
	    "services:\n"
	    "  one: {pool: v1}\n",
	    node->standin_port[0], node->standin_port[0],
	    node->standin_port[1]);
	node_serve(node);
	node_check(node);
	HARNESS_WAIT(15000, metric(node, "saturation", US) == 2.5);
}

static void
stop(struct node *node, struct harness *h)
{
	harness_stop(h, node->server);
	harness_stop(h, node->probe);
	harness_destroy(h);
}

/* ${text} is in what `meridianctl explain` says of ${client}. */
static void
explains(
    struct node *node, const char *client, const char *option, const char *text)
{
	const char *out;

	ck_assert_int_eq(
	    node_ctl(node, &out, "explain", "one.inference.example", "A",
		"--client", client, option),
	    0);
	output_says(out, text);
}

/* Ten where four may run are two and a half times full. */
START_TEST(the_same_numbers_everywhere)
{
	struct harness *h = harness_create();
	struct node node;
	const char *out;

	start(&node, h);
	ck_assert(metric(&node, "requests_waiting", US) == 7);
	ck_assert(metric(&node, "requests_running", US) == 3);
	ck_assert(metric(&node, "kv_cache", US) == 0.25);
	ck_assert(metric(&node, "load_age_seconds", US) < STALE_MS / 1000.0);
	ck_assert(metric(&node, "degraded", US) == 0);
	ck_assert(metric(&node, "certificate_days", US) == -1);
	ck_assert_str_eq(
	    node_sql(&node,
		"SELECT saturation, waiting, running, kv_cache FROM load WHERE "
		"endpoint = 'us'"),
	    "2.5|7.0|3.0|0.25\n");
	output_contains(
	    node_page(&node, "/api/v1/status"), "\"saturation\": 2.5");
	ck_assert_int_eq(node_ctl(&node, &out, "status"), 0);
	output_says(out, "load 250 %, 7 waiting, 3 running, cache 25 %");
	explains(&node, AMERICA, NULL,
	    "endpoints   us of v1: load 250 %, 7 waiting, 3 running, cache 25 "
	    "%");
	explains(&node, AMERICA, "--files", "us of v1: load 250 %, 7 waiting");
	explains(&node, AMERICA, "--json", "\"saturation\": 2.5");
	/* Full as it is, clients near it are sent to it. */
	ck_assert_str_eq(
	    node_ask(&node, "one.inference.example.", "A", AMERICA),
	    "192.0.2.1");
	stop(&node, h);
}
END_TEST

START_TEST(what_nobody_knows_is_no_number)
{
	struct harness *h = harness_create();
	struct node node;
	const char *out;

	start(&node, h);
	HARNESS_WAIT(15000,
	    strcmp(node_sql(
		       &node, "SELECT reason FROM load WHERE endpoint = 'eu'"),
		"metrics: refused\n") == 0);
	HARNESS_WAIT(15000, metric(&node, "degraded", EU) == 0);
	ck_assert(metric(&node, "saturation", EU) == -1);
	ck_assert(metric(&node, "requests_waiting", EU) == -1);
	ck_assert(metric(&node, "load_age_seconds", EU) == -1);
	HARNESS_WAIT(15000,
	    strstr(node_page(&node, "/api/v1/status"),
		"\"reason\": \"metrics: refused\"") != NULL);
	output_contains(
	    node_page(&node, "/api/v1/status"), "\"saturation\": null");
	ck_assert_int_eq(node_ctl(&node, &out, "status"), 0);
	output_says(out, "load unknown (metrics: refused)");
	explains(&node, EUROPE, NULL,
	    "endpoints   eu of v1: load unknown (metrics: refused)");
	stop(&node, h);
}
END_TEST

/* The probe is gone, and what it wrote last stays. */
START_TEST(old_load_is_told_as_old)
{
	struct harness *h = harness_create();
	struct node node;

	start(&node, h);
	harness_kill(h, node.probe);
	(void)node_sql(&node,
	    "UPDATE endpoint SET degraded = 'slow: 900 ms', certificate_ms = "
	    "(strftime('%s', 'now') + 864000) * 1000, sequence = (SELECT "
	    "max(sequence) + 1 FROM vantage) WHERE endpoint = 'us'");
	HARNESS_WAIT(15000, metric(&node, "degraded", US) == 1);
	ck_assert(metric(&node, "certificate_days", US) > 9.9);
	ck_assert(metric(&node, "certificate_days", US) < 10.1);
	HARNESS_WAIT(15000, metric(&node, "saturation", US) == -1);
	ck_assert(metric(&node, "load_age_seconds", US) >= STALE_MS / 1000.0);
	explains(&node, AMERICA, NULL, "us of v1: load stale since ");
	explains(&node, AMERICA, NULL, "; degraded: slow: 900 ms");
	explains(&node, AMERICA, "--files", "us of v1: load stale since ");
	ck_assert_str_eq(
	    node_ask(&node, "one.inference.example.", "A", AMERICA),
	    "192.0.2.1");
	/* A server that starts now was not there when it was measured. */
	harness_stop(h, node.server);
	node_serve(&node);
	HARNESS_WAIT(15000, metric(&node, "degraded", US) == 1);
	ck_assert(metric(&node, "saturation", US) == -1);
	ck_assert(metric(&node, "load_age_seconds", US) >= STALE_MS / 1000.0);
	harness_stop(h, node.server);
	harness_destroy(h);
}
END_TEST

int
main(void)
{
	const struct harness_case cases[] = {
	    {"numbers", the_same_numbers_everywhere, 0},
	    {"unknown", what_nobody_knows_is_no_number, 0},
	    {"old", old_load_is_told_as_old, 0},
	};

	return harness_main("load", cases, sizeof(cases) / sizeof(cases[0]));
}
