/*
 * meridianctl simulate: tries what happens to a service before it does, with
 * the code that decides and controls.  Reads the operator's files, runs the
 * simulator, has tables, CSV, JSON and plots written by the files simulate_*;
 * changes nothing.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "config/scalar.h"
#include "ctl/columns.h"
#include "ctl/command.h"
#include "ctl/simulate_csv.h"
#include "ctl/simulate_json.h"
#include "ctl/simulate_options.h"
#include "ctl/simulate_output.h"
#include "ctl/simulate_plan.h"
#include "ctl/simulate_plot.h"
#include "ctl/simulate_run.h"
#include "ctl/simulate_service.h"
#include "ctl/simulate_table.h"

#define SETTINGS 512

/* All of one command. */
struct simulation {
	struct simulate_options o;
	const char *scenarios[SIMULATE_SCENARIOS];
	size_t n_scenarios;
	const char *service_name; /* NULL: not said */
	struct generation *generation;
	struct simulate_service service;
	struct policy_service asked; /* the service, with the TTL of --ttl */
	struct plan_wishes wishes;
	struct world_config world;
	struct simulated like;
	char settings[SETTINGS];
	struct simulate_runs runs;
	struct simulate_output csv, svg;
	struct errbuf *eb;
};

/* --- before --- */

/* Which words are scenarios; another one is the service. */
static int
sort_words(struct simulation *s)
{
	for (size_t i = 0; i < s->o.n_words; i++) {
		const char *word = s->o.words[i];
		size_t k = 0;

		while (plan_name(k) != NULL && strcmp(plan_name(k), word) != 0)
			k++;
		if (plan_name(k) != NULL)
			s->scenarios[s->n_scenarios++] = word;
		else if (s->service_name == NULL)
			s->service_name = word;
		else
			return errbuf_error(s->eb, NULL,
			    "\"%s\" and \"%s\": one service is simulated at a "
			    "time",
			    s->service_name, word);
	}
	if (s->n_scenarios == 0)
		s->scenarios[s->n_scenarios++] = plan_name(0);
	return 0;
}

/* "1m", and what stands before it. */
static void
add_time(struct text *t, const char *what, uint32_t seconds)
{
	char text[SCALAR_MS_TEXT];

	text_add(t, ", %s" COLUMNS_JOIN "%s", what,
	    scalar_show_ms(UINT64_C(1000) * seconds, text));
}

static int
write_settings(struct simulation *s)
{
	const struct simulate_options *o = &s->o;
	struct text t;

	text_init(&t, SETTINGS - 1);
	text_add(&t,
	    "demand %g" COLUMNS_JOIN "%% of capacity, %" PRIu32 COLUMNS_JOIN
	    "resolvers (Zipf" COLUMNS_JOIN "%g)",
	    o->load / 1e4, o->resolvers, o->zipf / 1e6);
	if (o->subnets > 0)
		text_add(&t,
		    ", %" PRIu32 COLUMNS_JOIN "forward %" PRIu32 COLUMNS_JOIN
		    "%snetworks each",
		    o->subnets, o->networks,
		    o->uneven ? "uneven" COLUMNS_JOIN : "");
	if (o->stretch > 0) {
		text_add(&t, ", %g" COLUMNS_JOIN "%% keep answers",
		    o->stretch / 1e4);
		add_time(&t, "at least", o->stretch_s);
	}
	add_time(&t, "TTL", s->asked.ttl_max_s);
	add_time(&t, "held", o->held_s);
	add_time(&t, "metrics late", o->lag_s);
	text_add(&t,
	    ", noise %g" COLUMNS_JOIN "%%, %" PRIu32 COLUMNS_JOIN
	    "requests/s, seed" COLUMNS_JOIN "%" PRIu32,
	    o->noise / 1e4, o->requests, o->seed);
	if (!t.failed)
		memcpy(s->settings, t.data, t.len + 1);
	text_finish(&t);
	return 0;
}

