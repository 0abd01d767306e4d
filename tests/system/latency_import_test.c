/*
 * The import of round trips as an operator runs it: mistakes of a file change
 * nothing, one that is killed loses nothing, probes go on meanwhile, and what
 * is exported is what was imported.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/full.h"
#include "tests/system/node.h"

/* Clients that are near to eu-west, and that no file measures at first. */
#define FRENCH "81.0.0.0/24"

static struct node node;

static void
prepare(struct harness *h, const char *more)
{
	node_init(&node, h);
	node_config(&node, more);
	node_records(&node, node_zone);
	node_steering(&node,
	    "networks:\n"
	    "  french: {prefixes: [81.0.0.0/16], country: FR}\n"
	    "regions:\n"
	    "  us-east: {at: [39.0, -77.5]}\n"
	    "  eu-west: {at: [53.3, -6.3]}\n"
	    "pools:\n"
	    "  p:\n"
	    "    endpoints:\n"
	    "      - {name: us, region: us-east, address: 192.0.2.1}\n"
	    "      - {name: eu, region: eu-west, address: 192.0.2.2}\n"
	    "services:\n"
	    "  one: {pool: p, rank: latency}\n");
}

static const char *
answer(const char *client)
{
	return node_ask(&node, "one.inference.example", "A", client);
}

static bool
answers(const char *client, const char *address)
{
	return strcmp(answer(client), address) == 0;
}

/* Rows of the table that ${where} holds for. */
static long
rows(const char *where)
{
	char sql[256];

	snprintf(
	    sql, sizeof(sql), "SELECT count(*) FROM latency WHERE %s", where);
	return strtol(node_sql(&node, sql), NULL, 10);
}

/* Import ${text}; the exit status, and what was said to ${out}. */
static int
import(const char *text, const char **out)
{
	harness_write(node.h, "trips.csv", "%s", text);
	return node_ctl(
	    &node, out, "latency", "import", harness_path(node.h, "trips.csv"));
}

/* A large file: ${n} prefixes to both regions, ${ms} to the first of them. */
static void
write_large(unsigned n, unsigned ms)
{
	FILE *f = fopen(harness_path(node.h, "large.csv"), "w");

	ck_assert_ptr_nonnull(f);
	for (unsigned i = 0; i < n; i++)
		fprintf(f,
		    "%u.%u.%u.0/24,us-east,%u.5,3\n"
		    "%u.%u.%u.0/24,eu-west,90,3\n",
		    20 + (i >> 16), i >> 8 & 255, i & 255, ms, 20 + (i >> 16),
		    i >> 8 & 255, i & 255);
	ck_assert_int_eq(fclose(f), 0);
}

static pid_t
start_large(void)
{
	return harness_start(node.h, "large.log", "meridianctl", "-c",
	    harness_path(node.h, "meridian.yaml"), "latency", "import",
	    harness_path(node.h, "large.csv"), NULL);
}

START_TEST(a_file_is_answered_by_and_exported_as_it_was)
{
	static const char file[] = "81.0.5.0/24,us-east,20.125,7\n"
				   "81.0.5.0/24,eu-west,35.000,3\n"
				   "AS64500,us-east,1.000,1\n"
				   "FR,us-east,80.000,10\n"
				   "FR,eu-west,40.500,20\n"
				   "2001:db8::/48,eu-west,9.001,2\n";
	struct harness *h = harness_create();
	const char *out, *line;

	prepare(h, "");
	ck_assert_int_eq(import(file, &out), 0);
	node_serve(&node);
	/* The prefix goes before the country. */
	ck_assert_str_eq(answer("81.0.5.0/24"), "192.0.2.1");
	ck_assert_str_eq(answer(FRENCH), "192.0.2.2");
	ck_assert_int_eq(node_ctl(&node, &out, "latency", "export"), 0);
	for (line = file; *line != '\0'; line = strchr(line, '\n') + 1) {
		char one[64];

		snprintf(one, sizeof(one), "%.*s", (int)strcspn(line, "\n") + 1,
		    line);
		ck_assert_msg(strstr(out, one) != NULL, "%s in\n%s", one, out);
	}
	/* The other way round, for all but the prefix. */
	ck_assert_int_eq(
	    import("FR,us-east,20,1000\nFR,eu-west,90,1000\n", &out), 0);
	ck_assert_ptr_nonnull(strstr(out, "0 new, 2 moved, 0 as before"));
	HARNESS_WAIT(15000, answers(FRENCH, "192.0.2.1"));
	ck_assert_str_eq(answer("81.0.5.0/24"), "192.0.2.1");
	harness_destroy(h);
}
END_TEST

