/*
 * meridianctl diff: what the files on disk would move of what the running
 * server serves, and two files with each other; its exit status, its JSON, and
 * what it says of mistakes.
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/system/node.h"
#include "tests/system/output.h"

/* A steering file; what changes is the bias of eu-west, a network of a fence,
 * the rest of the pool, and the rest of the services. */
static const char steering[] =
    "networks:\n"
    "  lab: {file: lab.txt}\n"
    "regions:\n"
    "  us-east: {at: [39.0, -77.5]}\n"
    "  eu-west: {at: [53.3, -6.3], bias: %d}\n"
    "pools:\n"
    "  v1:\n"
    "    endpoints:\n"
    "      - {name: us, region: us-east, address: 192.0.2.1}\n"
    "      - {name: eu, region: eu-west, address: 192.0.2.2}\n"
    "%s"
    "services:\n"
    "  chat: {pool: v1}\n"
    "  kept:\n"
    "    pool: v1\n"
    "    fence:\n"
    "      - {clients: {networks: [lab]}, regions: [eu-west]}\n"
    "    rank: {listed: [us-east, eu-west]}\n"
    "%s";

static void
start(struct node *node, struct harness *h)
{
	node_init(node, h);
	/* Networks that change are not taken up by themselves here. */
	node_config(node, "geo_follow: off\n");
	node_records(node, node_zone);
	harness_write(h, "lab.txt", "198.51.100.0/24\n");
	node_steering(node, steering, 0, "", "");
	node_serve(node);
}

static json_t *
read_object(const char *out)
{
	json_t *root = json_loads(out, 0, NULL);

	ck_assert_msg(json_is_object(root), "%s", out);
	return root;
}

static json_int_t
number(const json_t *object, const char *key, const char *family)
{
	return json_integer_value(
	    json_object_get(json_object_get(object, key), family));
}

/* The service ${name} of what differs; NULL when it does not. */
static json_t *
find_service(const json_t *root, const char *name)
{
	json_t *service;
	size_t i;

	json_array_foreach(json_object_get(root, "services"), i, service)
	{
		if (strcmp(
			json_string_value(json_object_get(service, "service")),
			name) == 0)
			return service;
	}
	return NULL;
}

/* What a service counts, all of it adding up. */
static json_t *
counts_of(const json_t *root, const char *name)
{
	json_t *counts = json_object_get(find_service(root, name), "counts");
	json_int_t before = 0, after = 0, left = 0, came = 0, moved = 0;
	const json_t *row;
	size_t i;

	ck_assert_msg(json_is_object(counts), "%s is not there", name);
	json_array_foreach(json_object_get(counts, "regions"), i, row)
	{
		const json_t *n = json_object_get(row, "ipv4");

		before += json_integer_value(json_object_get(n, "before"));
		after += json_integer_value(json_object_get(n, "after"));
		left += json_integer_value(json_object_get(n, "leave"));
		came += json_integer_value(json_object_get(n, "arrive"));
	}
	json_array_foreach(json_object_get(counts, "region_moves"), i, row)
	{
		json_int_t sum = 0;
		const char *country;
		json_t *n;

		json_object_foreach(json_object_get(row, "countries"), country,
		    n) sum += json_integer_value(json_object_get(n, "ipv4"));
		ck_assert_int_eq(
		    sum, json_integer_value(json_object_get(row, "ipv4")));
		moved += sum;
	}
	ck_assert_int_eq(before, number(counts, "counted", "ipv4"));
	ck_assert_int_eq(after, before);
	ck_assert_int_eq(left, moved);
	ck_assert_int_eq(came, moved);
	ck_assert_int_eq(moved, number(counts, "other_region", "ipv4"));
	return counts;
}

/* The server is compared by what it serves, whatever the files say by now; a
 * reload makes them one. */
