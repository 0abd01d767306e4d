/*
 * Follows loads, and answers those who look.  Called by the control thread, by
 * the pages and by meridianctl; opens no file itself but in loads_read().
 */
#include "node/loads.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "state/watch.h"

struct loads {
	/* Held for a row or a look at one endpoint, never for a page. */
	pthread_mutex_t lock;
	struct load_table *table;
	/* While all rows are read: what they make. */
	struct load_table *next;
	struct events *events;
	struct hand_list *hand;
	struct lock_list *locks;
	bool full;          /* they are being read */
	bool short_of_room; /* a row was dropped, and the log says so */
	uv_loop_t *loop;
	char *path; /* of the database; NULL: none is followed */
	struct state_watch *watch;
};

struct loads *
loads_create(void)
{
	struct loads *l = calloc(1, sizeof(*l));

	if (l == NULL)
		return NULL;
	pthread_mutex_init(&l->lock, NULL);
	l->table = load_table_create();
	l->events = events_create();
	l->hand = hand_list_create();
	l->locks = lock_list_create();
	if (l->table != NULL && l->events != NULL && l->hand != NULL &&
	    l->locks != NULL)
		return l;
	loads_destroy(l);
	return NULL;
}

void
loads_destroy(struct loads *l)
{
	if (l == NULL)
		return;
	load_table_destroy(l->table);
	load_table_destroy(l->next);
	events_destroy(l->events);
	hand_list_destroy(l->hand);
	lock_list_destroy(l->locks);
	pthread_mutex_destroy(&l->lock);
	free(l->path);
	free(l);
}

struct events *
loads_events(struct loads *l)
{
	return l->events;
}

struct hand_list *
loads_hand(struct loads *l)
{
	return l->hand;
}

struct lock_list *
loads_locks(struct loads *l)
{
	return l->locks;
}

/* --- rows --- */

static void
say_dropped(struct loads *l)
{
	if (!l->short_of_room)
		log_warn("load: no memory: rows of the state database are "
			 "dropped, and pages lack what they say");
	l->short_of_room = true;
}

static void
on_begin(void *context, bool full)
{
	struct loads *l = context;

	events_begin(l->events, full);
	hand_list_begin(l->hand, full);
	lock_list_begin(l->locks, full);
	load_table_destroy(l->next);
	l->full = full;
	l->next = full ? load_table_create() : NULL;
	if (full && l->next == NULL)
		say_dropped(l);
}

static void
on_event(void *context, const struct state_event *row)
{
	struct loads *l = context;

	events_take(l->events, row);
}

static void
on_override(void *context, const struct state_override *row)
{
	struct loads *l = context;

	hand_list_take(l->hand, row);
}

static void
on_lock(void *context, const struct state_lock *row)
{
	struct loads *l = context;

	lock_list_take(l->locks, row);
}

static void
on_endpoint(void *context, const struct state_endpoint *row)
{
	struct loads *l = context;
	int status;

	if (l->full) {
		status = l->next != NULL
		    ? load_table_take_endpoint(l->next, row)
		    : -1;
	} else {
		pthread_mutex_lock(&l->lock);
		status = load_table_take_endpoint(l->table, row);
		pthread_mutex_unlock(&l->lock);
	}
	if (status != 0)
		say_dropped(l);
}

static void
on_load(void *context, const struct state_load *row)
{
	struct loads *l = context;
	const struct load_arrival arrival = {.before = l->table,
	    .mono_ms = clock_mono_ms(),
	    .wall_ms = clock_wall_ms()};
	int status;

	if (l->full) {
		/* Nobody else changes the table. */
		status = l->next != NULL
		    ? load_table_take(l->next, row, &arrival)
		    : -1;
	} else {
		pthread_mutex_lock(&l->lock);
		status = load_table_take(l->table, row, &arrival);
		pthread_mutex_unlock(&l->lock);
	}
	if (status != 0)
		say_dropped(l);
}

