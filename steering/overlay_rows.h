/*
 * Rows of a table in the order of their keys, taken a change at a time: what
 * was decided by a controller.  For the overlay alone.
 */
#ifndef STEERING_OVERLAY_ROWS_H
#define STEERING_OVERLAY_ROWS_H

#include <stdbool.h>
#include <stddef.h>

struct overlay_rows {
	size_t member; /* bytes of a row */
	int (*compare)(const void *a, const void *b);
	char *row;
	size_t n;
	char *fresh; /* of the change that is being taken */
	size_t n_fresh, size_fresh;
	bool full;
	bool dropped; /* no memory for one of them */
};

/* overlay_rows_init(r, member, compare): no rows, of ${member} bytes, in the
 * order of ${compare}.  overlay_rows_finish(r): free them. */
void overlay_rows_init(struct overlay_rows *r, size_t member,
    int (*compare)(const void *a, const void *b));
void overlay_rows_finish(struct overlay_rows *r);

/*
 * overlay_rows_begin(r, full), overlay_rows_add(r, row),
 * overlay_rows_commit(r): take a change; nothing of it counts before its
 * commit, and a ${full} one has all rows.  True when rows changed.  Without
 * memory the rows stay as they were.
 */
void overlay_rows_begin(struct overlay_rows *r, bool full);
void overlay_rows_add(struct overlay_rows *r, const void *row);
bool overlay_rows_commit(struct overlay_rows *r);

/* row = overlay_rows_find(r, key): the one equal to ${key}; NULL: none is. */
const void *overlay_rows_find(const struct overlay_rows *r, const void *key);

#endif