START_TEST(the_server_is_compared_with_its_files)
{
	struct harness *h = harness_create();
	struct node node;
	const char *out;
	json_t *root;

	start(&node, h);
	ck_assert_int_eq(node_ctl(&node, &out, "diff"), 0);
	output_contains(out, "meridiand (process ");
	output_contains(out, "no difference: 2 services");
	node_steering(&node, steering, 30, "", "");
	ck_assert_int_eq(node_ctl(&node, &out, "diff"), 1);
	output_contains(
	    out, "1 of 2 services differs\n\nchat.inference.example\n");
	output_contains(out, "us-east -> eu-west: ");
	output_contains(out, " addresses: ");
	output_fits(strchr(out, '\n') + 1);
	ck_assert_int_eq(node_ctl(&node, &out, "diff", "--json"), 1);
	root = read_object(out);
	ck_assert(json_is_true(json_object_get(root, "differs")));
	ck_assert_int_gt(number(counts_of(root, "chat.inference.example"),
			     "other_region", "ipv4"),
	    0);
	ck_assert_ptr_null(find_service(root, "kept.inference.example"));
	json_decref(root);
	ck_assert_int_eq(node_ctl(&node, NULL, "reload"), 0);
	ck_assert_int_eq(node_ctl(&node, NULL, "diff"), 0);
	harness_stop(h, node.server);
	harness_destroy(h);
}
END_TEST

/* Whom another set of client subnets moves depends on resolvers that nobody
 * knows: it is a difference, and said. */
START_TEST(other_client_subnets_are_a_difference)
{
	struct harness *h = harness_create();
	struct node node;
	const char *out;
	json_t *root;

	start(&node, h);
	node_steering(&node, steering, 0, "", "    ecs: [192.0.2.0/24]\n");
	ck_assert_int_eq(node_ctl(&node, &out, "diff"), 1);
	output_contains(out, "kept.inference.example: ecs differs: ");
	ck_assert_ptr_null(strstr(out, "no difference"));
	output_fits(strchr(out, '\n') + 1);
	ck_assert_int_eq(node_ctl(&node, &out, "diff", "--json"), 1);
	root = read_object(out);
	ck_assert_str_eq(
	    json_string_value(json_array_get(json_object_get(root, "ecs"), 0)),
	    "kept.inference.example");
	json_decref(root);
	ck_assert_int_eq(node_ctl(&node, NULL, "reload"), 0);
	ck_assert_int_eq(node_ctl(&node, NULL, "diff"), 0);
	node_steering(&node, steering, 0, "", "    ecs: [192.0.3.0/24]\n");
	ck_assert_int_eq(node_ctl(&node, NULL, "diff"), 1);
	harness_stop(h, node.server);
	harness_destroy(h);
}
END_TEST

/* The networks that are served are those the server read. */
START_TEST(a_file_of_networks_is_compared_as_it_was_read)
{
	struct harness *h = harness_create();
	struct node node;
	const char *out;
	json_t *root, *counts;

	start(&node, h);
	harness_write(h, "lab.txt", "198.51.100.0/25\n203.0.113.0/26\n");
	ck_assert_int_eq(node_ctl(&node, &out, "diff", "--json"), 1);
	root = read_object(out);
	ck_assert_ptr_null(find_service(root, "chat.inference.example"));
	counts = counts_of(root, "kept.inference.example");
	/* Half a /24 leaves, 64 addresses come. */
	ck_assert_int_eq(number(counts, "other_region", "ipv4"), 128 + 64);
	json_decref(root);
	harness_stop(h, node.server);
	harness_destroy(h);
}
END_TEST

/* Round trips are no files: what is served and what would be is ranked by the
 * same ones, also where only one of the two asks for them. */
