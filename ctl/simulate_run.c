/*
 * Lives through a scenario and keeps what is printed of it: a step every few
 * seconds with all regions, and the figures of the whole.  Called by
 * meridianctl simulate; prints nothing but the bar while it runs.
 */
#include "ctl/simulate_run.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/array.h"
#include "base/clock.h"

/* A step is no shorter: load moves over the time that requests are held. */
#define STEP_S 5
/* More steps no plot shows; those of a longer run are longer. */
#define STEPS 3000

/* What is kept of all runs: no machine that runs it lacks as much. */
#define MEMORY_MOST ((size_t)2 << 30)

/* All laws and regions of all scenarios. */
#define RUNS_MOST 2048

struct recording {
	struct simulate_runs *runs;
	struct simulated *run;
	struct simulated_step *steps;
	struct simulated_cell *cells;
	struct simulated_region *regions;
	double capacity[STEERING_MAX_REGIONS]; /* the sum of all steps */
	size_t size; /* steps that there is room for */
	const struct plan *plan;
	uint32_t settle_s;
	int64_t began_ms;
};

int
simulate_runs_init(struct simulate_runs *runs, bool quiet)
{
	*runs = (struct simulate_runs){.arena = arena_create(MEMORY_MOST)};
	progress_begin(&runs->progress, stderr, quiet);
	return runs->arena != NULL ? 0 : -1;
}

void
simulate_runs_finish(struct simulate_runs *runs)
{
	progress_end(&runs->progress);
	arena_destroy(runs->arena);
	free(runs->all);
}

/* --- while it runs --- */

static void
show(const struct recording *rec, uint32_t at_s)
{
	double all = rec->plan->length_s + rec->settle_s;
	double part = at_s / all;
	int64_t ms = clock_mono_ms() - rec->began_ms;
	char what[64], rate[48];

	snprintf(what, sizeof(what), "%s %s", rec->run->scenario,
	    rec->run->subject[0] != '\0' ? rec->run->subject : rec->run->law);
	snprintf(rate, sizeof(rate), "%.0f times as fast",
	    1000.0 * at_s / (double)(ms > 0 ? ms : 1));
	progress_show(&rec->runs->progress, what,
	    ((double)rec->runs->n + part) / rec->runs->expected, rate);
}

static void
record(struct recording *rec, const struct tally_sample *sample)
{
	size_t i = rec->run->n_steps++;
	size_t n = rec->run->n_regions;

	rec->steps[i] =
	    (struct simulated_step){.at_s = sample->at_s + 1 - rec->settle_s,
		.demand = sample->demand,
		.moved = sample->moved,
		.away = sample->away,
		.lost = sample->lost,
		.hits = sample->hits,
		.queries = sample->queries_s};
	for (size_t r = 0; r < n; r++) {
		struct simulated_region *region = &rec->regions[r];
		double load = sample->load[r];

		rec->cells[i * n + r] = (struct simulated_cell){
		    sample->capacity[r], load, sample->keep[r]};
		region->mean += load;
		rec->capacity[r] += sample->capacity[r];
		if (sample->capacity[r] > 0)
			region->most =
			    fmax(region->most, load / sample->capacity[r]);
		region->excess += fmax(load - sample->capacity[r], 0);
	}
}

static bool
take(void *context, const struct tally_sample *sample)
{
	struct recording *rec = context;

	show(rec, sample->at_s);
	if (sample->at_s >= rec->settle_s && rec->run->n_steps < rec->size)
		record(rec, sample);
	return true;
}

/* --- before and after --- */

/* Names and capacities are those of ${like}; nothing was seen of them yet. */
static int
begin(struct recording *rec, const struct simulated *like)
{
	struct arena *arena = rec->runs->arena;
	size_t n = like->n_regions;

	rec->steps = arena_array(arena, rec->size, sizeof(*rec->steps));
	rec->cells = arena_array(arena, rec->size * n, sizeof(*rec->cells));
	rec->regions = arena_array(arena, n, sizeof(*rec->regions));
	if (rec->steps == NULL || rec->cells == NULL || rec->regions == NULL)
		return -1;
	for (size_t r = 0; r < n; r++) {
		rec->regions[r].name = like->regions[r].name;
		rec->regions[r].capacity = like->regions[r].capacity;
		rec->regions[r].demand = like->regions[r].demand;
	}
	rec->run->regions = rec->regions;
	rec->run->steps = rec->steps;
	rec->run->cells = rec->cells;
	return 0;
}

