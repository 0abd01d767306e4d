/*
 * The pages of meridian-probe: what an operator and a Prometheus read of it,
 * and that it says so when nothing can be written.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/system/node.h"

#define READINGS                                                               \
	"meridian_probe_load_readings_total{zone=\"inference.example\",check=" \
	"\"llm\","

static uint16_t port;

static int
page(struct node *node, const char *path, const char **body)
{
	char url[64];

	snprintf(url, sizeof(url), "http://127.0.0.1:%u%s", port, path);
	return harness_http(node->h, "GET", url, body);
}

static bool
says(struct node *node, const char *path, int code, const char *words)
{
	const char *body = "";

	return page(node, path, &body) == code && strstr(body, words) != NULL;
}

static void
prepare(struct node *node, struct harness *h)
{
	char extra[64], check[160];

	node_init(node, h);
	node_standins(node);
	port = harness_port(h);
	snprintf(
	    extra, sizeof(extra), "probe: {http: \"127.0.0.1:%u\"}\n", port);
	/* Stand-in 0 tells the load of both. */
	snprintf(check, sizeof(check),
	    "every: 200ms, timeout: 1500ms, fall: 2, rise: 1, load: {port: %u, "
	    "every: 1s, timeout: 1s, max_running: 4}",
	    node->standin_port[0]);
	node_pair(node, extra, check);
}

START_TEST(shows_its_checks_and_its_health)
{
	struct harness *h = harness_create();
	struct node node;

	prepare(&node, h);
	node_check(&node);
	HARNESS_WAIT(10000, says(&node, "/healthz", 200, "ok\n"));
	HARNESS_WAIT(10000,
	    says(&node, "/metrics", 200,
		"meridian_probe_endpoints{state=\"up\"} 2\n"));
	node_order(&node, 0, "health=down");
	HARNESS_WAIT(10000,
	    says(&node, "/metrics", 200,
		"meridian_probe_endpoints{state=\"down\"} 1\n"));
	ck_assert(says(&node, "/metrics", 200, ",kind=\"status\"} "));
	ck_assert(says(&node, "/metrics", 200, "process_open_fds "));
	ck_assert(
	    says(&node, "/metrics", 200, "meridian_probe_state_writable 1\n"));
	/* An endpoint that is down is not the daemon's illness. */
	ck_assert(says(&node, "/healthz", 200, "ok\n"));
	ck_assert(says(&node, "/elsewhere", 404, "no such page"));
	harness_stop(h, node.probe);
	harness_destroy(h);
}
END_TEST

/* What /metrics says of ${series}; -1: nothing. */
static double
value(struct node *node, const char *series)
{
	const char *body = "", *at;

	if (page(node, "/metrics", &body) != 200)
		return -1;
	at = strstr(body, series);
	return at != NULL ? strtod(at + strlen(series), NULL) : -1;
}

/* The load of two endpoints is read each second, until who tells it is gone. */
START_TEST(counts_readings_of_load)
{
	struct harness *h = harness_create();
	struct node node;

	prepare(&node, h);
	node_check(&node);
	HARNESS_WAIT(10000, value(&node, READINGS "result=\"read\"} ") >= 4);
	ck_assert(value(&node, READINGS "result=\"failed\"} ") == 0);
	ck_assert(
	    value(&node, "meridian_probe_load_lateness_seconds_count ") >= 4);
	harness_stop(h, node.standin[0]);
	HARNESS_WAIT(10000, value(&node, READINGS "result=\"failed\"} ") >= 2);
	ck_assert(value(&node,
		      "meridian_probe_load_failures_total{zone=\"inference."
		      "example\",check=\"llm\",kind=\"refused\"} ") >= 1);
	harness_stop(h, node.probe);
	harness_destroy(h);
}
END_TEST

