/*
 * What the picture holds of a vantage and its blocks.  For the files of the
 * picture alone.
 */
#ifndef SHARE_PICTURE_PRIVATE_H
#define SHARE_PICTURE_PRIVATE_H

#include "share/picture.h"
#include "share/row_set.h"

/* Kinds of blocks. */
#define SHELVES 3

/* A block as etcd holds it. */
struct slot {
	uint32_t number;
	bool seen;            /* in the reading that is being fed */
	uint64_t hash;        /* of the value */
	int64_t revision;     /* of the key */
	struct row_set *rows; /* NULL: nothing that makes sense came yet */
};

/* The blocks of a vantage and table, by number, growing. */
struct shelf {
	struct slot *slots;
	size_t n, size;
};

struct seer {
	char name[STATE_NAME];
	bool own;   /* of this node */
	bool held;  /* its key is there, */
	bool live;  /* makes sense, and one node alone claims it */
	bool known; /* the local database has a row of it from us */
	bool news;  /* that row has to be written */
	bool seen;  /* its key is in the reading that is being fed */
	bool contested;
	bool described, described_seen; /* the same of what is said of it */
	int64_t described_revision;     /* of that key; 0: it is not there */
	struct state_vantage row;       /* ours since it was heard first */
	struct block_clock clock;
	struct shelf shelf[SHELVES];
	/* What was left out of it since the log said so. */
	uint64_t bad;
	char why[PICTURE_WORDS];
	int64_t said_ms; /* monotonic; 0: never */
};

/* A key that was fed and does not count yet. */
struct staged {
	struct seer *seer;
	enum key_kind kind;
	uint32_t number;
	size_t order; /* in which it came */
	int64_t revision;
	char *value; /* NULL: deleted */
	size_t len;
	uint64_t hash;
};

/* A row that is not in the block any more that had it. */
struct gone {
	const struct seer *seer;
	size_t shelf;
	const struct row_set *rows; /* kept by the picture until the end */
	const struct row_ref *ref;
};

struct picture {
	struct picture_calls calls;
	void *context;
	char node[STATE_NAME];
	struct seer *seers[PICTURE_VANTAGES];
	size_t n;
	struct picture_figures held; /* but vantages and live */
	/* A vantage for which there was no room, and when that was said. */
	char away[STATE_NAME];
	int64_t away_said_ms;
	/* What is being fed. */
	bool full, failed;
	struct staged *staged;
	size_t n_staged, staged_size, staged_bytes;
	/* The change that is being made. */
	bool read;        /* a clean reading has counted */
	bool open, whole; /* begin() was called; as a full one */
	bool urgent;      /* as commit() says it */
	int64_t wall_ms, mono_ms;
	struct row_pile pile;
	struct gone *gone;
	size_t n_gone, gone_size;
	struct row_set **old;
	size_t n_old, old_size;
};

/* table = picture_table(shelf): what blocks of it hold. */
enum state_table picture_table(size_t shelf);

/* slot = picture_slot(shelf, number): that block, or NULL. */
struct slot *picture_slot(const struct shelf *shelf, uint64_t number);

/* seer = picture_find_seer(p, name): that vantage, or NULL.
 * picture_make_seer(p, name): the same, made when there was none. */
struct seer *picture_find_seer(const struct picture *p, const char *name);
struct seer *picture_make_seer(struct picture *p, const char *name);
void picture_destroy_seer(struct seer *seer);

/* picture_describe(p, staged): what is said of it, which stays while it is
 * silent.
 * picture_hear_vantage(p, staged): the key that is there while it lives was
 * written.
 * picture_end_lease(seer): it is not there any more. */
void picture_describe(struct picture *p, const struct staged *staged);
void picture_hear_vantage(struct picture *p, const struct staged *staged);
void picture_end_lease(struct seer *seer);

/* picture_complain(p, seer, fmt, ...): something of it was left out.
 * picture_say_complaints(p): the log gets what it has not had. */
void picture_complain(struct seer *seer, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void picture_say_complaints(struct picture *p);

/* picture_open(p, urgent): from here on there is a difference, of which answers
 * are made or not. */
void picture_open(struct picture *p, bool urgent);

/* picture_put_seer(p, seer): write the row of a vantage.
 * picture_give_seer(p, seer): the same when that is due. */
void picture_put_seer(struct picture *p, struct seer *seer);
void picture_give_seer(struct picture *p, struct seer *seer);

/* picture_shelve(p, staged): a block counts: what is in it and was not, or was
 * otherwise, is given; what is not any more is kept for picture_sweep(). */
void picture_shelve(struct picture *p, const struct staged *staged);

/* picture_drop(p, seer, shelf, slot): the same of a block that is gone. */
void picture_drop(
    struct picture *p, struct seer *seer, size_t shelf, struct slot *slot);

/* picture_uncount(p, rows): they are not held any more. */
void picture_uncount(struct picture *p, const struct row_set *rows);

/* picture_sweep(p): take away the rows that are in no block any more. */
void picture_sweep(struct picture *p);

#endif
