/*
 * The thread that counts traffic: off the workers, which only add to counters
 * and rings, and off the control thread, which only takes batches.
 */
#include "node/traffic.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/private.h"
#include "base/ring.h"
#include "dns/answer/samples.h"
#include "node/traffic_batch.h"
#include "node/traffic_places.h"
#include "steering/ladder.h"
#include "steering/reasons.h"

/* Rings are emptied so often. */
#define TURN_MS 250
/* Samples that are taken out of a ring at once: a worker that fills it as fast
 * as it is emptied does not keep the thread from the others. */
#define TAKE_MAX 8192
/* Services of one pool of which it is told that an endpoint left it. */
#define POOL_USERS 256
#define STEPS (TRAFFIC_WINDOW_MS / TRAFFIC_STEP_MS)

/* Where the clients of one step were, for the pages. */
struct step {
	int64_t began_ms; /* monotonic clock */
	struct traffic_places places;
};

struct traffic {
	struct outcomes *outcomes, *scopes;
	struct board *board;

	pthread_t thread;
	atomic_uint wanted;   /* threads that wait for the lock: enter() */
	pthread_mutex_t lock; /* of all that follows */
	pthread_cond_t wake;
	bool started, stopping;
	const struct server *server; /* NULL: none counts */
	char *node;
	bool on;
	uint32_t sample;
	int64_t every_ms;

	/* What was counted of each cell when it was last added to a batch. */
	uint64_t (*counted)[COUNTER_CELLS];
	uint64_t (*counted_scopes)[COUNTER_SCOPES];

	/* The interval that is being counted. */
	struct traffic_batch *open; /* NULL: without memory */
	int64_t interval;           /* number of it, by the wall clock */
	struct traffic_places places;
	uint64_t run, number;
	const struct history_batch *ready[TRAFFIC_WAITING];
	size_t n_ready;

	struct step step[STEPS]; /* a ring, the newest is ${newest} */
	size_t newest;
	uint64_t lost;
};

struct traffic *
traffic_create(
    struct outcomes *outcomes, struct outcomes *scopes, struct board *board)
{
	struct traffic *t = calloc(1, sizeof(*t));
	pthread_condattr_t monotonic;

	if (t == NULL)
		return NULL;
	t->outcomes = outcomes;
	t->scopes = scopes;
	t->board = board;
	t->sample = 1;
	t->every_ms = 60 * 1000;
	/* Only what is in use of these takes memory. */
	t->counted = calloc(COUNTER_OUTCOMES, sizeof(*t->counted));
	t->counted_scopes =
	    calloc(COUNTER_SERVICES + 1, sizeof(*t->counted_scopes));
	pthread_mutex_init(&t->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&t->wake, &monotonic);
	pthread_condattr_destroy(&monotonic);
	if (getrandom(&t->run, sizeof(t->run), GRND_NONBLOCK) != sizeof(t->run))
		t->run = (uint64_t)clock_wall_ms();
	if (t->counted != NULL && t->counted_scopes != NULL)
		return t;
	traffic_destroy(t);
	return NULL;
}

void
traffic_destroy(struct traffic *t)
{
	if (t == NULL)
		return;
	traffic_stop(t);
	while (t->n_ready > 0)
		traffic_free(t->ready[--t->n_ready]);
	traffic_batch_destroy(t->open);
	traffic_places_finish(&t->places);
	for (size_t i = 0; i < STEPS; i++)
		traffic_places_finish(&t->step[i].places);
	pthread_cond_destroy(&t->wake);
	pthread_mutex_destroy(&t->lock);
	free(t->counted);
	free(t->counted_scopes);
	free(t->node);
	free(t);
}

/*
 * The lock.  All slots of a large node take a second to be summed on a busy
 * machine, and nobody else is to wait for that: who else wants the lock says
 * so, and gets it between two slots.
 */

static void
enter(struct traffic *t)
{
	atomic_fetch_add(&t->wanted, 1);
	pthread_mutex_lock(&t->lock);
	atomic_fetch_sub(&t->wanted, 1);
}

static void
leave(struct traffic *t)
{
	pthread_mutex_unlock(&t->lock);
}

/* Who holds the lock lets others have it for a moment: all that it was at may
 * be another's afterwards, the open batch too. */
static void
let_others(struct traffic *t)
{
	const struct timespec pause = {.tv_nsec = 20000};

	if (atomic_load_explicit(&t->wanted, memory_order_relaxed) == 0)
		return;
	pthread_mutex_unlock(&t->lock);
	while (atomic_load(&t->wanted) > 0)
		nanosleep(&pause, NULL);
	pthread_mutex_lock(&t->lock);
}

