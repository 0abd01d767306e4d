/*
 * The order of a client's regions in words, for explain: what makes it, how far
 * each region is, where that is known from, and what is near equal.  Called by
 * trace.c; decides nothing.
 */
#ifndef STEERING_TRACE_ORDER_H
#define STEERING_TRACE_ORDER_H

#include "base/text.h"
#include "steering/walk.h"

/* trace_order(w, t): add the regions that the client may be sent to, fence
 * lifted or not, in the order of its class, and why: ", by distance: ...". */
void trace_order(const struct walk *w, struct text *t);

#endif
