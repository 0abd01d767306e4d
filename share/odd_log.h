/*
 * Lines of the log on what makes no sense in etcd: the first at once, then at
 * most one of a kind in ODD_LOG_MS, with how many there were, so that whoever
 * can write there cannot fill the log.  So it is with what else happens as
 * often as somebody there wants.  Called by the sharer.
 */
#ifndef SHARE_ODD_LOG_H
#define SHARE_ODD_LOG_H

#include <stdint.h>

#define ODD_LOG_MS 60000

/* Longest words, the NUL counted. */
#define ODD_WORDS 512

enum odd_kind {
	ODD_NODE,
	ODD_VANTAGE,
	ODD_CLAIMED, /* a vantage of this node, by another */
	ODD_OVERRIDE,
	ODD_GENERATION,
	ODD_DEMAND,
	ODD_CONTROL,
	ODD_FORGOTTEN,
	ODD_CALENDAR,
	ODD_FULL,    /* it has more than this node can know */
	ODD_BEHIND,  /* it has less than this node, */
	ODD_FILLED,  /* which is mended */
	ODD_SWEPT,   /* of a vantage or a pool that is gone */
	ODD_REFUSED, /* by the state database */
	ODD_KINDS
};

/* Initially zeroed. */
struct odd_log {
	uint64_t n[ODD_KINDS];            /* since the last line */
	int64_t said_ms[ODD_KINDS];       /* monotonic; 0: there was none */
	char words[ODD_KINDS][ODD_WORDS]; /* the last that was not said */
};

/*
 * odd_log_say(log, kind, fmt, ...): it is counted, and said when that is due.
 * odd_log_look(log): what was counted and not said is, when that is due.
 */
void odd_log_say(struct odd_log *log, enum odd_kind kind, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void odd_log_look(struct odd_log *log);

#endif
