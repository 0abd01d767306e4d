/*
 * The load of one endpoint as `meridianctl probe --load` reads it: which metric
 * was found under which name, which is missing, and how full that makes it.  No
 * daemon runs.
 */
#include <stdio.h>
#include <string.h>

#include "tests/system/inference_server.h"
#include "tests/system/node.h"
#include "tests/system/output.h"

/* The number of the server that ${preset} is for. */
static unsigned
kind_of(const char *preset)
{
	for (unsigned i = 0; i < inference_n_kinds; i++)
		if (strcmp(inference_kinds[i].preset, preset) == 0)
			return i;
	ck_abort_msg("nobody plays %s", preset);
}

/* A node with one endpoint, the server of ${preset} in ${shape}, whose check
 * says ${more}. */
static void
prepare(struct node *node, const char *preset, unsigned shape, const char *more)
{
	uint16_t port = harness_port(node->h);
	char at[16];

	(void)inference_start(port);
	node_config(node, "");
	node_records(node, node_zone);
	inference_address(kind_of(preset), shape, at);
	node_steering(node,
	    "regions: {eu: {at: [53.3, -6.3]}}\n"
	    "checks: {c: {preset: %s, port: %u, every: 1s, timeout: 500ms%s}}\n"
	    "pools:\n"
	    "  v1: {check: c, endpoints: [{name: a, region: eu, "
	    "address: 192.0.2.1, check_at: \"%s\", load_at: \"%s:%u\"}]}\n"
	    "services: {one: {pool: v1}}\n",
	    preset, port, more, at, at, port);
}

/* The status and output of one reading, a harness of its own each. */
static int
read_load(struct harness *h, const char *preset, unsigned shape,
    const char *more, const char **out)
{
	struct node node;

	node_init(&node, h);
	prepare(&node, preset, shape, more);
	return node_ctl(&node, out, "probe", "a", "--load");
}

START_TEST(what_is_found_is_shown_with_its_name)
{
	struct harness *h = harness_create();
	const char *out;

	ck_assert_int_eq(read_load(h, "vllm", SHAPE_SATURATED,
			     ", load: {max_running: 5, timeout: 900ms}", &out),
	    0);
	output_contains(out, "/metrics (prometheus), ");
	output_contains(out,
	    "  waiting         requests            7, in "
	    "vllm:num_requests_waiting, 2 series\n");
	output_contains(out,
	    "  running         requests            3, in "
	    "vllm:num_requests_running\n");
	output_contains(out, " missing: vllm:kv_cache_usage_perc,\n");
	output_contains(
	    out, "\nsaturation 200 %: (running 3 + waiting 7) / max_running 5");
	output_fits(out);
	harness_destroy(h);
}
END_TEST

START_TEST(what_does_not_tell_how_full_it_is_says_what_to_write)
{
	struct harness *h = harness_create();
	const char *out;

	ck_assert_int_eq(
	    read_load(h, "vllm", SHAPE_SATURATED, ", load: true", &out), 1);
	output_contains(out,
	    "saturation not known: of how many requests is not known: write "
	    "max_running in");
	ck_assert_int_eq(
	    read_load(h, "vllm", SHAPE_RENAMED_METRICS, ", load: true", &out),
	    1);
	output_contains(out, " missing: vllm:num_requests_waiting\n");
	output_contains(out, "metrics: none of those that are looked for\n");
	output_contains(out, "saturation not known: neither waiting nor ");
	harness_destroy(h);
}
END_TEST

START_TEST(a_server_that_says_nothing_has_no_load)
{
	struct harness *h = harness_create();
	const char *out;

	ck_assert_int_eq(read_load(h, "vllm", SHAPE_SATURATED,
			     ", load: {path: /none}", &out),
	    2);
	output_contains(out, "metrics: status 404\n");
	ck_assert_ptr_null(strstr(out, "saturation"));
	ck_assert_int_eq(
	    read_load(h, "sglang", SHAPE_KEY, ", load: true", &out), 2);
	output_contains(out, "metrics: status 401\n");
	harness_destroy(h);
}
END_TEST

START_TEST(a_check_that_reads_none_is_said)
{
	struct harness *h = harness_create();
	const char *out;

	ck_assert_int_eq(read_load(h, "vllm", SHAPE_SATURATED, "", &out), 3);
	output_contains(
	    out, "the check c reads no load: write \"load: true\" there\n");
	harness_destroy(h);
}
END_TEST

START_TEST(a_program_has_all_of_it)
{
	struct harness *h = harness_create();
	struct node node;
	const char *out;

	node_init(&node, h);
	prepare(&node, "triton", SHAPE_SATURATED, ", load: {queue_limit: 14}");
	ck_assert_int_eq(
	    node_ctl(&node, &out, "probe", "a", "--load", "--json"), 0);
	output_contains(out, "\"found\": \"nv_trt_llm_request_metrics\"");
	output_contains(out, "\"saturation\": 0.5");
	output_contains(
	    out, "\"saturation_of\": \"waiting 7 / queue_limit 14\"");
	ck_assert_int_eq(
	    node_ctl(&node, &out, "probe", "a", "--load", "--deep"), 64);
	harness_destroy(h);
}
END_TEST

int
main(void)
{
	const struct harness_case cases[] = {
	    {"found", what_is_found_is_shown_with_its_name, 0},
	    {"lacking", what_does_not_tell_how_full_it_is_says_what_to_write,
		0},
	    {"silent", a_server_that_says_nothing_has_no_load, 0},
	    {"none", a_check_that_reads_none_is_said, 0},
	    {"json", a_program_has_all_of_it, 0},
	};

	return harness_main(
	    "load by hand", cases, sizeof(cases) / sizeof(cases[0]));
}
