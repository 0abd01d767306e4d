/*
 * The two clocks, in milliseconds: one to measure time with, one to tell it.
 * Called by every room; a worker reads a clock once for each batch of queries.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

/* clock_mono_ms(): milliseconds of a clock that never jumps, from a beginning
 * that another machine, or this one after a boot, does not share. */
int64_t clock_mono_ms(void);

/* clock_wall_ms(): milliseconds since 1970, for what is stored or shown; it may
 * jump when someone sets the clock. */
int64_t clock_wall_ms(void);

/* clock_wall_ns(): the same in nanoseconds, until the year 2262. */
int64_t clock_wall_ns(void);

/* Room for "2026-01-02T03:04:05Z" and a NUL. */
#define CLOCK_TEXT 32

/* clock_format(wall_ms, out): ${wall_ms} in UTC, RFC 3339.  Returns out. */
const char *clock_format(int64_t wall_ms, char out[CLOCK_TEXT]);

/* clock_parse(text, wall_s): the other way, in seconds, which may be left away:
 * "2026-01-02T03:04Z".  0, or -1 with ${wall_s} as it was. */
int clock_parse(const char *text, int64_t *wall_s);

#endif