START_TEST(an_order_by_round_trip_is_compared_by_the_same_table)
{
	static const char by_trip[] = "  quick: {pool: v1, rank: latency}\n";
	static const char by_distance[] = "  quick: {pool: v1}\n";
	struct harness *h = harness_create();
	struct node node;
	const char *out;
	json_t *root;

	node_init(&node, h);
	node_config(&node, "geo_follow: off\n");
	node_records(&node, node_zone);
	harness_write(h, "lab.txt", "198.51.100.0/24\n");
	node_steering(&node, steering, 0, "", by_trip);
	harness_write(h, "trips.csv", "DE,us-east,10,5\nDE,eu-west,50,5\n");
	ck_assert_int_eq(node_ctl(&node, &out, "latency", "import",
			     harness_path(h, "trips.csv")),
	    0);
	node_serve(&node);
	ck_assert_str_eq(
	    node_ask(&node, "quick.inference.example", "A", "84.128.0.0/24"),
	    "192.0.2.1");
	ck_assert_int_eq(node_ctl(&node, &out, "diff"), 0);
	output_contains(out, "no difference: 3 services");
	node_steering(&node, steering, 0, "", by_distance);
	ck_assert_int_eq(node_ctl(&node, &out, "diff"), 1);
	output_contains(out, "1 of 3 services differs\n\nquick.inference");
	output_contains(out, "us-east -> eu-west: ");
	ck_assert_ptr_null(strstr(out, "eu-west -> us-east: "));
	ck_assert_int_eq(node_ctl(&node, NULL, "reload"), 0);
	node_steering(&node, steering, 0, "", by_trip);
	ck_assert_int_eq(node_ctl(&node, &out, "diff", "--json"), 1);
	root = read_object(out);
	ck_assert_ptr_nonnull(find_service(root, "quick.inference.example"));
	ck_assert_ptr_null(find_service(root, "chat.inference.example"));
	json_decref(root);
	harness_stop(h, node.server);
	harness_destroy(h);
}
END_TEST

/* Standby endpoints that nobody needs move nobody; their trickle does, and so
 * do near equal regions and a service in place of a pool. */
START_TEST(each_way_to_an_endpoint_is_compared)
{
	static const char warm[] =
	    "      - {name: spare, region: us-east, address: 192.0.2.3, "
	    "standby: true}\n";
	static const char trickle[] =
	    "      - {name: spare, region: us-east, address: 192.0.2.3, "
	    "standby: true}\n"
	    "    trickle: 10%\n";
	static const char dear[] =
	    "  w:\n"
	    "    endpoints:\n"
	    "      - {name: us, region: us-east, address: 192.0.2.4, cost: 3}\n"
	    "      - {name: eu, region: eu-west, address: 192.0.2.5, cost: "
	    "1}\n";
	static const char inside[] = "  inside: {service: kept}\n";
	static const struct {
		const char *what, *pools, *before, *after;
		bool moves;
	} rows[] = {
	    {"standby", warm, "", "", false},
	    {"trickle", trickle, "", "", true},
	    {"near equal", dear, "  far: {pool: w}\n",
		"  far: {pool: w, near_equal: 9000km}\n", true},
	    {"a service inside", inside, "  deep: {pool: v1}\n",
		"  deep: {pool: inside}\n", true},
	};
	struct harness *h = harness_create();
	struct node node;
	const char *out;

	start(&node, h);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		json_t *root;
		json_int_t moved = 0;

		node_steering(&node, steering, 0,
		    rows[i].pools == dear ? dear : "", rows[i].before);
		ck_assert_int_eq(node_ctl(&node, NULL, "reload"), 0);
		node_steering(&node, steering, 0, rows[i].pools, rows[i].after);
		ck_assert_msg(
		    node_ctl(&node, &out, "diff", "--json") == rows[i].moves,
		    "%s: %.600s", rows[i].what, out);
		root = read_object(out);
		for (size_t k = 0;
		     k < json_array_size(json_object_get(root, "services"));
		     k++)
			moved += number(
			    counts_of(root,
				json_string_value(json_object_get(
				    json_array_get(
					json_object_get(root, "services"), k),
				    "service"))),
			    "other_region", "ipv4");
		ck_assert_msg((moved > 0) == rows[i].moves, "%s: %.600s",
		    rows[i].what, out);
		json_decref(root);
	}
	harness_stop(h, node.server);
	harness_destroy(h);
}
END_TEST

