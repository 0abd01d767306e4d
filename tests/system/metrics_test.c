/*
 * The metrics of both daemons, as Prometheus reads them: promtool finds no
 * fault in either page, nor a parser of OpenMetrics in what they are for whom
 * asks for that, and what a query was answered by is counted.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/system/canary.h"

#define ASKED 20
/* Each daemon has more. */
#define FAMILIES 20

#define DECIDED                                                       \
	"meridian_decisions_total{service=\"one.inference.example\"," \
	"pool=\"v1\",reason=\"first\",client_subnet=\"yes\"}"
#define SHARE "meridian_split_share{service=\"one.inference.example\",pool="
#define SCOPES "meridian_scope_length_count{family=\"4\"}"

/* promtool finds nothing in ${page}. */
static void
is_good(struct node *node, const char *page)
{
	char command[512];
	const char *out;
	int status;

	ck_assert_ptr_nonnull(strstr(page, "# HELP "));
	/* Whole, whatever is in it. */
	harness_write(node->h, "metrics.txt", "%s", page);
	snprintf(command, sizeof(command), "promtool check metrics <%s",
	    harness_path(node->h, "metrics.txt"));
	status = harness_run(node->h, &out, "/bin/sh", "-c", command, NULL);
	ck_assert_msg(status == 0, "status %d: %s", status, out);
}

/* The same page at ${url} is OpenMetrics too, of ${least} families or more. */
static void
is_open(struct node *node, const char *url, long least)
{
	const char *out;
	int status = harness_run(node->h, &out, "/usr/bin/python3",
	    "tests/system/openmetrics.py", url, NULL);

	ck_assert_msg(status == 0, "%s: status %d: %s", url, status, out);
	ck_assert_int_ge(strtol(out, NULL, 10), least);
}

START_TEST(prometheus_reads_them)
{
	struct harness *h = harness_create();
	uint16_t port = harness_port(h);
	char extra[64], url[64];
	const char *body = "";
	struct node node;
	double before;

	snprintf(
	    extra, sizeof(extra), "probe: {http: \"127.0.0.1:%u\"}\n", port);
	canary_start(&node, h, CANARY_RAMP);
	node_config(&node, extra);
	harness_kill(h, node.probe);
	node_check(&node);
	HARNESS_WAIT(20000, canary_is_at(&node, "walking", "0.1"));
	HARNESS_WAIT(
	    10000, node_metric(&node, SHARE "\"v2\",kind=\"now\"}") > 0.05);
	ck_assert_double_eq(
	    node_metric(&node, SHARE "\"v2\",kind=\"set\"}"), 0);
	before = node_metric(&node, DECIDED);
	for (int i = 0; i < ASKED; i++)
		(void)node_ask(
		    &node, "one.inference.example.", "A", "84.128.0.0/24");
	ck_assert_double_eq(
	    node_metric(&node, DECIDED), (before > 0 ? before : 0) + ASKED);
	ck_assert_double_ge(node_metric(&node, SCOPES), ASKED);
	/* How long the work takes is measured of some. */
	for (int i = 0; i < 300; i++)
		(void)node_ask(&node, "www.inference.example.", "A", NULL);
	ck_assert_double_ge(
	    node_metric(&node, "meridian_work_seconds_count"), 1);
	is_good(&node, node_page(&node, "/metrics"));
	snprintf(url, sizeof(url), "http://127.0.0.1:%u/metrics", port);
	ck_assert_int_eq(harness_http(h, "GET", url, &body), 200);
	is_good(&node, body);
	is_open(&node, url, FAMILIES);
	snprintf(url, sizeof(url), "http://127.0.0.1:%u/metrics", node.http);
	is_open(&node, url, FAMILIES);
	canary_stop(&node);
}
END_TEST

int
main(void)
{
	const struct harness_case cases[] = {
	    {"prometheus reads them", prometheus_reads_them, 120},
	};

	return harness_main("metrics", cases, sizeof(cases) / sizeof(cases[0]));
}
