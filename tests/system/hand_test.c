/*
 * What operators say by hand, with real daemons: a region is drained and comes
 * back, by hand and by itself; the safety rule names the class that would be
 * left with nothing; two operators at once; the wait between two changes; and
 * that everybody is told who said what, why and until when.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/system/node.h"
#include "tests/system/output.h"

/* Clients of the office may be sent to the west only; others go east first. */
#define OFFICE "198.51.100.0/24"
#define OTHERS "203.0.113.0/24"
#define EAST "192.0.2.1"
#define WEST "192.0.2.2"

#define STEERING                                                               \
	"networks:\n"                                                          \
	"  office: [" OFFICE "]\n"                                             \
	"regions:\n"                                                           \
	"  us-east: {at: [39.0, -77.5]}\n"                                     \
	"  eu-west: {at: [53.3, -6.3]}\n"                                      \
	"checks:\n"                                                            \
	"  llm: {preset: vllm, every: 200ms, timeout: 2s, fall: 2, rise: 1}\n" \
	"pools:\n"                                                             \
	"  v1:\n"                                                              \
	"    check: llm\n"                                                     \
	"    endpoints:\n"                                                     \
	"      - {name: us, region: us-east, address: " EAST ", check_at: "    \
	"\"127.0.0.1:%u\"}\n"                                                  \
	"      - {name: eu, region: eu-west, address: " WEST ", check_at: "    \
	"\"127.0.0.1:%u\"}\n"                                                  \
	"services:\n"                                                          \
	"  chat:\n"                                                            \
	"    pool: v1\n"                                                       \
	"    rank: {listed: [us-east, eu-west]}\n"                             \
	"%s"

#define FENCE                                                                \
	"    fence:\n"                                                       \
	"      - {clients: {networks: [office]}, regions: [eu-west], hard: " \
	"true}\n"                                                            \
	"    last_resort: [all]\n"

#define NAME "chat.inference.example."

/* ${out} without its ends of lines. */
static const char *
flat(const char *out)
{
	static char text[65536];
	size_t n = 0;

	for (const char *c = out; *c != '\0' && n + 1 < sizeof(text); c++)
		if (strchr(" \n", *c) == NULL)
			text[n++] = *c;
		else if (n > 0 && text[n - 1] != ' ')
			text[n++] = ' ';
	text[n] = '\0';
	return text;
}

static void
means(const char *out, const char *want)
{
	ck_assert_msg(
	    strstr(flat(out), want) != NULL, "no \"%s\" in:\n%s", want, out);
}

static void
lacks(const char *out, const char *word)
{
	ck_assert_msg(
	    strstr(flat(out), word) == NULL, "\"%s\" is in:\n%s", word, out);
}

/* Run meridianctl with the words; it ends with ${status} and prints ${want}. */
#define SAYS(node, status, want, ...)                                       \
	do {                                                                \
		const char *out_;                                           \
		int got_ = node_ctl(node, &out_, __VA_ARGS__);              \
		ck_assert_msg(got_ == (status), "%d and not %d:\n%s", got_, \
		    (status), out_);                                        \
		means(out_, want);                                          \
	} while (0)

static bool
goes_to(struct node *node, const char *client, const char *address)
{
	return strcmp(node_ask(node, NAME, "A", client), address) == 0;
}

static bool
is_well(struct node *node)
{
	const char *out;

	return node_ctl(node, &out, "status") == 0 &&
	    strstr(out, "well: ") == out;
}

/* A node whose two endpoints are up; ${rest} is the rest of its steering. */
static void
start(struct node *node, struct harness *h, const char *rest)
{
	node_init(node, h);
	for (int i = 0; i < 2; i++)
		node_standin(node, i);
	node_config(node, "stale: {after: 30s, then: keep}\n");
	node_records(node, node_zone);
	node_steering(
	    node, STEERING, node->standin_port[0], node->standin_port[1], rest);
	node_serve(node);
	node_check(node);
	HARNESS_WAIT(15000, is_well(node));
	HARNESS_WAIT(15000,
	    strcmp(node_sql(node,
		       "SELECT count(*) FROM endpoint WHERE health "
		       "= 'up'"),
		"2\n") == 0);
}

