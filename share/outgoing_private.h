/* What a node has to say, block by block.  For the files of outgoing alone. */
#ifndef SHARE_OUTGOING_PRIVATE_H
#define SHARE_OUTGOING_PRIVATE_H

#include "share/block.h"
#include "share/news.h"
#include "share/outgoing.h"
#include "share/packed_row.h"

#define OUTGOING_SHELVES 3

struct own_row {
	uint64_t hash;
	struct packed_row *now;
	struct packed_row *said; /* NULL: never; may be the same as now */
	enum news news;          /* of now beside said */
	bool listed;             /* in the full change that is being fed */
};

struct own_block {
	struct own_row *rows;
	size_t n, size;
	enum news dirty;
	int64_t dirty_ms; /* monotonic: since when at least so much */
	int64_t minor_ms; /* since when minor news wait; 0: none do */
	int64_t given_ms; /* it was written last, or tried; 0: never */
	bool flying;      /* in a batch */
	enum news flown;  /* what that batch was to write */
	/* It gets rows by a change of the number of blocks, and what is in a
	 * batch was made before that. */
	bool owed, stale;
	bool held;  /* etcd may have the key */
	bool found; /* in the reading that is being fed */
	/* Of the values in the batch, and that etcd took; 0: none. */
	uint64_t flying_hash, held_hash;
	int64_t revision; /* of the latter */
};

struct own_shelf {
	enum state_table table;
	enum key_kind kind;
	/* Blocks below n have rows; those from there on are to be deleted. */
	struct own_block *blocks;
	size_t n, n_blocks;
	size_t settled; /* n as etcd has it: no rows are on their way */
	size_t n_rows;
};

struct speaker {
	struct state_vantage row;
	bool listed, gone;
	bool live;                /* its heartbeat moves */
	int64_t moved_ms;         /* monotonic: when it did last; 0: not yet */
	char claimed[STATE_NAME]; /* another node has its key; or "" */
	int64_t slow_ms;          /* monotonic: the last slow write */
	/* Its key: as own_block, but that it has no rows. */
	struct own_block key;
	struct own_shelf shelf[OUTGOING_SHELVES];
};

struct outgoing {
	char prefix[KEY_PREFIX_MAX + 1];
	char node[STATE_NAME];
	int64_t silent_ms;
	int64_t mono_ms, wall_ms;
	bool fed, full;
	struct speaker **speakers;
	size_t n, size;
	size_t turn;            /* whose turn it is */
	union schema_row *room; /* for the rows of a block */
	struct outgoing_figures figures;
};

/* outgoing_dirty(o, block, news): it has to be written. */
void outgoing_dirty(
    const struct outgoing *o, struct own_block *block, enum news news);

/* outgoing_row(o, shelf, row): a row as it is now. */
void outgoing_row(
    struct outgoing *o, struct own_shelf *shelf, const union schema_row *row);

/* outgoing_unlist(shelf), outgoing_drop(o, shelf): all rows are unlisted; those
 * that still are go. */
void outgoing_unlist(struct own_shelf *shelf);
void outgoing_drop(struct outgoing *o, struct own_shelf *shelf);

/* block = outgoing_block(shelf, number): made, as one to be deleted, when there
 * is none; NULL without memory. */
struct own_block *outgoing_block(struct own_shelf *shelf, size_t number);

/* outgoing_settle(shelf): after a write, whether rows are on their way. */
void outgoing_settle(struct own_shelf *shelf);

/* ready = outgoing_may_write(shelf, number): no row is lost by that. */
bool outgoing_may_write(const struct own_shelf *shelf, size_t number);

/* say = outgoing_say(o, shelf, block, all, out): append the value of ${block}
 * with what is news, or with ${all} as it is now, which counts as said. */
void outgoing_say(const struct outgoing *o, const struct own_shelf *shelf,
    struct own_block *block, bool all, struct text *out);

/* outgoing_free_batch(batch): with what is in it. */
void outgoing_free_batch(struct outgoing_batch *batch);

void outgoing_finish_shelf(struct own_shelf *shelf);

/* ms = outgoing_minor_due(block, number): when its minor news are due. */
int64_t outgoing_minor_due(const struct own_block *block, size_t number);

#endif
