/*
 * Sheets of rows, for the files of controls alone: controls.c, which has what
 * the state database has, controls_there.c, which has what etcd has,
 * controls_left.c, which has what nobody needs of that,
 * controls_settle.c, which has what follows for the database, and
 * controls_write.c, which has what follows for etcd.
 */
#ifndef SHARE_CONTROLS_PRIVATE_H
#define SHARE_CONTROLS_PRIVATE_H

#include "share/controls.h"
#include "share/packed_row.h"

struct sheet_row {
	uint64_t hash; /* of its key */
	/* As the state database and as etcd have it; NULL: not. */
	struct packed_row *here, *there;
	uint32_t number; /* of the block in etcd */
	bool listed;     /* in the full change that is being fed */
};

/* A key that etcd has. */
struct sheet_block {
	uint32_t number;
	uint64_t hash;    /* of its value */
	int64_t revision; /* at which it was written; 0: not heard yet */
	bool seen;        /* in the reading that is being fed */
};

struct sheet {
	enum state_table table;
	enum key_kind kind;
	char zone[STATE_ZONE];
	char name[STATE_NAME]; /* of the pool, or the service of a ramp */
	char pool[STATE_NAME]; /* whose lock counts */
	struct sheet_row *rows;
	size_t n, size;
	struct sheet_block blocks[CONTROLS_BLOCKS];
	size_t n_blocks;
	bool changed;     /* since it was settled last */
	bool due;         /* since it was written last */
	bool flying;      /* a write is under way */
	int64_t again_ms; /* monotonic: it is settled again then; 0: not */
	int64_t given_ms; /* monotonic: it was written last */
};

struct controls {
	const struct locks *locks;
	const struct nodes *nodes;
	struct controls_calls calls;
	void *context;
	struct sheet **sheets;
	size_t n, size, rows, turn;
	uint64_t version; /* of the locks, when all was looked through last */
	bool full;
	bool read; /* what etcd has is known */
};

/*
 * sheet = sheet_find(c, table, zone, name): that sheet, or NULL.
 * sheet_obtain(c, table, zone, name): the same, made when there was none; NULL
 * when there may be no more, or without memory.
 * row = sheet_row_obtain(c, sheet, hash): the same of the row whose key has
 * that hash.
 * sheet_change(sheet): something of it has changed.
 */
struct sheet *sheet_find(const struct controls *c, enum state_table table,
    const char *zone, const char *name);
struct sheet *sheet_obtain(struct controls *c, enum state_table table,
    const char *zone, const char *name);
struct sheet_row *sheet_row_obtain(
    struct controls *c, struct sheet *sheet, uint64_t hash);
void sheet_change(struct sheet *sheet);

/* block = sheet_block(sheet, number): NULL: etcd has it not. */
struct sheet_block *sheet_block(struct sheet *sheet, uint64_t number);

#endif
