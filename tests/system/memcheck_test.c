/*
 * The real meridian-probe under valgrind: servers of all presets, some of which
 * flap, a program, bare connections, two reloads and an end, without an error
 * of memory and without a block that is lost.
 */
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "tests/full.h"
#include "tests/system/flapping_server.h"
#include "tests/system/inference_server.h"
#include "tests/system/node.h"

#define VALGRIND "/usr/bin/valgrind"
#define SEED 20260114

/* Servers in so many shapes each: with three, all shapes are there. */
#define CUT_SHAPES 1
#define FULL_SHAPES 3
#define FLAPPING 12

/* How long it runs between two events; everything takes some twenty times as
 * long as without valgrind. */
#define CUT_S 3
#define FULL_S 60
#define SLOW_MS 120000

static struct text text;

static void
add_server(unsigned number, uint16_t port)
{
	const struct inference_kind *kind = &inference_kinds[number];
	char at[16];

	text_add(&text, "  %s:\n    check: %s\n    endpoints:\n", kind->preset,
	    kind->preset);
	for (unsigned i = 0; i < full_size(CUT_SHAPES, FULL_SHAPES); i++) {
		unsigned shape = i == FULL_SHAPES - 1
		    ? SHAPE_READY
		    : 1 + (2 * number + i) % (INFERENCE_SHAPES - 1);

		inference_address(number, shape, at);
		text_add(&text,
		    "      - {name: %s, region: us, address: 10.0.%u.%u, "
		    "check_at: \"%s\", load_at: \"%s:%u\"}\n",
		    inference_shape_names[shape], number, i, at, at, port);
	}
}

static void
add_check(unsigned number, uint16_t port)
{
	const struct inference_kind *kind = &inference_kinds[number];

	text_add(&text,
	    "  %s: {preset: %s, port: %u, every: 10s, timeout: 8s, fall: 1, "
	    "rise: 1, slow: 20s, reuse: %s",
	    kind->preset, kind->preset, port, number % 2 ? "true" : "false");
	if (kind->models != NULL || strcmp(kind->preset, "tfserving") == 0)
		text_add(&text, ", model: " INFERENCE_MODEL);
	if (kind->generation != NULL)
		text_add(&text, ", deep: {every: 10s, timeout: 5s, fall: 1}");
	if (kind->metrics != NULL)
		text_add(&text, ", load: {every: 10s, max_running: 5}");
	text_add(&text, "}\n");
}

/* Those that flap, by two checks; and what asks no server of inference. */
static void
add_others(void)
{
	char at[16];

	for (unsigned i = 0; i < FLAPPING; i++) {
		if (i % (FLAPPING / 2) == 0)
			text_add(&text,
			    "  %s:\n    check: %s\n    endpoints:\n",
			    i == 0 ? "kept" : "engine",
			    i == 0 ? "kept" : "engine");
		text_add(&text,
		    "      - {name: f%u, region: us, address: %s}\n", i,
		    flapping_address(i, at));
	}
	text_add(&text,
	    "  bare:\n    check: bare\n    endpoints: [{name: b, region: us, "
	    "address: %s}]\n"
	    "  program:\n    check: program\n    endpoints: [{name: p, region: "
	    "us, address: %s}]\n",
	    flapping_address(FLAPPING, at), at);
}

static void
write_steering(struct node *node, uint16_t port, uint16_t flapping, bool half)
{
	text_init(&text, (size_t)1 << 20);
	text_add(&text, "regions: {us: {at: [39.0, -77.5]}}\nchecks:\n");
	for (unsigned i = 0; i < inference_n_kinds; i += half ? 2 : 1)
		add_check(i, port);
	text_add(&text,
	    "  kept: {preset: http, port: %u, every: 3s, timeout: 2s, "
	    "fall: 1, rise: 1, recheck: 100ms, reuse: true, flap: {changes: 3, "
	    "within: 1m, hold: 2s, max: 4s}}\n"
	    "  engine: {preset: vllm, model: llama, port: %u, every: 6s, "
	    "timeout: 3s, deep: {every: 10s, timeout: 5s}, load: {every: "
	    "2s}}\n"
	    "  bare: {preset: tcp, port: %u, every: 1s, timeout: 700ms, send: "
	    "\"GET / HTTP/1.0\\r\\n\\r\\n\", receive: HTTP}\n"
	    "  program: {exec: [/bin/false], port: %u, every: 2s, timeout: "
	    "1500ms}\npools:\n",
	    flapping, flapping, flapping, flapping);
	for (unsigned i = 0; i < inference_n_kinds; i += half ? 2 : 1)
		add_server(i, port);
	add_others();
	text_add(
	    &text, "services: {one: {pool: %s}}\n", inference_kinds[0].preset);
	ck_assert(!text.failed);
	harness_write(node->h, "inference.yaml", "%s", text.data);
	text_finish(&text);
}