static void
tells_who_and_why(struct node *node)
{
	const char *out;

	SAYS(node, 0, "1 region us-east drained since ", "overrides");
	SAYS(node, 0, "by ann@desk: new switches", "overrides");
	SAYS(node, 0, "reaches 1 endpoint of 1 pool in 1 zone", "overrides");
	ck_assert_int_eq(node_ctl(node, &out, "status"), 0);
	output_fits(out);
	means(out, "well: 1 service healthy, 2 endpoints, 1 drained by hand: ");
	means(out, "by hand: region us-east drained until ");
	means(out, "us-east: 0 of 1 up, 1 drained us drained ");
	lacks(out, "DOWN");
	ck_assert_int_eq(
	    node_ctl(node, &out, "explain", NAME, "--client", OTHERS), 0);
	means(out, "by hand region us-east drained until ");
	means(out, "by ann@desk: new switches (override 1)");
	SAYS(node, 0, "region us-east drained until ", "events");
	SAYS(node, 0, "by ann@desk: new switches (override 1)", "events");
	SAYS(node, 0, "\"author\": \"ann@desk\"", "status", "--json");
	SAYS(node, 0, "\"reason\": \"new switches\"", "overrides", "--json");
}

START_TEST(a_region_is_drained_and_comes_back)
{
	struct harness *h = harness_create();
	struct node node;
	const char *out;

	start(&node, h, FENCE);
	ck_assert(goes_to(&node, OTHERS, EAST));
	SAYS(&node, 0,
	    "region us-east drained (it would be): 1 endpoint of 1 pool in 1 "
	    "zone; until somebody ends it",
	    "drain", "region", "us-east", "--dry-run");
	/* The end is of now on: in a year, for which the day is told, too. */
	ck_assert_int_eq(node_ctl(&node, &out, "drain", "region", "us-east",
			     "--for", "366d", "--dry-run"),
	    0);
	means(out, "until 2");
	ck_assert(goes_to(&node, OTHERS, EAST));
	ck_assert_int_eq(
	    node_ctl(&node, &out, "drain", "region", "us-east", "--for", "1h",
		"--author", "ann@desk", "--reason", "new switches"),
	    0);
	/* That is so when it says so. */
	ck_assert(goes_to(&node, OTHERS, WEST));
	means(out,
	    "region us-east drained (override 1): 1 endpoint of 1 pool "
	    "in 1 zone; until ");
	means(out, "undo: meridianctl -c ");
	means(out, "undrain region us-east meridiand answers by it");
	tells_who_and_why(&node);

	SAYS(&node, 0, "it takes the place of override 1: region us-east ",
	    "drain", "region", "us-east", "--for", "2h");
	SAYS(&node, 0, "region us-east no longer drained (override 3)",
	    "undrain", "region", "us-east", "--author", "bob");
	ck_assert(goes_to(&node, OTHERS, EAST));
	SAYS(&node, 0, "nothing is in force by hand", "overrides");
	SAYS(&node, 0, "new switches; replaced by 2", "overrides", "--all");
	SAYS(&node, 0, "; ended by 3", "overrides", "--all");
	SAYS(&node, 0, "region us-east no longer drained by bob (override 3)",
	    "events");
	ck_assert(is_well(&node));
	harness_destroy(h);
}
END_TEST

START_TEST(a_drain_ends_by_itself)
{
	struct harness *h = harness_create();
	struct node node;
	const char *out;

	start(&node, h, FENCE);
	SAYS(&node, 0, "meridiand answers by it", "drain", "pool", "v*",
	    "--for", "6s", "--force-anyway");
	ck_assert_int_eq(node_ctl(&node, &out, "overrides"), 0);
	means(out, "against the safety rule");
	means(out, "undrain pool 'v*'");
	HARNESS_WAIT(20000, is_well(&node));
	ck_assert(goes_to(&node, OTHERS, EAST));
	SAYS(&node, 0,
	    "pool v* no longer drained: the length of override 1, by ",
	    "events");
	SAYS(&node, 0, "; over", "overrides", "--all");
	SAYS(&node, 1, "refused: pool v* is not drained", "undrain", "pool",
	    "v*");
	harness_destroy(h);
}
END_TEST

