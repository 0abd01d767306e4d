/*
 * The mirror: what operators said and how far ramps have come, as meridiand
 * knows it, in a file beside the state database, PATH.mirror, so that a
 * database that is lost, new, or an older copy ends none of it.  Written by
 * meridiand, read by all at a start and by who says something, whose number has
 * to be above all there were.  Its form is in meridian-state(5); lines that
 * make no sense are left out, and nothing of it is trusted.
 */
#ifndef STATE_MIRROR_H
#define STATE_MIRROR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "state/rows.h"

#define MIRROR_SUFFIX ".mirror"

/* More than any node says: a larger file is not read. */
#define MIRROR_MAX ((size_t)8 << 20)

/* mirror_begin(t, last): begin a mirror in ${t}, which is empty; ${last} is the
 * highest number that was given.
 * mirror_override(t, row), mirror_ramp(t, row): append a row.
 * mirror_end(t): that was all. */
void mirror_begin(struct text *t, uint64_t last);
void mirror_override(struct text *t, const struct state_override *row);
void mirror_ramp(struct text *t, const struct state_ramp *row);
void mirror_end(struct text *t);

/* Who reads a mirror.  A callback that is NULL wants nothing. */
struct mirror_reader {
	void (*override)(void *context, const struct state_override *row);
	void (*ramp)(void *context, const struct state_ramp *row);
	void *context;
	/* What came of it. */
	uint64_t last;     /* the highest number there was */
	unsigned bad_line; /* the first that makes no sense; 0: none does */
	unsigned n_bad;    /* and how many */
};

/* mirror_parse(text, len, reader): give the rows of ${text}, ${len} bytes of
 * anything. */
void mirror_parse(const char *text, size_t len, struct mirror_reader *reader);

/*
 * found = mirror_load(path, reader): the same of the mirror of the database
 * ${path}.  1; 0 when there is none; -1 when it cannot be read, with errno.
 */
int mirror_load(const char *path, struct mirror_reader *reader);

/* mirror_save(path, text, len): put ${text} in the place of the mirror of the
 * database ${path}, whole and on the disk.  Waits for the disk.  0, or -1 with
 * errno. */
int mirror_save(const char *path, const char *text, size_t len);

/* is = mirror_is(path, text, len): the mirror of the database ${path} is there
 * and holds ${text}.  Waits for the disk. */
bool mirror_is(const char *path, const char *text, size_t len);

#endif
