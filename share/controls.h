/*
 * What controllers decided: rows of keep, factor and ramp, as the state
 * database of this node has them and as etcd has them.  Of a pool whose lock
 * this node holds they go out, each write under the condition that the lock
 * still has our token; of all others those of etcd are to be in the state
 * database.  Called by the sharer; does no input or output itself.
 *
 * A sheet is what is written and read as one: keep/ZONE/POOL,
 * factor/ZONE/POOL/NUMBER with as many blocks as it needs, ramp/ZONE/SERVICE.
 * A block without rows says that there are none; no key says nothing.  So when
 * etcd is made anew the rows stay, and when a pool is given up because the
 * files no longer have it its keys are deleted with the lock: who still has it
 * goes on from its own rows, and who has not takes them away.
 *
 * What a region keeps moves to what etcd says by no more than a step of the
 * controller at a time, and as fast as that: a node that was cut off and went
 * back to all comes to what the others do without a jump.
 */
#ifndef SHARE_CONTROLS_H
#define SHARE_CONTROLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "share/key.h"
#include "share/locks.h"
#include "share/nodes.h"
#include "state/sink.h"

/* Rows of all sheets; more are left out. */
#define CONTROLS_ROWS 131072

/* A sheet has no more blocks, and a block no more rows than this: all of a
 * sheet is one transaction. */
#define CONTROLS_BLOCKS 60
#define CONTROLS_BLOCK_ROWS 200

/* A controller moves what a region keeps by no more than this each second. */
#define CONTROLS_PACE 0.01

struct controls_calls {
	/* A row for the state database, and one to be taken away there. */
	void (*put)(
	    void *context, enum state_table table, const union schema_row *row);
	void (*take)(
	    void *context, enum state_table table, const union schema_row *row);
	/* What etcd has of ${key} makes no sense, ${words} say why. */
	void (*odd)(void *context, const struct key *key, const char *words);
};

struct controls;

/* controls = controls_create(locks, nodes, calls, context): nothing is known;
 * ${locks}, and ${nodes}, whose clocks count, must live as long.  NULL without
 * memory. */
struct controls *controls_create(const struct locks *locks,
    const struct nodes *nodes, const struct controls_calls *calls,
    void *context);
void controls_destroy(struct controls *controls);

/* What the state database has; the context is the struct controls. */
extern const struct state_sink controls_sink;

/*
 * What etcd has.  controls_reading(controls) .. controls_read(controls): a
 * clean reading.  controls_put(controls, key, value, len, wall_ms): it has
 * ${value} at ${key}, of one of the three kinds, by the clock of the node that
 * holds the lock.
 * controls_written(controls, key, revision): that was written at ${revision}.
 * controls_gone(controls, key): nothing any more.
 */
void controls_reading(struct controls *controls);
void controls_put(struct controls *controls, const struct key *key,
    const char *value, size_t len, int64_t wall_ms);
void controls_written(
    struct controls *controls, const struct key *key, int64_t revision);
void controls_gone(struct controls *controls, const struct key *key);
void controls_read(struct controls *controls);

/* controls_settle(controls, mono_ms): call put() and take() for what the state
 * database lacks by now.
 * settled = controls_settled(controls, zone, pool): it lacks nothing of that
 * pool but what is less than a step. */
void controls_settle(struct controls *controls, int64_t mono_ms);
bool controls_settled(
    const struct controls *controls, const char *zone, const char *pool);

struct controls_op {
	struct key key;
	char *value; /* NULL: delete the key */
	size_t len;
};

/* One transaction. */
struct controls_write {
	char zone[STATE_ZONE]; /* of the lock */
	char pool[STATE_NAME];
	uint64_t token; /* that it has to have */
	size_t n;
	struct controls_op op[2 * CONTROLS_BLOCKS];
	void *sheet;
};

/*
 * write = controls_next(controls, mono_ms, wall_ms): one that is due, or NULL.
 * controls_done(write, done): it was carried out; not ${done}: not, or who
 * knows: then read etcd again.  Frees it.
 * controls_write_destroy(write): the same of one whose end nobody tells any
 * more, after the sheets.
 */
struct controls_write *controls_next(
    struct controls *controls, int64_t mono_ms, int64_t wall_ms);
void controls_done(struct controls_write *write, bool done);
void controls_write_destroy(struct controls_write *write);

/* The keys of a sheet that nobody has any more. */
struct controls_left {
	char zone[STATE_ZONE]; /* of the lock; */
	char pool[STATE_NAME]; /* "" where it is not known */
	struct key key[CONTROLS_BLOCKS];
	int64_t revision[CONTROLS_BLOCKS];
	size_t n;
};

/*
 * is = controls_left(controls, before, left): etcd has a sheet of a pool that
 * the files of this node do not have, whose lock nobody holds, and of which no
 * key was written after revision ${before}: all of them are written to ${left}.
 * False: there is none.
 */
bool controls_left(const struct controls *controls, int64_t before,
    struct controls_left *left);

/* controls_keys(controls, zone, pool, call, context): each key that etcd has of
 * that pool. */
void controls_keys(const struct controls *controls, const char *zone,
    const char *pool, void (*call)(void *context, const struct key *key),
    void *context);

#endif
