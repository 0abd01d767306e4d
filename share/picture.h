/*
 * What other nodes say: the picture that etcd holds of their vantages, and what
 * has to be written to the local state database so that it shows the same.
 * Called by meridian-share, which reads and watches etcd; does no input or
 * output itself, and believes nothing.
 *
 * It is fed by a clean reading (all keys at one revision) or by what a watch
 * tells (whole revisions, in order).  Nothing counts before picture_end(); then
 * the differences become one change.  Keys that are not of vantages and their
 * blocks are for other files.
 *
 * It takes some 180 bytes a row that it holds, and while a reading is being
 * fed, the values of it that are new.
 */
#ifndef SHARE_PICTURE_H
#define SHARE_PICTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "share/key.h"
#include "state/schema.h"

/* More than this is refused: it is the mistake or the attack of some node. */
#define PICTURE_VANTAGES 256
#define PICTURE_ROWS 2000000
#define PICTURE_BLOCKS 65536
#define PICTURE_BYTES ((size_t)768 << 20) /* held and being fed, each */

/* Room for words about a vantage. */
#define PICTURE_WORDS 320

struct picture_calls {
	/* begin() .. commit() is one change of the local database.  ${full}:
	 * what is put until commit() is all that others say. */
	void (*begin)(void *context, bool full);
	/* Of TABLE_VANTAGE, _ENDPOINT, _ADDRESS and _LOAD.  A row of a vantage
	 * comes before its others.  One with lease_until_ms 0 is of a vantage
	 * whose lease ended, one of node "?" of a vantage of which blocks are
	 * there and nothing else.  To take a row of TABLE_VANTAGE away takes
	 * all its others away. */
	void (*put)(
	    void *context, enum state_table table, const union schema_row *row);
	void (*take)(
	    void *context, enum state_table table, const union schema_row *row);
	/* Not ${urgent}: answers are made as before, and no row came or went;
	 * it is for people, and may wait for the next beat. */
	void (*commit)(void *context, bool urgent);
	/* etcd holds ${value} at a key of a vantage of this node, since
	 * ${revision}; NULL: it holds nothing there any more.  (outgoing.h) */
	void (*own)(void *context, const struct key *key, const char *value,
	    size_t len, int64_t revision);
	/* ${words} for the log: something of ${vantage} was left out. */
	void (*odd)(void *context, const char *vantage, const char *words);
};

struct picture;

/* picture = picture_create(node, calls, context): of nothing yet, for ${node},
 * which is this one.  NULL without memory. */
struct picture *picture_create(
    const char *node, const struct picture_calls *calls, void *context);
void picture_destroy(struct picture *picture);

/* picture_own(picture, vantage, own): ${vantage} is one of this node, or is not
 * any more.  What others say as it is refused. */
void picture_own(struct picture *picture, const char *vantage, bool own);

/*
 * picture_begin(picture, full): what follows are all keys of a clean reading,
 * or what changed.  What was fed and not ended is forgotten.
 * picture_put(picture, key, value, len, revision): ${key} was written last at
 * ${revision}.  All is copied.
 * picture_delete(picture, key, revision): it was deleted.
 * picture_end(picture, wall_ms, mono_ms): that was all, and counts: calls are
 * made, of which begin() .. commit() only when there is a difference, or for
 * the first clean reading.  0, or -1 when memory or PICTURE_BYTES did not
 * suffice: nothing counts, read everything again.
 */
void picture_begin(struct picture *picture, bool full);
void picture_put(struct picture *picture, const struct key *key,
    const char *value, size_t len, int64_t revision);
void picture_delete(
    struct picture *picture, const struct key *key, int64_t revision);
int picture_end(struct picture *picture, int64_t wall_ms, int64_t mono_ms);

/* picture_again(picture, wall_ms): give all that is held as one full change, as
 * after the local database was replaced.  Nothing before the first clean
 * reading. */
void picture_again(struct picture *picture, int64_t wall_ms);

/* picture_beat(picture, wall_ms): give the rows of the vantages whose lease
 * lives as one change, their heartbeat now.  Due once a second while the link
 * is good. */
void picture_beat(struct picture *picture, int64_t wall_ms);

/* Keys of a vantage that are deleted at a time. */
#define PICTURE_LEFT_KEYS 32

struct picture_left {
	struct key key[PICTURE_LEFT_KEYS + 1]; /* the last names it */
	int64_t revision[PICTURE_LEFT_KEYS + 1];
	size_t n;
	bool last; /* with these nothing is left of it */
};

/* is = picture_left(picture, before, left): a vantage of another node does not
 * live, and none of its keys was written after revision ${before}: some of them
 * are written to ${left}.  False: there is none. */
bool picture_left(
    const struct picture *picture, int64_t before, struct picture_left *left);

/* name = picture_vantage_of(picture, node, i, revision): the next vantage of
 * the other node ${node}, from number ${i} on, which is moved behind it; at
 * ${revision} what is said of it was written, 0: nothing is.  NULL: no more. */
const char *picture_vantage_of(const struct picture *picture, const char *node,
    size_t *i, int64_t *revision);

/* What is held, and what was left out since the start. */
struct picture_figures {
	size_t vantages, live, blocks, rows, bytes;
	uint64_t bad_rows, bad_blocks, refused; /* the last: keys, whole */
};
void picture_figures(
    const struct picture *picture, struct picture_figures *out);

#endif
