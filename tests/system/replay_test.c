/*
 * meridianctl replay: what the query log of a running server recorded, taken
 * through other files, and the same from packets.
 */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "tests/system/node.h"

#define WAIT_MS 20000

static const char steering[] =
    "regions:\n  us-east: {at: [39.0, -77.5]}\n  eu-west: {at: [53.3, -6.3]}\n"
    "pools:\n  v1:\n    endpoints:\n"
    "      - {name: us, region: us-east, address: 192.0.2.1}\n"
    "%s"
    "services:\n  one: {pool: v1}\n";

/* Of 10 queries from Ireland and 5 from the United States the first move to a
 * region that is new. */
static void
check_replay(const char *messages)
{
	static const char eu[] =
	    "      - {name: eu, region: eu-west, address: 192.0.2.2}\n";
	struct harness *h = harness_create();
	const char *record = harness_path(h, "q.dnstap");
	const char *new = harness_path(h, "meridian.yaml"), *old, *out;
	char log[200];
	struct node node;

	node_init(&node, h);
	snprintf(log, sizeof(log),
	    "query_log: {to: \"file:q.dnstap\", sample: 1, messages: %s, "
	    "services: [one.inference.example]}\n",
	    messages);
	node_config(&node, log);
	node_records(&node, node_zone);
	node_steering(&node, steering, "");
	node_serve(&node);
	HARNESS_WAIT(
	    WAIT_MS, node_metric(&node, "meridian_query_log_connected") == 1);
	for (int i = 0; i < 15; i++)
		ck_assert_str_eq(node_ask(&node, "one.inference.example", "A",
				     i < 10 ? "87.32.0.0/24" : "12.0.0.0/24"),
		    "192.0.2.1");
	harness_stop(h, node.server);
	/* The files as they were, beside those that are to come. */
	old = harness_path(h, "old.yaml");
	harness_write(h, "old.yaml",
	    "listen: 127.0.0.1:5353\nstate: state.db\ngeo: [%s]\nzones:\n"
	    "  - {name: inference.example, records: inference.zone, "
	    "steering: old.steering}\n",
	    harness_built(h, "geo/iptoasn-country.mmdb"));
	harness_write(h, "old.steering", steering, "");
	node_steering(&node, steering, eu);
	ck_assert_int_eq(harness_run(h, &out, "meridianctl", "-c", old,
			     "replay", record, "--files", new, "--csv", NULL),
	    1);
	ck_assert_msg(strstr(out,
			  "one.inference.example,region,us-east,15,5\n"
			  "one.inference.example,region,eu-west,0,10\n"
			  "one.inference.example,pool,v1,15,15\n") != NULL,
	    "%s", out);
	ck_assert_ptr_nonnull(
	    strstr(out, "one.inference.example,country,IE,10,10\n"));
	ck_assert_ptr_nonnull(
	    strstr(out, "one.inference.example,country,US,5,0\n"));
	ck_assert_int_eq(harness_run(h, &out, "meridianctl", "-c", old,
			     "replay", record, "--files", new, NULL),
	    1);
	ck_assert_ptr_nonnull(strstr(out, "IE: 10 of 10 move"));
	ck_assert_int_eq(harness_run(h, &out, "meridianctl", "-c", old,
			     "replay", record, "--files", new, "--json", NULL),
	    1);
	ck_assert_ptr_nonnull(strstr(out, "\"us-east/v1 -> eu-west/v1\": 10"));
	/* The same files move nothing. */
	ck_assert_int_eq(harness_run(h, &out, "meridianctl", "-c", old,
			     "replay", record, "--files", old, NULL),
	    0);
	harness_destroy(h);
}

START_TEST(queries_that_were_logged)
{
	check_replay("queries");
}
END_TEST

START_TEST(queries_that_responses_show)
{
	check_replay("responses");
}
END_TEST

START_TEST(both_count_once)
{
	check_replay("both");
}
END_TEST

/* What the history counted of two countries. */
START_TEST(what_the_history_counted)
{
	struct harness *h = harness_create();
	const char *new = harness_path(h, "meridian.yaml"), *out = "";
	struct node node;

	node_init(&node, h);
	node_config(&node, "history: {file: h.db, sample: 1, every: 5s}\n");
	node_records(&node, node_zone);
	node_steering(&node, steering, "");
	node_serve(&node);
	for (int i = 0; i < 300; i++)
		node_ask(&node, "one.inference.example", "A",
		    i < 200 ? "87.32.0.0/24" : "12.0.0.0/24");
	HARNESS_WAIT(WAIT_MS,
	    (node_ctl(&node, &out, "replay", "--history", "24h", "--files", new,
		 "--csv"),
		strstr(out, ",country,IE,200,0\n") != NULL));
	ck_assert_ptr_nonnull(strstr(out, ",country,US,100,0\n"));
	ck_assert_ptr_nonnull(strstr(out, ",region,us-east,300,300\n"));
	harness_stop(h, node.server);
	harness_destroy(h);
}
END_TEST

