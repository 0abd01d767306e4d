/*
 * Texts that nobody else has: of runs of a daemon, and of what operators say.
 */
#ifndef STATE_RANDOM_ID_H
#define STATE_RANDOM_ID_H

/* 128 bits in hexadecimal, the NUL counted. */
#define RANDOM_ID 33

/* random_id(out): a new one.  0, or -1 when the system gives no random
 * numbers. */
int random_id(char out[RANDOM_ID]);

#endif
