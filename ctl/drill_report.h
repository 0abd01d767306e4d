/*
 * Tells how a drill went, for people and for scripts.  Called by meridianctl
 * drill.
 */
#ifndef CTL_DRILL_REPORT_H
#define CTL_DRILL_REPORT_H

#include "ctl/drill_watch.h"

/* How it ended. */
enum drill_end {
	DRILL_COMPLETE,    /* its length was over */
	DRILL_UNDONE,      /* by itself, as something broke down */
	DRILL_INTERRUPTED, /* by who called it, or by somebody else's undrain */
	DRILL_BLIND        /* undone, as nobody could watch it */
};

struct drill_outcome {
	enum drill_end end;
	char why[DRILL_TEXT]; /* of all but the first */
	int64_t lasted_ms;
};

/* drill_report_text(w, outcome): to standard output, in 80 columns.
 * drill_report_json(w, outcome): the same as one JSON object. */
void drill_report_text(
    const struct drill_watch *w, const struct drill_outcome *outcome);
void drill_report_json(
    const struct drill_watch *w, const struct drill_outcome *outcome);

#endif
