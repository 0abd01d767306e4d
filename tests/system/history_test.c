/*
 * meridianctl history with the real daemon: what was asked is what it prints,
 * and mistakes are answered.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/system/node.h"
#include "tests/system/output.h"

#define NAME "one.inference.example."
#define GERMAN "84.128.0.0/24" /* nearest to eu-west */
#define WAIT_MS 30000

static int
has(struct node *node, const char *words)
{
	const char *out;

	return node_ctl(node, &out, "history", "--by", "region", "--csv") ==
	    0 &&
	    strstr(out, words) != NULL;
}

START_TEST(what_was_asked_is_printed)
{
	struct harness *h = harness_create();
	struct reply reply;
	struct node node;
	const char *out;

	node_init(&node, h);
	node_pair(&node, "history: {every: 1s, sample: 1}\n",
	    "every: 200ms, timeout: 1500ms");
	node_serve(&node);
	for (int i = 0; i < 9; i++)
		ck_assert(node_reply(&node, NAME, "A", GERMAN, &reply));
	HARNESS_WAIT(WAIT_MS, has(&node, "eu-west,9\n"));
	ck_assert_int_eq(node_ctl(&node, &out, "history", "one"), 0);
	ck_assert_ptr_nonnull(strstr(out, "minutes were counted"));
	ck_assert_ptr_nonnull(strstr(out, "eu-west"));
	ck_assert_int_eq(
	    node_ctl(&node, &out, "history", "--by", "country,region", "one"),
	    0);
	ck_assert_ptr_nonnull(strstr(out, "sample of one answer in 1\n"));
	ck_assert_ptr_nonnull(strstr(out, "DE"));
	ck_assert_int_eq(
	    node_ctl(&node, &out, "history", "--every", "minute", "--json"), 0);
	ck_assert_ptr_nonnull(strstr(out, "\"every\": \"minute\""));
	ck_assert_ptr_nonnull(
	    strstr(out, "\"service\": \"one.inference.example\""));
	ck_assert_int_eq(node_ctl(&node, &out, "history", "--failovers"), 0);
	harness_stop(h, node.server);
	harness_destroy(h);
}
END_TEST

struct mistake {
	const char *says, *word[4];
	int status;
	const char *answer;
};

static const struct mistake mistakes[] = {
    {"a service with a slip", {"oen"}, 1,
	"did you mean \"one.inference.example\"?"},
    {"a period before the first minute",
	{"--from", "2020-01-01", "--to", "2020-01-03"}, 1,
	"nothing was counted in this period: the history has"},
    {"a period the wrong way round",
	{"--from", "2026-01-02", "--to", "2026-01-01"}, 64,
	"the period ends before it begins"},
    {"a length without a unit", {"--last", "24"}, 64,
	"--last takes a length (90m, 24h, 7d), not \"24\""},
    {"a column that there is not", {"--by", "continent"}, 64,
	"not \"continent\""},
    {"what is not counted together", {"--by", "country,pool"}, 64,
	"are not counted together"},
    {"countries by hour", {"--by", "country", "--every", "hour"}, 64,
	"are kept by day: --every day"},
    {"a period in the future", {"--from", "2999-01-01"}, 64,
	"the period begins in the future: it is 20"},
    {"all the time that there is",
	{"--from", "1970-01-01", "--to", "9999-12-31"}, 0,
	"one.inference.example"},
};