/* Exact counts. */

/* Add what slot ${slot}, which is of ${name}, has counted since. */
static void
add_slot(struct traffic *t, uint32_t slot, const struct outcome_name *name)
{
	uint64_t cells[COUNTER_CELLS];
	uint64_t *before = t->counted[slot];

	server_sum_outcome(t->server, slot, cells);
	for (unsigned i = 0; i < COUNTER_CELLS; i++) {
		struct history_traffic row = {.service = name->service,
		    .pool = name->pool,
		    .region = name->region,
		    .reason = reason_name(i / 2),
		    .subnet = i % 2 == 1,
		    .answers = cells[i] - before[i]};

		if (cells[i] == before[i])
			continue;
		before[i] = cells[i];
		if (t->open != NULL)
			traffic_batch_traffic(t->open, &row);
	}
}

static void
add_scopes(struct traffic *t, uint32_t slot, const char *service)
{
	uint64_t cells[COUNTER_SCOPES];
	uint64_t *before = t->counted_scopes[slot];

	server_sum_scope(t->server, slot, cells);
	for (unsigned i = 0; i < COUNTER_SCOPES; i++) {
		bool ipv4 = i < COUNTER_SCOPES_IPV4;
		struct history_scope row = {.service = service,
		    .family = ipv4 ? 4 : 6,
		    .length = ipv4 ? i : i - COUNTER_SCOPES_IPV4,
		    .answers = cells[i] - before[i]};

		if (cells[i] == before[i])
			continue;
		before[i] = cells[i];
		if (t->open != NULL)
			traffic_batch_scope(t->open, &row);
	}
}

static void
add_exact(struct traffic *t)
{
	uint32_t n = outcomes_count(t->outcomes);
	struct outcome_name name;

	for (uint32_t i = 0; i < n; i++) {
		if (outcomes_name(t->outcomes, i, &name))
			add_slot(t, i, &name);
		let_others(t);
	}
	n = outcomes_count(t->scopes);
	for (uint32_t i = 0; i < n; i++) {
		if (outcomes_name(t->scopes, i, &name))
			add_scopes(t, i, name.service);
		let_others(t);
	}
	/* Services that have no counters of their own. */
	add_scopes(t, COUNTER_SERVICES, "");
}

/* Samples. */

/* What ${g} knows of where ${given} is: to ${out}. */
static void
look_up(const struct generation *g, const struct address *given,
    struct traffic_place *out)
{
	const struct place *place;
	struct address inside;
	uint64_t hi, lo;

	ladder_client(given, &inside);
	if (private_block_around(&inside) != NULL)
		return;
	cover_key(&inside, &hi, &lo);
	place = geography_place(g->geography,
	    cover_find(geography_cover(g->geography, inside.family), hi, lo)
		->value);
	memcpy(out->country, place->country, sizeof(out->country));
	out->asn = place->asn;
}

static void
add_sample(
    struct traffic *t, const struct generation *g, const struct sample *sample)
{
	struct traffic_place place = {.samples = 1};
	struct outcome_name name;

	if (!outcomes_name(t->outcomes, sample->outcome, &name))
		return;
	place.service = name.service;
	place.region = name.region;
	look_up(g, &sample->address, &place);
	traffic_places_add(&t->places, &place);
	/* AS numbers are for the history alone. */
	place.asn = 0;
	traffic_places_add(&t->step[t->newest].places, &place);
}

static void
empty_ring(struct traffic *t, const struct generation *g, struct ring *ring)
{
	const struct sample *sample;
	size_t len;

	for (unsigned i = 0; i < TAKE_MAX; i++) {
		sample = ring_first(ring, &len);
		if (sample == NULL)
			return;
		add_sample(t, g, sample);
		ring_take(ring);
		let_others(t);
	}
}

/* A step is over: the oldest gives its place to a new one. */
static void
turn_step(struct traffic *t)
{
	int64_t now = clock_mono_ms();
	struct step *step = &t->step[t->newest];

	if (step->began_ms != 0 && now - step->began_ms < TRAFFIC_STEP_MS)
		return;
	t->newest = (t->newest + 1) % STEPS;
	step = &t->step[t->newest];
	t->lost += step->places.lost;
	traffic_places_finish(&step->places);
	step->began_ms = now;
}

/* What is served gives the geography.  It is looked at, and given back, without
 * the lock: who gives it back last frees it, which may take a while. */
