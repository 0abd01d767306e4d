/*
 * meridianctl explain as a table: of all countries, and of a list of clients,
 * asked of the running server and decided from the files.
 */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "tests/system/node.h"
#include "tests/system/output.h"

static const char steering[] =
    "regions:\n"
    "  us-east: {at: [39.0, -77.5]}\n"
    "  eu-west: {at: [53.3, -6.3], bias: 10}\n"
    "pools:\n"
    "  v1:\n"
    "    endpoints:\n"
    "      - {name: us, region: us-east, address: 192.0.2.1}\n"
    "      - {name: eu, region: eu-west, address: 192.0.2.2}\n"
    "services:\n"
    "  chat: {pool: v1}\n"
    "  kept:\n"
    "    pool: v1\n"
    "    fence:\n"
    "      - {clients: {countries: [DE]}, regions: [us-east]}\n";

static void
start(struct node *node, struct harness *h)
{
	node_init(node, h);
	node_config(node, "");
	node_records(node, node_zone);
	node_steering(node, "%s", steering);
	node_serve(node);
}

START_TEST(where_each_country_goes)
{
	struct harness *h = harness_create();
	struct node node;
	const char *out, *de;
	char line[128];

	start(&node, h);
	ck_assert_int_eq(node_ctl(&node, &out, "explain",
			     "kept.inference.example", "--countries"),
	    0);
	output_contains(node_unwrap(out), "decided by  meridiand (process ");
	output_contains(out,
	    "question    kept.inference.example. A for IPv4 clients of each "
	    "country\n");
	output_contains(out,
	    "         addresses    share  region         pool         ends  "
	    "scope   reason\n");
	de = strstr(out, "\nDE ");
	ck_assert_ptr_nonnull(de);
	snprintf(
	    line, sizeof(line), "%.*s", (int)strcspn(de + 1, "\n"), de + 1);
	output_contains(line, "100 %  us-east        v1              1  /");
	output_contains(line, "  rule 1");
	output_fits(out);
	/* The files say the same without a server. */
	ck_assert_int_eq(
	    node_ctl(&node, &out, "explain", "kept.inference.example",
		"--countries", "--files"),
	    0);
	output_contains(out, "decided by  the files");
	output_contains(out, "rule 1\n");
	ck_assert_int_eq(node_ctl(&node, &out, "explain",
			     "www.inference.example", "--countries"),
	    1);
	output_contains(
	    out, "www.inference.example.: no service answers for type A");
	harness_stop(h, node.server);
	harness_destroy(h);
}
END_TEST

/* As JSON: each country's outcomes add up to its addresses, the largest first,
 * and the server says what the files say. */
START_TEST(the_object_of_countries_adds_up)
{
	struct harness *h = harness_create();
	struct node node;
	const char *out;
	const json_t *row, *o;
	json_t *root, *files;
	size_t i, k;

	start(&node, h);
	ck_assert_int_eq(node_ctl(&node, &out, "explain",
			     "kept.inference.example", "--countries", "--json"),
	    0);
	root = json_loads(out, 0, NULL);
	ck_assert_ptr_nonnull(root);
	ck_assert_uint_gt(json_array_size(json_object_get(root, "rows")), 200);
	json_array_foreach(json_object_get(root, "rows"), i, row)
	{
		json_int_t all = 0, last = INT64_MAX;

		json_array_foreach(json_object_get(row, "outcomes"), k, o)
		{
			json_int_t n =
			    json_integer_value(json_object_get(o, "addresses"));

			ck_assert_int_le(n, last);
			last = n;
			all += n;
		}
		ck_assert_int_eq(
		    all, json_integer_value(json_object_get(row, "addresses")));
	}
	ck_assert_int_eq(
	    node_ctl(&node, &out, "explain", "kept.inference.example",
		"--countries", "--json", "--files"),
	    0);
	files = json_loads(out, 0, NULL);
	ck_assert(json_equal(
	    json_object_get(root, "rows"), json_object_get(files, "rows")));
	json_decref(root);
	json_decref(files);
	harness_stop(h, node.server);
	harness_destroy(h);
}
END_TEST

/* Each line of a list is a client, a comment, or said to be neither. */
START_TEST(a_list_of_clients_is_a_table)
{
	static const char *const rows[] = {
	    ("\nclient                  region       pool        endpoints   "
	     "scope   ttl reason\n"),
	    "\n84.128.0.0/16      DE   us-east      v1          us            ",
	    "rule 1\n",
	    "\n90.0.0.0/24        FR   eu-west      v1          eu            ",
	    "no rule\n",
	    "clients.txt:4:1: error: \"nonsense\" is no address or prefix: ",
	    "\n2a01:cb00::/32     FR   eu-west      v1          eu            ",
	    "\n192.168.1.0/24     -    us-east      v1          us            ",
	    "sender\n",
	};
	struct harness *h = harness_create();
	struct node node;
	const char *out;

	start(&node, h);
	harness_write(h, "clients.txt",
	    "# ours\n84.128.0.0/16\n\nnonsense\n90.0.0.0/24 ; France\r\n"
	    "\t2a01:cb00::/32\n192.168.1.0/24");
	ck_assert_int_eq(
	    node_ctl(&node, &out, "explain", "kept.inference.example", "-f",
		harness_path(h, "clients.txt")),
	    1);
	output_contains(node_unwrap(out), "decided by  meridiand (process ");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		output_contains(out, rows[i]);
	/* Not more lines than the list has clients, the head apart. */
	harness_write(h, "clients.txt", "84.128.0.0/16\n90.0.0.0/24\n");
	ck_assert_int_eq(
	    node_ctl(&node, &out, "explain", "kept.inference.example", "--list",
		harness_path(h, "clients.txt"), "--files"),
	    0);
	output_contains(out, "decided by  the files");
	ck_assert_ptr_null(strstr(out, "error"));
	output_fits(out);
	harness_stop(h, node.server);
	harness_destroy(h);
}
END_TEST

