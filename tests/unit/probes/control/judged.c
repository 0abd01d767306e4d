/*
 * Those who control by load and walk ramps judge as meridiand does: the same
 * rows, drawn at random, to both, from the same files.
 */
#include "probes/control/judged.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "probes/control/seers.h"
#include "steering/health.h"
#include "tests/unit/draw.h"

#define WALL INT64_C(1700000000000)
#define STEPS 120 /* of a second */
#define SEEDS 40

static const char text[] =
    "regions:\n  us: {at: [39, -77]}\n  eu: {at: [53, -6]}\n"
    "  ap: {at: [35, 139]}\n"
    "checks:\n"
    "  most: {preset: http, path: /, every: 5s, timeout: 2s}\n"
    "  any: {preset: http, path: /, quorum: any, every: 5s, timeout: 2s}\n"
    "  all: {preset: http, path: /, quorum: all, every: 3s, timeout: 1s}\n"
    "  two: {preset: http, path: /, quorum: 2, every: 5s, timeout: 2s}\n"
    "  near: {preset: http, path: /, quorum: {near: 2, agree: all}, "
    "every: 5s, timeout: 2s}\n"
    "  places: {preset: http, path: /, quorum: {of: regions}, every: 5s, "
    "timeout: 2s}\n"
    "pools:\n"
    "  p:\n    check: most\n    endpoints:\n"
    "      - {name: a, region: us, address: 192.0.2.1}\n"
    "      - {name: b, region: eu, address: 192.0.2.2, check: any}\n"
    "      - {name: c, region: ap, address: 192.0.2.3, check: all}\n"
    "      - {name: d, region: us, address: 192.0.2.4, check: two}\n"
    "      - {name: e, region: eu, address: 192.0.2.5, check: near}\n"
    "      - {name: f, region: ap, address: 192.0.2.6, check: places}\n"
    "  n:\n    check: most\n    endpoints:\n"
    "      - {name: g, region: us, resolve: g.example.net}\n"
    "      - {name: h, region: us, address: 192.0.2.8, weight: 0}\n"
    "services:\n  s: {pool: p}\n  t: {pool: n}\n";

static const struct {
	const char *pool, *name;
} keys[] = {{"p", "a"}, {"p", "b"}, {"p", "c"}, {"p", "d"}, {"p", "e"},
    {"p", "f"}, {"n", "g"}, {"n", "h"}};
#define KEYS (sizeof(keys) / sizeof(keys[0]))

/* Two of a region, one in none, one of a region that the file has not. */
static const char *const places[] = {"us", "eu", "eu", "ap", "", "mars"};
#define VANTAGES (sizeof(places) / sizeof(places[0]))

/* Both sides. */
struct pair {
	struct policy *policy; /* meridiand's */
	struct health *health;
	struct judged judged;
	struct seers seers;
	struct draw draw;
	int64_t mono;
	bool blinded[VANTAGES], silent[VANTAGES];
	size_t judgements, unlike_up, aside;
};

static void
take_vantage(struct pair *x, size_t v)
{
	struct state_vantage row = {
	    .heartbeat_ms = WALL + x->mono, .lease_until_ms = 1};

	snprintf(row.name, sizeof(row.name), "v%zu", v);
	snprintf(row.region, sizeof(row.region), "%s", places[v]);
	if (draw_below(&x->draw, 40) == 0)
		row.lease_until_ms = 0;
	health_vantage(x->health, &row, x->mono, WALL + x->mono);
	seers_take(&x->seers, &row, x->mono, WALL + x->mono);
}

static void
take_address(struct pair *x, const struct state_endpoint *of)
{
	struct state_address row = {.zone = "example.net",
	    .health = of->health,
	    .fails = of->fails,
	    .checked_ms = of->checked_ms};

	memcpy(row.vantage, of->vantage, sizeof(row.vantage));
	memcpy(row.pool, of->pool, sizeof(row.pool));
	memcpy(row.endpoint, of->endpoint, sizeof(row.endpoint));
	snprintf(row.address, sizeof(row.address), "192.0.2.%u",
	    (unsigned)(100 + draw_below(&x->draw, 3)));
	health_address(x->health, &row);
	seers_address(&x->seers, &row);
}

static void
take_endpoint(struct pair *x, size_t v, size_t k)
{
	struct state_endpoint row = {
	    .zone = "example.net", .checked_ms = WALL + x->mono};
	uint64_t drawn = draw_below(&x->draw, 10);

	snprintf(row.vantage, sizeof(row.vantage), "v%zu", v);
	snprintf(row.pool, sizeof(row.pool), "%s", keys[k].pool);
	snprintf(row.endpoint, sizeof(row.endpoint), "%s", keys[k].name);
	row.health = x->blinded[v] || drawn == 0 ? HEALTH_DOWN
	    : drawn == 1                         ? HEALTH_UNKNOWN
						 : HEALTH_UP;
	row.fails = row.health == HEALTH_DOWN || drawn == 2;
	if (keys[k].name[0] == 'g')
		take_address(x, &row);
	health_endpoint(x->health, &row);
	seers_endpoint(&x->seers, &row);
}