START_TEST(the_class_that_would_have_nothing_is_named)
{
	struct harness *h = harness_create();
	struct node node;
	const char *out;

	start(&node, h, FENCE);
	SAYS(&node, 1,
	    "refused: clients of rule 1 (networks office) of "
	    "chat.inference.example would be left with nothing: eu of pool v1 "
	    "in eu-west is the last endpoint up and not drained "
	    "(--force-anyway does it nevertheless)",
	    "drain", "region", "eu-west");
	SAYS(&node, 1, "refused: clients of rule 1 ", "force", "endpoint",
	    "v1/eu", "down");
	/* What is down is not left. */
	node_order(&node, 0, "health=down");
	HARNESS_WAIT(10000, goes_to(&node, OTHERS, WEST));
	HARNESS_WAIT(10000,
	    node_ctl(&node, &out, "drain", "region", "eu-west", "--dry-run") ==
		    1 &&
		strstr(out, "1 more class of") != NULL);
	node_order(&node, 0, "health=up");
	HARNESS_WAIT(10000, goes_to(&node, OTHERS, EAST));
	SAYS(&node, 0, "against the safety rule: clients of rule 1 ", "drain",
	    "region", "eu-west", "--force-anyway");
	/* Their fence is hard, and nothing else is inside it. */
	ck_assert(goes_to(&node, OFFICE, WEST));
	SAYS(&node, 0,
	    "; 1 endpoint of it still is: region eu-west drained (override 1), "
	    "undo: meridianctl ",
	    "force", "endpoint", "v1/eu", "up", "--dry-run");
	ck_assert_int_eq(node_ctl(&node, &out, "status"), 2);
	means(out, "LAST RESORT: 1 of 1 service with nothing healthy");
	means(out, "by hand: region eu-west drained until somebody ends it ");
	SAYS(&node, 0, "against the safety rule", "events");
	/* The east is the last that is left. */
	SAYS(&node, 1, "clients of no rule of chat.inference.example would be",
	    "drain", "region", "us-east");
	harness_destroy(h);
}
END_TEST

/* One of them at most is said, however they meet. */
START_TEST(two_operators_at_once_leave_one_region)
{
	struct harness *h = harness_create();
	struct node node;
	char path[4096], said[16];

	start(&node, h, "");
	snprintf(path, sizeof(path), "%s", harness_path(h, "meridian.yaml"));
	for (int i = 0; i < 5; i++) {
		pid_t one = harness_start(h, "one.log", "meridianctl", "-c",
		    path, "drain", "region", "us-east", NULL);
		pid_t two = harness_start(h, "two.log", "meridianctl", "-c",
		    path, "drain", "region", "eu-west", NULL);
		int first = harness_wait(h, one, 20000);
		int second = harness_wait(h, two, 20000);

		ck_assert_int_eq(first + second, 1);
		snprintf(said, sizeof(said), "%d\n", i + 1);
		ck_assert_str_eq(node_sql(&node,
				     "SELECT count(*) FROM override WHERE "
				     "action = 'drain'"),
		    said);
		SAYS(&node, 0, "no longer drained", "undrain", "region",
		    first == 0 ? "us-east" : "eu-west");
	}
	harness_destroy(h);
}
END_TEST

START_TEST(a_region_waits_between_two_changes)
{
	struct harness *h = harness_create();
	struct node node;

	start(&node, h, FENCE "safety: {wait: 1h}\n");
	SAYS(&node, 0, "answers by it", "drain", "region", "us-east",
	    "--author", "ann", "--reason", "why not");
	SAYS(&node, 1,
	    "s ago (override 1, by ann: why not), and safety waits 1h between "
	    "two changes: 3",
	    "undrain", "region", "us-east");
	SAYS(&node, 1, "refused: region us-east was changed ", "force",
	    "region", "us-*", "up");
	/* That it lasts longer is no change, nor is one of an endpoint. */
	SAYS(&node, 0, "it takes the place of override 1", "drain", "region",
	    "us-east", "--for", "1h");
	SAYS(&node, 0, "weight 50%", "weight", "endpoint", "us", "50%");
	SAYS(&node, 0, "no longer drained", "undrain", "region", "us-east",
	    "--force-anyway");
	ck_assert(goes_to(&node, OTHERS, EAST));
	harness_destroy(h);
}
END_TEST

