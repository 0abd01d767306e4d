/* The nearest, and regions as one.  Called by the quorum; keeps nothing. */
#include "steering/electorate.h"

#include <stdlib.h>
#include <string.h>

/* The same on every node, whatever came first there. */
static int
compare(const void *a, const void *b)
{
	const struct elector *x = a, *y = b;

	if (x->own != y->own)
		return x->own ? -1 : 1;
	if (x->apart < y->apart || x->apart > y->apart)
		return x->apart < y->apart ? -1 : 1;
	if (x->place != y->place)
		return x->place < y->place ? -1 : 1;
	return strcmp(x->name, y->name);
}

/* Those from ${electors} on that are of one region; what they say together:
 * with as many for as against, up. */
static size_t
count_region(const struct elector *electors, size_t n, bool *up)
{
	size_t n_up = 0, of = 0;

	for (; of < n && electors[of].place == electors[0].place; of++)
		n_up += electors[of].up;
	*up = 2 * n_up >= of;
	return of;
}

void
electorate_count(struct elector *electors, size_t n, bool regions,
    unsigned near, unsigned *up, unsigned *down)
{
	size_t i = 0, end;

	*up = *down = 0;
	qsort(electors, n, sizeof(*electors), compare);
	while (i < n && (near == 0 || *up + *down < near)) {
		bool says = electors[i].up;

		end = i +
		    (regions ? count_region(electors + i, n - i, &says) : 1);
		while (i < end)
			electors[i++].counts = true;
		*up += says;
		*down += !says;
	}
	while (i < n)
		electors[i++].counts = false;
}
