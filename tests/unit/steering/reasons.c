/*
 * Tests of why an answer names what it names: each reason by each way through
 * the ladder that leads to it.
 */
#include "steering/reasons.h"

#include "tests/unit/steering_steps.h"

#define ALL_V1 "s1 down, n1 down, f1 down"

static const struct {
	struct row row; /* what, service, health, client and form alone count */
	enum reason reason;
} cases[] = {
    {{.what = "all is up", .service = "{pool: v1}"}, REASON_FIRST},
    {{.what = "the nearest region has no endpoint of the pool",
	 .service = "{pool: v2}"},
	REASON_FIRST},
    {{.what = "the fence leaves the nearest region out",
	 .service = "{pool: v1, fence: [{clients: all, regions: [south, "
		    "far]}]}"},
	REASON_FIRST},
    {{.what = "a region further on has failed",
	 .service = "{pool: v1}",
	 .health = "s1 down"},
	REASON_FIRST},
    {{.what = "answers from several regions",
	 .service = "{pool: v1, answers: {count: 3, from: regions}}"},
	REASON_FIRST},
    {{.what = "nothing is checked yet",
	 .service = "{pool: v1}",
	 .health = "all unchecked"},
	REASON_FIRST},
    {{.what = "a pool without checks", .service = "{pool: free}"},
	REASON_FIRST},
    {{.what = "targets of CNAMEs",
	 .service = "{pool: cdn}",
	 .form = FORM_CNAME},
	REASON_FIRST},
    {{.what = "an edge pool picks by name", .service = "{pool: hot}"},
	REASON_FIRST},
    {{.what = "by turn", .service = "{pool: v1, affinity: none}"},
	REASON_FIRST},
    {{.what = "a service inside", .service = "{pool: nested}"}, REASON_FIRST},
    {{.what = "standby endpoints by their trickle",
	 .service = "{pool: warm}",
	 .client = OTHER},
	REASON_FIRST},

    {{.what = "the first region has failed",
	 .service = "{pool: v1}",
	 .health = "n1 down"},
	REASON_FAILOVER},
    {{.what = "it is not checked yet",
	 .service = "{pool: v1}",
	 .health = "n1 unchecked"},
	REASON_FAILOVER},
    {{.what = "the first failed, the second is drained",
	 .service = "{pool: v1}",
	 .health = "n1 down, s1 drained"},
	REASON_FAILOVER},
    {{.what = "too little of it is up",
	 .service = "{pool: big}",
	 .client = BRANCH,
	 .health = "b1 down, b2 down"},
	REASON_FAILOVER},
    {{.what = "the rest of it is drained",
	 .service = "{pool: big}",
	 .client = BRANCH,
	 .health = "b1 down, b2 drained, b3 drained, b4 drained"},
	REASON_FAILOVER},
    {{.what = "no address of its name is known",
	 .service = "{pool: balanced}",
	 .health = "ln has 0 of 0, ls has 2 of 2"},
	REASON_FAILOVER},
    {{.what = "the first of a service inside",
	 .service = "{pool: nested}",
	 .health = "f1 down"},
	REASON_FAILOVER},
    {{.what = "among several answers",
	 .service = "{pool: v1, answers: {count: 2, from: regions}}",
	 .health = "n1 down"},
	REASON_FAILOVER},

    {{.what = "the first region is drained",
	 .service = "{pool: v1}",
	 .health = "n1 drained"},
	REASON_DRAINED},
    {{.what = "the first is drained, the second failed",
	 .service = "{pool: v1}",
	 .health = "n1 drained, s1 down"},
	REASON_DRAINED},
    {{.what = "the first of a service inside is",
	 .service = "{pool: nested}",
	 .health = "f1 drained"},
	REASON_DRAINED},

    {{.what = "the first passes the client on",
	 .service = "{pool: v1}",
	 .health = "n1 keeps 1 moves 0"},
	REASON_LOAD},
    {{.what = "it keeps the client",
	 .service = "{pool: v1}",
	 .health = "n1 keeps 99 moves 0"},
	REASON_FIRST},
    {{.what = "none keeps it: it goes to the first",
	 .service = "{pool: v1}",
	 .health = "all keeps 0 moves 0"},
	REASON_FIRST},
    {{.what = "the second passes it on after the first has failed",
	 .service = "{pool: v1}",
	 .health = "n1 down, s1 keeps 0 moves 0"},
	REASON_FAILOVER},

    {{.what = "its own pool of a split", .service = "{split: {v1: 95, v2: 5}}"},
	REASON_FIRST},
    {{.what = "another pool than its own has failed",
	 .service = "{split: {v1: 95, v2: 5}}",
	 .health = "s2 down"},
	REASON_FIRST},
    {{.what = "its own pool has failed",
	 .service = "{split: {v1: 5, v2: 95}}",
	 .health = "s2 down"},
	REASON_POOL},
    {{.what = "its own of three has failed",
	 .service = "{split: {v1: 5, v2: 95, spare: 5}}",
	 .health = "s2 down"},
	REASON_POOL},
    {{.what = "its own is usable for others alone",
	 .service = "{split: {v1: 5, v2: 95}, fence: [{clients: all, "
		    "regions: [north]}]}"},
	REASON_POOL},
    {{.what = "its own was shifted away",
	 .service = "{split: {v1: 5, v2: 95}}",
	 .health = "s1 shifts 100 to 100 in 20"},
	REASON_FIRST},
    {{.what = "and the one that has it failed",
	 .service = "{split: {v1: 95, v2: 5}}",
	 .health = "s2 shifts 100 to 100 in 20, s2 down"},
	REASON_POOL},
    {{.what = "the pool matters more than its region",
	 .service = "{split: {v1: 5, v2: 95}}",
	 .health = "s2 down, n1 down"},
	REASON_POOL},
    {{.what = "the origin of an edge pool",
	 .service = "{pool: sites}",
	 .health = "e1 down, e2 down, e3 down"},
	REASON_POOL},
    {{.what = "standby endpoints",
	 .service = "{pool: cold}",
	 .health = "c1 down"},
	REASON_STANDBY},
    {{.what = "standby endpoints, as theirs is drained",
	 .service = "{pool: cold}",
	 .health = "c1 drained"},
	REASON_STANDBY},

    {{.what = "a pool without a weight",
	 .service = "{split: {v1: 1, spare: 0}, last_resort: [pools]}",
	 .health = ALL_V1},
	REASON_SPARE},
    {{.what = "the soft fence is lifted",
	 .service = "{pool: v1, fence: [{clients: all, regions: [north]}], "
		    "last_resort: [unfenced]}",
	 .health = "n1 down"},
	REASON_UNFENCED},
    {{.what = "it is lifted for a pool without a weight",
	 .service = "{split: {v1: 1, spare: 0}, fence: [{clients: all, "
		    "regions: [north]}], last_resort: [pools, unfenced]}",
	 .health = ALL_V1},
	REASON_UNFENCED},
    {{.what = "all have failed", .service = "{pool: v1}", .health = "all down"},
	REASON_AS_IF_UP},
    {{.what = "all have failed, outside the fence",
	 .service = "{pool: v1, fence: [{clients: all, regions: [north]}]}",
	 .health = "n1 drained, s1 down, f1 down"},
	REASON_AS_IF_UP},
    {{.what = "all of services inside",
	 .service = "{pool: deep}",
	 .health = "all down"},
	REASON_AS_IF_UP},
    {{.what = "all are drained",
	 .service = "{pool: v1}",
	 .health = "all drained"},
	REASON_ALL_DRAINED},
    {{.what = "the records of the zone file",
	 .service = "{pool: v1, last_resort: [records]}",
	 .health = "all down"},
	REASON_RECORDS},
    {{.what = "nothing",
	 .service = "{pool: v1, last_resort: [servfail]}",
	 .health = "all drained"},
	REASON_NONE},
    {{.what = "no address of any name is known",
	 .service = "{pool: balanced}",
	 .health = "ln has 0 of 0, ls has 0 of 0"},
	REASON_NONE},

    {{.what = "a family that no endpoint has",
	 .service = "{pool: big}",
	 .form = FORM_IPV6},
	REASON_NODATA},
    {{.what = "a family that those of this client lack",
	 .service = "{pool: mixed}",
	 .form = FORM_IPV4},
	REASON_NODATA},
    {{.what = "a last resort lacks it",
	 .service = "{pool: mixed}",
	 .health = "all down"},
	REASON_NODATA},
};

