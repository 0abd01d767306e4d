/*
 * The nodes that operators had forgotten, as etcd has them.  Called by the
 * sharer; pure.
 *
 * The key forgotten/NODE is bound to no lease, so that who does not follow etcd
 * now hears of it later, too.  A node that comes back deletes its own; who
 * sweeps deletes the others when they are old.  What counts of a node is what
 * came last: this key, or its own.
 *
 * The value: a block (block.h) of one row of table forgotten.
 */
#ifndef SHARE_FORGOTTEN_H
#define SHARE_FORGOTTEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "share/block.h"
#include "state/rows.h"

/* More is some mistake: they are left out. */
#define FORGOTTEN_MAX 1024

struct forgotten_key {
	char name[STATE_NAME];
	int64_t revision;
	bool seen; /* in the reading that is being fed */
};

/* All 0 at first; forgotten_finish(f) frees what it holds. */
struct forgotten {
	struct forgotten_key *keys;
	size_t n, size;
};
void forgotten_finish(struct forgotten *f);

/* forgotten_say(row, at_ms, out): append ${row} as the value of its key, as
 * written at ${at_ms} (wall clock). */
void forgotten_say(
    const struct state_forgotten *row, int64_t at_ms, struct text *out);

enum forgotten_news {
	FORGOTTEN_ODD,   /* it makes no sense, or there is no room */
	FORGOTTEN_KNOWN, /* as before */
	FORGOTTEN_NEWS
};

/* A key as it came, just now by a watch (${fresh}) or with a reading. */
struct forgotten_pair {
	const char *name, *value;
	size_t len;
	int64_t revision;
	int64_t wall_ms; /* of now */
	bool fresh;
};

/*
 * forgotten_begin(f): a clean reading begins; forgotten_end(f): it is whole.
 * news = forgotten_take(f, pair, row): it is in etcd; with FORGOTTEN_NEWS what
 * it says is written to ${row}.
 * forgotten_gone(f, name): it was deleted.
 */
void forgotten_begin(struct forgotten *f);
void forgotten_end(struct forgotten *f);
enum forgotten_news forgotten_take(struct forgotten *f,
    const struct forgotten_pair *pair, struct state_forgotten *row);
void forgotten_gone(struct forgotten *f, const char *name);

/* revision = forgotten_revision(f, name): of its key; 0: there is none.
 * key = forgotten_old(f, before): one that was written at ${before} or earlier;
 * NULL: none was. */
int64_t forgotten_revision(const struct forgotten *f, const char *name);
const struct forgotten_key *forgotten_old(
    const struct forgotten *f, int64_t before);

#endif