/* The database is gone, and cannot be made again: a folder has its name. */
START_TEST(says_that_nothing_is_written)
{
	struct harness *h = harness_create();
	const char *state = harness_path(h, "state.db"), *out;
	struct node node;

	prepare(&node, h);
	node_check(&node);
	HARNESS_WAIT(10000, says(&node, "/healthz", 200, "ok\n"));
	HARNESS_WAIT(10000, access(state, F_OK) == 0);
	ck_assert_int_eq(unlink(state), 0);
	ck_assert_int_eq(mkdir(state, 0700), 0);
	HARNESS_WAIT(10000,
	    says(&node, "/metrics", 200, "meridian_probe_state_writable 0\n"));
	HARNESS_WAIT(15000,
	    says(&node, "/healthz", 503,
		"nothing is written to the state database"));
	/* And whoever asks for the status of the node is told. */
	(void)node_ctl(&node, &out, "status", "--json");
	ck_assert_ptr_nonnull(strstr(out, "\"finding\": \"probe\""));
	ck_assert_ptr_nonnull(
	    strstr(out, "nothing is written to the state database"));
	ck_assert_int_eq(rmdir(state), 0);
	HARNESS_WAIT(15000, says(&node, "/healthz", 200, "ok\n"));
	(void)node_ctl(&node, &out, "status", "--json");
	ck_assert_ptr_null(strstr(out, "\"finding\": \"probe\""));
	harness_stop(h, node.probe);
	harness_destroy(h);
}
END_TEST

/* While it is open nothing of the file needs to be read again, so that SQLite
 * does not notice.  What stood in the way is set aside, and said until somebody
 * has seen it. */
START_TEST(sets_a_database_aside_that_somebody_wrote_over)
{
	struct harness *h = harness_create();
	const char *state = harness_path(h, "state.db"), *out;
	char rubbish[4096];
	struct node node;
	FILE *file;

	prepare(&node, h);
	node_check(&node);
	HARNESS_WAIT(10000,
	    says(&node, "/metrics", 200,
		"meridian_probe_endpoints{state=\"up\"} 2\n"));
	memset(rubbish, 0xa5, sizeof(rubbish));
	file = fopen(state, "r+b");
	ck_assert_ptr_nonnull(file);
	ck_assert_uint_eq(
	    fwrite(rubbish, 1, sizeof(rubbish), file), sizeof(rubbish));
	ck_assert_int_eq(fclose(file), 0);
	/* That it cannot be written may be over before a page says so. */
	HARNESS_WAIT(10000,
	    says(&node, "/metrics", 200,
		"meridian_probe_state_set_aside_total 1\n"));
	ck_assert_ptr_nonnull(
	    strstr(harness_read(h, harness_path(h, "probe.log")),
		"corrupt: somebody wrote over it: mv "));
	HARNESS_WAIT(15000,
	    says(&node, "/metrics", 200, "meridian_probe_state_writable 1\n"));
	ck_assert_ptr_nonnull(
	    strstr(harness_read(h, harness_path(h, "probe.log")),
		"state.db.corrupt now, with all that it holds, and a new one "
		"is made"));
	(void)node_ctl(&node, &out, "status", "--json");
	ck_assert_ptr_nonnull(
	    strstr(out, "\"finding\": \"database set aside\""));
	ck_assert_int_eq(unlink(harness_path(h, "state.db.corrupt")), 0);
	(void)node_ctl(&node, &out, "status", "--json");
	ck_assert_ptr_null(strstr(out, "\"finding\": \"database set aside\""));
	harness_stop(h, node.probe);
	harness_destroy(h);
}
END_TEST

int
main(void)
{
	const struct harness_case cases[] = {
	    {"shows its checks", shows_its_checks_and_its_health, 0},
	    {"load", counts_readings_of_load, 0},
	    {"nothing is written", says_that_nothing_is_written, 0},
	    {"written over", sets_a_database_aside_that_somebody_wrote_over, 0},
	};

	return harness_main(
	    "probe_pages", cases, sizeof(cases) / sizeof(cases[0]));
}
