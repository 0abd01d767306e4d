/*
 * The renewer: looks now and then whether the databases of geography and the
 * files of networks that serve are others on disk, and has those that are, and
 * have come to rest, read again.  The files of zones and steering are left to
 * the operator, who says with a reload that they are ready.
 *
 * Threads: belongs to the control thread.  Files are looked at in the
 * background: on a file system of the network that may take its time.
 */
#ifndef NODE_RENEWER_H
#define NODE_RENEWER_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "node/reloader.h"

/* A message of one line; longer ones are cut. */
#define RENEWER_TROUBLE 1024

/* How it goes, for pages. */
struct renewer_report {
	uint64_t done;    /* times that something was read again and served */
	uint64_t failed;  /* times that something could not be read */
	size_t pending;   /* files that are others than those that serve */
	int64_t at_ms;    /* wall clock, of the last that was done; 0: none */
	int64_t took_ms;  /* that one */
	int64_t since_ms; /* wall clock, of the trouble */
	/* Why what is on disk is not served; empty while there is no reason.
	 */
	char trouble[RENEWER_TROUBLE];
};

struct renewer;

/*
 * renewer = renewer_create(reloader, changed, context): for what ${reloader}
 * has loaded.  ${changed} is called when renewer_report() is another.  NULL
 * without memory.
 */
struct renewer *renewer_create(
    struct reloader *reloader, void (*changed)(void *context), void *context);

/* renewer_destroy(renewer): free it.  Nothing is under way.  NULL is fine. */
void renewer_destroy(struct renewer *renewer);

/* renewer_tick(renewer, loop): begin a look, in the background of ${loop}, when
 * it is time for one.  To be called some times a second. */
void renewer_tick(struct renewer *renewer, uv_loop_t *loop);

/* busy = renewer_busy(renewer): files are being looked at. */
bool renewer_busy(const struct renewer *renewer);

/* renewer_stop(renewer): begin nothing any more. */
void renewer_stop(struct renewer *renewer);

/* report = renewer_report(renewer): how it goes. */
const struct renewer_report *renewer_report(const struct renewer *renewer);

#endif
