/*
 * The reloader: loads generations, the first at the start and others in the
 * background, one at a time, and reports how that went: reloads, for which an
 * operator asks, and what the renewer has found on disk.  What it replaces is
 * freed in the background too, when nobody else has a share of it any more: a
 * large zone takes a while.
 *
 * Threads: belongs to the control thread.
 */
#ifndef NODE_RELOADER_H
#define NODE_RELOADER_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "base/errbuf.h"
#include "node/generation.h"

/* How the last reload went, for pages. */
struct reload_report {
	bool under_way;  /* one is */
	uint64_t done;   /* reloads that ended, the first load not counted */
	uint64_t failed; /* of them */
	bool ok;         /* the last one: no errors */
	bool adopted;    /* what it loaded is served */
	int64_t at_ms;   /* wall clock; of the first load at the start */
	int64_t took_ms;
	/* Zones that were read, and that were taken over because their files
	 * were the same; whether geography was.  0 after a failed one. */
	size_t zones_read, zones_kept;
	size_t zones_held; /* because their records have errors */
	bool geography_kept;
	/* When the files that are served were kept, as those of the operator
	 * had errors at the start (generation.h); 0: they are the operator's.
	 */
	int64_t last_good_ms;
	struct errbuf messages; /* errors and warnings of the last one */
};

struct reloader_calls {
	/* Take ${next} into service: 0, or -1 when there is no memory.  What
	 * is to be said of it is added to the reload's messages, ${said}; NULL
	 * when only files that are followed were read again. */
	int (*adopt)(
	    void *context, struct generation *next, struct errbuf *said);
	/* reloader_report() has changed: a reload began or ended. */
	void (*changed)(void *context);
};

/* How the reading of files that are followed ended. */
struct reloader_renewal {
	bool adopted; /* what is new of it is served */
	/* The files were not at rest: nothing of it is used. */
	bool moved;
	int64_t took_ms;
	const struct errbuf *messages; /* errors: of what could not be read */
	const char *changes;           /* a line for each kind of change */
};

struct reloader;

/*
 * reloader = reloader_create(path, outcomes, calls, context): of the node's
 * file ${path}, with slots of counters from ${outcomes}.  NULL without memory.
 */
struct reloader *reloader_create(const char *path,
    const struct policy_outcomes *outcomes, const struct reloader_calls *calls,
    void *context);

/* reloader_destroy(reloader): free it, and its share of the generation.  No
 * reload is under way.  NULL is fine. */
void reloader_destroy(struct reloader *reloader);

/*
 * generation = reloader_first(reloader, strict, eb): load at the start, in this
 * thread; of files with errors the last that loaded, unless ${strict}.  The
 * reloader's, as for reloader_generation().  NULL with errors in ${eb}; those
 * of files that are not served, and warnings, may be in it in either case.
 */
struct generation *reloader_first(
    struct reloader *reloader, bool strict, struct errbuf *eb);

/* generation = reloader_generation(reloader): what was adopted last. */
struct generation *reloader_generation(const struct reloader *reloader);

/*
 * reloader_reload(reloader, loop): start a reload, which ends on ${loop}; with
 * one under way, another one after it, because files may have changed since it
 * read them.
 */
void reloader_reload(struct reloader *reloader, uv_loop_t *loop);

/*
 * started = reloader_follow(reloader, loop, now, ended, context): read again
 * what generation_follow() says is another file in ${now}, which must live
 * until ${ended} was called, on ${loop}, once what was read is adopted or given
 * up; it is not called after reloader_stop().  False, and nothing is done,
 * while something is being loaded.
 */
bool reloader_follow(struct reloader *reloader, uv_loop_t *loop,
    const struct inputs *now,
    void (*ended)(void *context, const struct reloader_renewal *renewal),
    void *context);

/*
 * started = reloader_measure(reloader, loop, latency, ended, context): the same
 * with maps made from the round trips ${latency}, which is shared.
 */
bool reloader_measure(struct reloader *reloader, uv_loop_t *loop,
    struct kept *latency,
    void (*ended)(void *context, const struct reloader_renewal *renewal),
    void *context);

/* reloader_tick(reloader, loop): free what was replaced and is not in use any
 * more, in the background of ${loop}.  To be called now and then. */
void reloader_tick(struct reloader *reloader, uv_loop_t *loop);

/* busy = reloader_busy(reloader): something is being loaded. */
bool reloader_busy(const struct reloader *reloader);

/* busy = reloader_stop(reloader): adopt nothing and start nothing any more.
 * True while something is being loaded. */
bool reloader_stop(struct reloader *reloader);

/* report = reloader_report(reloader): how the last one went. */
const struct reload_report *reloader_report(const struct reloader *reloader);

#endif
