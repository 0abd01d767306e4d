/*
 * Ramps in a steering file: what typical mistakes are told, each row a
 * sentence, a steering file and all that is said of it, to the last column;
 * and what is made of those that are right.
 */
#include "config/steering.h"

#include "tests/unit/config_fixture.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* The rest of a file around the keys ${text} of the service s, in line 10: p
 * and q have checks with load, r one without, u none. */
#define RAMP(text)                                                            \
	"regions: {a: {at: [1, 2]}}\n"                                        \
	"checks: {c: {preset: tgi, load: {max_running: 128}}, d: {load: "     \
	"false}}\n"                                                           \
	"pools:\n"                                                            \
	"  p: {check: c, endpoints: [{name: x, region: a, address: "          \
	"192.0.2.1}]}\n"                                                      \
	"  q: {check: c, endpoints: [{name: x, region: a, address: "          \
	"192.0.2.2}]}\n"                                                      \
	"  r: {check: d, endpoints: [{name: x, region: a, address: "          \
	"192.0.2.3}]}\n"                                                      \
	"  u: {endpoints: [{name: x, region: a, address: 192.0.2.4}]}\n"      \
	"  n: {service: inner}\n"                                             \
	"services:\n"                                                         \
	"  s: {" text "}\n  other: {split: {p: 1, q: 1, r: 1, u: 1, n: 1}}\n" \
	"  inner: {pool: p}\n"

