/*
 * Interning: an array of members, and a map from their hashes to their numbers.
 * Called while files are loaded; never frees what members point to.
 */
#include "base/intern.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"

void
intern_init(struct intern *table, const struct intern_kind *kind)
{
	*table = (struct intern){.kind = kind};
}

void
intern_finish(struct intern *table)
{
	free(table->members);
	u64map_finish(&table->index);
	intern_init(table, table->kind);
}

static void *
member_at(const struct intern *table, uint32_t number)
{
	return (char *)table->members + number * table->kind->size;
}

static uint32_t
find(const struct intern *table, const void *member, uint64_t hash)
{
	size_t at;
	uint32_t number = u64map_first(&table->index, hash, &at);

	while (number != U64MAP_NONE &&
	    !table->kind->equal(member_at(table, number), member))
		number = u64map_next(&table->index, hash, &at);
	return number;
}

uint32_t
intern_find(const struct intern *table, const void *member)
{
	return find(table, member, table->kind->hash(member));
}

uint32_t
intern_number(struct intern *table, const void *member)
{
	uint64_t hash = table->kind->hash(member);
	uint32_t number = find(table, member, hash);
	void *grown;

	if (number != INTERN_NONE)
		return number;
	grown = array_grow(table->members, table->n, &table->size,
	    table->kind->size, table->kind->max);
	if (grown == NULL)
		return INTERN_NONE;
	table->members = grown;
	number = (uint32_t)table->n;
	if (u64map_add(&table->index, hash, number) != 0)
		return INTERN_NONE;
	memcpy(member_at(table, number), member, table->kind->size);
	table->n++;
	return number;
}

void *
intern_take(struct intern *table)
{
	void *members = realloc(table->members, table->n * table->kind->size);

	if (members == NULL)
		return NULL;
	table->members = NULL;
	intern_finish(table);
	return members;
}
