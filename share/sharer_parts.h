/*
 * The sharer from inside, for its files: sharer.c, which has the loop and what
 * etcd says, sharer_local.c, which has the state database, and sharer_send.c,
 * which has what goes out.  No other file includes it.
 */
#ifndef SHARE_SHARER_PARTS_H
#define SHARE_SHARER_PARTS_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "base/reminder.h"
#include "config/server.h"
#include "share/link.h"
#include "share/nodes.h"
#include "share/others_demand.h"
#include "share/outgoing.h"
#include "share/own_demand.h"
#include "share/picture.h"
#include "share/shared_trail.h"
#include "state/recorder.h"
#include "state/watch.h"

struct sharer {
	uv_loop_t loop;
	uv_timer_t tick;
	uv_signal_t terminate, interrupt, hangup;
	const struct server_config *config;
	struct link *link;
	struct state_recorder *recorder;
	struct state_watch *watch;
	struct outgoing *outgoing;
	struct picture *picture;
	struct nodes *nodes;
	struct shared_trail *trail;
	struct own_demand *own_demand;
	struct others_demand *others_demand;
	/* This node as it says of itself, and when it did last (monotonic). */
	struct state_node self;
	int64_t said_ms, beat_ms;
	int64_t lease; /* with which it was said */
	bool ready;    /* the state database can be written */
	bool changed;  /* rows were given since the last commit */
	bool stopping;
	/* What is under way to etcd; one of each at a time. */
	struct outgoing_batch *batch;
	bool offering;
	bool filling;    /* etcd has less of the trail than this node */
	int64_t late_ms; /* monotonic: an offer was late last */
	struct reminder link_trouble, state_trouble;
};

/* The sink of what the local database has; its context is the sharer. */
extern const struct state_watch_calls sharer_local_calls;
extern const struct link_calls sharer_link_calls;
extern const struct state_recorder_calls sharer_recorder_calls;

/* sharer_time(sharer): what this node has to say learns what time it is, before
 * it is told or asked anything. */
void sharer_time(struct sharer *s);

/* sharer_put(sharer, table, row): a row for the local database.
 * sharer_commit(sharer): what was put is one change. */
void sharer_put(
    struct sharer *s, enum state_table table, const union schema_row *row);
void sharer_commit(struct sharer *s);

/* sharer_take_trail(sharer): put what etcd has of the trail into the local
 * one. */
void sharer_take_trail(struct sharer *s);

/* sharer_fill(sharer): etcd was read, and is behind. */
void sharer_fill(struct sharer *s);

/* sharer_send(sharer): give etcd what is due.
 * sharer_say_demand(sharer): what this node counted is bound to its lease. */
void sharer_send(struct sharer *s);
void sharer_say_demand(struct sharer *s);

/* sharer_put_demand(sharer): what other nodes counted, where that is due. */
void sharer_put_demand(struct sharer *s);

/* row = sharer_override(sharer, number, value, len): the row at that key, with
 * its times by our clock; false when it makes no sense. */
bool sharer_override(const struct sharer *s, uint64_t number, const char *value,
    size_t len, struct state_override *out);

#endif
