/*
 * From rows of the state database to a table of round trips, and from that to
 * maps.  Called by the control thread; opens no file itself.
 */
#include "node/latencies.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/daemon.h"
#include "base/log.h"
#include "base/text.h"
#include "state/watch.h"
#include "steering/geo/latency_client.h"

/* Maps are not made more often than this: an operator who edits the table row
 * by row pays for one in a while. */
#define REST_MS 2000

/* A table on its way. */
struct intake {
	struct latency_builder *builder; /* NULL: none, or no memory */
	int64_t newest_ms;
	bool
	    full; /* it has more than a table may have, or there is no memory */
};

struct latencies {
	struct reloader *reloader;
	uv_loop_t *loop;
	void (*changed)(void *context);
	void *context;
	char *path; /* of the database; NULL: none is followed */
	struct state_watch *watch;
	struct intake intake; /* of the change that is being read */
	uv_work_t work;
	bool sorting;          /* the work is under way */
	struct intake sorted;  /* what it works on */
	struct latency *table; /* what came of it */
	struct kept *next;     /* maps are to be made from it */
	int64_t next_newest_ms;
	struct kept *making; /* the table they are being made from, or NULL */
	int64_t making_newest_ms;
	int64_t made_ms; /* monotonic clock, when they were last */
	bool stopping;
	struct latencies_report report;
};

static void
destroy_table(void *table)
{
	latency_destroy(table);
}

/* A share of ${table}, which is taken over; NULL without memory. */
static struct kept *
keep_table(struct latency *table)
{
	static const struct errbuf nothing;
	const struct errbuf_mark begin = {0};
	struct inputs none = {0};

	return kept_create(table, destroy_table, &none, &nothing, begin);
}

static void
begin_intake(struct intake *in)
{
	latency_abandon(in->builder);
	*in = (struct intake){.builder = latency_begin()};
	in->full = in->builder == NULL;
}

/* A row that makes no sense is nobody's round trip; one without a time is too
 * old to count. */
static void
take_row(struct intake *in, const struct state_latency *row)
{
	struct latency_entry entry = {.region = row->region,
	    .samples = row->samples,
	    .measured_ms = row->measured_ms};

	if (in->full || row->rtt_us <= 0 || row->rtt_us > UINT32_MAX ||
	    latency_client_parse(row->client, &entry) != 0)
		return;
	entry.rtt_us = (uint32_t)row->rtt_us;
	in->full = latency_add(in->builder, &entry) != 0;
	if (row->measured_ms > in->newest_ms)
		in->newest_ms = row->measured_ms;
}

static struct latency *
end_intake(struct intake *in)
{
	struct latency *table = in->full ? NULL : latency_end(in->builder);

	if (in->full)
		latency_abandon(in->builder);
	in->builder = NULL;
	return table;
}

/* The daemon's way. */

static void
set_trouble(struct latencies *l, const char *why)
{
	snprintf(l->report.trouble, sizeof(l->report.trouble), "%s", why);
}

static void
on_begin(void *context, bool full)
{
	struct latencies *l = context;

	(void)full; /* each change is (state_reader_follow()) */
	begin_intake(&l->intake);
}

static void
on_row(void *context, const struct state_latency *row)
{
	struct latencies *l = context;

	take_row(&l->intake, row);
}

static void
sort_in_background(uv_work_t *work)
{
	struct latencies *l = work->data;

	l->table = end_intake(&l->sorted);
}

/* The table that the maps are made from, or are about to be. */
static const struct latency *
last_table(const struct latencies *l)
{
	return l->next != NULL ? kept_part(l->next)
			       : reloader_generation(l->reloader)->latency;
}

static void
on_sorted(uv_work_t *work, int status)
{
	struct latencies *l = work->data;
	struct latency *table = l->table;

	(void)status;
	l->sorting = false;
	l->table = NULL;
	if (l->stopping) {
		latency_destroy(table);
		return;
	}
	l->report.known = true;
	if (table == NULL) {
		set_trouble(l,
		    "there are more round trips than fit, or no "
		    "memory: what was known counts");
		log_warn("round trips: %s", l->report.trouble);
	} else if (latency_equal(table, last_table(l))) {
		if (l->next == NULL)
			l->report.newest_ms = l->sorted.newest_ms;
		latency_destroy(table);
	} else {
		kept_release(l->next);
		l->next = keep_table(table);
		l->next_newest_ms = l->sorted.newest_ms;
	}
	l->changed(l->context);
}

static void
on_commit(void *context)
{
	struct latencies *l = context;

	/* The next change comes whole: this one may be left out. */
	if (l->sorting || l->stopping) {
		state_watch_again(l->watch);
		begin_intake(&l->intake);
		return;
	}
	l->sorted = l->intake;
	l->intake = (struct intake){0};
	l->work.data = l;
	l->sorting = uv_queue_work(
			 l->loop, &l->work, sort_in_background, on_sorted) == 0;
	if (!l->sorting)
		latency_abandon(l->sorted.builder);
}

static void
on_trouble(void *context, const char *why)
{
	struct latencies *l = context;

	if (why == NULL) {
		if (l->report.trouble[0] != '\0')
			log_info("round trips in %s: readable again", l->path);
		set_trouble(l, "");
	} else if (strcmp(why, l->report.trouble) != 0) {
		set_trouble(l, why);
		/* That the file cannot be read is said for health too. */
		log_warn("round trips in %s: %s; ranking by what is known",
		    l->path, why);
		l->report.known = true;
	}
	l->changed(l->context);
}

static void
on_odd(void *context, const char *what)
{
	(void)context;
	(void)what;
}

