/*
 * The sharer from inside, for its files: sharer_run.c, which has the loop,
 * sharer.c, which has its beginning, its end and what is due, sharer_hear.c,
 * which has what etcd says, sharer_words.c, which has what is told of troubles,
 * sharer_picture.c, which has what follows from what others say,
 * sharer_local.c, which has the state database, sharer_send.c, which has what
 * goes out, sharer_trail.c, which has the overrides, sharer_sweep.c, which
 * deletes what nobody needs, sharer_forget.c, which has the nodes that are
 * forgotten, and sharer_control.c, which has the locks of pools and what their
 * controllers decided.  No other file includes it.
 */
#ifndef SHARE_SHARER_PARTS_H
#define SHARE_SHARER_PARTS_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "base/ration.h"
#include "base/reminder.h"
#include "config/server.h"
#include "share/calendar.h"
#include "share/controls.h"
#include "share/forgotten.h"
#include "share/judge.h"
#include "share/link.h"
#include "share/locks.h"
#include "share/nodes.h"
#include "share/odd_log.h"
#include "share/others_demand.h"
#include "share/outgoing.h"
#include "share/own_demand.h"
#include "share/picture.h"
#include "share/shared_trail.h"
#include "share/unlike.h"
#include "share/wanted.h"
#include "state/recorder.h"
#include "state/watch.h"

struct sharer;

/* A reading that takes longer is said. */
#define SHARER_READING_MS 3000

/* Writes of locks and of what controllers decided that may be under way. */
#define SHARER_FLIGHTS 8

struct sharer_flight {
	struct sharer *sharer;        /* NULL: it is free */
	struct controls_write *write; /* NULL: it is of the lock: */
	struct locks_op op;
};

struct sharer {
	uv_loop_t *loop;
	uv_timer_t tick;
	const struct server_config *config;
	struct link *link;
	struct state_recorder *recorder;
	struct state_watch *watch;
	struct outgoing *outgoing;
	struct picture *picture;
	struct nodes *nodes;
	struct unlike *unlike;
	struct shared_trail *trail;
	struct own_demand *own_demand;
	struct others_demand *others_demand;
	struct wanted *wanted;
	struct locks *locks;
	struct controls *controls;
	/* This node as it says of itself, and when it did last (monotonic). */
	struct state_node self;
	int64_t said_ms, beat_ms;
	int64_t lease; /* with which it was said */
	int lock;      /* of the state database; see share/alone.h */
	int64_t noted; /* the lease that is noted there */
	bool ready;    /* the state database can be written */
	bool changed;  /* rows were given since the last commit */
	bool stopping;
	/* What is under way to etcd; one of each at a time. */
	struct outgoing_batch *batch;
	bool offering;
	/* An override that was said while cut off is looked at, since when. */
	struct judge *judge;
	char judged_id[STATE_ID];
	int64_t judge_ms;
	bool judged;     /* it has answered */
	bool filling;    /* etcd has less of the trail than this node */
	int64_t late_ms; /* monotonic: an offer was late last */
	/* How long keys are in etcd; at which revision of that it was last
	 * looked what nobody needs, and since when that is under way. */
	struct calendar calendar;
	int64_t swept, sweep_ms;
	bool sweeping;
	/* Nodes that were forgotten; what an operator wants here, at which
	 * revision that node was known to be forgotten by then, and whether
	 * that, or that our own key goes, is under way. */
	struct forgotten forgotten;
	struct state_forgotten wish;
	int64_t wish_known;
	bool wishing, returning;
	int64_t return_ms; /* monotonic: it is not tried before */
	struct sharer_flight flights[SHARER_FLIGHTS];
	bool read;    /* what etcd has was read, and counts */
	bool reading; /* that it is being read was said */
	/* All that the state database has was read since it could be written,
	 * so that one which was made anew is known to have nothing; and whether
	 * that is what is being read. */
	bool local_known, local_full;
	/* The site that the state database is of, and up to where its trail
	 * followed, as they are being read; that it was seen to be of the site
	 * of etcd; and that of etcd, as its keys have it. */
	char local_site[STATE_ID];
	uint64_t local_followed;
	bool stamped;
	char site[STATE_ID];
	bool again; /* the state database lacks all that others say */
	bool anew;  /* it is of another site than before: begin anew */
	struct odd_log odd;
	struct reminder link_trouble, state_trouble, read_trouble;
	/* Lines of what breaks and is mended again and again: the link, what
	 * cuts this node off, readings that take long, the state database as it
	 * is written, and as it is read. */
	struct ration link_lines, cut_lines, reading_lines, state_lines;
	struct ration read_lines;
	bool unread; /* that it cannot be read was to be said */
	/* And of nodes that operators had forgotten, with the names of those
	 * that were left out. */
	struct ration forgotten_lines;
	char left_forgotten[512];
	char broke[STATE_LINK]; /* the link, how it did last */
	bool told;              /* others have heard of a trouble */
};

/* The sink of what the local database has; its context is the sharer. */
extern const struct state_watch_calls sharer_local_calls;
extern const struct link_calls sharer_link_calls;
extern const struct picture_calls sharer_picture_calls;
extern const struct state_recorder_calls sharer_recorder_calls;

