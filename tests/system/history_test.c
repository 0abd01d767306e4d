/*
 * meridianctl history with the real daemon: what was asked is what it prints,
 * and mistakes are answered.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/system/node.h"

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
};

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

		ck_assert_msg(status == m->status, "%s: status %d: %s", m->says,
		    status, out);
		ck_assert_msg(
		    strstr(out, m->answer) != NULL, "%s: %s", m->says, out);
	}
	harness_stop(h, node.server);
	harness_destroy(h);
}
END_TEST

int
main(void)
{
	const struct harness_case cases[] = {
	    {"prints", what_was_asked_is_printed, 0},
	    {"mistakes", mistakes_are_answered, 0},
	};

	return harness_main("history", cases, sizeof(cases) / sizeof(cases[0]));
}
