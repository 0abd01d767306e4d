/*
 * Presets as an operator meets them: which there are, where each comes from,
 * what one asks, and what is said of a file that is in place of one that ships.
 */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/system/node.h"
#include "tests/system/output.h"

/* A node with a folder of presets, in which ${files} may be written. */
static void
prepare(struct node *node, struct harness *h)
{
	node_init(node, h);
	node_config(node, "");
	node_records(node, node_zone);
	ck_assert_int_eq(mkdir(harness_path(h, "own"), 0755), 0);
	node_steering(node,
	    "presets: own\n"
	    "regions: {eu: {at: [53.3, -6.3]}}\n"
	    "checks: {c: {preset: vllm}}\n"
	    "pools:\n"
	    "  v1: {check: c, endpoints: [{name: a, region: eu, "
	    "address: 192.0.2.1}]}\n"
	    "services: {one: {pool: v1}}\n");
}

START_TEST(all_are_listed_with_where_they_come_from)
{
	struct harness *h = harness_create();
	const char *out;
	struct node node;

	prepare(&node, h);
	harness_write(h, "own/mine.yaml",
	    "preset: mine\nabout: that of the search team\n"
	    "steps: [{path: /}]\n");
	ck_assert_int_eq(node_ctl(&node, &out, "preset"), 0);
	output_contains(out, "presets that ship:\n  epp ");
	output_contains(out, "\nyour own, in ");
	output_contains(out, "/own:\n  mine         that of the search team\n");
	output_fits(out);
	ck_assert_int_eq(node_ctl(&node, &out, "preset", "--json"), 0);
	output_contains(out, "\"about\": \"that of the search team\"");
	output_contains(out, "/own/mine.yaml\"");
	harness_destroy(h);
}
END_TEST

START_TEST(one_is_shown_with_all_that_it_asks)
{
	struct harness *h = harness_create();
	const char *out;
	struct node node;

	prepare(&node, h);
	harness_write(h, "own/mine.yaml",
	    "preset: mine\nabout: mine\nport: 7997\npath: /up\nmodel: "
	    "required\n"
	    "expect: [200, 204-206]\n"
	    "steps:\n"
	    "  - path: \"{path}\"\n"
	    "    body: {has: fine, lacks: bad, json: [{path: a, is_not: "
	    "b}]}\n"
	    "  - {method: POST, path: \"/m/{model}\", request_body: "
	    "\"\\e[1m\", "
	    "expect: 201, busy: 429}\n"
	    "load:\n"
	    "  {path: /l, format: json, every: 7s, metrics: {waiting: [q, "
	    "w]}}\n");
	ck_assert_int_eq(node_ctl(&node, &out, "preset", "mine"), 0);
	output_contains(out, "mine: mine\nfrom: ");
	output_contains(out, "/own/mine.yaml\nport: 7997\nmodel: required\n");
	output_contains(out,
	    "requests: every 5s, timeout 2s; down after 3 failures, up after 2 "
	    "passes\n");
	output_contains(out, "  1. GET /up\n");
	output_contains(out, " 200, 204-206, and its body holds \"fine\", ");
	output_contains(out, " \"bad\", and in its JSON a is not b\n");
	output_contains(out, "  2. POST /m/{model}\n");
	/* Nothing of a file is an order to a terminal. */
	output_contains(out, "     body      ?[1m\n");
	output_contains(out, "     is busy   429\n");
	output_contains(out, "load: GET /l (json), every 7s, timeout 2s,");
	output_contains(out,
	    "  waiting         requests            sum\n      q, else w\n");
	output_fits(out);
	ck_assert_int_eq(node_ctl(&node, &out, "preset", "vllm"), 0);
	output_contains(out, "from: this program\n");
	output_contains(out, "  2. GET /v1/models, where the check names a ");
	output_contains(out, "     is busy   429, 503 with Retry-After\n");
	output_fits(out);
	ck_assert_int_eq(node_ctl(&node, &out, "preset", "vll"), 1);
	output_contains(out, "there is no preset vll, did you mean vllm?\n");
	harness_destroy(h);
}
END_TEST

START_TEST(what_is_in_place_of_one_that_ships_is_said)
{
	struct harness *h = harness_create();
	const char *out;
	struct node node;

	prepare(&node, h);
	ck_assert_int_eq(node_ctl(&node, &out, "check", "--files"), 0);
	ck_assert_ptr_null(strstr(out, "in place of"));
	harness_write(h, "own/vllm.yaml",
	    "preset: vllm\nabout: mine\nsteps: [{path: /mine}]\n");
	ck_assert_int_eq(node_ctl(&node, &out, "check", "--files"), 0);
	output_contains(out, "\npreset vllm: ");
	output_contains(
	    out, "/own/vllm.yaml is in place of the one that ships, for ");
	ck_assert_int_eq(node_ctl(&node, &out, "preset", "vllm"), 0);
	output_contains(
	    out, "/own/vllm.yaml, in place of the one that ships\n");
	output_contains(out, "  1. GET /mine\n");
	ck_assert_int_eq(node_ctl(&node, &out, "preset"), 0);
	output_says(out, "mine (in place of the one that ships)");
	harness_destroy(h);
}
END_TEST

/* One with an error is looked for because it has one. */
START_TEST(one_with_an_error_hides_no_other)
{
	struct harness *h = harness_create();
	const char *out;
	struct node node;

	prepare(&node, h);
	harness_write(h, "own/vllm.yaml", "preset: vllm\nsteps: [{path: /}]\n");
	harness_write(h, "own/mine.yaml",
	    "preset: mine\nabout: mine\nsteps: [{path: /}]\n");
	ck_assert_int_eq(node_ctl(&node, &out, "preset"), 1);
	output_contains(out, "  mine         mine\n");
	output_contains(
	    out, "/own/vllm.yaml:1:1: error: the key \"about\" is missing\n");
	ck_assert_int_eq(node_ctl(&node, &out, "preset", "mine"), 0);
	ck_assert_int_eq(node_ctl(&node, &out, "preset", "vllm"), 1);
	output_contains(out, "the key \"about\" is missing\n");
	harness_destroy(h);
}
END_TEST

START_TEST(a_machine_without_a_node_has_those_that_ship)
{
	struct harness *h = harness_create();
	const char *out;

	ck_assert_int_eq(harness_run(h, &out, "meridianctl", "-c",
			     harness_path(h, "none.yaml"), "preset", NULL),
	    0);
	output_contains(out, "/none.yaml: only presets that ship\n");
	output_contains(out, "  vllm ");
	harness_destroy(h);
}
END_TEST

int
main(void)
{
	const struct harness_case cases[] = {
	    {"list", all_are_listed_with_where_they_come_from, 0},
	    {"one", one_is_shown_with_all_that_it_asks, 0},
	    {"replaced", what_is_in_place_of_one_that_ships_is_said, 0},
	    {"errors", one_with_an_error_hides_no_other, 0},
	    {"no node", a_machine_without_a_node_has_those_that_ship, 0},
	};

	return harness_main(
	    "preset list", cases, sizeof(cases) / sizeof(cases[0]));
}
