/*
 * A trouble that lasts, and when the log says it again: at once when it is new,
 * then every REMINDER_MS.  Pure; the prober keeps one for each kind of trouble.
 */
#ifndef BASE_REMINDER_H
#define BASE_REMINDER_H

#include <stdbool.h>
#include <stdint.h>

/* Often enough that the last hundred lines of a log have it, seldom enough that
 * they have other things too. */
#define REMINDER_MS (5 * 60 * 1000)

/* Longest words, the NUL counted. */
#define REMINDER_WORDS 448

struct reminder {
	char words[REMINDER_WORDS]; /* "" while nothing is wrong */
	int64_t since_ms;           /* monotonic: when something got wrong */
	int64_t said_ms;            /* when it was said last */
};

/*
 * news = reminder_set(r, words, now_ms): ${words} are what is wrong at ${now},
 * "" nothing.  True when they are others than before: then they are to be said.
 */
bool reminder_set(struct reminder *r, const char *words, int64_t now_ms);

/* due = reminder_due(r, now_ms): what is wrong is to be said again, which
 * counts as said. */
bool reminder_due(struct reminder *r, int64_t now_ms);

/* s = reminder_lasts_s(r, now_ms): for how long something is wrong. */
int64_t reminder_lasts_s(const struct reminder *r, int64_t now_ms);

#endif
