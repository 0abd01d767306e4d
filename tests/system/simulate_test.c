/*
 * meridianctl simulate on the zone that ships: each scenario in small, the same
 * from one seed each time, the product beside the laws of others, files that
 * are written whole, and what it says of what cannot be simulated.
 */
#include <jansson.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/system/node.h"
#include "tests/system/output.h"

#define SERVICE "chat.inference.example"

/* Small: as many resolvers as make a picture, minutes in place of hours. */
#define SMALL                                                               \
	"--resolvers", "60", "--subnets", "4", "--networks", "20", "--for", \
	    "6m", "--settle", "4m"

/* As it is promised: capacity 5 to 3 to 2, demand near each. */
#define EVEN "--demand", "us-east=30%,eu-west=30%,ap-south=40%"

static struct harness *h;
static struct node node;
static const char *out;

/* The zone that ships; its load moves clients when ${spills}. */
static void
write_zone(bool spills)
{
	static const char preset[] = "preset: vllm, ",
			  check[] = "check: chat\n";
	const char *text = harness_read(h, "zones/inference.example.yaml");
	const char *load = strstr(text, preset) + sizeof(preset) - 1;
	const char *v1 = strstr(load, check), *v2 = strstr(v1 + 1, check);

	if (spills)
		node_steering(&node,
		    "%.*sload: {max_running: 64}, %.*sspill: {}\n    "
		    "%.*sspill: {}\n    %s",
		    (int)(load - text), text, (int)(v1 - load), load,
		    (int)(v2 - v1), v1, v2);
	else
		node_steering(&node, "%s", text);
}

static void
set_up(void)
{
	h = harness_create();
	node_init(&node, h);
	node_config(&node, "alone: true\n");
	node_records(&node, harness_read(h, "zones/inference.example.zone"));
	write_zone(true);
}

static void
tear_down(void)
{
	harness_destroy(h);
}

#define simulate(...) node_ctl(&node, &out, "simulate", __VA_ARGS__)

#define runs(...) ck_assert_msg(simulate(__VA_ARGS__) == 0, "%s", out)

/* The one run of ${root}, or that of a law. */
static const json_t *
run_of(const json_t *root, const char *law)
{
	const json_t *list = json_object_get(root, "runs"), *run;
	size_t i;

	json_array_foreach(list, i, run)
	{
		if (strcmp(json_string_value(json_object_get(run, "law")),
			law) == 0)
			return run;
	}
	ck_abort_msg("no law %s in %s", law, out);
}

static double
figure(const json_t *run, const char *key)
{
	const json_t *value = json_object_get(run, key);

	ck_assert_msg(json_is_number(value), "no %s in %s", key, out);
	return json_number_value(value);
}

/* --- scenarios --- */

static const struct {
	const char *name, *says;
} scenarios[] = {
    {"steady", "steady: nothing changes"},
    {"wave", "wave: demand is 30 % higher where it is noon"},
    {"flash", "flash: clients near us-east ask 2 times as much"},
    {"outage", "outage: us-east is down for a while"},
    {"slow-metrics", "slow-metrics: metrics are 60 s late while demand"},
    {"slow", "slow: use1-a works half as fast for a while"},
    {"ramp", "ramp: chat-v2 grows to 20 % of the clients"},
    {"drain", "drain: us-east is drained for a while"},
};

START_TEST(each_scenario_has_a_table)
{
	runs(SERVICE, scenarios[_i].name, SMALL, EVEN, "--region", "us-east");
	output_contains(out, SERVICE "\n  ");
	output_says(out, scenarios[_i].says);
	output_contains(out, "\nregion ");
	output_contains(out, "\nus-east ");
	output_contains(out, "\neu-west ");
	output_contains(out, "\nap-south ");
	output_contains(out, "\nload above capacity ");
	output_contains(out, "\nclients moved ");
	output_contains(out, "\nanswered by caches ");
	output_contains(out, "\nqueries ");
	output_fits(out);
	/* There is no bar where there is no terminal. */
	ck_assert_ptr_null(strchr(out, '\r'));
	ck_assert_ptr_null(strchr(out, '\033'));
}
END_TEST

