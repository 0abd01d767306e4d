/*
 * What the files that put the ladder into words share.  Only trace*.c includes
 * it.
 */
#ifndef STEERING_TRACE_TEXT_H
#define STEERING_TRACE_TEXT_H

#include "base/text.h"
#include "steering/walk.h"

/* More than 64 regions with the longest names and their counts need. */
#define TRACE_MAX 65536

/* trace_say(w, step, t): give the step its text, as far as it fits, and free
 * that. */
void trace_say(const struct walk *w, enum ladder_step step, struct text *t);

/* trace_add_position(t, position): append a position as per cents of [0,1),
 * rounded to six digits behind the point: two more than weights in the file may
 * have.  Zeros at the end are left away. */
void trace_add_position(struct text *t, uint64_t position);

/* trace_add_block(w, t): append the block of the client's positions. */
void trace_add_block(const struct walk *w, struct text *t);

/* trace_add_pool(t, pool): append its name, and that it is standby. */
void trace_add_pool(struct text *t, const struct policy_pool *pool);

#endif
