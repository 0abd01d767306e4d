/*
 * One row of the state database, packed: a few hundred bytes less than its
 * struct, and the same bytes for the same row.  Sequences are of one file and
 * are left out.
 */
#ifndef SHARE_PACKED_ROW_H
#define SHARE_PACKED_ROW_H

#include <stdbool.h>
#include <stdint.h>

#include "state/table.h"

struct packed_row {
	uint32_t len;
	unsigned char data[];
};

/* packed = packed_row_make(table, row): the caller's, to be freed by free().
 * NULL without memory. */
struct packed_row *packed_row_make(const struct table *table, const void *row);

/* packed_row_take(table, packed, row): unpack it to ${row}. */
void packed_row_take(
    const struct table *table, const struct packed_row *packed, void *row);

/* same = packed_row_same(a, b): the same row, or both NULL: none. */
bool packed_row_same(const struct packed_row *a, const struct packed_row *b);

#endif
