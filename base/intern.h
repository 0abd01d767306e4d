/*
 * Interning tables: distinct members of one size, numbered from 0 in the order
 * in which they came.  Places, classes and keys of maps are told apart here,
 * while files are loaded; no worker calls it.  The caller says what is equal.
 */
#ifndef BASE_INTERN_H
#define BASE_INTERN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/u64map.h"

/* No member has this number. */
#define INTERN_NONE U64MAP_NONE

/* What members are; equal ones have equal hashes. */
struct intern_kind {
	size_t size; /* of a member, in bytes */
	size_t max;  /* members, at most INTERN_NONE */
	uint64_t (*hash)(const void *member);
	bool (*equal)(const void *a, const void *b);
};

struct intern {
	const struct intern_kind *kind;
	void *members; /* an array, by number */
	size_t n, size;
	struct u64map index; /* numbers by hash */
};

/* intern_init(table, kind): no members yet, and no memory taken.  ${kind} must
 * live as long as the table. */
void intern_init(struct intern *table, const struct intern_kind *kind);

/* intern_finish(table): free what it holds; what members point to is the
 * caller's. */
void intern_finish(struct intern *table);

/*
 * number = intern_number(table, member): the number of the member equal to
 * ${member}, which is copied in as a new one when there is none.  INTERN_NONE,
 * and nothing changed, when memory is out or there are kind->max already.
 */
uint32_t intern_number(struct intern *table, const void *member);

/* number = intern_find(table, member): the number of the member equal to
 * ${member}, or INTERN_NONE. */
uint32_t intern_find(const struct intern *table, const void *member);

/*
 * members = intern_take(table): the array of the members, one at least, becomes
 * the caller's, no longer than it need be, to be freed by free(); the table is
 * empty then.  NULL without memory, and nothing changed.
 */
void *intern_take(struct intern *table);

#endif
