/*
 * The rows of one block, packed: what a node holds of what others say, at some
 * 180 bytes a row.  Made once, never changed.
 */
#ifndef SHARE_ROW_SET_H
#define SHARE_ROW_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "share/block.h"
#include "state/table.h"

/*
 * hash = row_hash(table, row): of the key of ${row} without its vantage or
 * node, the same on every machine and in every release: it decides in which
 * block a row is.  Rows of one writer with the same hash are taken for the same
 * row, which in 64 bits happens to nobody who does not want it.
 */
uint64_t row_hash(const struct table *table, const void *row);

/* said = row_said(table, row): a hash of all of ${row}: two that a writer said
 * with the same one are the same. */
uint64_t row_said(const struct table *table, const void *row);

struct row_ref {
	uint64_t hash;
	uint64_t said;    /* as its writer said it, row_said(); 0: not known */
	uint32_t at, len; /* in the bytes of the set */
};

struct row_set {
	size_t n, bytes;      /* rows; all memory that it takes */
	struct row_ref ref[]; /* by hash, growing; the bytes follow */
};

/* Rows that become a set. */
struct row_pile {
	const struct table *table;
	size_t n, len, size;
	struct row_ref ref[BLOCK_ROWS];
	unsigned char *data;
	bool failed; /* no memory */
};

/*
 * row_pile_begin(pile, table): empty it; ${pile} is all 0 before its first use,
 * and row_pile_finish() frees it.  row_pile_add(pile, row, said): one more, at
 * most BLOCK_ROWS.  row_pile_keep(pile, set, ref): the same of one that is in
 * ${set}.
 * set = row_pile_make(pile, twice): the set of them, the caller's, to be freed
 * by free().  Of rows with one key the first counts; ${twice} is how many
 * others there were.  NULL without memory.
 */
void row_pile_begin(struct row_pile *pile, const struct table *table);
void row_pile_add(struct row_pile *pile, const void *row, uint64_t said);
void row_pile_keep(struct row_pile *pile, const struct row_set *set,
    const struct row_ref *ref);
struct row_set *row_pile_make(struct row_pile *pile, size_t *twice);
void row_pile_finish(struct row_pile *pile);

/* ref = row_set_find(set, hash): the row of that hash, or NULL.  NULL has none.
 */
const struct row_ref *row_set_find(const struct row_set *set, uint64_t hash);

/* row_set_row(set, ref, table, row): unpack it to ${row}. */
void row_set_row(const struct row_set *set, const struct row_ref *ref,
    const struct table *table, void *row);

/* same = row_set_same(a, i, b, j): the same row, bit by bit. */
bool row_set_same(const struct row_set *a, const struct row_ref *i,
    const struct row_set *b, const struct row_ref *j);

#endif
