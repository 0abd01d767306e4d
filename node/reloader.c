/*
 * Loads and frees generations in threads of libuv's pool.  Called by the
 * control thread, which publishes what was loaded.
 */
#include "node/reloader.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/clock.h"
#include "base/daemon.h"
#include "base/log.h"
#include "node/changes.h"
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
	bool busy;          /* the work is under way */
	bool again;         /* a reload was asked for meanwhile */
	bool stopping;      /* nothing is adopted any more */
	int64_t began_ms;   /* monotonic clock */
	int64_t adopted_ms; /* wall clock, when what is served was loaded */
	/* Of what is followed: the look at files or the round trips, and whom
	 * it is for. */
	const struct inputs *now;
	struct kept *latency;
	void (*ended)(void *context, const struct reloader_renewal *renewal);
	void *ended_context;
	bool moved;
	/* What the thread of a load fills. */
	struct generation *loaded;
	struct errbuf messages;
	struct text changes; /* lines of what a reload changes */
	struct reload_report report;
	struct farewell *farewells; /* that wait for other owners */
};

/* Lists of names, each bounded: see changes.h. */
#define CHANGES_MAX 65536

/* A generation on its way out. */
struct farewell {
	uv_work_t work;
	struct generation *generation;
	struct farewell *next;
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
	r->report.at_ms = r->adopted_ms = clock_wall_ms();
	return r;
}

