/*
 * All zones of a node by apex.  Called by workers for every query, which
 * allocates nothing; made by the control thread.
 */
#include "dns/zone/zones.h"

#include <stdlib.h>
#include <string.h>

#include "dns/wire/name.h"

struct slot {
	const struct zone *zone; /* NULL: the slot is free */
	uint64_t hash;
	uint32_t index;
};

struct zones {
	size_t mask; /* slots - 1, of a power of two */
	/* One bit for each length of an apex that there is: a name's other
	 * ancestors are not even hashed. */
	uint64_t lengths[(NAME_MAX_WIRE + 64) / 64];
	struct slot slots[];
};

static void
insert(struct zones *set, const struct zone *zone, uint32_t index)
{
	const uint8_t *apex = zone_apex(zone);
	size_t len = name_length(apex);
	uint64_t hash = name_hash(apex, len);
	size_t i = hash & set->mask;

	while (set->slots[i].zone != NULL)
		i = (i + 1) & set->mask;
	set->slots[i] = (struct slot){zone, hash, index};
	set->lengths[len / 64] |= UINT64_C(1) << (len % 64);
}

struct zones *
zones_create(const struct zone *const *zones, size_t n)
{
	struct zones *set;
	size_t size = 2;

	if (n > UINT32_MAX / 4)
		return NULL;
	while (size < 2 * n)
		size *= 2;
	set = calloc(1, sizeof(*set) + size * sizeof(set->slots[0]));
	if (set == NULL)
		return NULL;
	set->mask = size - 1;
	for (size_t i = 0; i < n; i++)
		insert(set, zones[i], (uint32_t)i);
	return set;
}

void
zones_destroy(struct zones *set)
{
	free(set);
}

static const struct slot *
find_apex(const struct zones *set, const uint8_t *lower, size_t len)
{
	uint64_t hash = name_hash(lower, len);

	/* At most half of the slots are taken, so the walk ends. */
	for (size_t i = hash & set->mask;; i = (i + 1) & set->mask) {
		const struct slot *slot = &set->slots[i];

		if (slot->zone == NULL)
			return NULL;
		if (slot->hash == hash &&
		    zone_apex_node(slot->zone)->name_len == len &&
		    memcmp(zone_apex(slot->zone), lower, len) == 0)
			return slot;
	}
}

const struct zone *
zones_find(
    const struct zones *set, const uint8_t *lower, size_t len, uint32_t *index)
{
	for (;;) {
		const struct slot *slot = NULL;

		if (set->lengths[len / 64] >> (len % 64) & 1)
			slot = find_apex(set, lower, len);
		if (slot != NULL) {
			*index = slot->index;
			return slot->zone;
		}
		if (*lower == 0)
			return NULL;
		len -= *lower + 1u;
		lower += *lower + 1;
	}
}
