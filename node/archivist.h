/*
 * Keeps the files of what is served beside the state database
 * (config/last_good.h), for a start that finds files with errors.  Says in the
 * log when it cannot.
 *
 * Threads: belongs to the control thread, which it never stops: files are
 * copied in the background.
 */
#ifndef NODE_ARCHIVIST_H
#define NODE_ARCHIVIST_H

#include <stdbool.h>
#include <uv.h>

#include "config/last_good.h"
#include "node/generation.h"

struct archivist;

/* What pages tell of it. */
struct archivist_report {
	int64_t at_ms; /* wall clock, of the set that is there; 0: none */
	size_t files;  /* in it */
	/* Why the files of what is served are not in it; "": they are, or will
	 * be in a moment. */
	char trouble[LAST_GOOD_WHY];
};

/* archivist = archivist_create(changed, context): ${changed} is called, in the
 * thread of the loop, when the report has changed.  NULL without memory. */
struct archivist *archivist_create(
    void (*changed)(void *context), void *context);

/* archivist_keep(archivist, loop, g): ${g} is served now: keep its files, if
 * all of it is from files without errors. */
void archivist_keep(
    struct archivist *archivist, uv_loop_t *loop, struct generation *g);

/* archivist_tick(archivist, loop): try again what could not be done, once in a
 * while.  To be called a few times a second. */
void archivist_tick(struct archivist *archivist, uv_loop_t *loop);

/* report = archivist_report(archivist): how it is now. */
const struct archivist_report *archivist_report(
    const struct archivist *archivist);

/* busy = archivist_busy(archivist): files are being copied.
 * archivist_stop(archivist): begin nothing any more. */
bool archivist_busy(const struct archivist *archivist);
void archivist_stop(struct archivist *archivist);

/* archivist_destroy(archivist): free it; it is not busy, or the process ends.
 * NULL is fine. */
void archivist_destroy(struct archivist *archivist);

#endif
