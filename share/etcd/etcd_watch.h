/*
 * A watch: each change of a range of keys, in order, once, from a revision on.
 * It moves to another endpoint by itself and goes on after the last revision
 * that was told; etcd is asked for a sign of life again and again, so that a
 * stream that died silently is noticed.
 */
#ifndef SHARE_ETCD_ETCD_WATCH_H
#define SHARE_ETCD_ETCD_WATCH_H

#include "share/etcd/etcd.h"

struct etcd_watch;

/* A sign of life is asked for so often, and a stream from which nothing has
 * come for an attempt and so long is dead. */
#define ETCD_WATCH_ASK_MS 1000
#define ETCD_WATCH_SILENCE_MS 1500

/* Why a watch is over.  In each case but the last: read everything again, and
 * begin another one. */
enum etcd_watch_end {
	ETCD_WATCH_COMPACTED, /* the next changes are gone */
	ETCD_WATCH_HISTORY,   /* another cluster, or its revision went back */
	ETCD_WATCH_TOO_LARGE, /* more at once than this client takes */
	ETCD_WATCH_CANCELLED, /* by etcd, which says no more */
	ETCD_WATCH_REFUSED    /* user, password or permission */
};

struct etcd_watch_use {
	/* The ${n} events of one or more whole revisions, ascending; all lives
	 * until it returns. */
	void (*events)(
	    void *context, const struct etcd_event *events, size_t n);
	/* The stream lives, or it broke for the reason in ${words}, and another
	 * is being tried; "" when it lives.  Both once a change. */
	void (*link)(void *context, bool live, const char *words);
	/* It is over, and gone when this returns. */
	void (*ended)(
	    void *context, enum etcd_watch_end why, const char *words);
	void *context;
};

/*
 * watch = etcd_watch_begin(etcd, key, end, read, use): tell what changes in the
 * range after header.revision of ${read}, the answer by which its caller knows
 * what is there.  NULL without memory.  etcd_watch_stop(watch): no more is
 * told; not from within its own ended().
 */
struct etcd_watch *etcd_watch_begin(struct etcd *etcd, struct etcd_bytes key,
    struct etcd_bytes end, const struct etcd_header *read,
    const struct etcd_watch_use *use);
void etcd_watch_stop(struct etcd_watch *watch);

/* revision = etcd_watch_told(watch): the last that was told, or begun after. */
int64_t etcd_watch_told(const struct etcd_watch *watch);

/* ms = etcd_watch_heard_ms(watch): monotonic, when the stream last gave a sign
 * of life; 0 before the first. */
int64_t etcd_watch_heard_ms(const struct etcd_watch *watch);

#endif
