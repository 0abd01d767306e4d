/*
 * Follows the round trips in the state database, and has the maps of services
 * that rank by latency made again when they have changed.  What was known goes
 * on while the database is away.
 *
 * Threads: belongs to the control thread; a process of its own reads
 * (state/watch.h), and tables are sorted in the background.
 */
#ifndef NODE_LATENCIES_H
#define NODE_LATENCIES_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "node/reloader.h"
#include "steering/geo/latency.h"

/* How it goes, for pages. */
struct latencies_report {
	bool wanted; /* a service ranks by latency */
	bool known;  /* the table was read */
	/* The table that the maps are made from, and when the last of its
	 * measures came, of the wall clock; 0: it has none. */
	struct latency_size size;
	int64_t newest_ms;
	uint64_t done;   /* times that maps were made again for it */
	uint64_t failed; /* times that they could not be */
	int64_t at_ms;   /* wall clock, of the last that was done; 0: none */
	int64_t took_ms; /* that one */
	/* Why what is in the database is not served; "": it is. */
	char trouble[448];
};

struct latencies;

/*
 * latencies = latencies_create(reloader, loop, changed, context): for what
 * ${reloader} has loaded; nothing is followed yet.  ${changed} is called when
 * latencies_report() is another.  NULL without memory.
 */
struct latencies *latencies_create(struct reloader *reloader, uv_loop_t *loop,
    void (*changed)(void *context), void *context);

/* latencies_follow(latencies, path): follow the state database ${path}; NULL:
 * nobody ranks by latency.  What is known stays known. */
void latencies_follow(struct latencies *latencies, const char *path);

/* latencies_tick(latencies): have maps made, when that is due.  To be called a
 * few times a second. */
void latencies_tick(struct latencies *latencies);

/* settled = latencies_settled(latencies): the maps are made from what can be
 * known of round trips. */
bool latencies_settled(const struct latencies *latencies);

/* busy = latencies_busy(latencies): a table is being sorted. */
bool latencies_busy(const struct latencies *latencies);

/* latencies_stop(latencies): begin nothing any more; its handles on the loop
 * close while that runs on. */
void latencies_stop(struct latencies *latencies);

/* latencies_destroy(latencies): free it; it was stopped, or never followed, and
 * is not busy.  NULL is fine. */
void latencies_destroy(struct latencies *latencies);

/* report = latencies_report(latencies): how it goes. */
const struct latencies_report *latencies_report(
    const struct latencies *latencies);

/*
 * kept = latencies_read(path, eb): the table in the state database ${path}, for
 * a program that is not the server: in this process.  NULL where there is none,
 * or with an error.
 */
struct kept *latencies_read(const char *path, struct errbuf *eb);

#endif