/* Networks that differ in size make other lumps of the same demand. */
START_TEST(networks_may_be_uneven)
{
	const char *even;

	runs("steady", SMALL);
	even = out;
	runs("steady", SMALL, "--uneven");
	output_contains(out, "forward 20 uneven networks\n");
	ck_assert_str_ne(strstr(out, "\nregion"), strstr(even, "\nregion"));
}
END_TEST

START_TEST(each_region_in_turn_is_a_row)
{
	runs("n-1", SMALL);
	output_contains(out, "\ndown ");
	output_contains(out, "\nus-east ");
	output_contains(out, "\neu-west ");
	output_contains(out, "\nap-south ");
	output_fits(out);
}
END_TEST

/* Demand near a region is that of the command line, its capacity that of the
 * file, and what happens to it is seen in its load. */
START_TEST(what_happens_is_in_the_figures)
{
	const json_t *run, *regions, *region;
	json_t *root;
	size_t i;

	runs("outage", "--region", "eu-west", SMALL, EVEN, "--json");
	root = json_loads(out, 0, NULL);
	ck_assert_msg(root != NULL, "%s", out);
	run = run_of(root, "product");
	ck_assert_str_eq(
	    json_string_value(json_object_get(run, "service")), SERVICE);
	regions = json_object_get(run, "regions");
	ck_assert_uint_eq(json_array_size(regions), 3);
	json_array_foreach(regions, i, region)
	{
		ck_assert_double_gt(figure(region, "capacity"), 0);
		ck_assert_double_gt(figure(region, "demand"), 0);
	}
	/* Its clients go to the others meanwhile. */
	region = json_array_get(regions, 0);
	ck_assert_str_eq(
	    json_string_value(json_object_get(region, "region")), "us-east");
	ck_assert_double_gt(
	    figure(region, "load_most"), 1.1 * figure(region, "load_mean"));
	ck_assert_double_gt(figure(run, "lost"), 0);
	ck_assert_double_gt(figure(run, "moved_most"), 0.05);
	ck_assert_uint_eq(json_array_size(json_object_get(run, "events")), 2);
	json_decref(root);
}
END_TEST

START_TEST(one_seed_is_one_result)
{
	const char *first, *plot, *rows;
	char *kept;

	runs("flash", SMALL, "--csv", harness_path(h, "a.csv"), "--svg",
	    harness_path(h, "a.svg"));
	first = out;
	runs("flash", SMALL, "--csv", harness_path(h, "b.csv"), "--svg",
	    harness_path(h, "b.svg"));
	ck_assert_str_eq(out, first);
	rows = harness_read(h, harness_path(h, "a.csv"));
	ck_assert_str_eq(rows, harness_read(h, harness_path(h, "b.csv")));
	plot = harness_read(h, harness_path(h, "a.svg"));
	ck_assert_str_eq(plot, harness_read(h, harness_path(h, "b.svg")));
	kept = strdup(rows);
	runs("flash", SMALL, "--seed", "2", "--csv", harness_path(h, "b.csv"));
	ck_assert_str_ne(kept, harness_read(h, harness_path(h, "b.csv")));
	free(kept);
}
END_TEST

/* --- beside others --- */

START_TEST(the_product_is_better_than_the_laws_of_others)
{
	const json_t *own, *other;
	json_t *root;

	runs("steady", EVEN, "--ttl", "30s", "--for", "30m", "--compare",
	    "--json");
	root = json_loads(out, 0, NULL);
	ck_assert_msg(root != NULL, "%s", out);
	own = run_of(root, "product");
	ck_assert_double_le(figure(own, "over"), 0.01);
	ck_assert_double_le(figure(own, "moved_per_minute"), 0.01);
	/* Demand near ap-south is more than it can do. */
	other = run_of(root, "nearest");
	ck_assert_double_gt(figure(other, "over"), 0.99);
	/* These follow what they see too late. */
	other = run_of(root, "least");
	ck_assert_double_gt(figure(other, "over"), 0.1);
	ck_assert_double_gt(figure(other, "moved_per_minute"), 0.1);
	other = run_of(root, "headroom");
	ck_assert_double_gt(figure(other, "over"), 0.1);
	other = run_of(root, "reactive");
	ck_assert_double_gt(figure(other, "moved_per_minute"),
	    5 * figure(own, "moved_per_minute"));
	/* This has no trouble with load, and sends clients anywhere. */
	other = run_of(root, "weights");
	ck_assert_double_gt(figure(other, "away"), 1.5 * figure(own, "away"));
	json_decref(root);
}
END_TEST

