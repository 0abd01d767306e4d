/*
 * The watch over files that are followed on disk: from one look at them after
 * another it says when they are to be read again.  A file counts when two looks
 * in a row found it the same, so that one that is being written is left alone;
 * what was tried in vain is left alone until a file changes.  Looks at no file
 * and no clock: see renewer.h.
 */
#ifndef NODE_WATCH_H
#define NODE_WATCH_H

#include <stdint.h>

#include "base/inputs.h"

/* What was tried in vain is tried again after this, whatever is on disk: memory
 * or descriptors may have been short. */
#define WATCH_RETRY_MS 600000
/* Files that never come to rest for so long are worth a word. */
#define WATCH_RESTLESS_MS 600000

enum watch_advice {
	WATCH_SAME,     /* what serves is what is on disk */
	WATCH_WAIT,     /* some are others; let them come to rest */
	WATCH_RESTLESS, /* the same, and that for a long time */
	WATCH_READ,     /* some are others, and at rest */
	WATCH_TRIED,    /* the same, but they were tried in vain */
};

/* Begins as all zero; watch_finish() frees what it holds. */
struct watch {
	struct inputs last;  /* look */
	struct inputs tried; /* the look that was read in vain */
	int64_t tried_ms, restless_ms;
};

/*
 * advice = watch_look(watch, served, seen, now_ms): at ${now_ms} of a monotonic
 * clock the files of ${served}, which are as they were read, were found as in
 * ${seen}, which is taken over.
 */
enum watch_advice watch_look(struct watch *watch, const struct inputs *served,
    struct inputs *seen, int64_t now_ms);

/* watch_failed(watch, now_ms): what the last look found was read in vain, or
 * some of it. */
void watch_failed(struct watch *watch, int64_t now_ms);

/* watch_finish(watch): free what it holds and make it all zero. */
void watch_finish(struct watch *watch);

#endif