static const struct config_row refused[] = {
    {"a bare number of per cents", RAMP("split: {p: 95, q: 5}, ramp: {to: 20}"),
	"f:10:40: error: to: expected a share, from 0 to 1 or from 0% to 100%, "
	"found \"20\"\n"},
    {"no end", RAMP("split: {p: 95, q: 5}, ramp: {step: 5%}"),
	"f:10:35: error: ramp: the key \"to\" is missing\n"},
    {"a number alone", RAMP("split: {p: 95, q: 5}, ramp: 20%"),
	"f:10:35: error: ramp: expected {to: 20%, step: 5%, every: 10m, ...}, "
	"found \"20%\"\n"},
    {"one pool has nobody to get clients from",
	RAMP("pool: q, ramp: {to: 20%}"),
	"f:10:22: error: ramp: needs a \"split\" of two pools at least: the "
	"canary and the one whose clients it gets\n"},
    {"it is there already", RAMP("split: {p: 80, q: 20}, ramp: {to: 20%}"),
	"f:10:41: error: to: \"q\" has 20% by the split already, where the "
	"ramp begins: expected more\n"},
    {"further than its neighbour goes",
	RAMP("split: {p: 50, q: 5, r: 45}, ramp: {pool: q, from: p, to: 60%}"),
	"f:10:65: error: to: \"q\" and its neighbour \"p\" have 55% together: "
	"a ramp moves the one border between them, and no further\n"},
    {"a pool that is not in the split",
	RAMP("split: {p: 95, q: 5}, ramp: {pool: r, to: 20%}"),
	"f:10:42: error: unknown pool of the split \"r\", known are: p, q\n"},
    {"a pool of the split that is no neighbour",
	RAMP("split: {q: 5, r: 45, p: 50}, ramp: {pool: q, from: p, to: 40%}"),
	"f:10:58: error: from: \"p\" is not next to \"q\" in the split: a ramp "
	"moves the one border between them, write them one after the other\n"},
    {"two neighbours, and none is named",
	RAMP("split: {p: 50, q: 5, r: 45}, ramp: {pool: q, to: 20%}"),
	"f:10:42: error: ramp: \"q\" has two neighbours in the split: name the "
	"one whose clients it gets, \"from: p\" or \"from: r\"\n"},
    {"three pools, and none is named",
	RAMP("split: {p: 50, q: 5, r: 45}, ramp: {to: 20%}"),
	"f:10:42: error: ramp: which pool of the split is the canary? Name it: "
	"\"pool: r\", or another\n"},
    {"two alike, and none is named",
	RAMP("split: {p: 1, q: 1}, ramp: {to: 60%}"),
	"f:10:34: error: ramp: which pool of the split is the canary? Name it: "
	"\"pool: q\", or another\n"},
    {"the word of another tool for the end",
	RAMP("split: {p: 95, q: 5}, ramp: {maxWeight: 20, stepWeight: 5, "
	     "interval: 1m}"),
	"f:10:36: error: unknown key \"maxWeight\", did you mean \"to\"?\n"
	"f:10:51: error: unknown key \"stepWeight\", did you mean \"step\"?\n"
	"f:10:66: error: unknown key \"interval\", did you mean \"every\"?\n"},
    {"a time without a unit, and one too short",
	RAMP("split: {p: 95, q: 5}, ramp: {to: 20%, every: 10, hold: 0.5}"),
	"f:10:52: error: every: expected a duration with its unit (ms, s, m, "
	"h, d) from 1s to 30d, found \"10\"\n"
	"f:10:62: error: hold: expected a duration with its unit (ms, s, m, h, "
	"d) from 0s to 30d, found \"0.5\"\n"},
    {"a step that is none",
	RAMP("split: {p: 95, q: 5}, ramp: {to: 20%, step: 0%, every: 100ms}"),
	"f:10:62: error: every: expected a duration (200ms, 5s, 1m, 2h) from "
	"1s to 30d, found \"100ms\"\n"},
    {"a limit that is a bare number",
	RAMP("split: {p: 95, q: 5}, ramp: {to: 20%, abort_when: {errors: 2, "
	     "first_token: 0, samples: 1, down: 101%}}"),
	"f:10:103: error: down: expected off, or a share from 0% to 100% by "
	"which the canary may be worse, found \"101%\"\n"
	"f:10:66: error: errors: expected off, or a share from 0.1% to 100% by "
	"which the canary may be worse, found \"2\"\n"
	"f:10:82: error: first_token: expected off, or a share from 1% to "
	"1000% by which the canary may be worse, found \"0\"\n"
	"f:10:94: error: samples: expected a whole number from 10 to 1000000, "
	"found \"1\"\n"},
    {"conditions that are none",
	RAMP("split: {p: 95, q: 5}, ramp: {to: 20%, abort_when: true}"),
	"f:10:57: error: abort_when: expected {errors: 2%, first_token: 20%}, "
	"found \"true\"\n"},
    {"the words of other tools for conditions",
	RAMP("split: {p: 95, q: 5}, ramp: {to: 20%, abort_when: {error_rate: "
	     "2%, latency: 20%}}"),
	"f:10:58: error: unknown key \"error_rate\", did you mean \"errors\"?\n"
	"f:10:74: error: unknown key \"latency\", did you mean "
	"\"first_token\"?\n"},
    {"errors of a server whose load nobody reads",
	RAMP("split: {p: 95, r: 5}, ramp: {to: 20%, abort_when: {errors: 2%}}"),
	"f:10:66: error: errors: endpoint \"x\" of pool \"r\" has no check "
	"that reads its load (\"load: true\"): without numbers of both pools "
	"no step would be taken\n"},
    {"nobody looks at the canary",
	RAMP("split: {p: 95, u: 5}, ramp: {to: 20%}"),
	"f:10:35: error: ramp: pool \"u\" has no check: nobody would see "
	"whether it is well\n"},
    {"a canary that is a service",
	RAMP("split: {p: 95, n: 5}, ramp: {to: 20%}"),
	"f:10:35: error: ramp: \"n\" is a service: only pools with endpoints "
	"of their own walk, and are walked from\n"},
};