/* A capture of ${n} queries of one client for one.inference.example. */
static void
write_capture(struct harness *h, unsigned n)
{
	static const unsigned char head[24] = {
	    0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, [16] = 0xff, 0xff, [20] = 101};
	static const unsigned char packet[] = {/* of pcap */ 0, 0, 0, 0, 0, 0,
	    0, 0, 67, 0, 0, 0, 67, 0, 0, 0,
	    /* IPv4 */ 0x45, 0, 0, 67, 0, 0, 0, 0, 64, 17, 0, 0, 87, 32, 0, 1,
	    192, 0, 2, 53,
	    /* UDP */ 0x30, 0x39, 0, 53, 0, 47, 0, 0,
	    /* DNS */ 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 3, 'o', 'n', 'e', 9,
	    'i', 'n', 'f', 'e', 'r', 'e', 'n', 'c', 'e', 7, 'e', 'x', 'a', 'm',
	    'p', 'l', 'e', 0, 0, 1, 0, 1};
	FILE *to = fopen(harness_path(h, "q.pcap"), "w");

	ck_assert_ptr_nonnull(to);
	ck_assert_uint_eq(fwrite(head, sizeof(head), 1, to), 1);
	for (unsigned i = 0; i < n; i++)
		ck_assert_uint_eq(fwrite(packet, sizeof(packet), 1, to), 1);
	ck_assert_int_eq(fclose(to), 0);
}

/* On a terminal a bar says how far it is, and is gone at the end; elsewhere
 * there is none. */
START_TEST(a_bar_is_shown_on_a_terminal)
{
	struct harness *h = harness_create();
	const char *new = harness_path(h, "meridian.yaml"), *out;
	char command[1024];
	struct node node;

	node_init(&node, h);
	node_config(&node, "");
	node_records(&node, node_zone);
	node_steering(&node, steering, "");
	write_capture(h, 200000);
	snprintf(command, sizeof(command), "%s -c %s replay %s --files %s",
	    harness_built(h, "meridianctl"), new, harness_path(h, "q.pcap"),
	    new);
	ck_assert_int_eq(harness_run(h, &out, "/usr/bin/script", "-qec",
			     command, "/dev/null", NULL),
	    0);
	ck_assert_ptr_nonnull(strstr(out, "\rq.pcap           ["));
	ck_assert_ptr_nonnull(strstr(out, " queries"));
	ck_assert_ptr_nonnull(strstr(out, "\r\033[K"));
	ck_assert_int_eq(node_ctl(&node, &out, "replay",
			     harness_path(h, "q.pcap"), "--files", new),
	    0);
	ck_assert_ptr_null(strchr(out, '\r'));
	harness_destroy(h);
}
END_TEST

START_TEST(what_cannot_be_replayed)
{
	struct harness *h = harness_create();
	struct node node;
	const char *out, *yaml = harness_path(h, "meridian.yaml");

	node_init(&node, h);
	node_config(&node, "");
	node_records(&node, node_zone);
	node_steering(&node, steering, "");
	ck_assert_int_eq(node_ctl(&node, &out, "replay", yaml), 64);
	ck_assert_int_eq(
	    node_ctl(&node, &out, "replay", yaml, "--files", yaml), 2);
	ck_assert_ptr_nonnull(strstr(out, "is no file of dnstap, pcap"));
	ck_assert_int_eq(
	    node_ctl(&node, &out, "replay", "nothing", "--files", yaml), 2);
	ck_assert_int_eq(
	    node_ctl(&node, &out, "replay", yaml, "--files", "nothing"), 2);
	harness_destroy(h);
}
END_TEST

int
main(void)
{
	const struct harness_case cases[] = {
	    {"queries", queries_that_were_logged, 0},
	    {"responses", queries_that_responses_show, 0},
	    {"both", both_count_once, 0},
	    {"history", what_the_history_counted, 0},
	    {"bar", a_bar_is_shown_on_a_terminal, 0},
	    {"cannot", what_cannot_be_replayed, 0},
	};

	return harness_main("replay", cases, sizeof(cases) / sizeof(cases[0]));
}
