/*
 * A bar on a terminal while something takes time: how much is done, how fast,
 * and how long the rest takes.  Nothing where there is no terminal.
 */
#ifndef CTL_PROGRESS_H
#define CTL_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct progress {
	FILE *to;
	bool shown; /* ${to} is a terminal */
	bool drawn; /* there is something to wipe */
	int64_t began_ms, last_ms;
};

/* progress_begin(p, to, quiet): for ${to}; never shown when ${quiet}. */
void progress_begin(struct progress *p, FILE *to, bool quiet);

/*
 * progress_show(p, what, done, rate): ${done} is from 0 to 1, ${rate} how fast
 * in words or NULL.  Draws at most ten times a second.
 */
void progress_show(
    struct progress *p, const char *what, double done, const char *rate);

/* progress_end(p): wipe it. */
void progress_end(struct progress *p);

#define PROGRESS_LINE 256

/* line = progress_line(what, done, rate, elapsed_ms, out): what is drawn, in
 * fewer columns than a terminal has.  Returns out. */
const char *progress_line(const char *what, double done, const char *rate,
    int64_t elapsed_ms, char out[PROGRESS_LINE]);

#endif