static const struct config_row warnings[] = {
    {"a server that does not tell its times",
	RAMP("split: {p: 95, q: 5}, ramp: {to: 20%, abort_when: {first_token: "
	     "20%}}"),
	"f:10:58: warning: first_token: no check of endpoint \"x\" of pool "
	"\"q\" has a metric of it (\"load: {metrics: ...}\"): no step is taken "
	"unless it tells that in the headers of its answers\n"
	"f:10:58: warning: first_token: no check of endpoint \"x\" of pool "
	"\"p\" has a metric of it (\"load: {metrics: ...}\"): no step is taken "
	"unless it tells that in the headers of its answers\n"},
    {"metrics in the place of a preset's, without requests",
	"regions: {a: {at: [1, 2]}}\n"
	"checks: {c: {preset: tgi, load: {max_running: 9, metrics: {running: "
	"r, errors: e}}}}\n"
	"pools:\n"
	"  p: {check: c, endpoints: [{name: x, region: a, address: "
	"192.0.2.1}]}\n"
	"  q: {check: c, endpoints: [{name: x, region: a, address: "
	"192.0.2.2}]}\n"
	"services:\n"
	"  s: {split: {p: 95, q: 5}, ramp: {to: 20%, abort_when: {errors: "
	"2%}}}\n",
	"f:7:58: warning: errors: no check of endpoint \"x\" of pool \"q\" has "
	"a metric of requests (\"load: {metrics: ...}\"): no step is taken "
	"unless it tells that in the headers of its answers\n"
	"f:7:58: warning: errors: no check of endpoint \"x\" of pool \"p\" has "
	"a metric of requests (\"load: {metrics: ...}\"): no step is taken "
	"unless it tells that in the headers of its answers\n"},
    {"all that it has",
	RAMP("split: {p: 95, q: 5}, ramp: {pool: q, from: p, to: 20%, step: "
	     "5%, every: 10m, hold: 1h, abort_when: {down: 0%, degraded: 50%, "
	     "errors: 2%, first_token: off, samples: 1000}}"),
	""},
};

START_TEST(refuses)
{
	config_rows(refused, COUNT(refused), false);
}
END_TEST

START_TEST(warns)
{
	config_rows(warnings, COUNT(warnings), true);
}
END_TEST

static struct steering_config *
load(const char *text)
{
	struct steering_config *config;
	static struct errbuf eb;

	errbuf_init(&eb);
	config = steering_config_parse("f", text, strlen(text), &eb);
	ck_assert_msg(config != NULL, "%s", eb.text);
	return config;
}

START_TEST(what_is_silent_has_a_default)
{
	struct steering_config *config =
	    load(RAMP("split: {p: 19, q: 1}, ramp: {to: 20%}"));
	const struct ramp_config *ramp = config->services[0].ramp;

	ck_assert_ptr_null(config->services[1].ramp);
	ck_assert_str_eq(ramp->pool, "q");
	ck_assert_str_eq(ramp->from, "p");
	ck_assert_uint_eq(ramp->member, 1);
	ck_assert_uint_eq(ramp->neighbour, 0);
	ck_assert_uint_eq(ramp->start_ppm, 50000);
	ck_assert_uint_eq(ramp->both_ppm, 1000000);
	ck_assert_uint_eq(ramp->to_ppm, 200000);
	ck_assert_uint_eq(ramp->step_ppm, 50000);
	ck_assert_uint_eq(ramp->every_ms, 600000);
	ck_assert_uint_eq(ramp->hold_ms, 600000);
	ck_assert_uint_eq(ramp->down_ppm, 300000);
	ck_assert_uint_eq(ramp->degraded_ppm, RAMP_OFF);
	ck_assert_uint_eq(ramp->errors_ppm, RAMP_OFF);
	ck_assert_uint_eq(ramp->first_token_ppm, RAMP_OFF);
	ck_assert_uint_eq(ramp->samples, 100);
	steering_config_destroy(config);
}
END_TEST

START_TEST(what_is_said_is_read)
{
	struct steering_config *config =
	    load(RAMP("split: {r: 40, p: 60, q: 0}, ramp: {pool: q, from: p, "
		      "to: 0.6, step: 100%, every: 1s, hold: 0s, abort_when: "
		      "{down: off, degraded: 0%, errors: 0.1%, samples: 10}}"));
	const struct ramp_config *ramp = config->services[0].ramp;

	ck_assert_uint_eq(ramp->both_ppm, 600000);
	ck_assert_uint_eq(ramp->to_ppm, 600000);
	ck_assert_uint_eq(ramp->step_ppm, 1000000);
	ck_assert_uint_eq(ramp->every_ms, 1000);
	ck_assert_uint_eq(ramp->hold_ms, 0);
	ck_assert_uint_eq(ramp->down_ppm, RAMP_OFF);
	ck_assert_uint_eq(ramp->degraded_ppm, 0);
	ck_assert_uint_eq(ramp->errors_ppm, 1000);
	ck_assert_uint_eq(ramp->samples, 10);
	steering_config_destroy(config);
}
END_TEST

