/*
 * Each preset and the server it is for, in each shape in which that is met:
 * what an operator reads of its state, and of its load.
 *
 * tcp and tls ask for a page of HTTP by hand: of the shapes they meet those
 * that are one of the connection or of the first page.  A check with exec has
 * no preset: what a program says is the state, whatever it asked.
 */
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/system/node.h"
#include "tests/system/promises.h"
#include "tests/system/tls_front.h"

struct ports {
	uint16_t clear, good, wrong; /* and over TLS */
};

/* Room for a sanitizer on a busy machine; what is right comes soon. */
#define LONG_MS 40000

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

/* --- files --- */

#define USUAL "timeout: 1s, fall: 1, rise: 1"
#define OF_TLS "host: " CERTIFICATE_HOST ", ca: ca.pem"

/* What the check of a preset says, its period and more first, up to what is
 * added to it. */
static void
add_check(const char *preset, const char *suffix, const char *more)
{
	add("  %s%s: {preset: %s, " USUAL ", every: %s", preset, suffix, preset,
	    more);
}

static void
add_model(const struct inference_kind *kind)
{
	if (kind->models != NULL || strcmp(kind->preset, "tfserving") == 0)
		add(", model: " INFERENCE_MODEL);
}

static void
add_plain(const struct inference_kind *kind, uint16_t port, bool key)
{
	add_check(kind->preset, key ? "-key" : "", "2s");
	add_model(kind);
	if (kind->generation != NULL)
		add(", deep: {every: 2s, timeout: 1s, fall: 1}");
	if (kind->metrics != NULL)
		add(", load: {port: %u, every: 2s, max_running: 5}", port);
	if (key)
		add(", token_file: key");
	add("}\n");
}

static void
add_checks(const struct ports *ports)
{
#define PAGE                                                    \
	", send: \"GET / HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n\", " \
	"receive: hello"
	for (unsigned i = 0; i < inference_n_kinds; i++) {
		const struct inference_kind *kind = &inference_kinds[i];

		add_plain(kind, ports->clear, false);
		if (kind->models != NULL)
			add_plain(kind, ports->clear, true);
		add_check(kind->preset, "-https", "3s, scheme: https, " OF_TLS);
		add_model(kind);
		add("}\n");
	}
	add_check("tcp", "", "2s" PAGE ", port: 1}\n");
	add_check("tls", "", "2s" PAGE ", " OF_TLS "}\n");
}

static void
add_pool(const char *preset, const char *suffix)
{
	add("  %s%s:\n    check: %s%s\n    endpoints:\n", preset, suffix,
	    preset, suffix);
}

/* At server ${number} in ${shape}. */
static void
add_endpoint(const char *name, unsigned number, unsigned shape, uint16_t port,
    uint16_t load_port)
{
	static unsigned made;
	char at[16];

	made++;
	add("      - {name: %s, region: us, address: 10.1.%u.%u, check_at: "
	    "\"%s:%u\", load_at: \"%s:%u\"}\n",
	    name, made / 250, made % 250 + 1,
	    inference_address(number, shape, at), port, at, load_port);
}

/* One for each shape in which the server is met, as "shape" and "shape-key",
 * and both certificates. */
static void
add_pools(unsigned number, const struct ports *ports)
{
	const struct inference_kind *kind = &inference_kinds[number];
	uint16_t port = ports->clear;

	add_pool(kind->preset, "");
	for (unsigned i = 0; i < INFERENCE_SHAPES; i++)
		if (promise_of(kind, i, false).health != NULL)
			add_endpoint(
			    inference_shape_names[i], number, i, port, port);
	if (kind->models != NULL) {
		add_pool(kind->preset, "-key");
		add_endpoint(inference_shape_names[SHAPE_KEY], number,
		    SHAPE_KEY, port, port);
	}
	add_pool(kind->preset, "-https");
	add_endpoint("right-certificate", number, SHAPE_READY, ports->good, 1);
	add_endpoint("wrong-certificate", number, SHAPE_READY, ports->wrong, 1);
}

static void
add_bare_pools(const struct ports *ports)
{
	static const char *const presets[] = {"tcp", "tls"};

	for (unsigned i = 0; i < 2; i++) {
		add_pool(presets[i], "");
		for (unsigned k = 0; k < INFERENCE_SHAPES; k++)
			if (promise_of_bare(k).health != NULL)
				add_endpoint(inference_shape_names[k], 0, k,
				    i == 0 ? ports->clear : ports->good, 1);
	}
	add_endpoint("wrong-certificate", 0, SHAPE_READY, ports->wrong, 1);
}

static void
write_files(struct node *node, const struct ports *ports)
{
	add("regions: {us: {at: [39.0, -77.5]}}\nchecks:\n");
	add_checks(ports);
	add("pools:\n");
	for (unsigned i = 0; i < inference_n_kinds; i++)
		add_pools(i, ports);
	add_bare_pools(ports);
	add("services: {one: {pool: %s}}\n", inference_kinds[0].preset);
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

	for (int64_t end = harness_ms() + LONG_MS; harness_ms() < end;) {
		is = cell(node, table, columns, pool, suffix, endpoint);
		if (strcmp(is, wanted) == 0)
			return;
		harness_pause();
	}
	ck_abort_msg("%s%s %s: %s, not %s: %s", pool, suffix, endpoint, is,
	    wanted, columns);
}