static void
on_room(void *context, const struct room *room)
{
	(void)context;
	(void)room;
}

static const struct state_watch_calls watch_calls = {
    .sink = {.begin = on_begin, .latency = on_row, .commit = on_commit},
    .trouble = on_trouble,
    .odd = on_odd,
    .room = on_room,
};

struct latencies *
latencies_create(struct reloader *reloader, uv_loop_t *loop,
    void (*changed)(void *context), void *context)
{
	struct latencies *l = calloc(1, sizeof(*l));

	if (l == NULL)
		return NULL;
	l->reloader = reloader;
	l->loop = loop;
	l->changed = changed;
	l->context = context;
	return l;
}

static void
end_watch(struct latencies *l)
{
	state_watch_stop(l->watch);
	l->watch = NULL;
	free(l->path);
	l->path = NULL;
}

void
latencies_follow(struct latencies *l, const char *path)
{
	l->report.wanted = path != NULL;
	if (l->stopping ||
	    (path != NULL && l->path != NULL && strcmp(path, l->path) == 0))
		return;
	end_watch(l);
	set_trouble(l, "");
	if (path == NULL)
		return;
	l->path = strdup(path);
	if (l->path != NULL)
		l->watch = state_watch_start(
		    l->loop, l->path, TABLES_LATENCY, &watch_calls, l);
	if (l->watch == NULL)
		on_trouble(l, "cannot start the process that reads it");
}

/* What is ranked by now, after ${cells} round trips. */
static void
say_size(const struct latencies *l, size_t cells, int64_t took_ms)
{
	struct latency_size now = l->report.size;

	if (now.cells == 0 && cells > 0)
		log_warn("round trips in %s: none of %zu counts any more, "
			 "regions are ranked by distance: run the last import "
			 "again (meridianctl latency import)",
		    l->path != NULL ? l->path : "the state database", cells);
	else
		log_info("ranking by %zu round trip%s to %zu region%s, after "
			 "%lld ms",
		    now.cells, text_plural(now.cells), now.regions,
		    text_plural(now.regions), (long long)took_ms);
}

/* Maps were made, or could not be. */
static void
on_made(void *context, const struct reloader_renewal *renewal)
{
	struct latencies *l = context;
	const struct latency *table = reloader_generation(l->reloader)->latency;
	size_t cells = l->report.size.cells;

	l->made_ms = clock_mono_ms();
	daemon_log_messages(renewal->messages);
	if (renewal->adopted) {
		l->report.done++;
		l->report.at_ms = clock_wall_ms();
		l->report.took_ms = renewal->took_ms;
		l->report.size = latency_size(table);
		l->report.newest_ms = l->making_newest_ms;
		set_trouble(l, "");
		say_size(l, cells, renewal->took_ms);
	} else {
		l->report.failed++;
		set_trouble(l,
		    "no maps can be made from what is in the "
		    "database: the log says why");
		log_error("round trips: %s; ranking by what is known",
		    l->report.trouble);
	}
	/* Another may have come meanwhile. */
	if (l->next == l->making) {
		kept_release(l->next);
		l->next = NULL;
	}
	kept_release(l->making);
	l->making = NULL;
	l->changed(l->context);
}

void
latencies_tick(struct latencies *l)
{
	bool rested =
	    l->made_ms == 0 || clock_mono_ms() - l->made_ms >= REST_MS;

	if (l->stopping || l->next == NULL || l->making != NULL || !rested ||
	    l->path == NULL ||
	    !reloader_measure(l->reloader, l->loop, l->next, on_made, l))
		return;
	l->making = kept_share(l->next);
	l->making_newest_ms = l->next_newest_ms;
}

bool
latencies_settled(const struct latencies *l)
{
	return !l->report.wanted ||
	    (l->report.known && l->next == NULL && l->making == NULL &&
		!l->sorting);
}

bool
latencies_busy(const struct latencies *l)
{
	return l->sorting;
}

void
latencies_stop(struct latencies *l)
{
	l->stopping = true;
	end_watch(l);
}

void
latencies_destroy(struct latencies *l)
{
	if (l == NULL)
		return;
	latency_abandon(l->intake.builder);
	kept_release(l->making);
	kept_release(l->next);
	free(l->path);
	free(l);
}

const struct latencies_report *
latencies_report(const struct latencies *l)
{
	return &l->report;
}

/* The way of a program that is not the server. */

static void
read_begin(void *context, bool full)
{
	(void)full;
	begin_intake(context);
}

static void
read_row(void *context, const struct state_latency *row)
{
	take_row(context, row);
}

static void
read_commit(void *context)
{
	(void)context;
}

struct kept *
latencies_read(const char *path, struct errbuf *eb)
{
	static const struct state_sink sink = {
	    .begin = read_begin, .latency = read_row, .commit = read_commit};
	struct state_reader *reader = state_reader_create(path);
	struct intake in = {.builder = NULL, .full = true};
	struct latency *table = NULL;
	struct kept *kept = NULL;
	int status;

	if (reader == NULL) {
		errbuf_error(eb, NULL, "no memory for round trips");
		return NULL;
	}
	state_reader_follow(reader, TABLES_LATENCY);
	status = state_reader_poll(reader, &sink, &in, eb);
	if (status == 1 && (table = end_intake(&in)) == NULL)
		errbuf_error(eb, NULL,
		    "there are more round trips than fit, or no memory");
	latency_abandon(in.builder);
	state_reader_destroy(reader);
	if (table != NULL && (kept = keep_table(table)) == NULL)
		errbuf_error(eb, NULL, "no memory for round trips");
	return kept;
}