static void
set_world(struct simulation *s)
{
	const struct simulate_options *o = &s->o;

	s->asked = *s->service.service;
	if (o->ttl_s > 0) {
		s->asked.ttl_max_s = o->ttl_s;
		if (s->asked.ttl_min_s > o->ttl_s)
			s->asked.ttl_min_s = o->ttl_s;
	}
	world_config_init(&s->world);
	s->world.policy = s->generation->policy;
	s->world.zone = s->service.zone;
	s->world.service = &s->asked;
	s->world.population = s->service.population;
	s->world.seed = o->seed;
	s->world.settle_s = o->settle_s;
	s->world.level = o->load / 1e6;
	s->world.requests_s = o->requests;
	s->world.held_s = o->held_s;
	s->world.noise = o->noise / 1e6;
	s->world.metrics_late_s = o->lag_s;
}

static int
set_wishes(struct simulation *s)
{
	const struct simulate_options *o = &s->o;
	size_t region;

	s->wishes = (struct plan_wishes){.for_s = o->for_s,
	    .times = o->times / 1e6,
	    .swing = o->swing / 1e6,
	    .late_s = o->late_s,
	    .to = o->to / 1e6,
	    .over_s = o->over_s};
	if (simulate_service_region(&s->service, o->region, &region, s->eb) !=
	    0)
		return -1;
	s->wishes.region = s->service.numbers[region];
	s->wishes.region_name = s->service.regions[region].name;
	for (size_t i = 0; i < s->n_scenarios; i++)
		if (strcmp(s->scenarios[i], PLAN_RAMP) == 0 &&
		    simulate_service_pool(
			&s->service, o->pool, &s->wishes.pool, s->eb) != 0)
			return -1;
	if (simulate_service_endpoint(&s->service, s->generation->policy,
		o->endpoint, s->wishes.region, &s->wishes.endpoint, s->eb) != 0)
		return -1;
	s->wishes.endpoint_name =
	    s->generation->policy->endpoints[s->wishes.endpoint].key.endpoint;
	s->wishes.pool_name = s->asked.members[s->wishes.pool].pool.name;
	return 0;
}

static int
prepare(struct simulation *s)
{
	if (simulate_service_find(
		&s->service, s->generation, s->service_name, s->eb) != 0 ||
	    simulate_service_populate(
		&s->service, s->generation, &s->o, s->eb) != 0)
		return -1;
	set_world(s);
	write_settings(s);
	s->like = (struct simulated){.service = s->service.name,
	    .subject = "",
	    .settings = s->settings,
	    .regions = s->service.regions,
	    .n_regions = s->service.n_regions};
	return set_wishes(s);
}

/* --- the runs --- */

static size_t
laws_of(const struct simulation *s)
{
	return s->o.compare ? RIVALS : 1;
}

/* One scenario under each law. */
static int
run_laws(struct simulation *s, const struct plan *plan, const char *subject)
{
	s->like.subject = subject;
	for (size_t i = 0; i < laws_of(s); i++) {
		s->world.rival = s->o.compare ? (enum rival)i : s->o.law;
		s->like.law = rivals_name(s->world.rival);
		if (simulate_run(&s->runs, plan, &s->world, &s->like, s->eb) !=
		    0)
			return -1;
	}
	return 0;
}

static bool
is_each(const char *scenario)
{
	return strcmp(scenario, PLAN_EACH_REGION) == 0;
}

static int
run_scenario(struct simulation *s, const char *scenario)
{
	struct plan_wishes wishes = s->wishes;
	struct plan plan;

	if (!is_each(scenario))
		return plan_make(scenario, &wishes, &plan) != 0
		    ? -1
		    : run_laws(s, &plan, "");
	for (size_t r = 0; r < s->service.n_regions; r++) {
		wishes.region = s->service.numbers[r];
		wishes.region_name = s->service.regions[r].name;
		if (plan_make(scenario, &wishes, &plan) != 0 ||
		    run_laws(s, &plan, wishes.region_name) != 0)
			return -1;
	}
	return 0;
}