static unsigned rows;

static void
expect_promise(struct node *node, const char *preset, const char *suffix,
    const char *endpoint, struct promise promise)
{
	char as_promised[160];

	if (promise.health == NULL)
		return;
	snprintf(as_promised, sizeof(as_promised),
	    "CASE WHEN health = '%s' AND reason LIKE '%s' THEN 1 ELSE health "
	    "|| "
	    "' ' || reason END",
	    promise.health, promise.reason);
	expect(node, "endpoint", as_promised, preset, suffix, endpoint, "1\n");
	rows++;
}

/* All states of a server. */
static void
expect_states(struct node *node, const struct inference_kind *kind)
{
	for (unsigned i = 0; i < INFERENCE_SHAPES; i++)
		expect_promise(node, kind->preset, "", inference_shape_names[i],
		    promise_of(kind, i, false));
	if (kind->models != NULL)
		expect_promise(node, kind->preset, "-key",
		    inference_shape_names[SHAPE_KEY],
		    promise_of(kind, SHAPE_KEY, true));
	expect_promise(
	    node, kind->preset, "-https", "right-certificate", promise_up);
	expect_promise(node, kind->preset, "-https", "wrong-certificate",
	    promise_down("tls: the certificate is for other names"));
}

static void
expect_bare_states(struct node *node)
{
	for (unsigned i = 0; i < INFERENCE_SHAPES; i++) {
		expect_promise(node, "tcp", "", inference_shape_names[i],
		    promise_of_bare(i));
		expect_promise(node, "tls", "", inference_shape_names[i],
		    promise_of_bare(i));
	}
	expect_promise(node, "tls", "", "wrong-certificate",
	    promise_down("tls: the certificate is for other names"));
}

/*
 * Whatever the state is, the load is known where metrics say it: seven wait and
 * three run, and five could, which is twice full; of all others one at least
 * runs, and some have one that waits.
 */
static void
expect_load(struct node *node, const struct inference_kind *kind)
{
	const char *pool = kind->preset, *name;

	for (unsigned i = 0; i < INFERENCE_SHAPES; i++) {
		name = inference_shape_names[i];
		if (promise_of(kind, i, false).health == NULL)
			continue;
		if (i == SHAPE_SATURATED)
			expect(node, "load",
			    "printf('%g %g %g %s', waiting, running, "
			    "saturation, source)",
			    pool, "", name, "7 3 2 metrics\n");
		else if (i == SHAPE_RENAMED_METRICS)
			expect(node, "load",
			    "ifnull(waiting, 'unknown') || ' ' || "
			    "ifnull(saturation, 'unknown') || ' ' || reason",
			    pool, "", name,
			    "unknown unknown metrics: none of those that are "
			    "looked for\n");
		else if (i == SHAPE_KEY)
			expect(node, "load",
			    "ifnull(saturation, 'unknown') || ' ' || reason",
			    pool, "", name, "unknown metrics: status 401\n");
		else
			expect(node, "load",
			    "running = 1 AND saturation BETWEEN 0.4 AND 0.6 "
			    "AND source = 'metrics'",
			    pool, "", name, "1\n");
	}
}

/* Generations that are put off make it busy. */
static void
expect_busy(struct node *node, const char *pool)
{
	expect(node, "load", "busy > 0.99", pool, "", "busy", "1\n");
	expect(node, "load", "busy > 0.99", pool, "", "unavailable", "1\n");
	expect(node, "load", "busy < 0.01", pool, "", "ready", "1\n");
	expect(
	    node, "endpoint", "first_token_us > 0", pool, "", "ready", "1\n");
}

START_TEST(each_preset_in_each_shape)
{
	struct harness *h = harness_create();
	const struct ports ports = {
	    harness_port(h), harness_port(h), harness_port(h)};
	struct node node;
	pid_t server, front;

	node_init(&node, h);
	server = inference_start(ports.clear);
	ck_assert_int_gt(server, 0);
	front = tls_front_start(h, ports.good, ports.wrong, ports.clear);
	write_files(&node, &ports);
	node_check(&node);
	for (unsigned i = 0; i < inference_n_kinds; i++) {
		const struct inference_kind *kind = &inference_kinds[i];

		expect_states(&node, kind);
		if (kind->metrics != NULL)
			expect_load(&node, kind);
		if (kind->metrics != NULL && kind->generation != NULL)
			expect_busy(&node, kind->preset);
	}
	expect_bare_states(&node);
	printf("measured: %u presets, %u rows\n", inference_n_kinds + 2, rows);
	/* All at the same time, and still so. */
	for (unsigned i = 0; i < inference_n_kinds; i++)
		expect_states(&node, &inference_kinds[i]);
	expect_bare_states(&node);
	harness_stop(h, node.probe);
	harness_kill(h, front);
	kill(server, SIGKILL);
	harness_destroy(h);
}
END_TEST

int
main(void)
{
	const struct harness_case cases[] = {
	    {"shapes", each_preset_in_each_shape, 180},
	};

	return harness_main("presets", cases, sizeof(cases) / sizeof(cases[0]));
}
