/*
 * Lines of the log on what makes no sense in etcd: the first at once, then at
 * most one of a kind in ODD_LOG_MS, with how many there were, so that whoever
 * can write there cannot fill the log.  Called by the sharer.
 */
#ifndef SHARE_ODD_LOG_H
#define SHARE_ODD_LOG_H

#include <stdint.h>

#define ODD_LOG_MS 60000

enum odd_kind {
	ODD_NODE,
	ODD_VANTAGE,
	ODD_OVERRIDE,
	ODD_GENERATION,
	ODD_DEMAND,
	ODD_CONTROL,
	ODD_FORGOTTEN,
	ODD_KINDS
};

/* Initially zeroed. */
struct odd_log {
	uint64_t n[ODD_KINDS];      /* since the last line */
	int64_t said_ms[ODD_KINDS]; /* monotonic; 0: there was none */
};

/* odd_log_say(log, kind, fmt, ...): it is counted, and said when that is due.
 */
void odd_log_say(struct odd_log *log, enum odd_kind kind, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

#endif
