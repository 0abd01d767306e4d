/*
 * One meridian-share for a state database: two would write over each other what
 * other nodes say.  Called before it begins.
 */
#ifndef SHARE_ALONE_H
#define SHARE_ALONE_H

#include <stdint.h>

#define ALONE_WHY 512

/*
 * lock = alone_take(state, why): hold the lock of the state database ${state},
 * a file beside it that ends in "-share", until alone_give(lock), or until this
 * process ends, however it does.  -1 with words for the operator in ${why}:
 * another one holds it, or it cannot be made.
 */
int alone_take(const char *state, char why[ALONE_WHY]);
void alone_give(int lock);

/*
 * alone_note(lock, lease): the process that has the lock has that lease in
 * etcd.
 * lease = alone_noted(lock): what one before it, since this machine was
 * started, has noted; 0: nothing, as of a copy of the file on another machine.
 */
void alone_note(int lock, int64_t lease);
int64_t alone_noted(int lock);

#endif