START_TEST(all_laws_are_in_one_table)
{
	runs("steady", SMALL, "--compare");
	output_contains(out, "\nlaw ");
	output_contains(out, "\nproduct ");
	output_contains(out, "\nnearest ");
	output_contains(out, "\nweights ");
	output_contains(out, "\nleast ");
	output_contains(out, "\nheadroom ");
	output_contains(out, "\nreactive ");
	output_fits(out);
	/* A table for each region. */
	runs("n-1", SMALL, "--compare");
	output_says(out, "n-1: us-east goes down and does not come back");
	output_says(out, "n-1: ap-south goes down and does not come back");
}
END_TEST

/* --- files --- */

START_TEST(files_are_written_whole)
{
	static const char head[] =
	    "scenario,subject,law,seconds,region,capacity,load,keep,demand,"
	    "moved,away,lost,hits,queries\noutage,,product,5,us-east,";
	const char *csv = harness_path(h, "run.csv");
	const char *svg = harness_path(h, "run.svg");
	const char *text;
	unsigned lines = 0;

	runs("outage", SMALL, "--csv", csv, "--svg", svg);
	text = harness_read(h, csv);
	ck_assert_msg(
	    strncmp(text, head, sizeof(head) - 1) == 0, "%.200s", text);
	for (; (text = strchr(text, '\n')) != NULL; text++)
		lines++;
	/* A row each five seconds of six minutes and region. */
	ck_assert_uint_eq(lines, 1 + 6 * 60 / 5 * 3);
	ck_assert_int_eq(harness_run(h, &out, "/usr/bin/xmllint", "--noout",
			     "--nonet", svg, NULL),
	    0);
	text = harness_read(h, svg);
	output_contains(text, ">us-east is down</text>");
	output_contains(text, ">capacity</text>");
	/* What cannot be written is said, and leaves what was there. */
	ck_assert_int_eq(
	    simulate("steady", SMALL, "--csv", "/nowhere/run.csv"), 1);
	output_contains(out, "/nowhere/run.csv: No such file or directory\n");
	ck_assert_int_eq(
	    simulate("steady", SMALL, "--svg", svg, "--pool", "x", "ramp"), 1);
	ck_assert_str_eq(harness_read(h, svg), text);
	ck_assert_int_eq(simulate("steady", SMALL, "--csv", "/dev/full"), 1);
	output_contains(out, "/dev/full: No space left on device\n");
	ck_assert_str_eq(harness_read(h, harness_path(h, "run.csv.new")), "");
}
END_TEST

/* On a terminal a bar says how far it is, and is gone at the end. */
START_TEST(a_bar_is_shown_on_a_terminal)
{
	char command[1024];

	snprintf(command, sizeof(command),
	    "%s -c %s simulate wave --resolvers 2000 --settle 0s --for 12h",
	    harness_built(h, "meridianctl"), harness_path(h, "meridian.yaml"));
	ck_assert_int_eq(harness_run(h, &out, "/usr/bin/script", "-qec",
			     command, "/dev/null", NULL),
	    0);
	output_contains(out, "\rwave product ");
	output_contains(out, " times as fast");
	output_contains(out, "\r\033[K");
	output_contains(out, "\nqueries ");
}
END_TEST

/* --- what README.md shows --- */

/* Copy ${text}, up to ${end} if that is in it, to ${to}: with one blank where
 * there are several, and "#" for each number: these change with the law. */
static void
mask(const char *text, const char *end, char *to, size_t size)
{
	const char *stop = strstr(text, end);
	size_t n = 0;

	for (; text != stop && *text != '\0' && n + 1 < size; text++) {
		bool number = strchr("0123456789.<", *text) != NULL;
		char c = (char)(number ? '#' : *text == '\n' ? ' ' : *text);

		if (n == 0 || to[n - 1] != c || (c != ' ' && c != '#'))
			to[n++] = c;
	}
	to[n] = '\0';
}

