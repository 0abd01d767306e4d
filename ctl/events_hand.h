/*
 * What was said by hand as events: each saying, each end that came by itself,
 * and each node that was forgotten, in the order of time.  For meridianctl
 * events.
 */
#ifndef CTL_EVENTS_HAND_H
#define CTL_EVENTS_HAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/errbuf.h"
#include "ctl/override_trail.h"

struct events_hand_item {
	int64_t at_ms;                    /* wall clock */
	const struct state_override *row; /* NULL: a node was forgotten: */
	const struct state_forgotten *forgotten;
	bool over; /* its length is: that is the event */
};

struct events_hand {
	struct override_trail trail;
	struct state_forgotten *forgotten;
	size_t n_forgotten, size_forgotten;
	struct events_hand_item *item; /* the oldest first */
	size_t n;
};

/* How far they were told. */
struct events_hand_mark {
	uint64_t number;    /* of the last row */
	int64_t until_ms;   /* ends up to then */
	uint64_t forgotten; /* sequence of the last row of a node */
};

/*
 * status = events_hand_read(path, hand, since, now_ms, eb): those of the state
 * database ${path} that came after ${since}, which is then moved on to
 * ${now_ms}.  0, or -1 with an error.  events_hand_finish(hand): free what it
 * holds.
 */
int events_hand_read(const char *path, struct events_hand *hand,
    struct events_hand_mark *since, int64_t now_ms, struct errbuf *eb);
void events_hand_finish(struct events_hand *hand);

/* events_hand_print(item, json): in a line. */
void events_hand_print(const struct events_hand_item *item, bool json);

#endif