/* status = sharer_begin(sharer): share as its config says, on its loop.  0, or
 * -1: the process has to end.
 * sharer_stop(sharer): end that while the loop runs on; then sharer_end(sharer)
 * frees what it has. */
int sharer_begin(struct sharer *s);
void sharer_stop(struct sharer *s);
void sharer_end(struct sharer *s);

/* sharer_describe(sharer, config): what this node says of itself is by
 * ${config}. */
void sharer_describe(struct sharer *s, const struct server_config *config);

/* sharer_time(sharer): what this node has to say learns what time it is, before
 * it is told or asked anything. */
void sharer_time(struct sharer *s);

/* sharer_put(sharer, table, row): a row for the local database.
 * sharer_commit(sharer): what was put is one change. */
void sharer_put(
    struct sharer *s, enum state_table table, const union schema_row *row);
void sharer_commit(struct sharer *s);

/*
 * sharer_say_trouble(sharer): what this node says of itself has what is wrong,
 * in the state database and in the link, at once.
 * sharer_say_state(sharer, why): the state database cannot be written, or can
 * again (NULL); sharer_say_unread(sharer, why): or read.
 * sharer_say_link(sharer, state, news, now_ms): the link is in ${state}; its
 * trouble is ${news}.
 * sharer_say_reading(sharer): a reading may take long; sharer_say_read(sharer):
 * it has come to its end.
 * sharer_say_forgotten(sharer, row, now_ms): an operator had a node forgotten.
 * sharer_say_again(sharer, now_ms): what lasts, and what was not said each
 * time, where that is due.
 */
void sharer_say_trouble(struct sharer *s);
void sharer_say_state(struct sharer *s, const char *why);
void sharer_say_unread(struct sharer *s, const char *why);
void sharer_say_link(
    struct sharer *s, enum link_state state, bool news, int64_t now_ms);
void sharer_say_reading(struct sharer *s);
void sharer_say_read(struct sharer *s);
void sharer_say_forgotten(
    struct sharer *s, const struct state_forgotten *row, int64_t now_ms);
void sharer_say_again(struct sharer *s, int64_t now_ms);

/* sharer_put_node(sharer, node): the row of another node; NULL is fine. */
void sharer_put_node(struct sharer *s, const struct state_node *node);

/* sharer_take_trail(sharer): put what etcd has of the trail into the local
 * one. */
void sharer_take_trail(struct sharer *s);

/* sharer_judge(sharer): have the next one looked at that has to be, and wait no
 * longer for what is not answered. */
void sharer_judge(struct sharer *s);

/*
 * sharer_trail_put(sharer, key, pair, fresh), sharer_trail_gone(sharer, key,
 * pair): what etcd has at ${key}, ${fresh}: it was written just now; false when
 * that is none of the trail.
 * sharer_fill(sharer): etcd was read, and is behind.
 * sharer_offer(sharer): give etcd what it is to get of the trail.
 */
bool sharer_trail_put(struct sharer *s, const struct key *key,
    const struct etcd_pair *pair, bool fresh);
bool sharer_trail_gone(
    struct sharer *s, const struct key *key, const struct etcd_pair *pair);
void sharer_fill(struct sharer *s);
void sharer_offer(struct sharer *s);

/*
 * sharer_sweep_hear(sharer, pair): the count of hours in etcd.
 * sharer_sweep(sharer): have it counted, and delete in etcd what nobody needs
 * any more, where that is due.
 */
void sharer_sweep_hear(struct sharer *s, const struct etcd_pair *pair);
void sharer_sweep(struct sharer *s);

/*
 * sharer_forget_wish(sharer, row): an operator said that here.
 * sharer_forget_hear(sharer, key, pair, fresh): that key is in etcd.
 * sharer_forget_send(sharer): this node has come back, where others had
 * forgotten it.
 */
void sharer_forget_wish(struct sharer *s, const struct state_forgotten *row);
void sharer_forget_hear(struct sharer *s, const struct key *key,
    const struct etcd_pair *pair, bool fresh);
void sharer_forget_send(struct sharer *s);

/* sharer_send(sharer): give etcd what is due.
 * sharer_say_demand(sharer): what this node counted is bound to its lease. */
void sharer_send(struct sharer *s);
void sharer_say_demand(struct sharer *s);

/* sharer_put_demand(sharer): what other nodes counted, where that is due. */
void sharer_put_demand(struct sharer *s);

/*
 * sharer_control_begin(sharer): begin with the locks; -1 without memory.
 * sharer_control_end(sharer): free what they hold, after the loop.
 * sharer_control_put(sharer, key, pair), sharer_control_gone(sharer, key): what
 * etcd has at ${key}; false when it is none of them.
 * sharer_control(sharer): give the state database what it lacks of them.
 * sharer_control_again(sharer): it has nothing of them.
 * sharer_control_send(sharer): give etcd what is due of them.
 */
int sharer_control_begin(struct sharer *s);
void sharer_control_end(struct sharer *s);
bool sharer_control_put(
    struct sharer *s, const struct key *key, const struct etcd_pair *pair);
bool sharer_control_gone(struct sharer *s, const struct key *key);
void sharer_control(struct sharer *s);
void sharer_control_again(struct sharer *s);
void sharer_control_send(struct sharer *s);

#endif
