/*
 * What this node has to say: the rows of its own vantages as blocks in etcd,
 * which of these are due, and whether etcd holds them.  Called by
 * meridian-share; does no input or output itself.
 *
 * It is fed with the local state database by its sink, and by what a clean
 * reading and a watch say of its own keys (picture.h).  A verdict is due at
 * once, but a block not more often than every OUTGOING_VERDICT_MS; load that
 * moved by more than noise within OUTGOING_LOAD_MS, in writes of about one a
 * second and vantage; the rest, times of checks and latencies, within
 * OUTGOING_MINOR_MS.  A block that is written has what was news; what of its
 * rows was none yet stays as it was said last, so that readers see the rows
 * that changed and no others.
 *
 * A vantage has as many blocks of a table as a power of two, at least one for
 * OUTGOING_ROWS rows.  When that number changes, blocks that get rows are
 * written before those that lose them: no row is ever in none.
 */
#ifndef SHARE_OUTGOING_H
#define SHARE_OUTGOING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "share/key.h"
#include "state/sink.h"

#define OUTGOING_VERDICT_MS 200
#define OUTGOING_LOAD_MS 30000
#define OUTGOING_MINOR_MS STATE_CARRIED_MS
/* Between two writes of what is not due at once, of a vantage. */
#define OUTGOING_SLOW_MS 1000

/* Rows of a block on average, at most; half of what it can hold, as they are
 * spread by hash. */
#define OUTGOING_ROWS 128

/* Of a batch: what etcd takes in one transaction, and below its limit of 1.5
 * MiB a request.  What a vantage of 10,000 endpoints says of all of them fits:
 * who reads it writes each page of its rows once. */
#define OUTGOING_OPS 128
#define OUTGOING_BYTES (((size_t)3 << 19) - 65536)

struct outgoing_op {
	char *key, *value; /* value NULL: delete the key */
	size_t key_len, len;
	bool leased; /* bound to the lease of this node */
};

/* One transaction: all of it, or nothing. */
struct outgoing_batch {
	const char *vantage; /* that all of it is of */
	struct outgoing_op op[OUTGOING_OPS];
	size_t n, bytes;
	/* op[0] puts the key of the vantage, which has to be absent or of this
	 * node: two nodes of one name must not write into each other. */
	bool claims;
};

struct outgoing;

/*
 * outgoing = outgoing_create(prefix, node, silent_ms): nothing to say yet, for
 * ${node}, which is this one.  The key of a vantage whose heartbeat was not
 * seen to move for ${silent_ms} is deleted.  NULL without memory.
 */
struct outgoing *outgoing_create(
    const char *prefix, const char *node, int64_t silent_ms);
void outgoing_destroy(struct outgoing *outgoing);

/* outgoing_time(outgoing, mono_ms, wall_ms): what time it is, before any of the
 * calls that follow, and once a second: a vantage may have become silent. */
void outgoing_time(struct outgoing *outgoing, int64_t mono_ms, int64_t wall_ms);

/* Its context is the struct outgoing.  Rows of vantages of other nodes are
 * passed over. */
extern const struct state_sink outgoing_sink;

/*
 * outgoing_reading(outgoing, anew): a clean reading is told by outgoing_found()
 * from here on, until outgoing_read(outgoing, revision), the one that it was
 * read at: what it did not have is written again.  ${anew}: etcd is another one
 * than before, or of before, and revisions mean something else.
 * outgoing_found(outgoing, key, value, len, revision): etcd holds ${value} at
 * ${key} of an own vantage since ${revision}; NULL: nothing any more.  What is
 * not what was said is written again, or deleted.  Of a vantage that the sink
 * did not name yet nothing is kept: where one comes later, read again.
 */
void outgoing_reading(struct outgoing *outgoing, bool anew);
void outgoing_found(struct outgoing *outgoing, const struct key *key,
    const char *value, size_t len, int64_t revision);
void outgoing_read(struct outgoing *outgoing, int64_t revision);

/* lives = outgoing_lives(outgoing, silent_ms): a vantage of this node does: its
 * heartbeat was seen to move within ${silent_ms}. */
bool outgoing_lives(const struct outgoing *outgoing, int64_t silent_ms);

/* outgoing_unleased(outgoing): this node has another lease: what was bound to
 * the one before is written again. */
void outgoing_unleased(struct outgoing *outgoing);

/* node = outgoing_claimed(outgoing, vantage): the other node that holds the key
 * of an own vantage, of which nothing is said then; NULL: none. */
const char *outgoing_claimed(
    const struct outgoing *outgoing, const char *vantage);

/*
 * batch = outgoing_next(outgoing): writes that are due, or NULL.  Nothing
 * before the first full change of the sink.  Each batch is given back by
 * outgoing_done(), which frees it; until then what it has is not given again.
 * outgoing_done(outgoing, batch, done, revision): it was carried out at
 * ${revision}; not ${done}: it failed, or may have, and is due again.
 * ms = outgoing_due_ms(outgoing): monotonic, when outgoing_next() has something
 * next as things stand; INT64_MAX: nothing is waiting.
 */
struct outgoing_batch *outgoing_next(struct outgoing *outgoing);
void outgoing_done(struct outgoing *outgoing, struct outgoing_batch *batch,
    bool done, int64_t revision);
int64_t outgoing_due_ms(const struct outgoing *outgoing);

struct outgoing_figures {
	size_t vantages, rows, blocks;
	size_t waiting; /* blocks that etcd does not hold as they are */
	uint64_t batches, failed; /* since the start */
	uint64_t ops, bytes;      /* of those that were carried out */
};
void outgoing_figures(
    const struct outgoing *outgoing, struct outgoing_figures *out);

#endif
