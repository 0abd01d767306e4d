/*
 * A file that is written whole or not at all: beside its place first, so that
 * what breaks off leaves the one that was there.  For subcommands.
 */
#ifndef CTL_SIMULATE_OUTPUT_H
#define CTL_SIMULATE_OUTPUT_H

#include <stdio.h>

struct simulate_output {
	const char *path; /* NULL: there is none */
	char *beside;     /* NULL: it is written in its place */
	FILE *to;
};

/* status = simulate_output_open(out, path): it can be written at ${path}, which
 * lives as long; NULL: nothing is to be.  0, or -1, which was said. */
int simulate_output_open(struct simulate_output *out, const char *path);

/* to = simulate_output_begin(out): begin to write it.  NULL: nothing is to be,
 * or it cannot, which was said and which keep() fails for. */
FILE *simulate_output_begin(struct simulate_output *out);

/* status = simulate_output_keep(out): all is written, put it in its place.  0,
 * or -1, which was said. */
int simulate_output_keep(struct simulate_output *out);

/* simulate_output_drop(out): what was not kept is thrown away.  Needed after
 * each open. */
void simulate_output_drop(struct simulate_output *out);

#endif
