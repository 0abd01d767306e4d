/*
 * The `even` of a pool: when it is on, and each row a sentence, a steering file
 * and all that is said of it, to the last column.
 */
#include "config/steering.h"

#include "tests/unit/config_fixture.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* A file whose pool has ${keys} and two endpoints with ${x} and ${y}. */
#define EVEN(keys, x, y)                                                      \
	"regions: {a: {at: [1, 2]}, b: {at: [3, 4]}}\n"                       \
	"checks: {c: {preset: vllm, port: 8000, load: {max_running: 9}}, d: " \
	"{}}\n"                                                               \
	"pools:\n"                                                            \
	"  p:\n"                                                              \
	"    check: c\n"                                                      \
	"    " keys "\n"                                                      \
	"    endpoints:\n"                                                    \
	"      - {name: x, address: 192.0.2.1, region: " x "}\n"              \
	"      - {name: y, address: 192.0.2.2, region: " y "}\n"              \
	"  q: {check: d, endpoints: [{name: z, region: b, address: "          \
	"192.0.2.3}]}\n"                                                      \
	"services: {s: {pool: p}, t: {pool: q}}\n"

#define NOTHING                                                               \
	"f:6:5: warning: even: the pool has no region with two endpoints to " \
	"pick from: there is nothing to even out\n"

static const struct config_row warned[] = {
    {"two in a region", EVEN("even: true", "a", "a"), ""},
    {"false is never warned of", EVEN("even: false", "a", "b, check: d"), ""},
    {"without a check that reads load", EVEN("even: true", "a", "a, check: d"),
	"f:6:5: warning: even: no check reads the load of endpoint \"y\": "
	"without it its weight stays as it is; write \"load\" in its check\n"},
    {"who is never picked needs none",
	EVEN("even: true", "a",
	    "a}\n      - {name: v, region: a, address: 192.0.2.8, weight: 0, "
	    "check: d"),
	""},
    {"each in a region of its own", EVEN("even: true", "a", "b"), NOTHING},
    {"the other is never picked", EVEN("even: true", "a", "a, weight: 0"),
	NOTHING},
    {"the other is standby", EVEN("even: true", "a", "a, standby: true"),
	NOTHING},
};

START_TEST(warns)
{
	config_rows(warned, COUNT(warned), true);
}
END_TEST

static const struct config_row refused[] = {
    {"what is no word for yes or no", EVEN("even: 3", "a", "a"),
	"f:6:11: error: even: expected true or false, found \"3\"\n"},
};

START_TEST(refuses)
{
	config_rows(refused, COUNT(refused), false);
}
END_TEST

START_TEST(is_on_with_spill_unless_it_is_said)
{
	static const struct {
		const char *text;
		bool even;
	} cases[] = {
	    {EVEN("min_up: 0", "a", "a"), false},
	    {EVEN("even: true", "a", "a"), true},
	    {EVEN("even: false", "a", "a"), false},
	    {EVEN("spill: {}", "a, capacity: 1", "a, capacity: 1"), true},
	    {EVEN("spill: {}\n    even: false", "a, capacity: 1",
		 "a, capacity: 1"),
		false},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct steering_config *config;
		struct errbuf eb;

		errbuf_init(&eb);
		config = steering_config_parse(
		    "f", cases[i].text, strlen(cases[i].text), &eb);
		ck_assert_msg(config != NULL, "%s", eb.text);
		ck_assert_msg(config->pools[0].even == cases[i].even, "%s",
		    cases[i].text);
		steering_config_destroy(config);
	}
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("config_even");
	TCase *tcase = tcase_create("rows");

	tcase_add_test(tcase, warns);
	tcase_add_test(tcase, refuses);
	tcase_add_test(tcase, is_on_with_spill_unless_it_is_said);
	suite_add_tcase(suite, tcase);
	return config_run(suite);
}
