/*
 * Endpoints that flap at random, 2,000 of them in every way in which servers
 * fail: what the daemons hold stays the same, and when all is well again they
 * say so.
 */
#include <dirent.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "tests/full.h"
#include "tests/system/flapping_server.h"
#include "tests/system/node.h"

#define POOLS 20
#define POOL_ENDPOINTS 100
#define ENDPOINTS (POOLS * POOL_ENDPOINTS)

#define SEED 20260112

/* After these, memory has found its size; then, and at the end, it is measured
 * for so long: a minute and more, as that is how often room is given back. */
#define CUT_SETTLED_S 8
#define FULL_SETTLED_S 240
#define CUT_MEASURED_S 3
#define FULL_MEASURED_S 90
#define CUT_S 18
#define FULL_S 1800

/*
 * So much may what is resident grow after that: what the heap scatters, and in
 * a cut the pages that were not touched yet.  Two kilobytes lost by one check
 * in a hundred would be ten times as much in half an hour.
 */
#if defined(__SANITIZE_ADDRESS__)
/* What was freed is held for a while. */
#define CUT_GROWTH_KIB 524288
#define FULL_GROWTH_KIB 524288
#else
#define CUT_GROWTH_KIB 12288
#define FULL_GROWTH_KIB 4096
#endif

/* Descriptors that are no connections to endpoints: files, pipes, a pair for
 * each lane of kept connections, and what is under way at a look. */
#define OWN_FILES 400

static void
write_steering(struct node *node, uint16_t port)
{
	struct text text;
	char address[16];

	text_init(&text, (size_t)1 << 20);
	text_add(&text,
	    "regions: {here: {at: [50.1, 8.7]}}\n"
	    "checks:\n"
	    "  kept: {preset: http, port: %u, every: 2s, timeout: 700ms, "
	    "fall: 2, rise: 2, recheck: 200ms, reuse: true, slow: 10s, "
	    "flap: {changes: 3, within: 1m, hold: 5s, max: 10s}}\n"
	    "  new: {preset: vllm, model: llama, port: %u, every: 4s, "
	    "timeout: 700ms, fall: 2, rise: 1, "
	    "deep: {every: 10s, timeout: 2s}, load: {every: 5s}}\n"
	    "pools:\n",
	    port, port);
	for (unsigned n = 0; n < ENDPOINTS; n++) {
		if (n % POOL_ENDPOINTS == 0)
			text_add(&text,
			    "  p%u:\n    check: %s\n"
			    "    endpoints:\n",
			    n / POOL_ENDPOINTS,
			    n / POOL_ENDPOINTS % 2 ? "kept" : "new");
		text_add(&text,
		    "      - {name: e%u, region: here, "
		    "address: %s}\n",
		    n % POOL_ENDPOINTS, flapping_address(n, address));
	}
	text_add(&text, "services:\n");
	for (unsigned p = 0; p < POOLS; p++)
		text_add(&text, "  s%u: {pool: p%u}\n", p, p);
	ck_assert(!text.failed);
	harness_write(node->h, "inference.yaml", "%s", text.data);
	text_finish(&text);
}

/* What is resident of a process, in KiB. */
static long
resident(struct harness *h, pid_t pid)
{
	char path[64];
	const char *line;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	line = strstr(harness_read(h, path), "\nVmRSS:");
	ck_assert_ptr_nonnull(line);
	return strtol(line + strlen("\nVmRSS:"), NULL, 10);
}

static unsigned
descriptors(pid_t pid)
{
	char path[64];
	unsigned n = 0;
	DIR *folder;

	snprintf(path, sizeof(path), "/proc/%d/fd", (int)pid);
	folder = opendir(path);
	ck_assert_ptr_nonnull(folder);
	while (readdir(folder) != NULL)
		n++;
	closedir(folder);
	return n;
}

static long
count(struct node *node, const char *sql)
{
	return strtol(node_sql(node, sql), NULL, 10);
}

/* What is resident of both daemons in some seconds, a look each: the most, as
 * when many checks hang at once, and the least. */
struct looks {
	long probe_most, probe, server;
	unsigned files_most;
};

static struct looks
look(struct node *node, uint64_t s)
{
	struct looks looks = {0, LONG_MAX, LONG_MAX, 0};
	int64_t end = harness_ms() + (int64_t)s * 1000;

	while (harness_ms() < end) {
		int64_t next = harness_ms() + 1000;
		long probe = resident(node->h, node->probe),
		     server = resident(node->h, node->server);
		unsigned files = descriptors(node->probe);

		if (probe > looks.probe_most)
			looks.probe_most = probe;
		looks.probe = probe < looks.probe ? probe : looks.probe;
		looks.server = server < looks.server ? server : looks.server;
		if (files > looks.files_most)
			looks.files_most = files;
		while (harness_ms() < next)
			harness_pause();
	}
	return looks;
}

static bool
all_up(struct node *node)
{
	return count(node,
		   "SELECT count(*) FROM endpoint "
		   "WHERE health = 'up'") == ENDPOINTS;
}

START_TEST(test_flapping)
{
	struct harness *h = harness_create();
	struct node node;
	uint16_t port;
	pid_t flapping;
	struct looks looks, first, last;
	long growth = (long)full_size(CUT_GROWTH_KIB, FULL_GROWTH_KIB);

	node_init(&node, h);
	port = harness_port(h);
	flapping = flapping_start(port, SEED);
	ck_assert_int_gt(flapping, 0);
	node_config(&node, "");
	node_records(&node, node_zone);
	write_steering(&node, port);
	node_serve(&node);
	node_check(&node);
	(void)look(&node, full_size(CUT_SETTLED_S, FULL_SETTLED_S));
	first = look(&node, full_size(CUT_MEASURED_S, FULL_MEASURED_S));
	looks = look(&node,
	    full_size(CUT_S - CUT_SETTLED_S - 2 * CUT_MEASURED_S,
		FULL_S - FULL_SETTLED_S - 2 * FULL_MEASURED_S));
	last = look(&node, full_size(CUT_MEASURED_S, FULL_MEASURED_S));
	printf("measured: %d endpoints that flap: resident %ld KiB at first, "
	       "%ld at the end, at most %ld between; meridiand %ld and %ld; "
	       "at most %u descriptors; %ld events are kept\n",
	    ENDPOINTS, first.probe, last.probe, looks.probe_most, first.server,
	    last.server, looks.files_most,
	    count(&node, "SELECT count(*) FROM event"));
	ck_assert_int_ge(count(&node, "SELECT count(*) FROM event"), ENDPOINTS);
	ck_assert_int_le(last.probe, first.probe + growth);
	ck_assert_int_le(last.server, first.server + growth);

	/* Nothing of what hung or broke is held when all is well. */
	ck_assert_int_eq(kill(flapping, SIGUSR1), 0);
	HARNESS_WAIT(60000, all_up(&node));
	HARNESS_WAIT(
	    10000, descriptors(node.probe) <= ENDPOINTS / 2 + OWN_FILES);
	printf("measured: all are well: %u descriptors\n",
	    descriptors(node.probe));
	harness_stop(h, node.probe);
	harness_stop(h, node.server);
	ck_assert_ptr_null(
	    strchr(harness_read(h, harness_path(h, "probe.log")), '\x1b'));
	ck_assert_int_eq(kill(flapping, SIGKILL), 0);
	harness_destroy(h);
}
END_TEST

int
main(void)
{
	const struct harness_case cases[] = {
	    {"flapping", test_flapping, 120},
	};

	return harness_main(
	    "flapping", cases, sizeof(cases) / sizeof(cases[0]));
}