START_TEST(what_the_readme_shows_is_what_is_printed)
{
	const char *readme = harness_read(h, "README.md");
	char shown[4096], printed[4096], path[PATH_MAX];

	ck_assert_ptr_nonnull(realpath("zones/platform", path));
	harness_write(h, "platform.yaml",
	    "listen: [\"127.0.0.1:%u\"]\nstate: state.db\ngeo: [%s]\nzones:\n"
	    "  - {name: platform.example.com, records: %s/platform.zone, "
	    "steering: %s/platform.yaml}\n",
	    node.port, harness_built(h, "geo/iptoasn-country.mmdb"), path,
	    path);
	ck_assert_int_eq(harness_run(h, &out, "meridianctl", "-c",
			     harness_path(h, "platform.yaml"), "simulate",
			     "n-1", "--load", "60%", NULL),
	    0);
	readme = strstr(readme, "    chat.platform.example.com\n");
	ck_assert_ptr_nonnull(readme);
	mask(readme + 4, "\n\nThat of ", shown, sizeof(shown));
	out = strstr(out, "chat.platform.example.com\n");
	ck_assert_ptr_nonnull(out);
	mask(out, "\n\nThat of ", printed, sizeof(printed));
	/* Warnings may come behind it. */
	ck_assert_msg(strncmp(printed, shown, strlen(shown)) == 0,
	    "printed:\n%s\nshown:\n%s", printed, shown);
	ck_assert_uint_gt(strlen(shown), 300);
}
END_TEST

/* --- mistakes --- */

static const struct {
	const char *words[5];
	int status;
	const char *says;
} mistakes[] = {
    {{"chat.inference.exampel"}, 1,
	"there is no service or scenario \"chat.inference.exampel\"; did you "
	"mean \"chat.inference.example\"?"},
    {{"chta"}, 1,
	"there is no service or scenario \"chta\"; did you mean \"chat\"?"},
    {{"outge"}, 1,
	"there is no service or scenario \"outge\"; did you mean \"outage\"?"},
    {{SERVICE, "embed.inference.example"}, 1,
	"one service is simulated at a time"},
    {{"outage", "--region", "eu-wets"}, 1,
	"there is no region of the service \"eu-wets\"; did you mean "
	"\"eu-west\"?"},
    {{"slow", "--endpoint", "use1-aa"}, 1,
	"there is no endpoint of the service \"use1-aa\"; did you mean "
	"\"use1-a\"?"},
    {{"ramp", "--pool", "chat-v3"}, 1, "there is no pool of the service"},
    {{"embed.inference.example", "ramp"}, 1,
	"embed.inference.example has one pool: a ramp is between pools of a "
	"split"},
    {{"--load", "0"}, 64, "--load \"0\": a share from 1% to 1000% is accepted"},
    {{"--resolvers", "1000000"}, 64,
	"--resolvers \"1000000\": a whole number from 1 to 100000 is accepted"},
    {{"--subnets", "10000", "--networks", "1000"}, 64,
	"--subnets 10000: there are 400 resolvers"},
    {{"--zipf", "much"}, 64,
	"--zipf \"much\": a number from 0 to 3 is accepted"},
    {{"--for", "10"}, 64,
	"--for \"10\": a duration of whole seconds (5s, 1m, 2h) from 1m to 7d "
	"is accepted"},
    {{"--law", "leest"}, 64,
	"there is no law \"leest\"; did you mean \"least\"?"},
    {{"--law", "least", "--compare"}, 64,
	"--law and --compare exclude each other"},
    {{"--demand", "us-east"}, 1, "REGION=SHARE is accepted"},
    {{"--demand", "us-east=much"}, 1, "a share, from 0% to 100%, is accepted"},
    {{"--demand", "us-east=30%,eu-west=30%"}, 1,
	"the shares come to 60%, and not to 100%"},
};

