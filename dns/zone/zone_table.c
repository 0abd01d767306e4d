/*
 * All zones of a node by apex.  Called by workers for every query, which
 * allocates nothing; made by the control thread.
 */
#include "dns/zone/zone_table.h"

#include <stdlib.h>
#include <string.h>

#include "dns/wire/name.h"

struct slot {
	const struct zone *zone; /* NULL: the slot is free */
	uint64_t hash;
	uint32_t index;
};

struct zone_table {
	size_t mask; /* slots - 1, of a power of two */
	/* One bit for each length of an apex that there is: a name's other
	 * ancestors are not even hashed. */
	uint64_t lengths[(NAME_MAX_WIRE + 64) / 64];
	struct slot slots[];
};

static void
insert(struct zone_table *table, const struct zone *zone, uint32_t index)
{
	const uint8_t *apex = zone_apex(zone);
	size_t len = name_length(apex);
	uint64_t hash = name_hash(apex, len);
	size_t i = hash & table->mask;

	while (table->slots[i].zone != NULL)
		i = (i + 1) & table->mask;
	table->slots[i] = (struct slot){zone, hash, index};
	table->lengths[len / 64] |= UINT64_C(1) << (len % 64);
}

struct zone_table *
zone_table_create(const struct zone *const *zones, size_t n)
{
	struct zone_table *table;
	size_t size = 2;

	if (n > UINT32_MAX / 4)
		return NULL;
	while (size < 2 * n)
		size *= 2;
	table = calloc(1, sizeof(*table) + size * sizeof(table->slots[0]));
	if (table == NULL)
		return NULL;
	table->mask = size - 1;
	for (size_t i = 0; i < n; i++)
		insert(table, zones[i], (uint32_t)i);
	return table;
}

void
zone_table_destroy(struct zone_table *table)
{
	free(table);
}

static const struct slot *
find_apex(const struct zone_table *table, const uint8_t *lower, size_t len)
{
	uint64_t hash = name_hash(lower, len);

	/* At most half of the slots are taken, so the walk ends. */
	for (size_t i = hash & table->mask;; i = (i + 1) & table->mask) {
		const struct slot *slot = &table->slots[i];

		if (slot->zone == NULL)
			return NULL;
		if (slot->hash == hash &&
		    zone_apex_node(slot->zone)->name_len == len &&
		    memcmp(zone_apex(slot->zone), lower, len) == 0)
			return slot;
	}
}

const struct zone *
zone_table_find(const struct zone_table *table, const uint8_t *lower,
    size_t len, uint32_t *index)
{
	for (;;) {
		const struct slot *slot = NULL;

		if (table->lengths[len / 64] >> (len % 64) & 1)
			slot = find_apex(table, lower, len);
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