/* The same of report and of advise; the first word is which. */
static const struct mistake report_mistakes[] = {
    {"a service with a slip", {"report", "oen"}, 1,
	"there is no service \"oen\", did you mean one?"},
    {"a service that there is not", {"report", "elsewhere.example"}, 1,
	"meridianctl status says which there are"},
    {"a service as the file has it", {"report", "one"}, 0,
	"one.inference.example"},
    {"the same, advised", {"advise", "one"}, 0, "1 service, "},
    {"a slip, advised", {"advise", "one.inference.exampel"}, 1,
	"did you mean one.inference.example?"},
    {"a period in the future", {"report", "--from", "2999-01-01"}, 64,
	"the period begins in the future: it is 20"},
    {"a period the wrong way round",
	{"report", "--from=2026-01-02", "--to=2026-01-01"}, 64,
	"the period ends before it begins"},
    {"from the beginning of time on",
	{"report", "--from=1970-01-01", "--to=9999-12-31"}, 0,
	"1970-01-01T00:00:00Z to 20"},
    {"a period before the first minute",
	{"report", "--from=2020-01-01", "--to=2020-01-02"}, 0,
	"traffic: nothing was counted in the period"},
    {"a length that is none", {"advise", "--last", "week"}, 64,
	"--last takes a length (90m, 24h, 7d), not \"week\""},
    {"a file where there can be none", {"report", "--html", "/nowhere/x"}, 1,
	"meridianctl: /nowhere/x: No such file or directory"},
};

static void
expect(const struct mistake *m, int status, const char *out)
{
	ck_assert_msg(
	    status == m->status, "%s: status %d: %s", m->says, status, out);
	ck_assert_msg(output_tells(out, m->answer), "%s: %s", m->says, out);
}

START_TEST(mistakes_are_answered)
{
	struct harness *h = harness_create();
	struct reply reply;
	struct node node;
	const char *out;

	node_init(&node, h);
	node_pair(&node, "history: {every: 1s, sample: 1}\n",
	    "every: 200ms, timeout: 1500ms");
	ck_assert_int_eq(node_ctl(&node, &out, "history"), 1);
	ck_assert_ptr_nonnull(strstr(out, "there is no history at"));
	node_serve(&node);
	ck_assert(node_reply(&node, NAME, "A", GERMAN, &reply));
	HARNESS_WAIT(WAIT_MS, has(&node, "eu-west,1\n"));
	for (size_t i = 0; i < sizeof(mistakes) / sizeof(mistakes[0]); i++) {
		const struct mistake *m = &mistakes[i];
		int status = node_ctl(&node, &out, "history", m->word[0],
		    m->word[1], m->word[2], m->word[3]);

		expect(m, status, out);
	}
	for (size_t i = 0;
	     i < sizeof(report_mistakes) / sizeof(report_mistakes[0]); i++) {
		const struct mistake *m = &report_mistakes[i];
		int status = node_ctl(&node, &out, m->word[0], m->word[1],
		    m->word[2], m->word[3]);

		expect(m, status, out);
	}
	harness_stop(h, node.server);
	harness_destroy(h);
}
END_TEST

/* --- files that are no history, and outputs that take nothing --- */

/* What each of the three says of the file, and how it ends. */
static void
expect_no_history(struct node *node, const char *words)
{
	const char *out;

	ck_assert_int_eq(node_ctl(node, &out, "history"), 1);
	output_means(out, words);
	ck_assert_int_eq(node_ctl(node, &out, "report"), 0);
	output_means(out, words);
	ck_assert_int_eq(node_ctl(node, &out, "advise"), 0);
	output_means(out, words);
	output_means(out, "by what is known");
}

START_TEST(a_file_that_is_no_history_is_said)
{
	struct harness *h = harness_create();
	const char *file, *out;
	struct node node;

	node_init(&node, h);
	node_pair(&node, "history: {file: here/history.db}\n",
	    "every: 200ms, timeout: 1500ms");
	expect_no_history(&node, "there is no history at ");
	ck_assert_int_eq(mkdir(harness_path(h, "here"), 0700), 0);
	file = harness_path(h, "here/history.db");
	harness_write(h, "here/history.db", "%s", "");
	expect_no_history(&node, "not written yet");
	harness_write(h, "here/history.db", "%s", "regions: {}, and no more\n");
	expect_no_history(&node, "not a database");
	ck_assert_int_eq(unlink(file), 0);
	ck_assert_int_eq(mkdir(file, 0700), 0);
	expect_no_history(&node, "not a regular file");
	ck_assert_int_eq(rmdir(file), 0);
	/* Somebody else's. */
	(void)harness_run(h, &out, "/usr/bin/sqlite3", file,
	    "CREATE TABLE cats (name TEXT)", NULL);
	expect_no_history(&node, "cannot be read: ");
	harness_destroy(h);
}
END_TEST

