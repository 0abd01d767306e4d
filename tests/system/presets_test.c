/*
 * Each preset and the server it is for, in each shape in which that is met:
 * what an operator reads of its state, and of its load.
 */
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/system/inference_server.h"
#include "tests/system/node.h"

static char steering[1 << 18];
static size_t steering_len;

static void __attribute__((format(printf, 1, 2))) add(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	steering_len += (size_t)vsnprintf(steering + steering_len,
	    sizeof(steering) - steering_len, fmt, args);
	va_end(args);
	ck_assert_uint_lt(steering_len, sizeof(steering));
}

/* What a row promises; NULL: there is no such row. */
struct promise {
	const char *health, *reason;
};

static const struct promise up = {"up", ""}, none = {NULL, NULL};

static struct promise
down(const char *reason)
{
	return (struct promise){"down", reason};
}

/* Of a generation, where the server has one. */
static struct promise
deep(const struct inference_kind *kind, struct promise promise)
{
	return kind->generation != NULL ? promise : none;
}

static struct promise
of_loading(const struct inference_kind *kind)
{
	static char reason[64];

	if (strncmp(kind->loading, "200", 3) == 0)
		return down("body: no version is available");
	snprintf(reason, sizeof(reason), "status %.3s", kind->loading);
	return down(reason);
}

static struct promise
of_another_model(const struct inference_kind *kind)
{
	static char reason[96];

	if (kind->models == NULL)
		return none;
	if (strcmp(kind->preset, "tgi") == 0)
		return down("body: another model");
	if (kind->others_body != NULL)
		return down("body: model not listed");
	snprintf(reason, sizeof(reason), "%s: status 404", kind->models);
	return down(reason);
}

/* An answer of 200 without a token: who looks at it finds that. */
static struct promise
of_no_token(const struct inference_kind *kind)
{
	if (kind->generation == NULL || kind->token_body[0] == '\0')
		return none;
	return down("deep: body: no token came");
}

static struct promise
of_key(const struct inference_kind *kind, bool given)
{
	static char reason[96];

	if (kind->models == NULL)
		return none;
	if (given)
		return up;
	snprintf(reason, sizeof(reason), "%s: status 401", kind->models);
	return down(reason);
}

static struct promise
promise_of(const struct inference_kind *kind, unsigned shape, bool key)
{
	switch (shape) {
	case SHAPE_READY:
	case SHAPE_RESET:
		return up;
	case SHAPE_LOADING:
		return of_loading(kind);
	case SHAPE_ANOTHER_MODEL:
		return of_another_model(kind);
	case SHAPE_DEAD_ENGINE:
		return deep(kind, down("deep: timeout"));
	case SHAPE_NO_TOKEN:
		return of_no_token(kind);
	/* Too much to do is no death. */
	case SHAPE_BUSY:
	case SHAPE_UNAVAILABLE:
		return deep(kind, up);
	case SHAPE_HUNG:
	case SHAPE_DRIP:
		return down("timeout");
	case SHAPE_GARBAGE:
		return down("not HTTP");
	case SHAPE_HALF:
		return down("body: cut short");
	case SHAPE_ENDLESS_HEADERS:
		return down("headers: over 64 KiB");
	case SHAPE_RENAMED_METRICS:
		return kind->metrics != NULL ? up : none;
	case SHAPE_ADAPTERS:
		return kind->models != NULL ? up : none;
	default:
		return of_key(kind, key);
	}
}

/* --- files --- */

static void
add_check(const struct inference_kind *kind, uint16_t port, bool key)
{
	add("  %s%s: {preset: %s, port: %u, every: 1s, timeout: 500ms, fall: "
	    "1, rise: 1",
	    kind->preset, key ? "-key" : "", kind->preset, port);
	if (kind->models != NULL || strcmp(kind->preset, "tfserving") == 0)
		add(", model: " INFERENCE_MODEL);
	if (kind->generation != NULL)
		add(", deep: {every: 1s, timeout: 700ms, fall: 1}");
	if (kind->metrics != NULL)
		add(", load: {port: %u, every: 1s, max_running: 5}", port);
	if (key)
		add(", token_file: key");
	add("}\n");
}

/* One for each shape in which the server is met, as "shape" and "shape-key". */
static void
add_pool(unsigned number, bool key)
{
	const struct inference_kind *kind = &inference_kinds[number];
	char at[16];

	add("  %s%s:\n    check: %s%s\n    endpoints:\n", kind->preset,
	    key ? "-key" : "", kind->preset, key ? "-key" : "");
	for (unsigned i = 0; i < INFERENCE_SHAPES; i++)
		if ((!key || i == SHAPE_KEY) &&
		    promise_of(kind, i, key).health != NULL)
			add("      - {name: %s, region: us, address: "
			    "10.%u.%u.%u, check_at: \"%s\", load_at: \"%s\"}\n",
			    inference_shape_names[i], key, number, i,
			    inference_address(number, i, at), at);
}

