/*
 * What the files of a watch have in common: etcd_watch.c (its life, and going
 * round) and etcd_watch_messages.c (what its stream says).
 */
#ifndef SHARE_ETCD_ETCD_WATCH_PRIVATE_H
#define SHARE_ETCD_ETCD_WATCH_PRIVATE_H

#include "share/etcd/etcd_lines.h"
#include "share/etcd/etcd_private.h"
#include "share/etcd/etcd_watch.h"

/* Events of one moment, cut into pieces by etcd, that are put together. */
#define PIECES_MAX ((size_t)64 << 20)

struct etcd_watch {
	struct etcd_user user; /* first: it is the watch */
	struct etcd *etcd;
	char *key, *end;
	size_t key_len, end_len;
	struct etcd_watch_use use;
	struct etcd_header read; /* of the answer it began after */
	int64_t told;            /* revision */
	uv_timer_t timer; /* the next attempt; of a stream: signs of life */
	uv_timer_t rest;  /* lines that came wait for the next turn */
	unsigned handles; /* of these, that are not closed */
	unsigned drops;   /* streams that ended */
	struct etcd_call *check;
	struct etcd_transfer *stream;
	size_t endpoint; /* of the stream */
	struct etcd_lines lines;
	struct arena *pieces; /* holds events that are not told yet */
	struct etcd_event *events;
	size_t n_events, events_size;
	int64_t heard_ms;  /* monotonic */
	int64_t stream_ms; /* when something came of this stream, or it began */
	bool live;
	bool said; /* link() was called */
	bool over;
	char words[ETCD_WORDS];
};

/* etcd_watch_drop(w): end the stream, and forget what is not told yet. */
void etcd_watch_drop(struct etcd_watch *w);

/* etcd_watch_link(w, live, words): say whether it lives, once a change. */
void etcd_watch_link(struct etcd_watch *w, bool live, const char *words);

/* etcd_watch_over(w, why, words): it has ended, and says so. */
void etcd_watch_over(
    struct etcd_watch *w, enum etcd_watch_end why, const char *words);

/* etcd_watch_broke(w, endpoint, why): its stream broke: begin again, elsewhere
 * if that is the ${endpoint}'s fault. */
void etcd_watch_broke(
    struct etcd_watch *w, bool endpoint, const struct etcd_why *why);

/* etcd_watch_rest(rest): the next turn of the loop, for lines that wait.
 * etcd_watch_take(w, data, len), etcd_watch_done(w, reply): of the transfer
 * that is the stream. */
void etcd_watch_rest(uv_timer_t *rest);
void etcd_watch_take(void *w, const char *data, size_t len);
void etcd_watch_done(void *w, const struct etcd_reply *reply);

#endif