/* One change: whole ones come as after a reconnection. */
static void
change(struct pair *x)
{
	bool full = draw_below(&x->draw, 50) == 0;

	health_begin(x->health, full);
	seers_begin(&x->seers, full);
	for (size_t v = 0; v < VANTAGES; v++)
		if (!x->silent[v])
			take_vantage(x, v);
	for (size_t v = 0; v < VANTAGES; v++)
		for (size_t k = 0; k < KEYS; k++)
			if (!x->silent[v] && draw_below(&x->draw, 3) == 0)
				take_endpoint(x, v, k);
	health_commit(x->health, x->mono);
	seers_commit(&x->seers, x->mono);
}

static void
compare(struct pair *x)
{
	struct live *live = health_live(x->health, x->policy, x->mono);

	ck_assert_ptr_nonnull(live);
	seers_sit(&x->seers, x->mono);
	for (uint32_t i = 0; i < x->policy->n_endpoints; i++) {
		struct quorum_verdict verdict;

		seers_say(&x->seers, &x->policy->endpoints[i].key, &verdict);
		ck_assert_msg((int)verdict.usable == live->endpoint[i],
		    "%s at %d ms: %d, meridiand %d",
		    x->policy->endpoints[i].key.endpoint, (int)x->mono,
		    (int)verdict.usable, live->endpoint[i]);
		x->judgements++;
		x->unlike_up += verdict.usable != USABLE_YES;
	}
	for (uint32_t v = 0; v < x->seers.n; v++)
		x->aside += seers_aside(&x->seers, v, PLACE_NONE);
	live_destroy(live);
}

static void
run(struct pair *x)
{
	for (size_t v = 0; v < VANTAGES; v++)
		x->blinded[v] = x->silent[v] = false;
	for (int s = 0; s < STEPS; s++) {
		x->mono += 1000;
		for (size_t v = 0; v < VANTAGES; v++) {
			if (draw_below(&x->draw, 30) == 0)
				x->blinded[v] = !x->blinded[v];
			if (draw_below(&x->draw, 60) == 0)
				x->silent[v] = !x->silent[v];
		}
		change(x);
		compare(x);
	}
}

START_TEST(they_judge_as_meridiand_does)
{
	static const enum stale_then then[] = {
	    STALE_KEEP, STALE_UP, STALE_DOWN};
	struct zone_config zone = {.name = "example.net"};
	struct server_config server = {.zones = &zone,
	    .n_zones = 1,
	    .stale_after_ms = 10000,
	    .blind_ppm = 500000};
	struct pair x = {.mono = 5000};
	struct steering_config *config;
	struct geography *geography;
	struct map_set *maps;
	struct errbuf eb;

	errbuf_init(&eb);
	config = steering_config_parse("x.yaml", text, strlen(text), &eb);
	ck_assert_msg(config != NULL, "%s", eb.text);
	geography = geography_load(NULL, NULL, 0, NULL, &eb);
	maps = map_set_create(geography);
	x.policy = policy_build(
	    &(struct policy_input){"example.net", config}, 1, maps, NULL, &eb);
	ck_assert_msg(x.policy != NULL, "%s", eb.text);
	for (uint64_t seed = 0; seed < SEEDS; seed++) {
		server.stale_then = then[seed % 3];
		ck_assert_int_eq(
		    judged_build(&x.judged, &server, &config, &eb), 0);
		x.health = health_create();
		health_configure(
		    x.health, server.stale_after_ms, server.stale_then);
		health_allow_missed(x.health, server.blind_ppm);
		ck_assert_int_eq(health_adopt(x.health, x.policy, x.mono), 0);
		ck_assert_int_eq(seers_init(&x.seers, &x.judged, x.mono), 0);
		x.draw = draw_of(seed, 1);
		run(&x);
		seers_finish(&x.seers);
		health_destroy(x.health);
		judged_finish(&x.judged);
	}
	/* It was no idle comparison. */
	ck_assert_uint_eq(x.judgements, (size_t)SEEDS * STEPS * KEYS);
	ck_assert_uint_gt(x.unlike_up, x.judgements / 10);
	ck_assert_uint_gt(x.aside, x.judgements / 40);
	policy_destroy(x.policy);
	map_set_destroy(maps);
	geography_destroy(geography);
	steering_config_destroy(config);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("probes/control: judged");
	TCase *tcase = tcase_create("judged");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, they_judge_as_meridiand_does);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
