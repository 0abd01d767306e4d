/*
 * Keeps what operators said, and how far ramps have come, when the state
 * database does not: in the mirror beside it (state/mirror.h), which it reads
 * at a start and writes at each change, and by writing back what a database
 * that was lost, made anew or is an older copy lacks.  Says both in the log.
 *
 * Threads: belongs to the control thread, which it never stops: the mirror is
 * written in the background, the database by a process of its own.
 */
#ifndef NODE_KEEPER_H
#define NODE_KEEPER_H

#include <stddef.h>
#include <uv.h>

#include "steering/overlay.h"

struct keeper;

/* What pages tell of it. */
struct keeper_report {
	size_t lacking;    /* rows in force that the database has not */
	char trouble[160]; /* why the mirror cannot be read or written; "" */
};

/* keeper = keeper_create(loop, overlay): keep what ${overlay} has.  NULL
 * without memory. */
struct keeper *keeper_create(uv_loop_t *loop, struct overlay *overlay);

/* keeper_follow(keeper, path, mono_ms): beside the state database ${path} from
 * now on, whose mirror is read; NULL: beside none.  ${mono_ms} is the clock of
 * the overlay. */
void keeper_follow(struct keeper *keeper, const char *path, int64_t mono_ms);

/* keeper_commit(keeper): a change of the database was taken. */
void keeper_commit(struct keeper *keeper);

/* keeper_tick(keeper): do what is due.  To be called a few times a second. */
void keeper_tick(struct keeper *keeper);

/* keeper_report(keeper, out): how it is now. */
void keeper_report(const struct keeper *keeper, struct keeper_report *out);

/* keeper_stop(keeper): begin nothing any more; its handles on the loop close
 * while that runs on.  keeper_destroy(keeper): free it, when the loop has ended
 * or it never did anything.  NULL is fine. */
void keeper_stop(struct keeper *keeper);
void keeper_destroy(struct keeper *keeper);

#endif
