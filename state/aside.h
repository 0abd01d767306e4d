/*
 * Setting a corrupt database aside: under another name beside it, so that
 * a new one can be made and nothing of the old one is lost.  For the writer, by
 * the process that has no connection to it any more, and for those that tell
 * of it.
 */
#ifndef STATE_ASIDE_H
#define STATE_ASIDE_H

#include <stdbool.h>

#include "base/file_identity.h"

/* What is added to the path; its log has "-wal" behind that. */
#define ASIDE_SUFFIX ".corrupt"

/*
 * moved = aside_move(path, spoiled, application_id, held): move the database
 * ${path}, and its log, if it is still the file ${spoiled} and was one of ours:
 * it was open before (${held}), or says so at its head (${application_id}).
 * One that was set aside before is replaced.  1; 0 when it is left where it is:
 * it is of somebody else, not a plain file, or another program is at it or was
 * faster; -1 with errno.
 */
int aside_move(const char *path, const struct file_identity *spoiled,
    uint32_t application_id, bool held);

/* since_ms = aside_since_ms(path): when the one beside ${path} was set aside,
 * wall clock; -1: there is none. */
int64_t aside_since_ms(const char *path);

#endif