/* Who watches sees it come and end. */
START_TEST(who_follows_events_is_told)
{
	struct harness *h = harness_create();
	struct node node;
	char path[4096], log[4096];
	pid_t follower;

	start(&node, h, FENCE);
	snprintf(path, sizeof(path), "%s", harness_path(h, "meridian.yaml"));
	snprintf(log, sizeof(log), "%s", harness_path(h, "follow.log"));
	follower = harness_start(h, "follow.log", "meridianctl", "-c", path,
	    "events", "--follow", NULL);
	HARNESS_WAIT(
	    10000, strstr(harness_read(h, log), "unknown to up") != NULL);
	SAYS(&node, 0, "answers by it", "drain", "region", "us-east", "--for",
	    "1s", "--author", "ann");
	HARNESS_WAIT(10000,
	    strstr(harness_read(h, log),
		"region us-east no longer drained: the length of override 1, "
		"by ann, is over\n") != NULL);
	means(harness_read(h, log), "region us-east drained until ");
	means(harness_read(h, log), "by ann (override 1)");
	harness_kill(h, follower);
	harness_destroy(h);
}
END_TEST

/* Regions of one name are one, of whatever zone. */
START_TEST(a_region_of_two_zones_is_one)
{
	struct harness *h = harness_create();
	struct node node;

	node_init(&node, h);
	node_records(&node, node_zone);
	harness_write(h, "other.zone", "%s", node_zone);
	node_steering(&node, STEERING, 1, 2, "");
	harness_write(h, "other.yaml",
	    "regions: {us-east: {at: [39.0, -77.5]}}\n"
	    "pools: {v2: {endpoints: [{name: x, region: us-east, address: "
	    "192.0.2.9}]}}\n"
	    "services: {s: {pool: v2}}\n");
	node_config(&node,
	    "  - {name: other.example, records: other.zone, steering: "
	    "other.yaml}\n");
	SAYS(&node, 1,
	    "all clients of s.other.example would be left with nothing: x of "
	    "pool v2 in us-east is the last",
	    "drain", "region", "us-east");
	SAYS(&node, 0,
	    "2 endpoints of 2 pools in 2 zones (inference.example, "
	    "other.example)",
	    "drain", "region", "us-east", "--force-anyway");
	SAYS(&node, 0, "2 endpoints of 1 pool in 1 zone;", "weight", "pool",
	    "inference.example/*", "50%");
	SAYS(
	    &node, 0, "reaches 2 endpoints of 2 pools in 2 zones", "overrides");
	SAYS(&node, 0, "it was not asked (meridiand does not answer", "undrain",
	    "region", "us-east");
	harness_destroy(h);
}
END_TEST

