/*
 * Follows the state database for a daemon, from a process of its own: a file
 * truncated under a mapping kills that process, not the daemon.  The child runs
 * state_reader_poll() every WATCH_INTERVAL_MS or WATCH_SLOW_MS and writes
 * rows down a pipe; when it dies it is started again, with growing pauses.
 */
#ifndef STATE_WATCH_H
#define STATE_WATCH_H

#include <uv.h>

#include "state/reader.h"
#include "state/room.h"

/* Four looks fit well into the 250 ms in which a change must be seen. */
#define WATCH_INTERVAL_MS 50
/* Round trips change by imports, and maps take a second to follow; load is for
 * people to look at. */
#define WATCH_SLOW_MS 1000
/* A disk fills up in seconds at the fastest. */
#define WATCH_ROOM_MS 1000

struct state_watch;

struct state_watch_calls {
	struct state_sink sink;
	/* The database cannot be read (${why}, without its path), or can again
	 * (NULL).  Only when that is news. */
	void (*trouble)(void *context, const char *why);
	/* Rows are left out because nobody gave them their sequence, ${what}
	 * says which and what to do; NULL: none any more.  The log says it
	 * already. */
	void (*odd)(void *context, const char *what);
	/* How much room its disk has, whenever that is another figure; of one
	 * that is followed for health only. */
	void (*room)(void *context, const struct room *room);
};

/*
 * watch = state_watch_start(loop, path, tables, calls, context): follow
 * ${tables} of ${path}, TABLES_HEALTH, TABLES_LATENCY, TABLES_PAGES,
 * TABLES_OVERRIDE, TABLES_DEMAND, TABLES_CONTROL, TABLES_RAMP or TABLES_SHARE,
 * on ${loop}, whose thread makes all calls.  NULL when it cannot start.
 */
struct state_watch *state_watch_start(uv_loop_t *loop, const char *path,
    unsigned tables, const struct state_watch_calls *calls, void *context);

/* state_watch_again(watch): read all rows again: the next change is full. */
void state_watch_again(struct state_watch *watch);

/* state_watch_stop(watch): make no more calls, end the child; its handles on
 * the loop close while that runs on.  Not inside one of the calls.  NULL is
 * fine. */
void state_watch_stop(struct state_watch *watch);

/*
 * state_watch_is_child(argc, argv): true when main() was started as the child;
 * then state_watch_child(argc, argv) does its work and returns its exit status.
 */
int state_watch_is_child(int argc, char **argv);
int state_watch_child(int argc, char **argv);

#endif