/* Of a node that serves and writes each second. */
static void
begin(struct node *node, struct harness *h)
{
	struct reply reply;

	node_init(node, h);
	node_pair(node, "history: {every: 1s, sample: 1}\n",
	    "every: 200ms, timeout: 1500ms");
	node_serve(node);
	ck_assert(node_reply(node, NAME, "A", GERMAN, &reply));
	HARNESS_WAIT(WAIT_MS, has(node, "eu-west,1\n"));
}

START_TEST(a_history_of_a_newer_release_is_said)
{
	struct harness *h = harness_create();
	const char *out, *file;
	struct node node;

	begin(&node, h);
	harness_stop(h, node.server);
	file = harness_path(h, "history.db");
	(void)harness_run(h, &out, "/usr/bin/sqlite3", file,
	    "UPDATE meta SET value = 99; PRAGMA user_version = 99", NULL);
	expect_no_history(&node, "made by a newer release");
	harness_destroy(h);
}
END_TEST

START_TEST(a_history_that_may_not_be_read_is_said)
{
	struct harness *h = harness_create();
	struct node node;
	const char *out;

	begin(&node, h);
	harness_stop(h, node.server);
	ck_assert_int_eq(chmod(harness_path(h, "."), 0755), 0);
	ck_assert_int_eq(chmod(harness_path(h, "history.db"), 0600), 0);
	/* As root all may be read. */
	if (geteuid() == 0) {
		ck_assert_int_eq(
		    harness_run(h, &out, "/usr/bin/setpriv", "--reuid=65534",
			"--regid=65534", "--clear-groups",
			harness_built(h, "meridianctl"), "-c",
			harness_path(h, "meridian.yaml"), "history", NULL),
		    1);
		output_means(out,
		    "may not be read and written by this user: "
		    "run this as root, or as the user that "
		    "meridiand runs as");
	}
	harness_destroy(h);
}
END_TEST

/* ${command} with what it prints going to ${where}: its status. */
static int
print_to(
    struct node *node, const char *command, const char *where, const char **out)
{
	char line[1024];

	snprintf(line, sizeof(line), "%s -c %s %s %s",
	    harness_built(node->h, "meridianctl"),
	    harness_path(node->h, "meridian.yaml"), command, where);
	return harness_run(node->h, out, "/bin/sh", "-c", line, NULL);
}

START_TEST(a_full_disk_under_what_is_printed_is_no_success)
{
	static const char *const commands[] = {"history --csv",
	    "history --json", "history", "history --failovers --csv",
	    "report --csv", "report --last 90m", "advise", "advise --json"};
	struct harness *h = harness_create();
	struct node node;
	const char *out;

	begin(&node, h);
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		ck_assert_int_eq(
		    print_to(&node, commands[i], ">/dev/full", &out), 1);
		output_means(out, "not all that was printed could be written");
		/* Who has read enough is no failure: nothing is said. */
		ck_assert_int_eq(
		    print_to(&node, commands[i], "| head -c 1", &out), 0);
		ck_assert_msg(strlen(out) <= 1, "%s: %s", commands[i], out);
		/* Nor is it one that the daemon writes meanwhile. */
		ck_assert_int_eq(print_to(&node, commands[i], "", &out), 0);
	}
	ck_assert_int_eq(
	    print_to(&node, "report --html /dev/full", "", &out), 1);
	output_means(out, "meridianctl: /dev/full: No space left on device");
	harness_stop(h, node.server);
	harness_destroy(h);
}
END_TEST

/* How often ${words} are in the log of the second node. */
static int
second_said(struct harness *h, const char *words)
{
	const char *log = harness_read(h, harness_path(h, "b.log"));
	int n = 0;

	while ((log = strstr(log, words)) != NULL) {
		log += strlen(words);
		n++;
	}
	return n;
}