START_TEST(what_is_added_and_removed_is_named)
{
	struct harness *h = harness_create();
	const char *old, *out, *same;
	struct node node;
	json_t *root;

	node_init(&node, h);
	node_config(&node, "");
	node_records(&node, node_zone);
	harness_write(h, "lab.txt", "198.51.100.0/24\n");
	node_steering(&node, steering, 0, "", "");
	old = harness_path(h, "meridian.yaml");
	same = old;
	ck_assert_int_eq(
	    harness_run(h, &out, "meridianctl", "diff", old, same, NULL), 0);
	/* The new node's files are beside the old one's. */
	harness_write(h, "new.yaml", steering, 0,
	    "  v2:\n"
	    "    endpoints:\n"
	    "      - {name: new, region: us-east, address: 192.0.2.3}\n",
	    "  more: {split: {v1: 75, v2: 25}}\n");
	harness_write(h, "new-meridian.yaml",
	    "listen: [\"127.0.0.1:%u\"]\n"
	    "state: state.db\n"
	    "vantage: test\n"
	    "zones:\n"
	    "  - {name: inference.example, records: inference.zone, "
	    "steering: new.yaml}\n"
	    "geo: [\"%s\"]\n",
	    node.port, harness_built(h, "geo/iptoasn-country.mmdb"));
	ck_assert_int_eq(harness_run(h, &out, "meridianctl", "diff", old,
			     harness_path(h, "new-meridian.yaml"), NULL),
	    1);
	output_contains(out, "added    pool v2 of inference.example\n");
	output_contains(out, "\nmore.inference.example: is added\n");
	output_contains(out, " 75.00 %\n  v2  ");
	output_contains(out, " 25.00 %\n");
	output_fits(out);
	ck_assert_int_eq(harness_run(h, &out, "meridianctl", "diff",
			     harness_path(h, "new-meridian.yaml"), old,
			     "--service", "more", "--json", NULL),
	    1);
	root = read_object(out);
	ck_assert_str_eq(
	    json_string_value(json_object_get(
		find_service(root, "more.inference.example"), "change")),
	    "removed");
	ck_assert_int_eq(
	    json_integer_value(json_object_get(root, "compared")), 1);
	json_decref(root);
	harness_destroy(h);
}
END_TEST

START_TEST(what_cannot_be_said_has_a_status_of_its_own)
{
	struct harness *h = harness_create();
	struct node node;
	const char *out;

	start(&node, h);
	ck_assert_int_eq(node_ctl(&node, &out, "diff", "one.yaml"), 64);
	output_contains(out, "two files are compared");
	ck_assert_int_eq(node_ctl(&node, &out, "diff", "--servise", "x"), 64);
	output_contains(out, "--service");
	ck_assert_int_eq(node_ctl(&node, &out, "diff", "--service", "x"), 64);
	output_contains(out, "there is no service \"x\"");
	node_steering(&node, "%s", "regoins: {}\n");
	ck_assert_int_eq(node_ctl(&node, &out, "diff"), 2);
	output_contains(out, "inference.yaml:1:1: error: ");
	node_steering(&node, steering, 0, "", "");
	harness_stop(h, node.server);
	ck_assert_int_eq(node_ctl(&node, &out, "diff"), 2);
	output_contains(out, "meridiand does not answer at ");
	/* What answers there has no such page, as a server of another version.
	 */
	node_standins(&node);
	node.http = node.standin_port[0];
	node_config(&node, "geo_follow: off\n");
	ck_assert_int_eq(node_ctl(&node, &out, "diff"), 2);
	output_contains(out, "it is older than this meridianctl");
	harness_destroy(h);
}
END_TEST

int
main(void)
{
	const struct harness_case cases[] = {
	    {"server", the_server_is_compared_with_its_files, 120},
	    {"other client subnets are a difference",
		other_client_subnets_are_a_difference, 0},
	    {"networks", a_file_of_networks_is_compared_as_it_was_read, 120},
	    {"round trips",
		an_order_by_round_trip_is_compared_by_the_same_table, 120},
	    {"ways", each_way_to_an_endpoint_is_compared, 120},
	    {"added", what_is_added_and_removed_is_named, 120},
	    {"mistakes", what_cannot_be_said_has_a_status_of_its_own, 120},
	};

	return harness_main("diff", cases, sizeof(cases) / sizeof(cases[0]));
}
