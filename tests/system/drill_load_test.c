/*
 * The load of the other regions: a drill that would overload them is refused,
 * and one that does is undone.
 */
#include <math.h>
#include <stdio.h>

#include "tests/system/drill.h"
#include "tests/system/output.h"

/* The stand-ins of us-east, eu-west and ap-south run so many requests, and what
 * the pages say of it has come near. */
static void
run_requests(struct node *node, const unsigned running[3])
{
	char order[32];

	for (int i = 0; i < 3; i++) {
		snprintf(order, sizeof(order), "running=%u", running[i]);
		node_order(node, i, order);
	}
	for (int i = 0; i < 3; i++) {
		static const char *const labels[] = {"us", "eu", "ap"};
		static const char *const regions[] = {
		    "us-east", "eu-west", "ap-south"};
		char name[256];

		snprintf(name, sizeof(name),
		    "meridian_endpoint_saturation{zone=\"inference.example\","
		    "pool=\"v1\",endpoint=\"%s\",region=\"%s\"}",
		    labels[i], regions[i]);
		HARNESS_WAIT(30000,
		    fabs(node_metric(node, name) - running[i] / 10.0) < 0.02);
	}
}

static int
try_drill(struct node *node, const char **out, const char *option)
{
	return node_ctl(node, out, "drill", "region", "eu-west", "--for", "2s",
	    "--settle", "1s", option);
}

/* Where the clients of a region would come to one that is full, or to others
 * that have no room for them, however it was spread. */
START_TEST(a_drill_that_would_overload_others_is_not_begun)
{
	static const unsigned uneven[] = {10, 1, 1}, full[] = {6, 9, 6};
	struct harness *h = harness_create();
	struct node node;
	const char *out;

	drill_start(&node, h);
	run_requests(&node, uneven);
	ck_assert_int_eq(try_drill(&node, &out, NULL), 1);
	output_says(out,
	    "refused: region us-east has a load of 100%, and the limit is "
	    "95%: make room first, raise --limit, or say --force-anyway");
	run_requests(&node, full);
	ck_assert_int_eq(try_drill(&node, &out, NULL), 1);
	output_says(out,
	    "refused: the others would have a load of 105% on average, and the "
	    "limit is 95%");
	ck_assert(drill_is_over(&node));
	ck_assert_str_eq(
	    node_sql(&node, "SELECT count(*) FROM override"), "0\n");
	ck_assert_int_eq(try_drill(&node, &out, "--force-anyway"), 0);
	output_says(out, "drill complete: region eu-west");
	ck_assert_int_eq(try_drill(&node, &out, "--limit=110%"), 0);
	harness_destroy(h);
}
END_TEST

/* What overflows while it lasts. */
START_TEST(a_drill_is_undone_when_another_region_is_overloaded)
{
	static const unsigned some[] = {3, 3, 3}, more[] = {9, 3, 3};
	struct harness *h = harness_create();
	struct drill_load load;
	struct node node;
	const char *out;
	pid_t pid;

	drill_start(&node, h);
	run_requests(&node, some);
	drill_begin_load(&load, &node);
	pid = drill_begin(&node, "10m", NULL);
	HARNESS_WAIT(20000, drill_is_on(&node));
	/* Below the limit it goes on. */
	run_requests(&node, more);
	ck_assert(harness_running(h, pid) && drill_is_on(&node));
	node_order(&node, 0, "waiting=2");
	ck_assert_int_eq(harness_wait(h, pid, 60000), 3);
	HARNESS_WAIT(10000, drill_is_over(&node));
	drill_end_load(&load);
	out = drill_log(&node);
	output_says(out, "drill undone: region eu-west, after ");
	output_says(out, "region us-east has a load of ");
	output_says(out, ", and the limit is 95%");
	ck_assert_str_eq(node_sql(&node,
			     "SELECT count(*) FROM override WHERE action = "
			     "'undrain' AND reason LIKE "
			     "'drill: region us-east has a load of%'"),
	    "1\n");
	harness_destroy(h);
}
END_TEST

int
main(void)
{
	const struct harness_case cases[] = {
	    {"full", a_drill_that_would_overload_others_is_not_begun, 120},
	    {"overload", a_drill_is_undone_when_another_region_is_overloaded,
		120},
	};

	return harness_main(
	    "drill_load", cases, sizeof(cases) / sizeof(cases[0]));
}
