/* Who of the vantages counts, as the quorum of a check says, by the regions of
 * the file: as meridiand decides it. */
#include "probes/control/jury.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "steering/vantage.h"

/* Two vantages in eu, one in us, one in ap, one in a region that the file does
 * not have, one in none. */
static const struct {
	const char *name, *region;
} vantages[] = {{"a", "eu"}, {"b", "eu"}, {"c", "us"}, {"d", "ap"},
    {"e", "elsewhere"}, {"f", ""}};
#define N (sizeof(vantages) / sizeof(vantages[0]))

/* Of an endpoint in eu. */
static const struct {
	const char *quorum, *up; /* vantages that find it up */
	bool is;
} rows[] = {
    {"majority", "abc", true},
    {"majority", "ab", false},
    {"all", "abcde", false},
    {"any", "f", true},
    /* The two of eu and that of us, which is nearer than ap. */
    {"{near: 3}", "ab", true},
    {"{near: 3}", "cdef", false},
    {"{near: 3, agree: 3}", "abc", true},
    {"{near: 3, agree: 3}", "abd", false},
    {"{near: 1}", "a", true},
    {"{near: 1}", "bcdef", false},
    /* Five regions, one vote each: eu, us, ap, elsewhere, none. */
    {"{of: regions}", "ab", false},
    {"{of: regions}", "abcd", true},
    {"{of: regions}", "cde", true},
    {"{of: regions, near: 2, agree: all}", "ac", true},
    {"{of: regions, near: 2, agree: all}", "abdef", false},
};

/* The jury of an endpoint in ${region}, whose check has ${quorum}. */
static void
make(const char *quorum, const char *region, struct arena *arena,
    struct jury *out)
{
	struct steering_config *config;
	const struct pool_config *pool;
	struct errbuf eb;
	char text[1024];

	snprintf(text, sizeof(text),
	    "regions:\n  us: {at: [39, -77]}\n  eu: {at: [53, -6]}\n"
	    "  ap: {at: [35, 139]}\n"
	    "checks:\n  c: {preset: http, path: /, quorum: %s}\n"
	    "pools:\n  p:\n    check: c\n    endpoints:\n"
	    "      - {name: a, region: %s, address: 192.0.2.1}\n"
	    "services:\n  s: {pool: p}\n",
	    quorum, region);
	errbuf_init(&eb);
	config = steering_config_parse("x.yaml", text, strlen(text), &eb);
	ck_assert_msg(config != NULL, "%s: %s", quorum, eb.text);
	pool = &config->pools[0];
	jury_of(config, steering_checks_of(pool, &pool->endpoints[0]),
	    jury_map_of(arena, config), (uint32_t)pool->endpoints[0].region,
	    out);
	steering_config_destroy(config);
}

START_TEST(who_counts_is_as_the_check_says)
{
	struct arena *arena = arena_create(1 << 20);
	struct elector electors[N];
	struct seer seers[N];
	struct jury jury;

	make(rows[_i].quorum, "eu", arena, &jury);
	for (size_t i = 0; i < N; i++) {
		seers[i] =
		    (struct seer){.place = vantage_place(vantages[i].region)};
		snprintf(seers[i].name, sizeof(seers[i].name), "%s",
		    vantages[i].name);
		electors[i] = jury_elector(&jury, &seers[i],
		    strchr(rows[_i].up, vantages[i].name[0]) != NULL);
	}
	ck_assert_msg(jury_is_up(&jury, electors, N) == rows[_i].is,
	    "%s with %s", rows[_i].quorum, rows[_i].up);
	arena_destroy(arena);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("jury");
	TCase *tcase = tcase_create("jury");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_loop_test(tcase, who_counts_is_as_the_check_says, 0,
	    (int)(sizeof(rows) / sizeof(rows[0])));
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