START_TEST(a_list_comes_as_json_too)
{
	struct harness *h = harness_create();
	struct node node;
	const char *out;
	json_t *root, *row;

	start(&node, h);
	harness_write(h, "clients.txt", "84.128.0.0/16\n\n90.0.0.0/24\n");
	ck_assert_int_eq(
	    node_ctl(&node, &out, "explain", "kept.inference.example", "-f",
		harness_path(h, "clients.txt"), "--json"),
	    0);
	root = json_loads(out, 0, NULL);
	ck_assert_msg(root != NULL, "%s", out);
	ck_assert_uint_eq(json_array_size(json_object_get(root, "rows")), 2);
	ck_assert_str_eq(
	    json_string_value(json_object_get(root, "source")), "server");
	row = json_array_get(json_object_get(root, "rows"), 1);
	ck_assert_int_eq(json_integer_value(json_object_get(row, "line")), 3);
	ck_assert_str_eq(
	    json_string_value(json_object_get(row, "region")), "eu-west");
	ck_assert_int_eq(json_integer_value(json_object_get(row, "ttl")), 60);
	json_decref(root);
	harness_stop(h, node.server);
	harness_destroy(h);
}
END_TEST

/* What cannot be a list, and what excludes what. */
START_TEST(a_list_that_is_none_is_said)
{
	struct harness *h = harness_create();
	struct node node;
	const char *out;

	start(&node, h);
	harness_write(h, "empty.txt", "# nothing\n");
	ck_assert_int_eq(
	    node_ctl(&node, &out, "explain", "kept.inference.example", "-f",
		harness_path(h, "empty.txt")),
	    1);
	output_contains(out, "empty.txt: error: no client is in it");
	ck_assert_int_eq(
	    node_ctl(&node, &out, "explain", "kept.inference.example", "-f",
		harness_path(h, "missing.txt")),
	    1);
	output_contains(out, "missing.txt: error: cannot open: No such file");
	harness_write(h, "one.txt", "84.128.0.0/16\n90.0.0.0/24\n");
	ck_assert_int_eq(
	    node_ctl(&node, &out, "explain", "www.inference.exmple", "-f",
		harness_path(h, "one.txt")),
	    1);
	ck_assert_ptr_eq(strstr(strstr(out, "REFUSED") + 1, "REFUSED"), NULL);
	ck_assert_int_eq(
	    node_ctl(&node, &out, "explain", "kept.inference.example", "-f",
		"-", "--client", "192.0.2.1"),
	    64);
	output_contains(
	    out, "--client, --list and --countries exclude each other");
	ck_assert_int_eq(
	    node_ctl(&node, &out, "explain", "kept.inference.example",
		"--countries", "--resolver", "192.0.2.1"),
	    64);
	output_contains(out, "--countries takes no --resolver");
	harness_stop(h, node.server);
	harness_destroy(h);
}
END_TEST

/* 3,000 clients are asked for over one connection, and the page of countries is
 * made in turns: a probe of the node's health in between waits for none. */
START_TEST(a_long_table_keeps_nobody_waiting)
{
	struct harness *h = harness_create();
	struct node node;
	char list[3000 * 16], url[256];
	const char *out;
	size_t used = 0;
	pid_t table;

	start(&node, h);
	for (unsigned i = 0; i < 3000; i++)
		used += (size_t)snprintf(list + used, sizeof(list) - used,
		    "%u.%u.7.0/24\n", 20 + i % 150, i % 251);
	harness_write(h, "many.txt", "%s", list);
	table = harness_start(h, "table.log", "meridianctl", "-c",
	    harness_path(h, "meridian.yaml"), "explain",
	    "kept.inference.example", "--countries", NULL);
	snprintf(url, sizeof(url), "http://127.0.0.1:%u/healthz", node.http);
	do
		ck_assert_int_eq(harness_http(h, "GET", url, NULL), 200);
	while (harness_running(h, table));
	ck_assert_int_eq(harness_wait(h, table, 1000), 0);
	ck_assert_int_eq(
	    node_ctl(&node, &out, "explain", "kept.inference.example", "-f",
		harness_path(h, "many.txt")),
	    0);
	used = 0;
	for (const char *at = strstr(out, "reason\n");
	     at != NULL && *at != '\0'; at++)
		used += *at == '\n';
	ck_assert_uint_eq(used, 3001);
	snprintf(url, sizeof(url),
	    "http://127.0.0.1:%u/api/v1/explain/countries?name="
	    "kept.inference.example",
	    node.http);
	ck_assert_int_eq(harness_http(h, "GET", url, &out), 200);
	/* Something comes after each turn, before there is a row. */
	ck_assert_msg(strspn(out, "\n") > 1, "%.40s", out);
	harness_stop(h, node.server);
	harness_destroy(h);
}
END_TEST

int
main(void)
{
	const struct harness_case cases[] = {
	    {"countries", where_each_country_goes, 60},
	    {"object", the_object_of_countries_adds_up, 60},
	    {"list", a_list_of_clients_is_a_table, 0},
	    {"list as JSON", a_list_comes_as_json_too, 0},
	    {"no list", a_list_that_is_none_is_said, 0},
	    {"long", a_long_table_keeps_nobody_waiting, 120},
	};

	return harness_main(
	    "explain_table", cases, sizeof(cases) / sizeof(cases[0]));
}