/* Whoever is first in the split has the pool after it beside it; and of three
 * the border is the one between the two that are named. */
START_TEST(the_smaller_of_two_walks)
{
	struct steering_config *config =
	    load(RAMP("split: {q: 0, p: 100}, ramp: {to: 100%, step: 100%}"));
	const struct ramp_config *ramp = config->services[0].ramp;

	ck_assert_str_eq(ramp->pool, "q");
	ck_assert_str_eq(ramp->from, "p");
	ck_assert_uint_eq(ramp->neighbour, 1);
	ck_assert_uint_eq(ramp->start_ppm, 0);
	steering_config_destroy(config);
	config = load(RAMP("split: {p: 50%, q: 10%, r: 40%}, ramp: {pool: q, "
			   "from: r, to: 50%}"));
	ramp = config->services[0].ramp;
	ck_assert_uint_eq(ramp->member, 1);
	ck_assert_uint_eq(ramp->neighbour, 2);
	ck_assert_uint_eq(ramp->start_ppm, 100000);
	ck_assert_uint_eq(ramp->both_ppm, 500000);
	steering_config_destroy(config);
}
END_TEST

/* What a ramp is made of, each in another way: another ramp. */
static const char *const others[] = {
    RAMP("split: {p: 95, q: 5}, ramp: {to: 20%}"),
    RAMP("split: {p: 95, q: 5}, ramp: {to: 21%}"),
    RAMP("split: {p: 95, q: 5}, ramp: {to: 20%, step: 6%}"),
    RAMP("split: {p: 95, q: 5}, ramp: {to: 20%, every: 11m}"),
    RAMP("split: {p: 95, q: 5}, ramp: {to: 20%, hold: 11m}"),
    RAMP("split: {p: 95, q: 5}, ramp: {to: 20%, abort_when: {down: 31%}}"),
    RAMP("split: {p: 95, q: 5}, ramp: {to: 20%, abort_when: {degraded: 30%}}"),
    RAMP("split: {p: 95, q: 5}, ramp: {to: 20%, abort_when: {errors: 2%}}"),
    RAMP("split: {p: 95, q: 5}, ramp: {to: 20%, abort_when: {samples: 101}}"),
    RAMP("split: {p: 96, q: 4}, ramp: {to: 20%}"),
    RAMP("split: {p: 90, q: 5, r: 5}, ramp: {pool: q, from: p, to: 20%}"),
    RAMP("split: {p: 94, r: 6}, ramp: {to: 20%}"),
    RAMP("split: {r: 95, q: 5}, ramp: {to: 20%}"),
    RAMP("split: {p: 95, r: 5}, ramp: {to: 20%}"),
};

START_TEST(another_way_is_another_ramp)
{
	char made_for[COUNT(others)][RAMP_MADE_FOR];
	struct steering_config *config;

	for (size_t i = 0; i < COUNT(others); i++) {
		config = load(others[i]);
		memcpy(made_for[i], config->services[0].ramp->made_for,
		    RAMP_MADE_FOR);
		steering_config_destroy(config);
		ck_assert_uint_eq(strlen(made_for[i]), RAMP_MADE_FOR - 1);
		for (size_t k = 0; k < i; k++)
			ck_assert_msg(strcmp(made_for[i], made_for[k]) != 0,
			    "%zu is as %zu", i, k);
	}
	/* And what it does not depend on leaves it as it is. */
	config = load(RAMP("ttl: 30s, ramp: {every: 600s, to: 0.2}, split: {p: "
			   "190, q: 10}"));
	ck_assert_str_eq(config->services[0].ramp->made_for, made_for[0]);
	steering_config_destroy(config);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("config_ramp");
	TCase *tcase = tcase_create("rows");

	tcase_add_test(tcase, refuses);
	tcase_add_test(tcase, warns);
	tcase_add_test(tcase, what_is_silent_has_a_default);
	tcase_add_test(tcase, what_is_said_is_read);
	tcase_add_test(tcase, the_smaller_of_two_walks);
	tcase_add_test(tcase, another_way_is_another_ramp);
	suite_add_tcase(suite, tcase);
	return config_run(suite);
}