/* What is not among all rows is no more. */
static void
on_commit(void *context)
{
	struct loads *l = context;
	struct load_table *before = l->table;

	events_commit(l->events);
	hand_list_commit(l->hand);
	lock_list_commit(l->locks);
	if (!l->full || l->next == NULL)
		return;
	pthread_mutex_lock(&l->lock);
	l->table = l->next;
	pthread_mutex_unlock(&l->lock);
	l->next = NULL;
	load_table_destroy(before);
}

/* The follower of health says both. */
static void
on_trouble(void *context, const char *why)
{
	(void)context;
	(void)why;
}

static const struct state_watch_calls calls = {
    .sink = {.begin = on_begin,
	.endpoint = on_endpoint,
	.event = on_event,
	.override = on_override,
	.lock = on_lock,
	.load = on_load,
	.commit = on_commit},
    .trouble = on_trouble,
    .odd = on_trouble,
};

/* --- following --- */

void
loads_stop(struct loads *l)
{
	state_watch_stop(l->watch);
	l->watch = NULL;
	free(l->path);
	l->path = NULL;
}

void
loads_follow(struct loads *l, uv_loop_t *loop, const char *path)
{
	if (path != NULL && l->watch != NULL && strcmp(path, l->path) == 0)
		return;
	loads_stop(l);
	/* What was said is of another file. */
	on_begin(l, true);
	on_commit(l);
	if (path == NULL)
		return;
	l->path = strdup(path);
	if (l->path != NULL)
		l->watch =
		    state_watch_start(loop, l->path, TABLES_PAGES, &calls, l);
	if (l->watch == NULL)
		log_warn("load in %s: cannot start the process that reads it: "
			 "pages tell none; a reload tries again",
		    path);
}

/* --- reading and looking --- */

struct loads *
loads_read(const char *path)
{
	struct loads *l = loads_create();
	struct state_reader *reader = state_reader_create(path);
	struct errbuf *eb = malloc(sizeof(*eb));

	if (l != NULL && reader != NULL && eb != NULL) {
		errbuf_init(eb);
		state_reader_follow(reader, TABLES_LOAD);
		(void)state_reader_poll(reader, &calls.sink, l, eb);
	} else {
		loads_destroy(l);
		l = NULL;
	}
	state_reader_destroy(reader);
	free(eb);
	return l;
}

/* How long load counts by the check of endpoint number ${e}; 0: none is read.
 */
static uint64_t
stale_ms(const struct policy *policy, size_t e)
{
	uint32_t check = policy->endpoints[e].check;

	return check != STEERING_NONE ? policy->checks[check].load_stale_ms : 0;
}

bool
loads_wanted(const struct policy *policy, size_t e)
{
	return stale_ms(policy, e) > 0;
}

bool
loads_see(const struct loads_look *look, const struct policy *policy, size_t e,
    struct load_view *out)
{
	const struct policy_endpoint *endpoint = &policy->endpoints[e];
	uint64_t most_ms = stale_ms(policy, e);
	const struct load_look at = {
	    look->vantages, look->mono_ms, clock_wall_ms()};

	pthread_mutex_lock(&look->loads->lock);
	load_table_find(look->loads->table, &endpoint->key,
	    policy->regions[endpoint->region].name, &at, out);
	pthread_mutex_unlock(&look->loads->lock);
	if (most_ms == 0 || out->age_ms <= (int64_t)most_ms)
		return false;
	load_view_forget(out);
	return true;
}

size_t
loads_opinions(const struct loads_look *look, const struct policy *policy,
    size_t e, struct load_opinion *out, size_t size)
{
	size_t n;

	pthread_mutex_lock(&look->loads->lock);
	n = load_table_opinions(
	    look->loads->table, &policy->endpoints[e].key, out, size);
	pthread_mutex_unlock(&look->loads->lock);
	return n;
}
