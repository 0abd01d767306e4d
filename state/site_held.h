/*
 * Of which site a state database is: what its node holds (share/site.h), for
 * what brings rows from one database to another.  For the files of state/.
 */
#ifndef STATE_SITE_HELD_H
#define STATE_SITE_HELD_H

#include <stdint.h>

#include "state/database.h"
#include "state/rows.h"

struct site_held {
	char node[STATE_NAME]; /* whose row says so */
	char site[STATE_ID];   /* "": of none */
};

/* site_held_read(d, out): 0, or -1 with d->why.
 * site_held_write(d, held, sequence): ${d}, which is of none, is of ${held}
 * from now on.  0, or -1 with d->why. */
int site_held_read(struct database *d, struct site_held *out);
int site_held_write(
    struct database *d, const struct site_held *held, uint64_t sequence);

#endif