/* What operators get wrong, and what is said of it. */
static const struct {
	const char *line, *said;
} mistakes[] = {
    {"FR;us-east;20", ":2:1: error: fields are separated by commas"},
    {"FR,us-esat,20",
	":2:4: error: \"us-esat\": no steering file of this node "
	"has such a region; did you mean us-east?"},
    {"FR,us-east,20ms", ":2:12: error: \"20ms\": expected milliseconds"},
    {"FR,us-east,20000000", ":2:12: error: \"20000000\": a round trip"},
    {"81.0.5.1/24,us-east,20",
	":2:1: error: \"81.0.5.1/24\": it has bits "
	"after its length: 81.0.5.0/24 holds it"},
    {"UK,us-east,20", ":2:1: error: \"UK\": there is no such country"},
    {"France,us-east,20", ":2:1: error: \"France\": expected a prefix"},
    {"us-east,FR,20", ":2:1: error: \"us-east\": expected a prefix"},
    {"FR,us-east", ":2:1: error: expected prefix or country"},
    {"FR,us-east,20,3,today", ":2:17: error: expected prefix or country"},
    {"FR,us-east,,3", ":2:12: error: \"\": expected milliseconds"},
    {"FR,us-east,20,many", ":2:15: error: \"many\": expected how many"},
    {"AS64500x,us-east,20", ":2:1: error: \"AS64500x\": an AS number is"},
};

START_TEST(mistakes_change_nothing_and_say_where)
{
	struct harness *h = harness_create();
	char text[128];
	const char *out;

	prepare(h, "");
	ck_assert_int_eq(import("FR,us-east,50,1\n", &out), 0);
	for (size_t i = 0; i < sizeof(mistakes) / sizeof(mistakes[0]); i++) {
		snprintf(text, sizeof(text), "DE,us-east,20\n%s\n",
		    mistakes[i].line);
		ck_assert_msg(import(text, &out) == 1, "%s", mistakes[i].line);
		ck_assert_msg(strstr(out, mistakes[i].said) != NULL, "%s: %s",
		    mistakes[i].line, out);
	}
	ck_assert_int_eq(rows("1"), 1);
	/* A file that is not there, and one with nothing in it. */
	ck_assert_int_eq(
	    node_ctl(&node, &out, "latency", "import", "/nowhere.csv"), 1);
	ck_assert_ptr_nonnull(strstr(out, "No such file"));
	ck_assert_int_eq(import("# nothing today\n", &out), 1);
	ck_assert_ptr_nonnull(strstr(out, "no round trip in it"));
	/* A look at a good one changes nothing either. */
	harness_write(h, "trips.csv", "DE,us-east,20\n");
	ck_assert_int_eq(node_ctl(&node, &out, "latency", "import", "--dry-run",
			     harness_path(h, "trips.csv")),
	    0);
	ck_assert_int_eq(rows("1"), 1);
	harness_destroy(h);
}
END_TEST

START_TEST(show_says_what_is_stored_and_what_decides)
{
	struct harness *h = harness_create();
	const char *out;

	prepare(h, "");
	ck_assert_int_eq(import("81.0.0.0/16,us-east,30\n"
				"81.0.5.0/24,us-east,20\n"
				"AS64500,us-east,5,7\n"
				"FR,eu-west,40,3\n",
			     &out),
	    0);
	ck_assert_int_eq(node_ctl(&node, &out, "latency", "show"), 0);
	ck_assert_ptr_nonnull(strstr(out, "us-east "));
	ck_assert_int_eq(
	    node_ctl(&node, &out, "latency", "show", "81.0.5.9"), 0);
	ck_assert_ptr_nonnull(strstr(out, "81.0.5.0/24"));
	ck_assert_ptr_null(strstr(out, "81.0.0.0/16"));
	ck_assert_int_eq(
	    node_ctl(&node, &out, "latency", "show", "81.0.5.0/24"), 0);
	ck_assert_ptr_nonnull(strstr(out, "81.0.0.0/16"));
	ck_assert_ptr_null(strstr(out, "AS64500"));
	ck_assert_int_eq(
	    node_ctl(&node, &out, "latency", "show", "--json", "AS64500"), 0);
	ck_assert_ptr_nonnull(strstr(out, "\"rtt_us\": 5000"));
	ck_assert_int_eq(
	    node_ctl(&node, &out, "latency", "show", "eu-west"), 0);
	ck_assert_ptr_nonnull(strstr(out, "FR "));
	ck_assert_ptr_null(strstr(out, "us-east"));
	ck_assert_int_eq(
	    node_ctl(&node, &out, "latency", "show", "eu-wset"), 1);
	ck_assert_ptr_nonnull(strstr(out, "did you mean eu-west?"));
	harness_destroy(h);
}
END_TEST

