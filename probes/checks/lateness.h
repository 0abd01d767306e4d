/*
 * Whether the schedule is kept: how late checks begin, and how many turns are
 * left out.  Pure; the prober tells it of each turn, and logs what it finds.
 */
#ifndef PROBES_CHECKS_LATENESS_H
#define PROBES_CHECKS_LATENESS_H

#include <stdbool.h>
#include <stdint.h>

/* A check that begins later than this after its turn is late: a good part of
 * the shortest timeouts, and more than a busy machine takes now and then. */
#define LATENESS_MS 250

/* What is counted before it is judged; a schedule that is not kept is said
 * after one of these at the latest. */
#define LATENESS_WINDOW_MS 10000

/* One turn in so many may be late, or left out, and nothing is said. */
#define LATENESS_SHARE 100

/* Room for what is said. */
#define LATENESS_WORDS 256

struct lateness {
	int64_t began_ms; /* of this window, monotonic; 0: none */
	uint64_t turns;   /* that came */
	uint64_t late;    /* of these */
	uint64_t missed;  /* that were left out */
	uint64_t worst_ms;
};

/* lateness_turn(l, late_ms, missed): a check begins ${late_ms} after its turn,
 * and ${missed} turns of its endpoint have passed meanwhile. */
void lateness_turn(struct lateness *l, uint64_t late_ms, uint64_t missed);

/*
 * over = lateness_look(l, now_ms, words): when a window is over, write what is
 * wrong to ${words}, "" for nothing, and begin the next.  True then.
 */
bool lateness_look(
    struct lateness *l, int64_t now_ms, char words[LATENESS_WORDS]);

#endif