static void
add_samples(struct traffic *t, const struct view *view)
{
	struct ring *ring;

	turn_step(t);
	for (size_t i = 0;
	     t->server != NULL && (ring = server_samples(t->server, i)) != NULL;
	     i++)
		if (view->served != NULL)
			empty_ring(t, view->served->generation, ring);
}

/* Intervals. */

static void
push_ready(struct traffic *t, const struct history_batch *batch)
{
	if (t->n_ready == TRAFFIC_WAITING) {
		traffic_free(t->ready[0]);
		memmove(t->ready, t->ready + 1,
		    (TRAFFIC_WAITING - 1) * sizeof(t->ready[0]));
		t->n_ready--;
		t->lost++;
	}
	t->ready[t->n_ready++] = batch;
}

static void
open_interval(struct traffic *t)
{
	int64_t now = clock_wall_ms(), begin;

	t->interval = now / t->every_ms;
	begin = t->interval * t->every_ms;
	t->open = traffic_batch_create(begin / 60000 * 60000);
}

static void
add_places(struct traffic *t)
{
	struct traffic_places places = t->places;

	traffic_places_init(&t->places);
	for (size_t i = 0; i < places.n; i++) {
		if (t->open != NULL)
			traffic_batch_place(t->open, &places.rows[i]);
		let_others(t);
	}
	t->lost += places.lost;
	traffic_places_finish(&places);
}

/* What was counted in the interval becomes a batch, and the next one begins. */
static void
close_interval(struct traffic *t, const struct view *view)
{
	struct history_batch like = {.run = t->run};

	add_samples(t, view);
	add_exact(t);
	add_places(t);
	like.node = t->node != NULL ? t->node : "";
	like.number = t->number + 1;
	like.sample = t->sample;
	if (t->open != NULL) {
		t->lost += traffic_batch_lost(t->open);
		if (t->on) {
			t->number++;
			push_ready(t, traffic_batch_end(t->open, &like));
		} else {
			traffic_batch_destroy(t->open);
		}
	}
	open_interval(t);
}

static void
wait_turn(struct traffic *t)
{
	int64_t wall = clock_wall_ms();
	int64_t left = t->every_ms - wall % t->every_ms;
	int64_t until = clock_mono_ms() + (left < TURN_MS ? left : TURN_MS);
	struct timespec at = {.tv_sec = (time_t)(until / 1000),
	    .tv_nsec = (long)(until % 1000) * 1000000};

	pthread_cond_timedwait(&t->wake, &t->lock, &at);
}

static void *
run(void *argument)
{
	struct traffic *t = argument;
	bool stopping = false;

	while (!stopping) {
		struct view view;

		pthread_mutex_lock(&t->lock);
		if (!t->stopping)
			wait_turn(t);
		pthread_mutex_unlock(&t->lock);
		board_look(t->board, &view);
		pthread_mutex_lock(&t->lock);
		stopping = t->stopping;
		/* The clock may also have been set back. */
		if (stopping || clock_wall_ms() / t->every_ms != t->interval)
			close_interval(t, &view);
		else
			add_samples(t, &view);
		pthread_mutex_unlock(&t->lock);
		board_release(&view);
	}
	return NULL;
}

int
traffic_start(struct traffic *t, const struct server *server)
{
	sigset_t all, before;
	int status;

	enter(t);
	t->server = server;
	traffic_batch_destroy(t->open);
	open_interval(t);
	leave(t);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	status = pthread_create(&t->thread, NULL, run, t);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	t->started = status == 0;
	return status == 0 ? 0 : -1;
}

void
traffic_stop(struct traffic *t)
{
	if (t == NULL || !t->started)
		return;
	enter(t);
	t->stopping = true;
	pthread_cond_signal(&t->wake);
	leave(t);
	pthread_join(t->thread, NULL);
	t->started = false;
	t->server = NULL;
}

void
traffic_configure(
    struct traffic *t, const struct history_config *config, const char *node)
{
	char *copy = strdup(node);
	struct view view;

	board_look(t->board, &view);
	enter(t);
	if (t->started &&
	    (t->on != config->on || t->sample != config->sample ||
		t->every_ms != (int64_t)config->every_ms))
		close_interval(t, &view);
	t->on = config->on;
	t->sample = config->sample;
	t->every_ms = (int64_t)config->every_ms;
	t->interval = clock_wall_ms() / t->every_ms;
	if (copy != NULL) {
		free(t->node);
		t->node = copy;
	}
	leave(t);
	board_release(&view);
}

void
traffic_settle(struct traffic *t)
{
	struct view view;

	board_look(t->board, &view);
	enter(t);
	if (t->started) {
		add_samples(t, &view);
		add_exact(t);
	}
	leave(t);
	board_release(&view);
}

