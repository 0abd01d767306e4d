/*
 * What a reload changed, in words for the log: zones, services, settings and
 * geography.  Called in the thread of a reload.
 */
#ifndef NODE_CHANGES_H
#define NODE_CHANGES_H

#include "base/text.h"
#include "node/generation.h"

/* Names in one list; of more there is a count. */
#define CHANGES_NAMES 10

/*
 * changes_describe(before, after, out): append a line, which ends with a
 * newline, for each kind of change from ${before} to ${after}: none when they
 * come to the same.  A name in ${out} has no last dot.
 */
void changes_describe(const struct generation *before,
    const struct generation *after, struct text *out);

#endif
