/*
 * What is wrong with the database, in words, as a helper process tells its
 * daemon.  Both ends keep the last words, so that only news is passed on.  For
 * the reading and the writing process.
 */
#ifndef STATE_TROUBLE_H
#define STATE_TROUBLE_H

#include <stdbool.h>

#include "base/frame.h"

/* Longest words, the NUL counted: those of database.h, and what a helper died
 * of. */
#define TROUBLE_WORDS 448

struct trouble {
	char words[TROUBLE_WORDS]; /* "" while nothing is wrong */
};

/* news = trouble_set(trouble, words): keep ${words}, cut to the longest; true
 * when they are others than before. */
bool trouble_set(struct trouble *trouble, const char *words);

/* trouble_take(frame, words): the words in ${frame}.  0, or -1 when there are
 * none or too many. */
int trouble_take(const struct frame *frame, char words[TROUBLE_WORDS]);

#endif