START_TEST(an_import_that_is_killed_moves_nobody_and_loses_nothing)
{
	unsigned n = (unsigned)full_size(60000, 100000);
	struct harness *h = harness_create();
	const char *out;
	long before;

	prepare(h, "");
	ck_assert_int_eq(import("FR,us-east,20\nFR,eu-west,90\n"
				"20.0.0.0/24,us-east,90\n"
				"20.0.0.0/24,eu-west,20\n",
			     &out),
	    0);
	node_serve(&node);
	ck_assert_str_eq(answer(FRENCH), "192.0.2.1");
	ck_assert_str_eq(answer("20.0.0.0/24"), "192.0.2.2");
	write_large(n, 10);
	for (unsigned i = 0; i < 5; i++) {
		pid_t pid = start_large();
		int64_t until = harness_ms() + 100 + 100 * i;

		while (harness_ms() < until)
			harness_pause();
		harness_kill(h, pid);
		before = rows("1");
		/* The first one found no row of the file; the next go on. */
		if (i == 0)
			ck_assert_int_lt(before, 2 * (long)n + 2);
		ck_assert_str_eq(
		    node_sql(&node, "PRAGMA integrity_check"), "ok\n");
		ck_assert_int_eq(rows("client = 'FR'"), 2);
		ck_assert_str_eq(answer(FRENCH), "192.0.2.1");
		ck_assert_str_eq(answer("20.0.0.0/24"), "192.0.2.2");
	}
	ck_assert_int_gt(before, 4);
	/* A server that starts now has what is there. */
	harness_stop(h, node.server);
	node_serve(&node);
	ck_assert_str_eq(answer(FRENCH), "192.0.2.1");
	/* And the next import is the end of it. */
	ck_assert_int_eq(harness_wait(h, start_large(), 600000), 0);
	ck_assert_int_eq(rows("1"), 2 * (long)n + 2);
	HARNESS_WAIT(30000, answers("20.0.9.0/24", "192.0.2.1"));
	harness_destroy(h);
}
END_TEST

START_TEST(probes_go_on_while_an_import_runs)
{
	struct harness *h = harness_create();
	long worst = 0, age;
	pid_t pid;

	prepare(h, "");
	node_check(&node);
	HARNESS_WAIT(10000,
	    strtol(node_sql(&node, "SELECT count(*) FROM vantage"), NULL, 10) ==
		1);
	write_large((unsigned)full_size(50000, 600000), 10);
	pid = start_large();
	while (harness_running(h, pid)) {
		age = strtol(node_sql(&node,
				 "SELECT CAST((julianday('now') - 2440587.5) *"
				 " 86400000 AS INTEGER) - heartbeat_ms"
				 " FROM vantage"),
		    NULL, 10);
		if (age > worst)
			worst = age;
	}
	ck_assert_int_eq(harness_wait(h, pid, 1000), 0);
	printf("measured: the longest silence of a probe during an import is "
	       "%ld ms\n",
	    worst);
	/* It writes once a second, and says so when it could not. */
	ck_assert_int_lt(worst, 4000);
	ck_assert_ptr_null(
	    strstr(harness_read(h, harness_path(h, "probe.log")), "locked"));
	harness_destroy(h);
}
END_TEST

int
main(void)
{
	const struct harness_case cases[] = {
	    {"answered by and exported",
		a_file_is_answered_by_and_exported_as_it_was, 0},
	    {"mistakes", mistakes_change_nothing_and_say_where, 0},
	    {"show", show_says_what_is_stored_and_what_decides, 0},
	    {"killed", an_import_that_is_killed_moves_nobody_and_loses_nothing,
		180},
	    {"probes", probes_go_on_while_an_import_runs, 120},
	};

	return harness_main(
	    "latency import", cases, sizeof(cases) / sizeof(cases[0]));
}
