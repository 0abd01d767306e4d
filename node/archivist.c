/*
 * Has the files of generations copied in a thread of libuv's pool.  Called by
 * the control thread.
 */
#include "node/archivist.h"

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/clock.h"
#include "base/log.h"

/* What could not be kept is tried again after so long: somebody may have made
 * room on the disk. */
#define AGAIN_MS 30000

/* Queries go before it, as before a reload. */
#define KEEP_NICE 10

struct archivist {
	void (*changed)(void *context);
	void *context;
	struct archivist_report report;
	/* To be kept, shared: what came last, and what is being kept. */
	struct generation *next, *keeping;
	struct generation *failed; /* not kept, to be tried again */
	int64_t failed_ms;         /* monotonic clock */
	bool stopping;
	/* Of the thread, while it works; of nobody else then. */
	uv_work_t work;
	struct last_good now; /* what is there */
	char *state;          /* beside which database */
	int status;
	char why[LAST_GOOD_WHY];
};

struct archivist *
archivist_create(void (*changed)(void *context), void *context)
{
	struct archivist *a = calloc(1, sizeof(*a));

	if (a == NULL)
		return NULL;
	a->changed = changed;
	a->context = context;
	return a;
}

void
archivist_destroy(struct archivist *a)
{
	if (a == NULL)
		return;
	generation_release(a->next);
	generation_release(a->failed);
	generation_release(a->keeping);
	last_good_finish(&a->now);
	free(a->state);
	free(a);
}

const struct archivist_report *
archivist_report(const struct archivist *a)
{
	return &a->report;
}

bool
archivist_busy(const struct archivist *a)
{
	return a->keeping != NULL;
}

void
archivist_stop(struct archivist *a)
{
	a->stopping = true;
}

/* What is beside the state database ${state}; a set that makes no sense is
 * replaced by the next one. */
static int
look(struct archivist *a, const char *state)
{
	struct errbuf *eb;

	if (a->state != NULL && strcmp(a->state, state) == 0)
		return 0;
	last_good_finish(&a->now);
	free(a->state);
	a->state = strdup(state);
	eb = malloc(sizeof(*eb));
	if (a->state == NULL || eb == NULL) {
		free(eb);
		return -1;
	}
	errbuf_init(eb);
	if (last_good_read(state, &a->now, eb) < 0)
		last_good_finish(&a->now);
	free(eb);
	return 0;
}

/* The files of all parts of ${g}, as they were read. */
static const struct inputs **
list_inputs(const struct generation *g, size_t *n)
{
	const struct inputs **list =
	    calloc(2 * g->n_zones + 2, sizeof(const struct inputs *));

	*n = 0;
	if (list == NULL)
		return NULL;
	list[(*n)++] = kept_inputs(g->kept_config);
	list[(*n)++] = kept_inputs(g->kept_geography);
	for (size_t i = 0; i < g->n_zones; i++) {
		list[(*n)++] = kept_inputs(g->kept_zone[i]);
		if (g->kept_steering[i] != NULL)
			list[(*n)++] = kept_inputs(g->kept_steering[i]);
	}
	return list;
}

static void
keep_in_background(uv_work_t *work)
{
	struct archivist *a = work->data;
	const struct generation *g = a->keeping;
	const struct inputs **list;
	size_t n;

	(void)setpriority(PRIO_PROCESS, 0, KEEP_NICE);
	a->status = -1;
	memcpy(a->why, "no memory", sizeof("no memory"));
	list = list_inputs(g, &n);
	if (list != NULL && look(a, g->config->state) == 0)
		a->status = last_good_write(&a->now, g->config->state,
		    g->config->path, list, n, a->why);
	free(list);
}

static void
free_in_background(uv_work_t *work)
{
	generation_release(work->data);
}

static void
on_freed(uv_work_t *work, int status)
{
	(void)status;
	free(work);
}

/* Give up a share of ${g}; the last one frees in the background. */
static void
let_go(uv_loop_t *loop, struct generation *g)
{
	uv_work_t *work;

	if (g == NULL)
		return;
	work = calloc(1, sizeof(*work));
	if (work == NULL || atomic_load(&g->owners) > 1) {
		free(work);
		generation_release(g);
		return;
	}
	work->data = g;
	if (uv_queue_work(loop, work, free_in_background, on_freed) == 0)
		return;
	free(work);
	generation_release(g);
}

/* Say what has become of it, when that is new. */
static void
tell(struct archivist *a)
{
	struct archivist_report *r = &a->report;

	if (strcmp(r->trouble, a->why) != 0 && a->status < 0)
		log_warn("the files that are served cannot be kept for a start "
			 "that finds errors in them: %s",
		    a->why);
	else if (r->trouble[0] != '\0' && a->status >= 0)
		log_info("the files that are served are kept again");
	memcpy(r->trouble, a->why, sizeof(r->trouble));
	if (a->status >= 0)
		r->trouble[0] = '\0';
	r->at_ms = a->now.at_ms;
	r->files = a->now.n;
	if (a->status == 1)
		log_debug("%zu files that are served are kept in %s", r->files,
		    a->now.folder);
	a->changed(a->context);
}

static void begin(struct archivist *a, uv_loop_t *loop);

static void
on_kept(uv_work_t *work, int status)
{
	struct archivist *a = work->data;
	struct generation *kept = a->keeping;

	(void)status;
	a->keeping = NULL;
	if (a->stopping) {
		generation_release(kept);
		return;
	}
	tell(a);
	if (a->status < 0 && a->next == NULL) {
		a->failed = kept;
		a->failed_ms = clock_mono_ms();
		return;
	}
	let_go(work->loop, kept);
	begin(a, work->loop);
}

/* Keep what came last, unless something is being kept. */
static void
begin(struct archivist *a, uv_loop_t *loop)
{
	if (a->stopping || a->keeping != NULL || a->next == NULL)
		return;
	let_go(loop, a->failed);
	a->failed = NULL;
	a->keeping = a->next;
	a->next = NULL;
	a->work.data = a;
	if (uv_queue_work(loop, &a->work, keep_in_background, on_kept) == 0)
		return;
	a->failed = a->keeping;
	a->keeping = NULL;
	a->failed_ms = clock_mono_ms();
}

void
archivist_keep(struct archivist *a, uv_loop_t *loop, struct generation *g)
{
	if (g->zones_held > 0 || g->last_good_ms != 0)
		return;
	let_go(loop, a->next);
	a->next = generation_share(g);
	begin(a, loop);
}

void
archivist_tick(struct archivist *a, uv_loop_t *loop)
{
	if (a->failed == NULL || a->keeping != NULL || a->next != NULL ||
	    clock_mono_ms() - a->failed_ms < AGAIN_MS)
		return;
	a->next = a->failed;
	a->failed = NULL;
	begin(a, loop);
}
