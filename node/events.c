/*
 * Keeps a ring of events.  Called by loads.c, which follows the database, and
 * by the pages.
 */
#include "node/events.h"

#include <pthread.h>
#include <stdlib.h>

struct ring {
	uint64_t n; /* that were ever put in */
	struct state_event event[EVENTS_KEPT];
};

struct events {
	pthread_mutex_t lock; /* of ${now}, held for a copy of rows */
	struct ring *now;
	struct ring *next; /* that a full change makes */
	bool full;
};

struct events *
events_create(void)
{
	struct events *e = calloc(1, sizeof(*e));

	if (e == NULL)
		return NULL;
	pthread_mutex_init(&e->lock, NULL);
	e->now = calloc(1, sizeof(*e->now));
	e->next = calloc(1, sizeof(*e->next));
	if (e->now != NULL && e->next != NULL)
		return e;
	events_destroy(e);
	return NULL;
}

void
events_destroy(struct events *e)
{
	if (e == NULL)
		return;
	pthread_mutex_destroy(&e->lock);
	free(e->now);
	free(e->next);
	free(e);
}

void
events_begin(struct events *e, bool full)
{
	e->full = full;
	e->next->n = 0;
}

void
events_take(struct events *e, const struct state_event *row)
{
	if (e->full) {
		e->next->event[e->next->n++ % EVENTS_KEPT] = *row;
		return;
	}
	pthread_mutex_lock(&e->lock);
	e->now->event[e->now->n++ % EVENTS_KEPT] = *row;
	pthread_mutex_unlock(&e->lock);
}

void
events_commit(struct events *e)
{
	struct ring *before = e->now;

	if (!e->full)
		return;
	pthread_mutex_lock(&e->lock);
	e->now = e->next;
	pthread_mutex_unlock(&e->lock);
	e->next = before;
	e->full = false;
}

uint64_t
events_last(struct events *e)
{
	uint64_t last = 0;

	pthread_mutex_lock(&e->lock);
	if (e->now->n > 0)
		last = e->now->event[(e->now->n - 1) % EVENTS_KEPT].sequence;
	pthread_mutex_unlock(&e->lock);
	return last;
}

size_t
events_copy(struct events *e, uint64_t after, uint64_t before,
    struct state_event *out, size_t n)
{
	size_t got = 0;
	uint64_t end;

	pthread_mutex_lock(&e->lock);
	end = e->now->n > EVENTS_KEPT ? e->now->n - EVENTS_KEPT : 0;
	for (uint64_t i = e->now->n; i > end && got < n; i--) {
		const struct state_event *row =
		    &e->now->event[(i - 1) % EVENTS_KEPT];

		if (row->sequence > after && row->sequence < before)
			out[got++] = *row;
	}
	pthread_mutex_unlock(&e->lock);
	return got;
}
