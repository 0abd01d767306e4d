/*
 * The set of senders: prefixes in the order of their addresses, of which a
 * sender can only be in the last that does not begin after it.  Called when a
 * policy is built, and by the ladder; knows no service.
 */
#include "steering/senders.h"

#include <stdlib.h>
#include <string.h>

/* By family, then by address. */
static int
compare(const struct address *a, const struct address *b)
{
	if (a->family != b->family)
		return a->family < b->family ? -1 : 1;
	return memcmp(a->bytes, b->bytes, address_bits(a) / 8);
}

/* Of prefixes that begin with one address the widest is first. */
static int
compare_prefixes(const void *left, const void *right)
{
	const struct prefix *a = left, *b = right;
	int order = compare(&a->address, &b->address);

	if (order != 0)
		return order;
	return (a->length > b->length) - (a->length < b->length);
}

const struct senders *
senders_create(struct arena *arena, const struct prefix *prefixes, size_t n)
{
	struct senders *s = arena_array(arena, 1, sizeof(*s));
	struct prefix *kept = arena_array(arena, n, sizeof(*kept));
	size_t k = 0;

	if (s == NULL || (n > 0 && kept == NULL))
		return NULL;
	if (n > 0) {
		memcpy(kept, prefixes, n * sizeof(*kept));
		qsort(kept, n, sizeof(*kept), compare_prefixes);
	}
	for (size_t i = 0; i < n; i++)
		if (k == 0 || !prefix_contains(&kept[k - 1], &kept[i].address))
			kept[k++] = kept[i];
	*s = (struct senders){.prefixes = kept, .n = k};
	return s;
}

bool
senders_have(const struct senders *senders, const struct address *a)
{
	size_t first = 0, after = senders->n;

	while (first < after) {
		size_t middle = first + (after - first) / 2;

		if (compare(&senders->prefixes[middle].address, a) <= 0)
			first = middle + 1;
		else
			after = middle;
	}
	return first > 0 && prefix_contains(&senders->prefixes[first - 1], a);
}

bool
senders_same(const struct senders *a, const struct senders *b)
{
	if (a == NULL || b == NULL || a->n != b->n)
		return a == b;
	for (size_t i = 0; i < a->n; i++)
		if (compare_prefixes(&a->prefixes[i], &b->prefixes[i]) != 0)
			return false;
	return true;
}
