/*
 * Looks at files in a thread of libuv's pool, asks the watch what to do, and
 * the reloader to do it; says in the log what came of it, once.  Called by the
 * control thread; reads no file itself.
 */
#include "node/renewer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/daemon.h"
#include "base/log.h"
#include "base/text.h"
#include "node/geo_age.h"
#include "node/watch.h"

/* How often the ages of databases are looked at: they are counted in days. */
#define AGES_MS 60000

struct renewer {
	struct reloader *reloader;
	void (*changed)(void *context);
	void *context;
	struct watch watch;
	uv_work_t work;
	bool looking, stopping;
	int64_t looked_ms; /* monotonic clock, when the last look began */
	/* What the thread of a look fills: the files as they were read, and as
	 * they are. */
	struct inputs served, seen;
	struct inputs now; /* what the reloader reads */
	char *said;        /* the messages that were said last, or NULL */
	size_t old;        /* databases that are, which was said */
	int64_t aged_ms;
	struct renewer_report report;
};

struct renewer *
renewer_create(
    struct reloader *reloader, void (*changed)(void *context), void *context)
{
	struct renewer *r = calloc(1, sizeof(*r));

	if (r == NULL)
		return NULL;
	r->reloader = reloader;
	r->changed = changed;
	r->context = context;
	return r;
}

void
renewer_destroy(struct renewer *r)
{
	if (r == NULL)
		return;
	watch_finish(&r->watch);
	inputs_finish(&r->served);
	inputs_finish(&r->seen);
	inputs_finish(&r->now);
	free(r->said);
	free(r);
}

const struct renewer_report *
renewer_report(const struct renewer *r)
{
	return &r->report;
}

bool
renewer_busy(const struct renewer *r)
{
	return r->looking;
}

void
renewer_stop(struct renewer *r)
{
	r->stopping = true;
}

/* There is trouble, of which ${text} is a line, or none any more. */
static void
set_trouble(struct renewer *r, const char *text, size_t len)
{
	if (len >= sizeof(r->report.trouble))
		len = sizeof(r->report.trouble) - 1;
	if (len > 0 && r->report.trouble[0] == '\0')
		r->report.since_ms = clock_wall_ms();
	memcpy(r->report.trouble, text, len);
	r->report.trouble[len] = '\0';
}

static void
forget_trouble(struct renewer *r)
{
	set_trouble(r, "", 0);
	free(r->said);
	r->said = NULL;
}

/* The first error among ${eb}. */
static void
take_trouble(struct renewer *r, const struct errbuf *eb)
{
	const char *at = eb->text, *next;
	struct errbuf_line line;

	for (; (next = errbuf_line(at, &line)) != NULL; at = next)
		if (line.error) {
			set_trouble(r, at, strcspn(at, "\n"));
			return;
		}
}

static void
log_changes(const struct reloader_renewal *renewal)
{
	size_t len;

	for (const char *line = renewal->changes; *line != '\0'; line += len) {
		len = strcspn(line, "\n");
		log_info("follow: %.*s", (int)len, line);
		len += line[len] == '\n';
	}
}

/* Say what was found, unless that was the last that was said: a file that comes
 * each minute brings the same warnings each time.  False when it was. */
static bool
log_messages(struct renewer *r, const struct errbuf *messages)
{
	if (r->said != NULL && strcmp(r->said, messages->text) == 0)
		return false;
	free(r->said);
	r->said = strdup(messages->text);
	daemon_log_messages(messages);
	return true;
}

static void
on_renewed(void *context, const struct reloader_renewal *renewal)
{
	struct renewer *r = context;
	bool failed = !renewal->moved &&
	    (!errbuf_ok(renewal->messages) || !renewal->adopted);

	inputs_finish(&r->now);
	if (renewal->adopted) {
		r->report.done++;
		r->report.at_ms = clock_wall_ms();
		r->report.took_ms = renewal->took_ms;
		r->report.pending = 0;
		log_info("followed what has changed on disk, in %lld ms",
		    (long long)renewal->took_ms);
		log_changes(renewal);
	}
	if (failed) {
		r->report.failed++;
		watch_failed(&r->watch, clock_mono_ms());
		take_trouble(r, renewal->messages);
		if (log_messages(r, renewal->messages))
			log_error("what cannot be read is served as it was; a "
				  "restart would not serve with these files: "
				  "mend what is said above, it is tried again "
				  "when they change");
	} else if (renewal->adopted) {
		(void)log_messages(r, renewal->messages);
		set_trouble(r, "", 0);
	}
	r->changed(r->context);
}

