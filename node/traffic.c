/*
 * The thread that counts traffic: off the workers, which only add to counters
 * and rings, and off the control thread, which only takes batches.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "base/clock.h"
#include "node/traffic_private.h"

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
	t->is = t->asked =
	    (struct traffic_settings){.sample = 1, .every_ms = 60 * 1000};
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
	for (size_t i = 0; i < TRAFFIC_STEPS; i++)
		traffic_places_finish(&t->step[i].places);
	pthread_cond_destroy(&t->wake);
	pthread_mutex_destroy(&t->lock);
	free(t->counted);
	free(t->counted_scopes);
	free(t->node);
	free(t);
}

void
traffic_enter(struct traffic *t)
{
	atomic_fetch_add(&t->wanted, 1);
	pthread_mutex_lock(&t->lock);
	atomic_fetch_sub(&t->wanted, 1);
}

void
traffic_leave(struct traffic *t)
{
	pthread_mutex_unlock(&t->lock);
}

void
traffic_let_others(struct traffic *t)
{
	const struct timespec pause = {.tv_nsec = 20000};

	if (atomic_load_explicit(&t->wanted, memory_order_relaxed) == 0)
		return;
	pthread_mutex_unlock(&t->lock);
	while (atomic_load(&t->wanted) > 0)
		nanosleep(&pause, NULL);
	pthread_mutex_lock(&t->lock);
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

	t->interval = now / t->is.every_ms;
	begin = t->interval * t->is.every_ms;
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
		traffic_let_others(t);
	}
	t->lost += places.lost;
	traffic_places_finish(&places);
}

/* What was counted in the interval becomes a batch, and the next one begins. */
static void
close_interval(struct traffic *t, const struct view *view)
{
	struct history_batch like = {.run = t->run};

	traffic_add_samples(t, view);
	traffic_count_all(t);
	add_places(t);
	like.node = t->node != NULL ? t->node : "";
	like.number = t->number + 1;
	like.sample = t->is.sample;
	if (t->open != NULL) {
		t->lost += traffic_batch_lost(t->open);
		if (t->is.on) {
			t->number++;
			push_ready(t, traffic_batch_end(t->open, &like));
		} else {
			traffic_batch_destroy(t->open);
		}
	}
	open_interval(t);
}

/* The node's file says something else by now: what was counted until then is a
 * batch of its own. */
static bool
is_asked(const struct traffic *t)
{
	return t->is.on != t->asked.on || t->is.sample != t->asked.sample ||
	    t->is.every_ms != t->asked.every_ms;
}

static void
take_asked(struct traffic *t)
{
	t->is = t->asked;
	t->interval = clock_wall_ms() / t->is.every_ms;
}

static void
wait_turn(struct traffic *t)
{
	int64_t wall = clock_wall_ms();
	int64_t left = t->is.every_ms - wall % t->is.every_ms;
	int64_t until =
	    clock_mono_ms() + (left < TRAFFIC_TURN_MS ? left : TRAFFIC_TURN_MS);
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
		if (!t->stopping && !is_asked(t))
			wait_turn(t);
		pthread_mutex_unlock(&t->lock);
		board_look(t->board, &view);
		pthread_mutex_lock(&t->lock);
		stopping = t->stopping;
		/* The clock may also have been set back. */
		if (stopping || is_asked(t) ||
		    clock_wall_ms() / t->is.every_ms != t->interval)
			close_interval(t, &view);
		else
			traffic_add_samples(t, &view);
		if (is_asked(t))
			take_asked(t);
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

	traffic_enter(t);
	t->server = server;
	traffic_batch_destroy(t->open);
	open_interval(t);
	traffic_leave(t);
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
	traffic_enter(t);
	t->stopping = true;
	pthread_cond_signal(&t->wake);
	traffic_leave(t);
	pthread_join(t->thread, NULL);
	t->started = false;
	t->server = NULL;
}

void
traffic_configure(
    struct traffic *t, const struct history_config *config, const char *node)
{
	char *copy = strdup(node);

	traffic_enter(t);
	t->asked = (struct traffic_settings){
	    config->on, config->sample, (int64_t)config->every_ms};
	if (!t->started)
		take_asked(t);
	pthread_cond_signal(&t->wake);
	if (copy != NULL) {
		free(t->node);
		t->node = copy;
	}
	traffic_leave(t);
}

void
traffic_settle(struct traffic *t)
{
	struct view view;

	board_look(t->board, &view);
	traffic_enter(t);
	if (t->started && traffic_count_leaving(t))
		traffic_add_samples(t, &view);
	traffic_leave(t);
	board_release(&view);
}

const struct history_batch *
traffic_take(struct traffic *t)
{
	const struct history_batch *batch = NULL;

	traffic_enter(t);
	if (t->n_ready > 0) {
		batch = t->ready[0];
		t->n_ready--;
		memmove(
		    t->ready, t->ready + 1, t->n_ready * sizeof(t->ready[0]));
	}
	traffic_leave(t);
	return batch;
}

void
traffic_free(const struct history_batch *batch)
{
	if (batch != NULL)
		traffic_batch_destroy(traffic_batch_of(batch));
}

uint64_t
traffic_lost(struct traffic *t)
{
	uint64_t lost;

	traffic_enter(t);
	lost = t->lost;
	traffic_leave(t);
	return lost;
}