static bool
has_key_row(unsigned number)
{
	return inference_kinds[number].models != NULL;
}

static void
write_files(struct node *node, uint16_t port)
{
	const char *pool = inference_kinds[0].preset;

	add("regions: {us: {at: [39.0, -77.5]}}\nchecks:\n");
	for (unsigned i = 0; i < inference_n_kinds; i++) {
		add_check(&inference_kinds[i], port, false);
		if (has_key_row(i))
			add_check(&inference_kinds[i], port, true);
	}
	add("pools:\n");
	for (unsigned i = 0; i < inference_n_kinds; i++) {
		add_pool(i, false);
		if (has_key_row(i))
			add_pool(i, true);
	}
	add("services: {one: {pool: %s}}\n", pool);
	harness_write(node->h, "inference.yaml", "%s", steering);
	harness_write(node->h, "key", INFERENCE_KEY "\n");
	node_config(node, "");
	node_records(node, node_zone);
}

/* --- rows --- */

static const char *
cell(struct node *node, const char *table, const char *columns,
    const char *pool, const char *suffix, const char *endpoint)
{
	char sql[512];

	snprintf(sql, sizeof(sql),
	    "SELECT %s FROM %s WHERE pool = '%s%s' AND endpoint = '%s'",
	    columns, table, pool, suffix, endpoint);
	return node_sql(node, sql);
}

/* Wait until ${columns} of a row are ${wanted}. */
static void
expect(struct node *node, const char *table, const char *columns,
    const char *pool, const char *suffix, const char *endpoint,
    const char *wanted)
{
	const char *is = "";

	for (int64_t end = harness_ms() + 20000; harness_ms() < end;) {
		is = cell(node, table, columns, pool, suffix, endpoint);
		if (strcmp(is, wanted) == 0)
			return;
		harness_pause();
	}
	ck_abort_msg("%s%s %s: %s, not %s", pool, suffix, endpoint, is, wanted);
}

static void
expect_state(struct node *node, unsigned number, unsigned shape, bool key)
{
	const struct inference_kind *kind = &inference_kinds[number];
	struct promise promise = promise_of(kind, shape, key);
	char wanted[160];

	if (promise.health == NULL)
		return;
	snprintf(
	    wanted, sizeof(wanted), "%s %s\n", promise.health, promise.reason);
	expect(node, "endpoint", "health || ' ' || reason", kind->preset,
	    key ? "-key" : "", inference_shape_names[shape], wanted);
}

/* Seven wait and three run, and five could: ten of five is twice full. */
static void
expect_load(struct node *node, unsigned number)
{
	const struct inference_kind *kind = &inference_kinds[number];
	const char *pool = kind->preset;

	if (kind->metrics == NULL)
		return;
	expect(node, "load",
	    "printf('%g %g %g %s', waiting, running, saturation, source)", pool,
	    "", "ready", "7 3 2 metrics\n");
	expect(node, "load",
	    "ifnull(waiting, 'unknown') || ' ' || ifnull(saturation, 'unknown')"
	    " || ' ' || reason",
	    pool, "", "renamed-metrics",
	    "unknown unknown metrics: none of those that are looked for\n");
	if (kind->generation == NULL)
		return;
	expect(node, "load", "busy > 0.99", pool, "", "busy", "1\n");
	expect(node, "load", "busy > 0.99", pool, "", "unavailable", "1\n");
	expect(node, "load", "busy < 0.01", pool, "", "ready", "1\n");
	expect(
	    node, "endpoint", "first_token_us > 0", pool, "", "ready", "1\n");
}

START_TEST(each_preset_in_each_shape)
{
	struct harness *h = harness_create();
	uint16_t port = harness_port(h);
	unsigned rows = 0;
	struct node node;
	pid_t server;

	node_init(&node, h);
	server = inference_start(port);
	ck_assert_int_gt(server, 0);
	write_files(&node, port);
	node_check(&node);
	for (unsigned i = 0; i < inference_n_kinds; i++) {
		for (unsigned k = 0; k < INFERENCE_SHAPES; k++) {
			expect_state(&node, i, k, false);
			rows +=
			    promise_of(&inference_kinds[i], k, false).health !=
			    NULL;
		}
		if (has_key_row(i))
			expect_state(&node, i, SHAPE_KEY, true);
		expect_load(&node, i);
	}
	/* All at the same time, and still so. */
	for (unsigned i = 0; i < inference_n_kinds; i++)
		for (unsigned k = 0; k < INFERENCE_SHAPES; k++)
			expect_state(&node, i, k, false);
	printf("%u presets, %u rows\n", inference_n_kinds, rows);
	harness_stop(h, node.probe);
	kill(server, SIGKILL);
	harness_destroy(h);
}
END_TEST

int
main(void)
{
	const struct harness_case cases[] = {
	    {"shapes", each_preset_in_each_shape, 0},
	};

	return harness_main("presets", cases, sizeof(cases) / sizeof(cases[0]));
}
