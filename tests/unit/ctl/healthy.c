/*
 * A healthy month of each example that ships needs no advice: its files, a
 * state database and a history, made through the real writers: clients of the
 * countries around its regions, each at the nearest, some load, few failures.
 */
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "advice/advice.h"
#include "base/clock.h"
#include "ctl/command.h"
#include "ctl/facts.h"
#include "tests/unit/month_fixture.h"

/* Answers an hour of each service. */
#define ANSWERS 1000000
#define SAMPLE 64

/* Clients of the world, and how many. */
static const struct {
	const char *country;
	double share;
} clients[] = {{"US", 0.36}, {"IE", 0.2}, {"GB", 0.14}, {"DE", 0.08},
    {"IN", 0.12}, {"JP", 0.06}, {"", 0.04}};

#define CLIENTS (sizeof(clients) / sizeof(clients[0]))

/* --- files --- */

static void
begin_folder(const char *zone, const char *records, const char *steering)
{
	char text[512];

	month_make_folder();
	month_link(records, "example.zone");
	month_link(steering, "example.yaml");
	snprintf(text, sizeof(text),
	    "listen: 127.0.0.1:5300\nalone: true\nstate: state.db\n"
	    "geo: geo.mmdb\nzones:\n"
	    "  - {name: %s, records: example.zone, steering: example.yaml}\n",
	    zone);
	month_write("meridian.yaml", text);
}

/* --- the state database --- */

/* Well, but for one failure of a minute in the month. */
static void
write_endpoint(struct state_writer *w, const char *zone, const char *pool,
    const char *name, int64_t now_ms, int64_t failed_ms)
{
	struct state_endpoint row = month_endpoint(zone, pool, name);
	struct state_load load = month_load(zone, pool, name);

	row.since_ms = now_ms - DAYS * DAY_MS;
	row.checked_ms = now_ms;
	row.passes = 1000;
	row.connect_us = 1000;
	row.first_byte_us = 40000;
	row.certificate_ms = now_ms + 60 * DAY_MS;
	load.measured_ms = now_ms;
	load.saturation = 0.3;
	load.waiting = 0;
	load.first_token_us = 120000;
	month_ok(w, state_writer_put(w, TABLE_ENDPOINT, &row));
	month_ok(w, state_writer_put(w, TABLE_LOAD, &load));
	month_add_down(w, &row, "timeout", failed_ms, 60000);
}

static void
write_state(const struct policy_zone *zone, const char *vantage, int64_t now_ms)
{
	const struct steering_config *c = zone->config;
	struct state_writer *w = month_open_state(vantage);

	for (size_t p = 0; p < c->n_pools; p++)
		for (size_t e = 0; e < c->pools[p].n_endpoints; e++)
			write_endpoint(w, zone->name, c->pools[p].name,
			    c->pools[p].endpoints[e].name, now_ms,
			    now_ms - (int64_t)(p + e + 1) * DAY_MS);
	month_close_state(w);
}

/* --- the history --- */

#define MAX_ROWS 4096

static struct rows {
	struct history_traffic traffic[MAX_ROWS];
	struct history_scope scope[MAX_ROWS];
	struct history_place place[MAX_ROWS];
	size_t n_traffic, n_scope, n_place;
	char names[64][HISTORY_TEXT];
	size_t n_names;
} rows;

static void
add_rows(const struct advice_service *s, const struct advice_pool *pools,
    const char *country, const char *region, double share)
{
	struct history_place place = {.service = s->name,
	    .region = region,
	    .asn = 64500,
	    .samples = (uint64_t)llround(share * ANSWERS / SAMPLE)};

	memcpy(place.country, country, strlen(country) + 1);
	rows.place[rows.n_place++] = place;
	for (size_t m = 0; m < s->n_members; m++)
		for (int subnet = 0; subnet < 2; subnet++)
			rows.traffic[rows.n_traffic++] =
			    (struct history_traffic){s->name,
				pools[s->members[m].pool].name, region, "first",
				subnet == 1,
				(uint64_t)llround(
				    share * ANSWERS * s->members[m].set / 2)};
	rows.scope[rows.n_scope++] = (struct history_scope){
	    s->name, 4, 18, (uint64_t)llround(share * ANSWERS / 2)};
}

/* Clients of a country, at the first region of their order; of the United
 * States as a database of cities has them: half are in the west. */
