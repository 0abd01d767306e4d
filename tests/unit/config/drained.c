/*
 * What is drained by the file, and slow starts: of regions, pools and
 * endpoints, and all that is said of what is wrong, to the last column.
 */
#include "config/steering.h"

#include "tests/unit/config_fixture.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* A file whose region, pool and endpoint have these keys. */
#define FILE_OF(region, pool, endpoint)                                  \
	"regions: {a: {at: [1, 2]" region "}}\n"                         \
	"pools:\n"                                                       \
	"  p:\n"                                                         \
	"    min_up: 0" pool "\n"                                        \
	"    endpoints:\n"                                               \
	"      - {name: x, address: 192.0.2.1, region: a" endpoint "}\n" \
	"services: {s: {pool: p}}\n"

static const struct config_row refused[] = {
    {"a word that is neither", FILE_OF("", "", ", drained: maybe"),
	"f:6:59: error: drained: expected true or false, found \"maybe\"\n"},
    {"a slow start of days", FILE_OF("", "\n    slow_start: 2h", ""),
	"f:5:17: error: slow_start: expected a duration of whole "
	"seconds (5s, 1m, 2h) from 0s to 1h, found "
	"\"2h\"\n"},
    {"a slow start without a unit", FILE_OF("", "\n    slow_start: 5", ""),
	"f:5:17: error: slow_start: expected a duration with its unit (s, m, "
	"h, d) from 0s to 1h, found \"5\"\n"},
};

START_TEST(refuses)
{
	config_rows(refused, COUNT(refused), false);
}
END_TEST

static struct steering_config *
parse(const char *text)
{
	struct steering_config *config;
	struct errbuf eb;

	errbuf_init(&eb);
	config = steering_config_parse("f", text, strlen(text), &eb);
	ck_assert_msg(config != NULL, "%s", eb.text);
	ck_assert_str_eq(eb.text, "");
	return config;
}

START_TEST(takes)
{
	static const struct {
		const char *text;
		bool region, pool, endpoint;
		uint32_t slow_start_s;
	} cases[] = {
	    {FILE_OF("", "", ""), false, false, false, 0},
	    {FILE_OF(", drained: true", "", ""), true, false, false, 0},
	    {FILE_OF("", "\n    drained: true", ""), false, true, false, 0},
	    {FILE_OF("", "", ", drained: true"), false, false, true, 0},
	    {FILE_OF("", "\n    slow_start: 5m", ", drained: false"), false,
		false, false, 300},
	    {FILE_OF("", "\n    slow_start: 1h", ""), false, false, false,
		3600},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct steering_config *config = parse(cases[i].text);
		const struct pool_config *pool = &config->pools[0];

		ck_assert(config->regions[0].drained == cases[i].region);
		ck_assert(pool->drained == cases[i].pool);
		ck_assert(pool->endpoints[0].drained == cases[i].endpoint);
		ck_assert_uint_eq(pool->slow_start_s, cases[i].slow_start_s);
		steering_config_destroy(config);
	}
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("config_drained");
	TCase *tcase = tcase_create("rows");

	tcase_add_test(tcase, refuses);
	tcase_add_test(tcase, takes);
	suite_add_tcase(suite, tcase);
	return config_run(suite);
}
