/*
 * Loads and frees generations in threads of libuv's pool.  Called by the
 * control thread, which publishes what was loaded.
 */
#include "node/reloader.h"

#include <malloc.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "base/clock.h"
#include "base/daemon.h"
#include "base/log.h"
#include "node/identity.h"

/* A reload gets about a tenth of what a worker gets of a busy core. */
#define RELOAD_NICE 10

struct reloader {
	const char *path; /* of meridian.yaml */
	struct policy_outcomes outcomes;
	const struct reloader_calls *calls;
	void *context;
	struct generation *generation; /* adopted */
	uv_work_t work;
	bool again;       /* when the one under way has ended */
	bool stopping;    /* nothing is adopted any more */
	int64_t began_ms; /* monotonic clock */
	/* What the thread of a reload fills. */
	struct generation *loaded;
	struct errbuf messages;
	struct reload_report report;
};

/* A generation on its way out. */
struct farewell {
	uv_work_t work;
	struct generation *generation;
};

struct reloader *
reloader_create(const char *path, const struct policy_outcomes *outcomes,
    const struct reloader_calls *calls, void *context)
{
	struct reloader *r = calloc(1, sizeof(*r));

	if (r == NULL)
		return NULL;
	r->path = path;
	r->outcomes = *outcomes;
	r->calls = calls;
	r->context = context;
	r->report.at_ms = clock_wall_ms();
	return r;
}

void
reloader_destroy(struct reloader *r)
{
	if (r == NULL)
		return;
	generation_release(r->generation);
	free(r);
}

struct generation *
reloader_generation(const struct reloader *r)
{
	return r->generation;
}

const struct reload_report *
reloader_report(const struct reloader *r)
{
	return &r->report;
}

/* All that the files say, with what only a server needs of it.  What has not
 * changed is taken from the generation that is served. */
static struct generation *
load(const struct reloader *r, struct errbuf *eb)
{
	struct generation *g =
	    generation_load(r->path, &r->outcomes, r->generation, false, eb);

	if (g == NULL || identity_load(g->config, &g->identity, eb) == 0)
		return g;
	generation_release(g);
	return NULL;
}

/* What came of a load, but for its messages.  After one that failed the zones
 * that were held back are so still. */
static void
report(struct reload_report *r, const struct generation *g)
{
	r->ok = g != NULL && g->zones_held == 0;
	r->adopted = g != NULL;
	r->zones_read = g != NULL ? g->zones_read : 0;
	r->zones_kept = g != NULL ? g->zones_kept : 0;
	r->geography_kept = g != NULL && g->maps_kept;
	if (g != NULL)
		r->zones_held = g->zones_held;
}

struct generation *
reloader_first(struct reloader *r, struct errbuf *eb)
{
	r->generation = load(r, eb);
	r->report.messages = *eb;
	report(&r->report, r->generation);
	return r->generation;
}

/* On Linux this is the thread's own: queries go before reloads. */
static void
be_nice(void)
{
	(void)setpriority(PRIO_PROCESS, 0, RELOAD_NICE);
}

static void
free_in_background(uv_work_t *work)
{
	struct farewell *f = work->data;

	be_nice();
	generation_release(f->generation);
	/* A large zone that was replaced leaves as much room as it took. */
	malloc_trim(0);
}

static void
on_freed(uv_work_t *work, int status)
{
	(void)status;
	free(work->data);
}

/* Give up our share of ${g}; when it is the last, away from this thread. */
static void
let_go(uv_loop_t *loop, struct generation *g)
{
	struct farewell *f = malloc(sizeof(*f));

	if (f != NULL) {
		f->generation = g;
		f->work.data = f;
	}
	if (f == NULL ||
	    uv_queue_work(loop, &f->work, free_in_background, on_freed) != 0) {
		generation_release(g);
		free(f);
	}
}

/* Hand over what was loaded. */
static void
adopt(struct reloader *r, struct generation *next)
{
	struct generation *before = r->generation;

	if (r->calls->adopt(r->context, next) != 0) {
		let_go(r->work.loop, next);
		log_error("no memory to publish: still serving the old");
		r->report.failed += r->report.ok;
		r->report.ok = r->report.adopted = false;
		return;
	}
	r->generation = next;
	let_go(r->work.loop, before);
	log_info("reloaded: %zu zones (%zu read, %zu unchanged) with %zu "
		 "services, geography %s, in %lld ms",
	    next->n_zones, next->zones_read, next->zones_kept,
	    generation_services(next), next->maps_kept ? "unchanged" : "read",
	    (long long)r->report.took_ms);
}

static void
load_in_background(uv_work_t *work)
{
	struct reloader *r = work->data;

	be_nice();
	errbuf_init(&r->messages);
	r->loaded = load(r, &r->messages);
}

static void start(struct reloader *r, uv_loop_t *loop);

static void
on_loaded(uv_work_t *work, int status)
{
	struct reloader *r = work->data;
	struct generation *loaded = r->loaded;
	bool again = r->again;

	(void)status;
	r->loaded = NULL;
	r->again = r->report.under_way = false;
	if (r->stopping) {
		generation_release(loaded);
		return;
	}
	r->report.at_ms = clock_wall_ms();
	r->report.took_ms = clock_mono_ms() - r->began_ms;
	r->report.messages = r->messages;
	report(&r->report, loaded);
	r->report.failed += !r->report.ok;
	daemon_log_messages(&r->report.messages);
	if (loaded != NULL)
		adopt(r, loaded);
	else
		log_error("reload failed: still serving what was there");
	r->report.done++;
	if (again)
		start(r, work->loop);
	r->calls->report(r->context);
}

static void
start(struct reloader *r, uv_loop_t *loop)
{
	r->began_ms = clock_mono_ms();
	r->work.data = r;
	r->report.under_way =
	    uv_queue_work(loop, &r->work, load_in_background, on_loaded) == 0;
	if (!r->report.under_way)
		log_error("cannot start a reload");
}

void
reloader_reload(struct reloader *r, uv_loop_t *loop)
{
	if (r->stopping)
		return;
	r->again = r->report.under_way;
	if (r->again)
		return;
	start(r, loop);
	r->calls->report(r->context);
}

bool
reloader_stop(struct reloader *r)
{
	r->stopping = true;
	return r->report.under_way;
}