/* A node like ${first}, in its folder, with the history of it by default. */
static void
begin_second(struct node *second, const struct node *first)
{
	struct harness *h = first->h;

	*second = *first;
	second->port = harness_port(h);
	second->http = harness_port(h);
	harness_write(h, "b.yaml",
	    "listen: 127.0.0.1:%u\nhttp: 127.0.0.1:%u\nstate: b.db\n"
	    "vantage: b\nhistory: {every: 1s, sample: 1}\n"
	    "zones:\n"
	    "  - {name: inference.example, records: inference.zone, "
	    "steering: inference.yaml}\n",
	    second->port, second->http);
	second->server = harness_start(
	    h, "b.log", "meridiand", "-c", harness_path(h, "b.yaml"), NULL);
	HARNESS_WAIT(WAIT_MS, second_said(h, " serving ") > 0);
}

/* What ${command} of the second node prints. */
static const char *
second_ctl(struct harness *h, const char *command)
{
	const char *out = "";

	(void)harness_run(h, &out, harness_built(h, "meridianctl"), "-c",
	    harness_path(h, "b.yaml"), command, NULL);
	return out;
}

#define TAKEN "another meridiand writes it: give each node a file of its own"

START_TEST(two_nodes_do_not_write_one_history)
{
	struct harness *h = harness_create();
	struct node node, second;
	struct reply reply;
	const char *out;

	begin(&node, h);
	begin_second(&second, &node);
	for (int i = 0; i < 5; i++)
		ck_assert(node_reply(&second, NAME, "A", GERMAN, &reply));
	HARNESS_WAIT(WAIT_MS, second_said(h, TAKEN) > 0);
	HARNESS_WAIT(WAIT_MS, output_tells(second_ctl(h, "status"), TAKEN));
	ck_assert(node_metric(&second, "meridian_history_writable") == 0);
	ck_assert(node_metric(&node, "meridian_history_writable") == 1);
	/* It reads what the first one writes. */
	ck_assert_ptr_nonnull(
	    strstr(second_ctl(h, "history"), "minutes were counted"));
	/* A backup needs a state database, which a probe makes. */
	node_check(&node);
	HARNESS_WAIT(WAIT_MS,
	    node_ctl(&node, &out, "backup", harness_path(h, "backup")) == 0);
	harness_stop(h, node.probe);
	/* What it counted meanwhile is written when the first has ended. */
	harness_stop(h, node.server);
	HARNESS_WAIT(WAIT_MS,
	    node_metric(&second, "meridian_history_written_total") > 0);
	HARNESS_WAIT(WAIT_MS, second_said(h, "is written to") == 1);
	ck_assert_int_eq(second_said(h, TAKEN), 1);
	ck_assert_int_eq(second_said(h, "UNIQUE constraint"), 0);
	(void)harness_run(h, &out, "/usr/bin/sqlite3", "-cmd", ".timeout 5000",
	    harness_path(h, "history.db"),
	    "select sum(answers) from traffic_hour", NULL);
	ck_assert_str_eq(out, "6\n");
	ck_assert(!output_tells(second_ctl(h, "status"), TAKEN));
	harness_stop(h, second.server);
	harness_destroy(h);
}
END_TEST

int
main(void)
{
	const struct harness_case cases[] = {
	    {"prints", what_was_asked_is_printed, 0},
	    {"mistakes", mistakes_are_answered, 0},
	    {"no history", a_file_that_is_no_history_is_said, 0},
	    {"permission", a_history_that_may_not_be_read_is_said, 0},
	    {"newer", a_history_of_a_newer_release_is_said, 0},
	    {"output", a_full_disk_under_what_is_printed_is_no_success, 0},
	    {"two nodes", two_nodes_do_not_write_one_history, 0},
	};

	return harness_main("history", cases, sizeof(cases) / sizeof(cases[0]));
}