/* How many files are others than those that serve; the path of the first to
 * ${first}. */
static size_t
count_pending(
    const struct inputs *served, const struct inputs *seen, const char **first)
{
	size_t n = 0;

	for (size_t i = 0; i < served->n && i < seen->n; i++)
		if (!file_identity_same(
			&served->files[i].identity, &seen->files[i].identity) &&
		    n++ == 0)
			*first = served->files[i].path;
	return n;
}

/* Files that are written all the time. */
static void
say_restless(struct renewer *r, const char *path)
{
	char text[RENEWER_TROUBLE];

	if (r->report.trouble[0] != '\0')
		return;
	snprintf(text, sizeof(text),
	    "%s: has not been the same at two looks for 10 min: it is not read "
	    "while it is written",
	    path);
	set_trouble(r, text, strlen(text));
	log_warn("%s", text);
}

/* Have read again what the last look found. */
static void
read_again(struct renewer *r, uv_loop_t *loop)
{
	const struct inputs *last = &r->watch.last;

	for (size_t i = 0; i < last->n; i++)
		if (inputs_repeat(&r->now, last, i) != 0) {
			inputs_finish(&r->now);
			return;
		}
	/* A reload that is under way reads them too; the next look shows. */
	if (!reloader_follow(r->reloader, loop, &r->now, on_renewed, r))
		inputs_finish(&r->now);
}

static void
on_looked(uv_work_t *work, int status)
{
	struct renewer *r = work->data;
	struct renewer_report before = r->report;
	struct inputs served = {0};
	const char *first = "";
	enum watch_advice advice;

	(void)status;
	r->looking = false;
	/* A reload may have ended meanwhile. */
	if (r->stopping || r->seen.n != r->served.n ||
	    generation_followed(reloader_generation(r->reloader), &served) !=
		0 ||
	    !inputs_same(&served, &r->served)) {
		inputs_finish(&served);
		inputs_finish(&r->served);
		inputs_finish(&r->seen);
		return;
	}
	inputs_finish(&served);
	r->report.pending = count_pending(&r->served, &r->seen, &first);
	advice = watch_look(&r->watch, &r->served, &r->seen, clock_mono_ms());
	if (advice == WATCH_READ)
		read_again(r, work->loop);
	else if (advice == WATCH_RESTLESS)
		say_restless(r, first);
	else if (advice == WATCH_SAME && r->report.trouble[0] != '\0') {
		log_info("what is followed on disk is what is served again");
		forget_trouble(r);
	}
	inputs_finish(&r->served);
	if (r->report.pending != before.pending ||
	    strcmp(r->report.trouble, before.trouble) != 0)
		r->changed(r->context);
}

static void
look_in_background(uv_work_t *work)
{
	struct renewer *r = work->data;

	for (size_t i = 0; i < r->served.n; i++)
		if (inputs_note(&r->seen, r->served.files[i].path) != 0)
			return;
}

/* A database grows old without any load: say so once, when it does. */
static void
look_at_ages(struct renewer *r, const struct generation *g, int64_t now_ms)
{
	size_t old;

	if (r->aged_ms != 0 && now_ms - r->aged_ms < AGES_MS)
		return;
	old = geo_age_count_old(g->config, g->geography, clock_wall_ms());
	/* A load says it itself. */
	if (r->aged_ms != 0 && old > r->old)
		log_warn(
		    "%zu database%s of geography %s older than geo_max_age: "
		    "see meridianctl status",
		    old, text_plural(old), old == 1 ? "is" : "are");
	r->aged_ms = now_ms;
	r->old = old;
}

void
renewer_tick(struct renewer *r, uv_loop_t *loop)
{
	const struct generation *g = reloader_generation(r->reloader);
	int64_t now_ms = clock_mono_ms();
	uint64_t every_ms = g->config->geo_follow_ms;

	if (r->stopping)
		return;
	look_at_ages(r, g, now_ms);
	if (every_ms == 0 && r->report.trouble[0] != '\0') {
		/* The operator does not want to know any more. */
		forget_trouble(r);
		r->report.pending = 0;
		r->changed(r->context);
	}
	if (every_ms == 0 || r->looking || reloader_busy(r->reloader) ||
	    now_ms - r->looked_ms < (int64_t)every_ms)
		return;
	r->looked_ms = now_ms;
	if (generation_followed(g, &r->served) != 0 || r->served.n == 0) {
		inputs_finish(&r->served);
		return;
	}
	r->work.data = r;
	r->looking =
	    uv_queue_work(loop, &r->work, look_in_background, on_looked) == 0;
	if (!r->looking)
		inputs_finish(&r->served);
}
