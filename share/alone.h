/*
 * One meridian-share for a state database: two would write over each other what
 * other nodes say.  Called before it begins.
 */
#ifndef SHARE_ALONE_H
#define SHARE_ALONE_H

#define ALONE_WHY 512

/*
 * lock = alone_take(state, why): hold the lock of the state database ${state},
 * a file beside it that ends in "-share", until alone_give(lock), or until this
 * process ends, however it does.  -1 with words for the operator in ${why}:
 * another one holds it, or it cannot be made.
 */
int alone_take(const char *state, char why[ALONE_WHY]);
void alone_give(int lock);

#endif
