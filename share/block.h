/*
 * A block: up to 256 rows of a table as one value in etcd, a JSON object that
 * names its columns, so that nodes of different versions read each other.  Made
 * and read by the descriptors of state/schema.  Knows no key and no node; what
 * it reads may be anything.
 *
 *   {"at":WALL_MS,"by":"node","columns":["endpoint","health",...],
 *    "pools":[["zone","pool",[["name","up",...],...]],...]}
 *
 * "at" is the wall clock of who wrote it, and comes first; "by" follows where
 * that may not be the node whose key or row it is.  What is of the key
 * and not of a pool (vantage, node) is said by the key in etcd; of a table
 * without a zone or pool in its key, that is left out before the rows.  A
 * column that all rows have as they would have begun is left out: NULL, its
 * initial, or of a moment that has neither, "at".  Sequences are of one file
 * and do not travel.
 */
#ifndef SHARE_BLOCK_H
#define SHARE_BLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "state/rows.h"
#include "state/table.h"

/* More rows are refused; with all texts at their longest, 256 rows take less
 * than half of the bytes. */
#define BLOCK_ROWS 256
#define BLOCK_BYTES ((size_t)1 << 20)

/*
 * block_write(table, rows, n, at_ms, out): append the ${n} ${rows} of ${table}
 * as a block.  Rows of one pool have to follow each other.  A failure is marked
 * in ${out}.
 */
void block_write(const struct table *table, const void *const *rows, size_t n,
    int64_t at_ms, struct text *out);

/*
 * block_write_by(table, rows, n, at_ms, writer, out): the same, of the node
 * ${writer}, by whose clock its times are.
 * is = block_by(value, len, out): the name of that node is written to ${out};
 * false when it is not said, or is no name.
 */
void block_write_by(const struct table *table, const void *const *rows,
    size_t n, int64_t at_ms, const char *writer, struct text *out);
bool block_by(const char *value, size_t len, char out[STATE_NAME]);

/* is = block_at(value, len, at_ms): the wall clock of who wrote the ${len}
 * bytes at ${value}; false when they are no block. */
bool block_at(const char *value, size_t len, int64_t *at_ms);

/*
 * How a writer's wall clock goes against ours.  What is heard needs some time
 * to come, so that the least of arrival - at is nearest to the difference of
 * the clocks; a second of it is kept out, lest all times move with each better
 * connection.  What comes by a watch (${fresh}) is no older than a minute, and
 * shows when one of them was set.  All 0 at first.
 */
struct block_clock {
	bool known;
	int64_t offset_ms; /* ours - theirs */
};

/* block_clock_hear(clock, at_ms, arrival_ms, fresh): what was written at
 * ${at_ms}, by their clock, came at ${arrival_ms} by ours. */
void block_clock_hear(
    struct block_clock *clock, int64_t at_ms, int64_t arrival_ms, bool fresh);

/* Whose a block is, and how its times become ours. */
struct block_of {
	const struct table *table;
	const char *owner; /* the vantage or node; "" of other tables */
	/* NULL: times stay as their writer said them, for block_turn(). */
	const struct block_clock *clock;
	int64_t now_ms; /* our wall clock: nothing was later than this */
};

/* Room for what is wrong with a block, in words. */
#define BLOCK_WHY 128

struct block_found {
	size_t rows, bad;    /* that were given, and left out */
	char why[BLOCK_WHY]; /* what is wrong with the first of them, or "" */
};

/*
 * block_read(of, value, len, take, context, found): give each row of the block
 * at ${value} to ${take}, with its times by our clock and a sequence of 0; a
 * row that makes no sense is left out and counted.  0, or -1 when all of it
 * makes no sense: then nothing was given.
 */
int block_read(const struct block_of *of, const char *value, size_t len,
    void (*take)(void *context, const void *row), void *context,
    struct block_found *found);

/* block_turn(of, row): the times of a row that was read without a clock become
 * ours by that of ${of}. */
void block_turn(const struct block_of *of, void *row);

#endif
