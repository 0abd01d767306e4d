/*
 * Who steps for a pool: the locks in etcd, each the key of a pool with the node
 * that holds it, bound to the lease of that node.  Says which ones this node is
 * to take, to bind to another lease, or to give up, and what the state database
 * is to say of all of them.  Called by the sharer; does no input or output
 * itself.
 *
 * The revision at which a lock was created is its token: of two holders the
 * later one has the larger, and what a holder writes counts only while the lock
 * has its token.  Who holds a lock is taken from what etcd tells in its order
 * alone, never from the answer to a write of our own: so all that a holder
 * before us wrote is known before we are.
 *
 * Nobody takes a lock away from who holds it.  For one that is free each node
 * waits some time of its own, by hash, so that they are spread over those that
 * want them.
 */
#ifndef SHARE_LOCKS_H
#define SHARE_LOCKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "state/rows.h"

/* Pools beyond these have no lock: nobody steps for them.  More than anybody
 * has. */
#define LOCKS_MAX 16384

/* For a lock that is free a node waits for less than this. */
#define LOCKS_SPREAD_MS 500

/* Between two writes of one lock. */
#define LOCKS_PAUSE_MS 1000

struct locks;

/* locks = locks_create(node): of ${node}, which is this one.  NULL without
 * memory. */
struct locks *locks_create(const char *node);
void locks_destroy(struct locks *locks);

/* locks_other(locks, lease): another process of the same name has that lease,
 * and is not this node; 0: there is none. */
void locks_other(struct locks *locks, int64_t lease);

/* locks_time(locks, mono_ms): what time it is, before calls that follow. */
void locks_time(struct locks *locks, int64_t mono_ms);

/*
 * locks_want_begin(locks), locks_want(locks, zone, pool, step_s), ..,
 * locks_want_end(locks): the pools that the files of this node have somebody
 * step for, every ${step_s} seconds what their regions keep; 0: only others.
 * -1: there is no memory, or the keys of LOCKS_MAX other pools are in etcd.
 * locks_may(locks, may): something on this node steps for what it holds; at
 * first nothing does.
 */
void locks_want_begin(struct locks *locks);
int locks_want(
    struct locks *locks, const char *zone, const char *pool, uint32_t step_s);
void locks_want_end(struct locks *locks);
void locks_may(struct locks *locks, bool may);

/*
 * What etcd has.  locks_reading(locks) .. locks_read(locks): a clean reading.
 * locks_put(locks, zone, pool, node, token, lease): ${node} holds it.
 * locks_put_unbound(locks, zone, pool, revision): a key without a lease, of
 * that revision: no node holds it, and none would ever let it go.
 * locks_gone(locks, zone, pool): nobody does.
 */
void locks_reading(struct locks *locks);
void locks_put(struct locks *locks, const char *zone, const char *pool,
    const char *node, uint64_t token, int64_t lease);
void locks_put_unbound(
    struct locks *locks, const char *zone, const char *pool, int64_t revision);
void locks_gone(struct locks *locks, const char *zone, const char *pool);
void locks_read(struct locks *locks);

enum locks_what {
	LOCKS_TAKE,  /* create the key, if there is none */
	LOCKS_CLEAR, /* delete what holds nothing, if it is as it was read */
	LOCKS_BIND,  /* bind ours to the lease of now, if it has our token */
	LOCKS_GIVE   /* delete it, if it has our token */
};

struct locks_op {
	enum locks_what what;
	char zone[STATE_ZONE];
	char pool[STATE_NAME];
	uint64_t token;  /* ours */
	int64_t unbound; /* revision at which what is deleted was written */
	bool over;       /* given up as the files no longer have the pool */
};

/*
 * due = locks_next(locks, lease, op): a write that is due, ${lease} being ours;
 * each is given back by locks_done(locks, op), whatever became of it: what etcd
 * does not tell soon is due again.
 */
bool locks_next(struct locks *locks, int64_t lease, struct locks_op *op);
void locks_done(struct locks *locks, const struct locks_op *op);

/*
 * What the state database has to say.  news = locks_row(locks, ours, row,
 * gone): the next row that it lacks, of the locks that this node holds or of
 * all others; ${gone}: one that it is not to have any more.
 * locks_again(locks): it has none.
 * locks_local_begin(locks), locks_local(locks, row): what was read from it.
 */
bool locks_row(
    struct locks *locks, bool ours, struct state_lock *row, bool *gone);
void locks_again(struct locks *locks);
void locks_local_begin(struct locks *locks);
void locks_local(struct locks *locks, const struct state_lock *row);

/*
 * Of one pool.
 * holder = locks_holder(locks, zone, pool): the node that holds it; "".
 * ours = locks_ours(locks, zone, pool): this one does, and the state database
 * was told: rows of it are this node's own from then on.
 * token = locks_token(locks, zone, pool): that was read there again, so that
 * its rows of now are as the holder before us left them, or ours; 0: not yet.
 * known = locks_wanted(locks, zone, pool, step_s): the files have it; or nobody
 * knows yet what they have.
 */
const char *locks_holder(
    const struct locks *locks, const char *zone, const char *pool);
bool locks_ours(const struct locks *locks, const char *zone, const char *pool);
uint64_t locks_token(
    const struct locks *locks, const char *zone, const char *pool);
bool locks_wanted(const struct locks *locks, const char *zone, const char *pool,
    uint32_t *step_s);

/* version = locks_version(locks): another one whenever what it says of any pool
 * is. */
uint64_t locks_version(const struct locks *locks);

struct locks_figures {
	size_t wanted, held, free; /* free: wanted, and nobody holds them */
};
void locks_figures(const struct locks *locks, struct locks_figures *out);

#endif