static void
add_clients(const struct policy_zone *zone, const struct advice_service *s,
    const struct advice_pool *pools, const struct advice_country *c,
    double share)
{
	const struct advice_spot *spot = &c->spots[0];
	const struct region_config *regions = zone->config->regions;
	uint64_t inside = s->regions & spot->inside;
	uint8_t r = 0;

	while (r + 1 < spot->n && (inside >> spot->order[r] & 1) == 0)
		r++;
	for (size_t west = 0; west < zone->config->n_regions; west++)
		if (strcmp(regions[west].name, "us-west") == 0 &&
		    (inside >> west & 1) != 0 && strcmp(c->code, "US") == 0) {
			share /= 2;
			add_rows(s, pools, c->code, "us-west", share);
		}
	add_rows(s, pools, c->code, regions[spot->order[r]].name, share);
}

/* The canary alone is asked for by those who test it. */
static double
size_of(const struct advice_service *s)
{
	return strncmp(s->name, "preview.", 8) == 0 ? 0.00001 : 1;
}

static void
write_history(const struct policy_zone *zone, struct facts *facts, bool asia,
    int64_t now_ms)
{
	memset(&rows, 0, sizeof(rows));
	for (size_t i = 0; i < facts->advice.n_services; i++)
		for (size_t c = 0; c < CLIENTS; c++) {
			if (!asia && strcmp(clients[c].country, "IN") == 0)
				continue;
			add_clients(zone, &facts->services[i], facts->pools,
			    &facts->services[i].countries[c],
			    clients[c].share * size_of(&facts->services[i]));
		}
	month_write_history(&(const struct history_batch){.sample = SAMPLE,
				.traffic = rows.traffic,
				.n_traffic = rows.n_traffic,
				.scope = rows.scope,
				.n_scope = rows.n_scope,
				.place = rows.place,
				.n_place = rows.n_place},
	    now_ms - DAYS * DAY_MS);
}

/* Where the maps send clients of each country. */
static void
place_clients(struct facts *facts)
{
	for (size_t i = 0; i < facts->advice.n_services; i++) {
		struct advice_service *s = &facts->services[i];

		s->countries =
		    facts_array(facts, CLIENTS, sizeof(s->countries[0]));
		s->n_countries = CLIENTS;
		for (size_t c = 0; c < CLIENTS; c++)
			memcpy(s->countries[c].code, clients[c].country,
			    strlen(clients[c].country) + 1);
	}
	facts_read_places(facts);
}

/* --- all --- */

static const struct example {
	const char *zone, *records, *steering;
	bool asia; /* it has a region near India */
} examples[] = {
    {"inference.example", "zones/inference.example.zone",
	"zones/inference.example.yaml", true},
    {"inference.example.com", "zones/example/inference.zone",
	"zones/example/inference.yaml", false},
    {"platform.example.com", "zones/platform/platform.zone",
	"zones/platform/platform.yaml", false},
};

#define EXAMPLES (sizeof(examples) / sizeof(examples[0]))

START_TEST(a_healthy_month_needs_no_advice)
{
	const struct example *x = &examples[_i];
	int64_t now_ms = clock_wall_ms();
	const struct facts_wish wish = {
	    .from_ms = now_ms - DAYS * DAY_MS, .to_ms = now_ms, .spots = true};
	static struct errbuf eb;
	struct generation *g;
	struct facts facts;
	struct advice advice;

	errbuf_init(&eb);
	begin_folder(x->zone, x->records, x->steering);
	g = command_load_quietly(month_config);
	ck_assert_ptr_nonnull(g);
	ck_assert_int_eq(facts_collect(&facts, g, &wish, &eb), 0);
	place_clients(&facts);
	write_state(&g->policy->zones[0], "one", now_ms);
	write_state(&g->policy->zones[0], "two", now_ms);
	write_history(&g->policy->zones[0], &facts, x->asia, now_ms);
	facts_finish(&facts);
	ck_assert_int_eq(facts_collect(&facts, g, &wish, &eb), 0);
	for (size_t i = 0; i < facts.advice.n_services; i++)
		ck_assert_double_gt(facts.services[i].answers, 0);
	advice_find(&facts.advice, &g->config->advise, &advice);
	for (size_t i = 0; i < advice.n; i++)
		ck_abort_msg("%s of %s: %s",
		    advise_rules[advice.findings[i].rule].name,
		    advice.findings[i].subject, advice.findings[i].evidence);
	advice_finish(&advice);
	facts_finish(&facts);
	generation_release(g);
	month_remove_folder();
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("ctl/healthy");
	TCase *tcase = tcase_create("healthy");
	SRunner *runner;
	int failed;

	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(
	    tcase, a_healthy_month_needs_no_advice, 0, EXAMPLES);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
