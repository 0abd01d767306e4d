/*
 * Where a column of a row is in a block, and what it is where it is left out:
 * the same for who writes and who reads one.
 */
#ifndef SHARE_BLOCK_COLUMN_H
#define SHARE_BLOCK_COLUMN_H

#include <stdbool.h>
#include <stdint.h>

#include "state/table.h"

/* More columns than a table will have. */
#define BLOCK_COLUMNS 64

enum block_place {
	BLOCK_NOWHERE, /* it does not travel */
	BLOCK_IN_KEY,  /* the key in etcd says it: the vantage or node */
	BLOCK_IN_POOL, /* before the rows: zone and pool of their key */
	BLOCK_IN_ROW
};

enum block_place block_column_place(const struct column *column);

/*
 * has = block_column_initial(column, at_ms, p): put to ${p} what a row of a
 * block that was written at ${at_ms} has where the column is left out.  False
 * when it has to be there.
 */
bool block_column_initial(const struct column *column, int64_t at_ms, void *p);

#endif
