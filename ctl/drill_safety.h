/*
 * The safety rule during a drill: would the drain be refused if it were said
 * now?  Called by meridianctl drill every few seconds; changes nothing.
 */
#ifndef CTL_DRILL_SAFETY_H
#define CTL_DRILL_SAFETY_H

#include "ctl/drill_watch.h"

struct drill_safety;

enum drill_safe {
	DRILL_SAFE,   /* or nobody can tell now */
	DRILL_UNSAFE, /* the rule is broken */
	DRILL_ENDED   /* the drain is not in force any more */
};

/* safety = drill_safety_open(path): of the files of the node's file ${path}.
 * NULL when these have errors, which is said.  drill_safety_close(safety): free
 * it; NULL is fine. */
struct drill_safety *drill_safety_open(const char *path);
void drill_safety_close(struct drill_safety *safety);

/* safe = drill_safety_check(safety, row, why): of the drain ${row}, which was
 * said; why not in ${why}.  A drain that was forced is safe. */
enum drill_safe drill_safety_check(struct drill_safety *safety,
    const struct state_override *row, char why[DRILL_TEXT]);

#endif