void
reloader_destroy(struct reloader *r)
{
	if (r == NULL)
		return;
	while (r->farewells != NULL) {
		struct farewell *f = r->farewells;

		r->farewells = f->next;
		generation_release(f->generation);
		free(f);
	}
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

/* The daemons became their user when they started, so that a missing one is
 * found by the next start only. */
static void
warn_of_user(const struct server_config *config, struct errbuf *eb)
{
	if (config->user != NULL && !daemon_is_user(config->user))
		errbuf_warn(eb, &config->user_at,
		    "user: there is no user %s: no daemon would start",
		    config->user);
}

/* All that the files say, with what only a server needs of it.  What has not
 * changed is taken from the generation that is served. */
static struct generation *
load(const struct reloader *r, struct errbuf *eb)
{
	struct generation *g =
	    generation_load(r->path, &r->outcomes, r->generation, eb);

	if (g != NULL)
		warn_of_user(g->config, eb);
	if (g == NULL || identity_load(g->config, &g->identity, eb) == 0)
		return g;
	generation_release(g);
	return NULL;
}

/* What came of a load, but for its messages; ${g} NULL: nothing of it is
 * served.  The zones that were held back before are so still then. */
static void
summarize(struct reload_report *r, const struct generation *g)
{
	r->ok = g != NULL && g->zones_held == 0;
	r->adopted = g != NULL;
	r->zones_read = g != NULL ? g->zones_read : 0;
	r->zones_kept = g != NULL ? g->zones_kept : 0;
	r->geography_kept = g != NULL && g->geography_kept;
	if (g != NULL)
		r->zones_held = g->zones_held;
}

/* The last files that loaded, as those that are there have errors.  NULL when
 * there are none, or they cannot be used, which is said in ${eb}. */
static struct generation *
load_last_good(const struct reloader *r, struct errbuf *eb)
{
	struct last_good lg = {0};
	struct errbuf *said = malloc(sizeof(*said));
	struct generation *g = NULL;

	if (said != NULL) {
		errbuf_init(said);
		if (last_good_find(r->path, &lg, said) == 1)
			g = generation_load_last_good(&lg, &r->outcomes, said);
		if (g != NULL &&
		    identity_load(g->config, &g->identity, said) != 0) {
			generation_release(g);
			g = NULL;
		}
		if (g == NULL && !errbuf_ok(said))
			errbuf_repeat(eb, said->text, 0, said->lost);
	}
	last_good_finish(&lg);
	free(said);
	return g;
}

/* Loud, as the files have to be mended. */
static void
log_last_good(const struct reloader *r)
{
	char when[CLOCK_TEXT];

	log_error("the files have errors, and the last that loaded, of %s, are "
		  "served in their place: mend what is said above, see "
		  "meridianctl check, and reload",
	    clock_format(r->generation->last_good_ms, when));
}

struct generation *
reloader_first(struct reloader *r, bool strict, struct errbuf *eb)
{
	struct generation *g = load(r, eb);

	r->generation = g;
	if (g == NULL && !strict)
		r->generation = load_last_good(r, eb);
	r->report.messages = *eb;
	summarize(&r->report, g);
	if (g != NULL || r->generation == NULL)
		return r->generation;
	r->report.last_good_ms = r->adopted_ms = r->generation->last_good_ms;
	daemon_log_messages(eb);
	errbuf_init(eb);
	log_last_good(r);
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

/* Free ${f} and its generation away from this thread. */
static void
free_farewell(uv_loop_t *loop, struct farewell *f)
{
	f->work.data = f;
	if (uv_queue_work(loop, &f->work, free_in_background, on_freed) == 0)
		return;
	generation_release(f->generation);
	free(f);
}

/* Give up our share of ${g} as soon as it is the last: a page that is still
 * being sent may have one too, and must not be the one who frees. */
static void
let_go(struct reloader *r, uv_loop_t *loop, struct generation *g)
{
	struct farewell *f = malloc(sizeof(*f));

	if (f == NULL) {
		generation_release(g);
		return;
	}
	f->generation = g;
	f->next = r->farewells;
	r->farewells = f;
	reloader_tick(r, loop);
}

/* Nobody can get a share of a generation that is replaced from its last owner:
 * where we are that, it stays so. */
void
reloader_tick(struct reloader *r, uv_loop_t *loop)
{
	struct farewell **at = &r->farewells;

	while (*at != NULL) {
		struct farewell *f = *at;

		if (atomic_load(&f->generation->owners) > 1) {
			at = &f->next;
			continue;
		}
		*at = f->next;
		free_farewell(loop, f);
	}
}

/* Hand over what was loaded; ${said} as for reloader_calls.  False, with an
 * error in the messages: nobody took it. */
static bool
hand_over(struct reloader *r, struct generation *next, struct errbuf *said)
{
	static const char trouble[] =
	    "no memory to publish: still serving the old";
	struct generation *before = r->generation;

	if (r->calls->adopt(r->context, next, said) != 0) {
		let_go(r, r->work.loop, next);
		log_error("%s", trouble);
		errbuf_error(&r->messages, NULL, "%s", trouble);
		return false;
	}
	r->generation = next;
	r->report.last_good_ms = next->last_good_ms;
	let_go(r, r->work.loop, before);
	return true;
}

static bool
adopt(struct reloader *r, struct generation *next)
{
	size_t services = generation_services(next);

	if (!hand_over(r, next, &r->messages))
		return false;
	r->adopted_ms = r->report.at_ms;
	log_info("reloaded: %zu zone%s (%zu read, %zu unchanged) with %zu "
		 "service%s, geography %s, in %lld ms",
	    next->n_zones, text_plural(next->n_zones), next->zones_read,
	    next->zones_kept, services, text_plural(services),
	    next->geography_kept ? "unchanged" : "read",
	    (long long)r->report.took_ms);
	return true;
}

static void
load_in_background(uv_work_t *work)
{
	struct reloader *r = work->data;

	be_nice();
	errbuf_init(&r->messages);
	r->loaded = load(r, &r->messages);
	text_init(&r->changes, CHANGES_MAX);
	if (r->loaded != NULL)
		changes_describe(r->generation, r->loaded, &r->changes);
}

/* Say what the reload changed, a line each, and forget it. */
static void
log_changes(struct reloader *r, bool adopted)
{
	const char *line = r->changes.data != NULL ? r->changes.data : "";

	for (size_t len; adopted && *line != '\0'; line += len + 1) {
		len = strcspn(line, "\n");
		log_info("reload: %.*s", (int)len, line);
		if (line[len] == '\0')
			break;
	}
	text_finish(&r->changes);
}

/* What is served is not what the files say: a start would find what the reload
 * found, and serve the last that loaded. */
static void
log_failure(const struct reloader *r)
{
	char when[CLOCK_TEXT];

	log_error("reload failed: what was loaded at %s is still served; a "
		  "restart would not serve with these files: mend what is said "
		  "above, see meridianctl check, and reload",
	    clock_format(r->adopted_ms, when));
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
	r->again = r->busy = r->report.under_way = false;
	if (r->stopping) {
		text_finish(&r->changes);
		generation_release(loaded);
		return;
	}
	r->report.at_ms = clock_wall_ms();
	r->report.took_ms = clock_mono_ms() - r->began_ms;
	daemon_log_messages(&r->messages);
	if (loaded == NULL)
		log_failure(r);
	else if (!adopt(r, loaded))
		loaded = NULL;
	log_changes(r, loaded != NULL);
	summarize(&r->report, loaded);
	r->report.messages = r->messages;
	r->report.done++;
	if (!r->report.ok)
		r->report.failed++;
	if (again)
		start(r, work->loop);
	r->calls->changed(r->context);
}

static void
start(struct reloader *r, uv_loop_t *loop)
{
	r->began_ms = clock_mono_ms();
	r->work.data = r;
	r->busy = r->report.under_way =
	    uv_queue_work(loop, &r->work, load_in_background, on_loaded) == 0;
	if (!r->busy)
		log_error("cannot start a reload");
}

void
reloader_reload(struct reloader *r, uv_loop_t *loop)
{
	if (r->stopping)
		return;
	r->again = r->busy;
	if (r->again)
		return;
	start(r, loop);
	r->calls->changed(r->context);
}

/* What was read while a file was written is neither the old nor the new one. */
static void
follow_in_background(uv_work_t *work)
{
	struct reloader *r = work->data;

	be_nice();
	errbuf_init(&r->messages);
	text_init(&r->changes, CHANGES_MAX);
	if (r->latency != NULL)
		r->loaded = generation_measure(
		    r->generation, r->latency, &r->outcomes, &r->messages);
	else
		r->loaded = generation_follow(
		    r->generation, r->now, &r->outcomes, &r->messages);
	r->moved = r->latency == NULL && inputs_changed(r->now) != NULL;
	if (r->moved) {
		generation_release(r->loaded);
		r->loaded = NULL;
	}
	if (r->loaded != NULL)
		changes_describe(r->generation, r->loaded, &r->changes);
}

static void
on_followed(uv_work_t *work, int status)
{
	struct reloader *r = work->data;
	struct generation *loaded = r->loaded;
	struct reloader_renewal renewal = {.moved = r->moved,
	    .took_ms = clock_mono_ms() - r->began_ms,
	    .messages = &r->messages,
	    .changes = r->changes.data != NULL ? r->changes.data : ""};
	bool again = r->again;

	(void)status;
	kept_release(r->latency);
	r->latency = NULL;
	r->loaded = NULL;
	r->again = r->busy = false;
	if (r->stopping) {
		text_finish(&r->changes);
		generation_release(loaded);
		return;
	}
	renewal.adopted = loaded != NULL && hand_over(r, loaded, NULL);
	r->ended(r->ended_context, &renewal);
	text_finish(&r->changes);
	if (again)
		reloader_reload(r, work->loop);
}

/* Have the work done for what ${r} holds of it. */
static bool
start_following(struct reloader *r, uv_loop_t *loop,
    void (*ended)(void *context, const struct reloader_renewal *renewal),
    void *context)
{
	r->began_ms = clock_mono_ms();
	r->ended = ended;
	r->ended_context = context;
	r->work.data = r;
	r->busy = uv_queue_work(
		      loop, &r->work, follow_in_background, on_followed) == 0;
	return r->busy;
}

bool
reloader_follow(struct reloader *r, uv_loop_t *loop, const struct inputs *now,
    void (*ended)(void *context, const struct reloader_renewal *renewal),
    void *context)
{
	if (r->stopping || r->busy)
		return false;
	r->now = now;
	return start_following(r, loop, ended, context);
}

bool
reloader_measure(struct reloader *r, uv_loop_t *loop, struct kept *latency,
    void (*ended)(void *context, const struct reloader_renewal *renewal),
    void *context)
{
	if (r->stopping || r->busy)
		return false;
	r->latency = kept_share(latency);
	if (start_following(r, loop, ended, context))
		return true;
	kept_release(r->latency);
	r->latency = NULL;
	return false;
}

bool
reloader_busy(const struct reloader *r)
{
	return r->busy;
}

bool
reloader_stop(struct reloader *r)
{
	r->stopping = true;
	return r->busy;
}