/* Texts of the plan, which is the caller's, and what is to be marked. */
static int
keep_texts(struct recording *rec)
{
	const struct plan *plan = rec->plan;
	struct simulated_mark *marks =
	    arena_array(rec->runs->arena, PLAN_EVENTS, sizeof(*marks));
	struct simulated *run = rec->run;

	run->about = arena_strdup(rec->runs->arena, plan->about);
	if (marks == NULL || run->about == NULL)
		return -1;
	run->scenario = plan->name;
	run->marks = marks;
	for (size_t i = 0; i < plan->n; i++) {
		if (plan->texts[i][0] == '\0')
			continue;
		marks[run->n_marks++] =
		    (struct simulated_mark){plan->events[i].at_s,
			arena_strdup(rec->runs->arena, plan->texts[i])};
		if (marks[run->n_marks - 1].text == NULL)
			return -1;
	}
	return 0;
}

static void
sum_up(struct recording *rec, const struct tally *tally)
{
	struct simulated *run = rec->run;
	double steps = (double)(run->n_steps > 0 ? run->n_steps : 1);

	for (size_t r = 0; r < run->n_regions; r++) {
		rec->regions[r].mean /= rec->capacity[r];
		rec->regions[r].excess /= steps;
		rec->regions[r].over = tally->over[r];
	}
	run->over = tally->over_most;
	run->most = tally->worst;
	run->excess = tally->excess;
	run->least = tally->excess_least;
	run->moved = tally->moved;
	run->moved_most = tally->moved_most;
	run->away = tally->away;
	run->lost = tally->lost;
	run->moved_endpoint = tally->moved_endpoint;
	run->unevenness = tally->unevenness;
	run->hits = tally->hits;
	run->queries = tally->queries_s;
}

/* The plan begins when all has settled. */
static void
lay_out(const struct plan *plan, struct world_config *world,
    struct scenario_event events[PLAN_EVENTS])
{
	memcpy(events, plan->events, sizeof(plan->events));
	for (size_t i = 0; i < plan->n; i++)
		events[i].at_s += world->settle_s;
	world->events = events;
	world->n_events = plan->n;
	world->length_s = world->settle_s + plan->length_s;
	world->sample_s = STEP_S;
	if (plan->length_s / STEP_S > STEPS)
		world->sample_s = (plan->length_s + STEPS - 1) / STEPS;
}

int
simulate_run(struct simulate_runs *runs, const struct plan *plan,
    const struct world_config *config, const struct simulated *like,
    struct errbuf *eb)
{
	struct world_config world = *config;
	struct scenario_event events[PLAN_EVENTS];
	struct simulated run = *like;
	struct recording rec = {.runs = runs,
	    .run = &run,
	    .plan = plan,
	    .settle_s = config->settle_s,
	    .began_ms = clock_mono_ms()};
	struct tally tally = {0};
	struct simulated *grown;

	lay_out(plan, &world, events);
	world.sample = take;
	world.context = &rec;
	/* One at each end, and one that begins a step late. */
	rec.size = plan->length_s / world.sample_s + 2;
	grown = array_grow(
	    runs->all, runs->n, &runs->size, sizeof(*grown), RUNS_MOST);
	if (grown != NULL)
		runs->all = grown;
	if (grown == NULL || begin(&rec, like) != 0 || keep_texts(&rec) != 0)
		return errbuf_error(eb, NULL, "no memory");
	if (world_run(&world, &tally, eb) != 0)
		return -1;
	sum_up(&rec, &tally);
	runs->all[runs->n++] = run;
	return 0;
}