START_TEST(a_mistake_is_said_with_what_is_accepted)
{
	const char *const *w = mistakes[_i].words;

	ck_assert_int_eq(
	    simulate(w[0], w[1], w[2], w[3], w[4]), mistakes[_i].status);
	output_says(out, mistakes[_i].says);
}
END_TEST

/* A bound on memory is said in words, before anything is drawn. */
START_TEST(too_much_memory_is_refused)
{
	ck_assert_int_eq(simulate("--resolvers", "100000", "--subnets", "50000",
			     "--networks", "100"),
	    64);
	output_says(out,
	    "50000 resolvers with 100 networks each are too many: --resolvers "
	    "and "
	    "--subnets times --networks may come to 2000000, which take some "
	    "300 "
	    "MB");
	/* A network that is a /16 takes as much as sixteen. */
	ck_assert_int_eq(simulate("--resolvers", "2000", "--subnets", "2000",
			     "--networks", "100", "--uneven"),
	    64);
	output_says(out, "--networks times 16 (--uneven) may come to 2000000");
}
END_TEST

static const char holds_another[] =
    "regions:\n  us: {at: [39.0, -77.5]}\n  eu: {at: [53.3, -6.3]}\n"
    "pools:\n"
    "  in: {service: inner}\n"
    "  p:\n"
    "    spill: {}\n"
    "    endpoints:\n"
    "      - {name: a, region: us, address: 192.0.2.1, capacity: 10}\n"
    "      - {name: b, region: eu, address: 192.0.2.2, capacity: 10}\n"
    "services:\n  outer: {pool: in}\n  inner: {pool: p}\n";

/* As it ships no pool spills, and there may be no database. */
START_TEST(what_is_perhaps_not_meant_is_said)
{
	write_zone(false);
	runs("steady", SMALL);
	output_says(
	    out, "no pool of " SERVICE " has spill: its load moves nobody\n");
	ck_assert_ptr_null(strstr(out, "no geography"));
	/* Of one that holds another, that is whose pool counts. */
	node_steering(&node, "%s", holds_another);
	runs("outer.inference.example", SMALL);
	ck_assert_ptr_null(strstr(out, "moves nobody"));
	write_zone(false);
	harness_write(h, "meridian.yaml",
	    "listen: [\"127.0.0.1:%u\"]\nstate: state.db\nzones:\n"
	    "  - {name: inference.example, records: inference.zone, "
	    "steering: inference.yaml}\n",
	    node.port);
	runs("steady", SMALL);
	output_says(out, "no geography: no client has a place");
}
END_TEST

START_TEST(an_endpoint_without_capacity_is_named)
{
	node_pair(&node, "", "");
	ck_assert_int_eq(simulate("steady", SMALL), 1);
	output_says(out, "inference.yaml:");
	output_says(out, "endpoint \"us\" of pool ");
	output_says(out,
	    "has no capacity: without one nothing can be "
	    "simulated");
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("simulate");
	TCase *tests = tcase_create("simulate");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_set_timeout(tests, 120);
	tcase_add_checked_fixture(tests, set_up, tear_down);
	tcase_add_loop_test(tests, each_scenario_has_a_table, 0,
	    (int)(sizeof(scenarios) / sizeof(scenarios[0])));
	tcase_add_test(tests, networks_may_be_uneven);
	tcase_add_test(tests, each_region_in_turn_is_a_row);
	tcase_add_test(tests, what_happens_is_in_the_figures);
	tcase_add_test(tests, one_seed_is_one_result);
	tcase_add_test(tests, the_product_is_better_than_the_laws_of_others);
	tcase_add_test(tests, all_laws_are_in_one_table);
	tcase_add_test(tests, files_are_written_whole);
	tcase_add_test(tests, a_bar_is_shown_on_a_terminal);
	tcase_add_test(tests, what_the_readme_shows_is_what_is_printed);
	tcase_add_loop_test(tests, a_mistake_is_said_with_what_is_accepted, 0,
	    (int)(sizeof(mistakes) / sizeof(mistakes[0])));
	tcase_add_test(tests, too_much_memory_is_refused);
	tcase_add_test(tests, what_is_perhaps_not_meant_is_said);
	tcase_add_test(tests, an_endpoint_without_capacity_is_named);
	suite_add_tcase(suite, tests);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