static const struct {
	int status;
	const char *want;
	const char *words[6];
} mistakes[] = {
    {1, "there is no region \"us-eest\", did you mean us-east?",
	{"drain", "region", "us-eest"}},
    {1, "there is no pool \"us-east\", but there is a region of that name",
	{"drain", "pool", "us-east"}},
    {1, "\"ap-*\" matches no region; there are us-east, eu-west",
	{"drain", "region", "ap-*"}},
    {1, "there is no service \"chat\", did you mean chat.inference.example?",
	{"freeze", "service", "chat"}},
    {1, "region us-east is not drained", {"undrain", "region", "us-east"}},
    {1, "pool v1 is not forced", {"force", "pool", "v1", "off"}},
    {64,
	"\"us-east\" is no kind: say what it is, region, pool, endpoint or "
	"service, before its name",
	{"drain", "us-east"}},
    {64, "a kind and a name is needed", {"drain"}},
    {64, "a name is needed", {"undrain", "pool"}},
    {64, "--for takes a length with its unit (90s, 10m, 2h, 7d), not \"10\"",
	{"drain", "region", "us-east", "--for", "10"}},
    {64, "--for takes a length from 1s to 366d",
	{"drain", "region", "us-east", "--for", "10ms"}},
    {64, "a weight is 1% to 10000% of what the file says, or off, not \"0%\"",
	{"weight", "pool", "v1", "0%"}},
    /* 50 times as much, which nobody means. */
    {64, "a weight is 1% to 10000% of what the file says, or off, not \"50\"",
	{"weight", "pool", "v1", "50"}},
    {64, "an endpoint cannot be frozen", {"freeze", "endpoint", "us"}},
    {64, "\"sideways\" is neither up, down nor off",
	{"force", "region", "us-east", "sideways"}},
    {64, "--reason takes one line",
	{"drain", "region", "us-east", "--reason", "a\nb"}},
    {64, "\"now\" is a word too many", {"drain", "region", "us-east", "now"}},
};

START_TEST(mistakes_are_named_and_say_nothing)
{
	struct harness *h = harness_create();
	struct node node;

	node_init(&node, h);
	node_config(&node, "");
	node_records(&node, node_zone);
	node_steering(&node, STEERING, 1, 2, "");
	for (size_t i = 0; i < sizeof(mistakes) / sizeof(mistakes[0]); i++) {
		const char *const *w = mistakes[i].words;
		const char *out;
		int got =
		    node_ctl(&node, &out, w[0], w[1], w[2], w[3], w[4], w[5]);

		ck_assert_msg(
		    got == mistakes[i].status, "%zu: %d\n%s", i, got, out);
		means(out, mistakes[i].want);
	}
	SAYS(&node, 0, "nothing was said by hand", "overrides", "--all");
	harness_destroy(h);
}
END_TEST

/* At three in the morning, with a file that is half edited. */
START_TEST(with_files_that_have_errors_it_can_still_be_said)
{
	struct harness *h = harness_create();
	struct node node;

	start(&node, h, FENCE);
	node_steering(&node, "regions: {half\n");
	SAYS(&node, 2, "--force-anyway says it all the same", "drain", "region",
	    "us-east");
	ck_assert(goes_to(&node, OTHERS, EAST));
	SAYS(&node, 0, "nothing was checked: the files have errors", "drain",
	    "region", "us-east", "--force-anyway");
	ck_assert(goes_to(&node, OTHERS, WEST));
	SAYS(&node, 0, "region us-east drained", "overrides");
	harness_destroy(h);
}
END_TEST

START_TEST(a_database_that_cannot_be_written_is_named)
{
	struct harness *h = harness_create();
	struct node node;

	node_init(&node, h);
	node_config(&node, "");
	harness_write(h, "state.db",
	    "this is no database, and is long enough "
	    "to be looked at as one\n");
	node_records(&node, node_zone);
	node_steering(&node, STEERING, 1, 2, "");
	SAYS(&node, 2, "not said: state database ", "drain", "region",
	    "us-east");
	harness_destroy(h);
}
END_TEST

int
main(void)
{
	const struct harness_case cases[] = {
	    {"drain", a_region_is_drained_and_comes_back, 0},
	    {"end", a_drain_ends_by_itself, 0},
	    {"safety", the_class_that_would_have_nothing_is_named, 0},
	    {"both", two_operators_at_once_leave_one_region, 0},
	    {"wait", a_region_waits_between_two_changes, 0},
	    {"follow", who_follows_events_is_told, 0},
	    {"zones", a_region_of_two_zones_is_one, 0},
	    {"mistakes", mistakes_are_named_and_say_nothing, 0},
	    {"files", with_files_that_have_errors_it_can_still_be_said, 0},
	    {"database", a_database_that_cannot_be_written_is_named, 0},
	};

	return harness_main("hand", cases, sizeof(cases) / sizeof(cases[0]));
}