/* Under valgrind, as the process that writes the state database. */
static void
start(struct node *node)
{
	static char log[PATH_MAX], self[PATH_MAX], preload[PATH_MAX];
	struct harness *h = node->h;
	const char *program = harness_built(h, "meridian-probe");

	snprintf(log, sizeof(log), "--log-file=%s",
	    harness_path(h, "valgrind.%p.log"));
	snprintf(self, sizeof(self), "EXEC_SELF=%s", program);
	snprintf(preload, sizeof(preload), "LD_PRELOAD=%s",
	    harness_built(h, "tests/system/exec_self.so"));
	node->probe = harness_start(h, "probe.log", "/usr/bin/env", self,
	    preload, VALGRIND, "-q", "--leak-check=full",
	    "--show-leak-kinds=definite", "--errors-for-leak-kinds=definite",
	    "--error-exitcode=99", "--trace-children=yes",
	    "--trace-children-skip=/bin/*", log, program, "-c",
	    harness_path(h, "meridian.yaml"), NULL);
}

static long
count(struct node *node, const char *sql)
{
	return strtol(node_sql(node, sql), NULL, 10);
}

/* Of a machine that is busy, others have to wait for their turn. */
static bool
half_checked(struct node *node)
{
	long all = count(node, "SELECT count(*) FROM endpoint"),
	     checked = count(
		 node, "SELECT count(*) FROM endpoint WHERE checked_ms > 0");

	return all > FLAPPING && 2 * checked >= all;
}

static void
reload(struct node *node, const char *said)
{
	const char *log = harness_path(node->h, "probe.log");
	size_t before = strlen(harness_read(node->h, log));

	harness_signal(node->h, node->probe, SIGHUP);
	HARNESS_WAIT(SLOW_MS,
	    !harness_running(node->h, node->probe) ||
		strstr(harness_read(node->h, log) + before, said) != NULL);
}

static void
run_for(struct node *node, uint64_t s)
{
	int64_t end = harness_ms() + (int64_t)s * 1000;

	while (harness_ms() < end) {
		ck_assert(harness_running(node->h, node->probe));
		harness_pause();
	}
}

START_TEST(test_memcheck)
{
	struct harness *h = harness_create();
	uint16_t port = harness_port(h), flapping = harness_port(h);
	uint64_t s = full_size(CUT_S, FULL_S);
	struct node node;
	pid_t servers[2];
	const char *said;
	long endpoints;

	node_init(&node, h);
	servers[0] = inference_start(port);
	servers[1] = flapping_start(flapping, SEED);
	ck_assert(servers[0] > 0 && servers[1] > 0);
	node_config(&node, "");
	node_records(&node, node_zone);
	write_steering(&node, port, flapping, false);
	start(&node);
	HARNESS_WAIT(
	    SLOW_MS, !harness_running(h, node.probe) || half_checked(&node));
	endpoints = count(&node, "SELECT count(*) FROM endpoint");
	run_for(&node, s);
	write_steering(&node, port, flapping, true);
	reload(&node, "reloaded: ");
	run_for(&node, s);
	write_steering(&node, port, flapping, false);
	reload(&node, "reloaded: ");
	run_for(&node, s);
	printf("measured: %ld endpoints for %d s: %ld events\n", endpoints,
	    (int)(3 * s), count(&node, "SELECT count(*) FROM event"));
	harness_signal(h, node.probe, SIGTERM);
	ck_assert_int_eq(harness_wait(h, node.probe, SLOW_MS), 0);
	/* Of each process a log, in which nothing is but what is wrong. */
	harness_run(h, &said, "/bin/sh", "-c",
	    "cd \"$0\" && ls valgrind.*.log | wc -l && cat valgrind.*.log",
	    harness_path(h, ""), NULL);
	ck_assert_msg(strcmp(said, "2\n") == 0, "%s", said);
	kill(servers[0], SIGKILL);
	kill(servers[1], SIGKILL);
	harness_destroy(h);
}
END_TEST

int
main(void)
{
	const struct harness_case cases[] = {
	    {"memcheck", test_memcheck, 300},
	};

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
	printf("a sanitizer looks after memory already\n");
	return 77;
#endif
	if (access(VALGRIND, X_OK) != 0) {
		printf("%s is not there\n", VALGRIND);
		return 77;
	}
	return harness_main(
	    "memcheck", cases, sizeof(cases) / sizeof(cases[0]));
}
