/*
 * Sorted rows.  Called by overlay.c.
 */
#include "steering/overlay_rows.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"

/* A million endpoints is more than a node has. */
#define ROWS_MAX ((size_t)1 << 20)

void
overlay_rows_init(struct overlay_rows *r, size_t member,
    int (*compare)(const void *a, const void *b))
{
	*r = (struct overlay_rows){.member = member, .compare = compare};
}

void
overlay_rows_finish(struct overlay_rows *r)
{
	free(r->row);
	free(r->fresh);
	overlay_rows_init(r, r->member, r->compare);
}

void
overlay_rows_begin(struct overlay_rows *r, bool full)
{
	r->n_fresh = 0;
	r->dropped = false;
	r->full = full;
}

void
overlay_rows_add(struct overlay_rows *r, const void *row)
{
	char *grown = array_grow(
	    r->fresh, r->n_fresh, &r->size_fresh, r->member, ROWS_MAX);

	if (grown == NULL) {
		r->dropped = true;
		return;
	}
	r->fresh = grown;
	memcpy(grown + r->n_fresh++ * r->member, row, r->member);
}

/* All rows of both, those of ${fresh} in place of older ones. */
static size_t
merge(const struct overlay_rows *r, char *out)
{
	size_t i = 0, k = 0, n = 0, size = r->member;

	while (i < r->n || k < r->n_fresh) {
		const char *was = r->row + i * size, *is = r->fresh + k * size;
		int order = i == r->n ? 1
		    : k == r->n_fresh ? -1
				      : r->compare(was, is);

		memcpy(out + n++ * size, order < 0 ? was : is, size);
		i += order <= 0;
		k += order >= 0;
	}
	return n;
}

bool
overlay_rows_commit(struct overlay_rows *r)
{
	char *out;

	if (r->dropped || (!r->full && r->n_fresh == 0) ||
	    (r->full && r->n_fresh == 0 && r->n == 0))
		return false;
	out = calloc(r->n + r->n_fresh, r->member);
	if (out == NULL)
		return false;
	if (r->n_fresh > 1)
		qsort(r->fresh, r->n_fresh, r->member, r->compare);
	if (r->full)
		r->n = 0;
	r->n = merge(r, out);
	free(r->row);
	r->row = out;
	r->n_fresh = 0;
	return true;
}

const void *
overlay_rows_find(const struct overlay_rows *r, const void *key)
{
	return r->n == 0 ? NULL
			 : bsearch(key, r->row, r->n, r->member, r->compare);
}