static void
build(struct loaded *l, const char *service, const char *health)
{
	load(l, service, false);
	if (health != NULL)
		set_health(l, health);
	live_judge(l->live, l->policy);
}

/* The reason that clients of ${row} get, as explain and queries have it. */
static enum reason
get_reason(const struct loaded *l, const struct row *row, struct story *story)
{
	struct decision d;

	decide(l, row, story, &d);
	return (enum reason)d.reason;
}

START_TEST(each_way_has_its_reason)
{
	const struct row *row = &cases[_i].row;
	struct story story = {.says = ""};
	struct loaded l;
	enum reason reason;

	build(&l, row->service, row->health);
	reason = get_reason(&l, row, &story);
	ck_assert_msg(reason == cases[_i].reason, "%s: %s, not %s\n%s",
	    row->what, reason_name(reason), reason_name(cases[_i].reason),
	    story.text);
	unload(&l);
}
END_TEST

/* Of a split inside: of its two pools the client has one, which fails. */
START_TEST(a_split_inside_has_the_reason_too)
{
	static const char *const down[] = {"f1 down, n1 down", "f3 down"};
	const struct row row = {.service = "{pool: deep}"};
	unsigned other = 0;

	for (size_t i = 0; i < 2; i++) {
		struct story story = {.says = ""};
		struct loaded l;
		enum reason reason;

		build(&l, row.service, down[i]);
		reason = get_reason(&l, &row, &story);
		ck_assert(reason == REASON_FIRST || reason == REASON_POOL);
		other += reason == REASON_POOL;
		unload(&l);
	}
	ck_assert_uint_eq(other, 1);
}
END_TEST

