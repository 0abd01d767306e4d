/*
 * Names and paths of answers of a history by their numbers in its file: what is
 * there is kept in memory, what is new is written.  For the writer.
 */
#ifndef STATE_HISTORY_NAMES_H
#define STATE_HISTORY_NAMES_H

#include <stdint.h>

#include "base/intern.h"
#include "state/database.h"

/* More than services, pools, regions and endpoints of the largest node in two
 * years. */
#define NAMES_MAX 1000000

struct names {
	struct database *d;
	struct intern name, path;
	struct sqlite3_stmt *add_name, *add_path;
};

/* Where an answer came from: numbers of names. */
struct names_path {
	int64_t service, pool, region, reason;
};

/* status = names_load(n, d): read what is there.  0, or -1 with d->why; either
 * way names_finish(n) frees it. */
int names_load(struct names *n, struct database *d);
void names_finish(struct names *n);

/* number = names_number(n, text): that of ${text}, which is written if it is
 * new: cut to HISTORY_TEXT, and with '?' for what does not print.  -1 with
 * d->why. */
int64_t names_number(struct names *n, const char *text);

/* number = names_path(n, path): the same of a path. */
int64_t names_path(struct names *n, const struct names_path *path);

#endif
