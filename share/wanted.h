/*
 * The pools that somebody has to step for, by the files of this node: those
 * with `spill` or `even`, and the canaries of ramps.  Reads the files in a
 * thread, again when they change.  Called by the sharer; takes no lock itself.
 */
#ifndef SHARE_WANTED_H
#define SHARE_WANTED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "state/rows.h"

/* So often it is looked whether files changed. */
#define WANTED_LOOK_MS 2000

struct wanted_pool {
	char zone[STATE_ZONE]; /* as rows of the state database have it */
	char pool[STATE_NAME];
	uint32_t step_s; /* between two steps of what regions keep; 0: none */
};

typedef void (*wanted_told)(
    void *context, const struct wanted_pool *pools, size_t n);

struct wanted;

/*
 * wanted = wanted_start(loop, path, told, context): read the files of the node
 * whose meridian.yaml is ${path}, which must live as long, and tell ${told} on
 * ${loop} which pools they have, once at first and after each change.  While
 * they have errors the last ones that had none count.  NULL without memory.
 * looked = wanted_looked(wanted): once at least, whatever came of it.
 * wanted_stop(wanted): tell nothing more; it is gone when the loop has run on.
 * NULL is fine.
 */
struct wanted *wanted_start(
    uv_loop_t *loop, const char *path, wanted_told told, void *context);
bool wanted_looked(const struct wanted *wanted);
void wanted_stop(struct wanted *wanted);

#endif
