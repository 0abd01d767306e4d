/*
 * The `spill` of a pool: what is read of it, and each row a sentence, a
 * steering file and all that is said of it, to the last column.
 */
#include "config/steering.h"

#include "tests/unit/config_fixture.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* A file whose pool has ${spill} and two endpoints with ${x} and ${y}. */
#define SPILL(spill, x, y)                                                    \
	"regions: {a: {at: [1, 2]}, b: {at: [3, 4]}}\n"                       \
	"checks: {c: {preset: vllm, port: 8000, load: {max_running: 9}}, d: " \
	"{}}\n"                                                               \
	"pools:\n"                                                            \
	"  p:\n"                                                              \
	"    check: c\n"                                                      \
	"    " spill "\n"                                                     \
	"    endpoints:\n"                                                    \
	"      - {name: x, region: a, address: 192.0.2.1" x "}\n"             \
	"      - {name: y, region: b, address: 192.0.2.2" y "}\n"             \
	"  q: {check: d, endpoints: [{name: z, region: a, address: "          \
	"192.0.2.3}]}\n"                                                      \
	"services: {s: {pool: p}, t: {pool: q}}\n"
#define X ", capacity: 10"
#define Y ", capacity: 20"

static const struct config_row refused[] = {
    {"without the capacity of an endpoint",
	SPILL("spill: {}", ", capacity: 10", ""),
	"f:9:9: error: endpoint \"y\" has no capacity, which \"spill\" in "
	"line 6 needs of each: write \"capacity: N\", in one unit for all of "
	"the pool\n"},
    {"what is no mapping", SPILL("spill: 85%", X, Y),
	"f:6:12: error: spill: expected {target: 85%, ...}, or {} for what is "
	"usual, found \"85%\"\n"},
    {"nothing at all is not what is usual", SPILL("spill:", X, Y),
	"f:6:5: error: spill: expected {target: 85%, ...}, or {} for what is "
	"usual, found nothing\n"},
    {"a target that always sheds", SPILL("spill: {target: 0.5%}", X, Y),
	"f:6:21: error: target: expected a share of 1% to 100% (85%), found "
	"\"0.5%\"\n"},
    {"a target above all", SPILL("spill: {target: 85}", X, Y),
	"f:6:21: error: target: expected a share, from 0 to 1 or from 0% to "
	"100%, found \"85\"\n"},
    {"times out of their ranges",
	SPILL("spill: {held: 2h, every: 500ms, fade: 2d}", X, Y),
	"f:6:19: error: held: expected a duration of whole seconds (5s, 1m, "
	"2h) from 0s to 1h, found "
	"\"2h\"\n"
	"f:6:30: error: every: expected a duration of whole seconds (5s, 1m, "
	"2h) from 1s to 1m, found "
	"\"500ms\"\n"
	"f:6:43: error: fade: expected a duration of whole seconds (5s, 1m, "
	"2h) from 1s to 24h, found "
	"\"2d\"\n"},
    {"a key of another", SPILL("spill: {keep: 10%}", X, Y),
	"f:6:13: error: unknown key \"keep\", known are: target, keep_min, "
	"held, every, fade\n"},
};

START_TEST(refuses)
{
	config_rows(refused, COUNT(refused), false);
}
END_TEST

static const struct config_row warned[] = {
    {"all that it needs", SPILL("spill: {}", X, Y), ""},
    {"who is never picked, or standby, needs no capacity",
	SPILL("spill: {}", ", capacity: 10",
	    ", capacity: 20}\n      - {name: v, region: a, address: "
	    "192.0.2.8, weight: 0, check: d}\n      - {name: w, region: a, "
	    "address: 192.0.2.9, standby: true, check: d"),
	""},
    {"without a check that reads load",
	SPILL("spill: {}", ", capacity: 10", ", capacity: 10, check: d"),
	"f:6:5: warning: spill: no check reads the load of endpoint \"y\": "
	"without it a region passes nobody on; write \"load\" in its check\n"},
    {"in one region alone",
	"checks: {c: {preset: vllm, port: 8000, load: {max_running: 9}}}\n"
	"regions: {a: {at: [1, 2]}}\n"
	"pools: {p: {check: c, spill: {}, endpoints: [{name: x, region: a, "
	"address: 192.0.2.1, capacity: 1}]}}\n"
	"services: {s: {pool: p}}\n",
	"f:3:23: warning: spill: the pool has endpoints in one region alone, "
	"which has none to pass clients on to\n"},
};

START_TEST(warns)
{
	config_rows(warned, COUNT(warned), true);
}
END_TEST

static struct spill_config
spill_of(const char *text, size_t pool)
{
	struct steering_config *config;
	struct spill_config spill;
	struct errbuf eb;

	errbuf_init(&eb);
	config = steering_config_parse("f", text, strlen(text), &eb);
	ck_assert_msg(config != NULL, "%s", eb.text);
	spill = config->pools[pool].spill;
	steering_config_destroy(config);
	return spill;
}

START_TEST(reads_each_key)
{
	struct spill_config spill = spill_of(
	    SPILL("spill: {target: 70%, keep_min: 0, held: 0s, every: 10s, "
		  "fade: 24h}",
		X, Y),
	    0);

	ck_assert(spill.wanted);
	ck_assert_uint_eq(spill.target_ppm, 700000);
	ck_assert_uint_eq(spill.keep_min_ppm, 0);
	ck_assert_uint_eq(spill.held_s, 0);
	ck_assert_uint_eq(spill.every_s, 10);
	ck_assert_uint_eq(spill.fade_s, 86400);
}
END_TEST

START_TEST(fills_in_the_defaults)
{
	struct spill_config spill = spill_of(SPILL("spill: {}", X, Y), 0);

	ck_assert(spill.wanted);
	ck_assert_uint_eq(spill.target_ppm, 850000);
	ck_assert_uint_eq(spill.keep_min_ppm, 10000);
	ck_assert_uint_eq(spill.held_s, 20);
	ck_assert_uint_eq(spill.every_s, 5);
	ck_assert_uint_eq(spill.fade_s, 300);
	ck_assert(!spill_of(SPILL("spill: {}", X, Y), 1).wanted);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("config_spill");
	TCase *tcase = tcase_create("rows");

	tcase_add_test(tcase, refuses);
	tcase_add_test(tcase, warns);
	tcase_add_test(tcase, reads_each_key);
	tcase_add_test(tcase, fills_in_the_defaults);
	suite_add_tcase(suite, tcase);
	return config_run(suite);
}
