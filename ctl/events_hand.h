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
#include "base/u64map.h"
#include "ctl/override_trail.h"

enum events_hand_what {
	EVENTS_SAID,
	EVENTS_OVER,   /* its length is, and no row says so */
	EVENTS_REFUSED /* by other nodes, some time after it was said */
};

struct events_hand_item {
	int64_t at_ms;                    /* wall clock */
	const struct state_override *row; /* NULL: a node was forgotten: */
	const struct state_forgotten *forgotten;
	enum events_hand_what what; /* of the row */
};

struct events_hand {
	struct override_trail trail;
	struct state_forgotten *forgotten;
	size_t n_forgotten, size_forgotten;
	struct events_hand_item *item; /* the oldest first */
	size_t n;
};

/* How far they were told.  Initially zeroed; events_hand_forget(mark) frees
 * what it holds. */
struct events_hand_mark {
	struct u64map told; /* overrides, which may get another number */
	int64_t until_ms;
	uint64_t forgotten; /* sequence of the last row of a node */
};
void events_hand_forget(struct events_hand_mark *mark);

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
