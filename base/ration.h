/*
 * How many lines of one kind a log gets: RATION_LINES at once, then one a
 * minute that says how many there would have been, until a minute passes
 * without any.  For what others bring about as often as they like.  Called by
 * who writes the log, which says what is counted; reads no clock and writes no
 * log.
 */
#ifndef BASE_RATION_H
#define BASE_RATION_H

#include <stdbool.h>
#include <stdint.h>

#define RATION_MS 60000

/* What breaks and is mended twice, as by a restart and the next, is told as it
 * comes. */
#define RATION_LINES 4

/* Initially zeroed. */
struct ration {
	int64_t from_ms; /* monotonic: its minute began; 0: none has */
	unsigned said;   /* lines in it */
	unsigned left;   /* what was counted of those that were left out */
	bool spent;      /* this minute has no line at all */
	bool more;       /* something was left out, counted or not */
};

/*
 * say = ration_say(r, counts, now_ms): a line is to be written now.  If not, it
 * is left out, and counted if it ${counts}: of what breaks and is mended, that
 * it breaks.
 * due = ration_due(r, now_ms, left): the minute is over in which some were left
 * out: a line is to say it, with how many counted, ${left}, and how it is now.
 * With 0 there is nothing but that: what was left out is that it was mended.
 */
bool ration_say(struct ration *r, bool counts, int64_t now_ms);
bool ration_due(struct ration *r, int64_t now_ms, unsigned *left);

#endif