/* Failovers. */

static bool
has_pool(const struct policy_service *service, const char *pool)
{
	for (unsigned m = 0; m < service->n_members; m++)
		for (unsigned k = 0; k <= service->members[m].n_alternates; k++)
			if (strcmp(policy_chosen(service, m, k)->name, pool) ==
			    0)
				return true;
	return false;
}

/* The services that have a pool, as far as there is room: endpoints of one pool
 * follow each other, and a site may lose thousands at once. */
struct users {
	const struct endpoint_key *key; /* of an endpoint of the pool */
	const char *service[POOL_USERS];
	size_t n;
};

static void
find_users(const struct policy *policy, const struct endpoint_key *key,
    struct users *users)
{
	if (users->key != NULL && strcmp(users->key->pool, key->pool) == 0 &&
	    strcmp(users->key->zone, key->zone) == 0)
		return;
	users->key = key;
	users->n = 0;
	for (size_t z = 0; z < policy->n_zones; z++) {
		const struct policy_zone *zone = &policy->zones[z];

		if (zone->config == NULL ||
		    strcasecmp(zone->name, key->zone) != 0)
			continue;
		for (size_t s = 0;
		     s < zone->n_services && users->n < POOL_USERS; s++)
			if (has_pool(&zone->services[s], key->pool))
				users->service[users->n++] =
				    zone->services[s].name;
	}
}

void
traffic_changed(struct traffic *t, const struct policy *policy,
    const struct live *before, const struct live *now, int64_t wall_ms)
{
	struct users users = {.n = 0};

	enter(t);
	for (size_t e = 0; t->open != NULL && e < policy->n_endpoints; e++) {
		const struct endpoint_key *key = &policy->endpoints[e].key;
		bool was = before->endpoint[e] >= USABLE_UNCHECKED;
		bool is = now->endpoint[e] >= USABLE_UNCHECKED;
		struct history_failover row = {.pool = key->pool,
		    .endpoint = key->endpoint,
		    .back = is,
		    .wall_ms = wall_ms};

		if (was == is || policy->endpoints[e].weight == 0)
			continue;
		find_users(policy, key, &users);
		for (size_t i = 0; i < users.n; i++) {
			row.service = users.service[i];
			traffic_batch_failover(t->open, &row);
		}
	}
	leave(t);
}

const struct history_batch *
traffic_take(struct traffic *t)
{
	const struct history_batch *batch = NULL;

	enter(t);
	if (t->n_ready > 0) {
		batch = t->ready[0];
		t->n_ready--;
		memmove(
		    t->ready, t->ready + 1, t->n_ready * sizeof(t->ready[0]));
	}
	leave(t);
	return batch;
}

void
traffic_free(const struct history_batch *batch)
{
	if (batch != NULL)
		traffic_batch_destroy(traffic_batch_of(batch));
}

/* All rows of the steps; NULL where there are none. */
static struct traffic_place *
copy_steps(const struct traffic *t, size_t *n)
{
	struct traffic_place *rows;
	size_t all = 0;

	for (size_t i = 0; i < STEPS; i++)
		all += t->step[i].places.n;
	rows = all > 0 ? malloc(all * sizeof(*rows)) : NULL;
	*n = 0;
	for (size_t i = 0; rows != NULL && i < STEPS; i++) {
		const struct traffic_places *p = &t->step[i].places;

		if (p->n > 0)
			memcpy(rows + *n, p->rows, p->n * sizeof(*rows));
		*n += p->n;
	}
	return rows;
}

/* Rows are told without the lock, which others wait for. */
void
traffic_countries(struct traffic *t, struct traffic_look *look,
    void (*row)(void *context, const struct traffic_place *place),
    void *context)
{
	int64_t now = clock_mono_ms(), oldest = now;
	struct traffic_place *rows;
	size_t n;

	enter(t);
	*look = (struct traffic_look){
	    .sample = t->on && t->server != NULL ? t->sample : 0};
	for (size_t i = 0; i < STEPS; i++)
		if (t->step[i].began_ms != 0 && t->step[i].began_ms < oldest)
			oldest = t->step[i].began_ms;
	look->window_ms = now - oldest;
	look->age_ms = TURN_MS;
	rows = copy_steps(t, &n);
	leave(t);
	for (size_t i = 0; i < n; i++)
		row(context, &rows[i]);
	free(rows);
}

uint64_t
traffic_lost(struct traffic *t)
{
	uint64_t lost;

	enter(t);
	lost = t->lost;
	leave(t);
	return lost;
}