/* What passes clients on does so for three reasons. */
START_TEST(a_region_tells_why_it_passes_clients_on)
{
	const struct row row = {.service = "{pool: v1}"};
	static const enum reason said[][2] = {
	    {REASON_FAILOVER, REASON_FAILOVER},
	    {REASON_DRAINED, REASON_DRAINED}, {REASON_FAILOVER, REASON_DRAINED},
	    {REASON_DRAINED, REASON_FAILOVER}};
	static const enum reason expected[] = {
	    REASON_FAILOVER, REASON_DRAINED, REASON_DRAINED, REASON_DRAINED};

	for (size_t i = 0; i < 4; i++) {
		struct story story = {.says = ""};
		struct loaded l;

		build(&l, row.service, "n1 keeps 1 moves 0");
		for (size_t g = 0; g < l.live->n_groups; g++)
			for (size_t k = 0; k < 2; k++)
				live_thinned(l.live, g, said[i][k]);
		ck_assert_uint_eq(get_reason(&l, &row, &story), expected[i]);
		unload(&l);
	}
}
END_TEST

START_TEST(each_reason_has_a_name_and_words)
{
	for (unsigned i = 0; i < REASONS; i++) {
		ck_assert_str_ne(reason_name(i), "other");
		ck_assert_uint_gt(strlen(reason_words(i)), 10);
		for (unsigned k = 0; k < i; k++) {
			ck_assert_str_ne(reason_name(i), reason_name(k));
			ck_assert_str_ne(reason_words(i), reason_words(k));
		}
	}
	ck_assert_str_eq(reason_name(REASONS), "other");
	ck_assert_str_eq(reason_name(255), "other");
	ck_assert(!reason_is_resort(REASON_STANDBY));
	ck_assert(reason_is_resort(REASON_SPARE));
	ck_assert(reason_is_resort(REASON_NONE));
	ck_assert(!reason_is_resort(REASON_NODATA));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("steering: reasons");
	TCase *tc = tcase_create("reasons");

	tcase_add_loop_test(tc, each_way_has_its_reason, 0,
	    (int)(sizeof(cases) / sizeof(cases[0])));
	tcase_add_test(tc, a_split_inside_has_the_reason_too);
	tcase_add_test(tc, a_region_tells_why_it_passes_clients_on);
	tcase_add_test(tc, each_reason_has_a_name_and_words);
	suite_add_tcase(suite, tc);
	return fixture_run(suite);
}
