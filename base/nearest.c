/*
 * Edit distance for "did you mean", by the usual table of prefixes, of which
 * three rows are kept.  For files and command lines that are refused; allocates
 * nothing.
 */
#include "base/nearest.h"

#include <ctype.h>
#include <string.h>

static unsigned
least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

static int
lower(char c)
{
	return tolower((unsigned char)c);
}

/* One row of the table for a[i - 1]; ${rows} are this one, the one before and
 * the one before that. */
static void
fill_row(unsigned rows[3][NEAREST_MAX + 1], const char *a, size_t i,
    const char *b, size_t len)
{
	unsigned *row = rows[i % 3];
	const unsigned *above = rows[(i + 2) % 3], *two = rows[(i + 1) % 3];

	row[0] = (unsigned)i;
	for (size_t j = 1; j <= len; j++) {
		unsigned differs = lower(a[i - 1]) != lower(b[j - 1]);

		row[j] = least(above[j], row[j - 1]) + 1;
		row[j] = least(row[j], above[j - 1] + differs);
		if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
		    lower(a[i - 2]) == lower(b[j - 1]))
			row[j] = least(row[j], two[j - 2] + 1);
	}
}

unsigned
nearest_distance(const char *a, const char *b)
{
	unsigned rows[3][NEAREST_MAX + 1];
	size_t la = strlen(a), lb = strlen(b);

	if (la > NEAREST_MAX || lb > NEAREST_MAX)
		return NEAREST_MAX + 1;
	for (size_t i = 0; i <= lb; i++)
		rows[0][i] = (unsigned)i;
	for (size_t i = 1; i <= la; i++)
		fill_row(rows, a, i, b, lb);
	return rows[la % 3][lb];
}

void
nearest_init(struct nearest *n, const char *wanted)
{
	n->wanted = wanted;
	n->best = NULL;
	n->distance = 0;
}

void
nearest_offer(struct nearest *n, const char *name)
{
	size_t a = strlen(n->wanted), b = strlen(name);
	size_t longer = a > b ? a : b, shorter = a > b ? b : a;
	unsigned limit = ((unsigned)longer + 2) / 3, distance;

	/* The distance is never less than the difference in length, so that
	 * most names of a large file need no table. */
	if (longer > NEAREST_MAX || longer - shorter > limit)
		return;
	distance = nearest_distance(n->wanted, name);
	if (distance > limit || distance >= longer)
		return;
	if (n->best == NULL || distance < n->distance) {
		n->best = name;
		n->distance = distance;
	}
}