static int
run_all(struct simulation *s)
{
	for (size_t i = 0; i < s->n_scenarios; i++)
		s->runs.expected += (unsigned)(laws_of(s) *
		    (is_each(s->scenarios[i]) ? s->service.n_regions : 1));
	for (size_t i = 0; i < s->n_scenarios; i++)
		if (run_scenario(s, s->scenarios[i]) != 0)
			return -1;
	progress_end(&s->runs.progress);
	return 0;
}

/* --- after --- */

/* All runs of a scenario; returns how many they are. */
static size_t
print_scenario(const struct simulation *s, const char *scenario,
    const struct simulated *runs)
{
	size_t times = is_each(scenario) ? s->service.n_regions : 1;

	if (!s->o.compare && is_each(scenario))
		simulate_table_without(runs, times, stdout);
	else if (!s->o.compare)
		simulate_table_run(runs, stdout);
	for (size_t i = 0; s->o.compare && i < times; i++) {
		if (i > 0)
			putchar('\n');
		simulate_table_laws(runs + i * RIVALS, RIVALS, stdout);
	}
	return times * laws_of(s);
}

static void
print_tables(const struct simulation *s)
{
	const struct simulated *run = s->runs.all;

	for (size_t i = 0; i < s->n_scenarios; i++) {
		if (i > 0)
			putchar('\n');
		run += print_scenario(s, s->scenarios[i], run);
	}
}

static int
print(const struct simulation *s)
{
	json_t *root;

	if (!s->o.json) {
		print_tables(s);
	} else {
		root = simulate_json(s->runs.all, s->runs.n);
		command_print_object(root);
		json_decref(root);
	}
	if (fflush(stdout) != 0 || ferror(stdout) != 0) {
		fputs("meridianctl simulate: not all of it could be written\n",
		    stderr);
		return -1;
	}
	return 0;
}

static int
write_files(struct simulation *s)
{
	FILE *csv = simulate_output_begin(&s->csv);
	FILE *svg = simulate_output_begin(&s->svg);

	if (csv != NULL) {
		simulate_csv_head(csv);
		for (size_t i = 0; i < s->runs.n; i++)
			simulate_csv_rows(&s->runs.all[i], csv);
	}
	if (svg != NULL)
		simulate_plot(s->runs.all, s->runs.n, svg);
	if (simulate_output_keep(&s->csv) != 0)
		return -1;
	return simulate_output_keep(&s->svg);
}

static int
simulate(struct simulation *s)
{
	if (simulate_runs_init(&s->runs, s->o.quiet) != 0)
		return errbuf_error(s->eb, NULL, "no memory");
	if (simulate_output_open(&s->csv, s->o.csv) != 0 ||
	    simulate_output_open(&s->svg, s->o.svg) != 0 || run_all(s) != 0)
		return -1;
	return print(s) != 0 || write_files(s) != 0 ? -1 : 0;
}

static int
run(const char *path, int argc, char **argv)
{
	struct simulation *s = calloc(1, sizeof(*s));
	int status = CTL_FAILED;

	if (s == NULL || (s->eb = malloc(sizeof(*s->eb))) == NULL) {
		free(s);
		fputs("meridianctl: no memory\n", stderr);
		return CTL_FAILED;
	}
	errbuf_init(s->eb);
	status = simulate_options_read(&s->o, argc, argv);
	if (status < 0) {
		status = CTL_FAILED;
		if (sort_words(s) == 0 &&
		    (s->generation = command_load(path)) != NULL &&
		    prepare(s) == 0 && simulate(s) == 0)
			status = CTL_OK;
		simulate_output_drop(&s->csv);
		simulate_output_drop(&s->svg);
		simulate_runs_finish(&s->runs);
		simulate_service_finish(&s->service);
		generation_release(s->generation);
		command_print_messages(s->eb);
	}
	free(s->eb);
	free(s);
	return status;
}

const struct command command_simulate = {
    .name = "simulate",
    .summary = "try what happens to a service before it does",
    .run = run,
};
