/*
 * The follower: what the state database says of health, followed while it
 * changes, is missing, or is replaced.  Says in the log when it cannot be read
 * and when health is stale.
 *
 * Threads: belongs to the control thread.
 */
#ifndef NODE_FOLLOWER_H
#define NODE_FOLLOWER_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "config/server.h"
#include "node/keeper.h"
#include "node/laid.h"
#include "node/node_list.h"
#include "node/vantages.h"
#include "state/room.h"
#include "steering/live.h"
#include "steering/policy.h"

/* Health as pages tell it. */
struct health_report {
	bool heard;        /* of any vantage, ever */
	int64_t alive_ms;  /* monotonic clock, of the freshest heartbeat */
	char trouble[448]; /* why the database cannot be read; "": it can */
	char odd[256];     /* which of its rows are left out; "": none */
	/* This node is cut off from those that it shares with, and since when,
	 * wall clock. */
	bool cut;
	int64_t cut_ms;
	uint64_t said; /* number of the last override that was read */
	bool looked;   /* the room on its disk is known: */
	struct room room;
	struct keeper_report kept; /* of what operators said */
	/* As they were at the last change, or when one of them went silent;
	 * NULL: none is known. */
	struct vantages *vantages;
	struct laid *laid;       /* over health; NULL: nothing is known of it */
	struct node_list *nodes; /* NULL: none is known */
};

struct follower;

/*
 * follower = follower_create(loop, changed, context): follow nothing yet.
 * changed(context) is called, in the thread of ${loop}, when what is known may
 * have changed, when the database cannot be read, and when nothing is to be
 * followed: in each case all is known that can be.  NULL without memory.
 */
struct follower *follower_create(
    uv_loop_t *loop, void (*changed)(void *context), void *context);

/* follower_stop(follower): follow nothing any more, and make no more calls; its
 * handles on the loop close while that runs on. */
void follower_stop(struct follower *follower);

/* follower_destroy(follower): free it; it was stopped, or never followed.  NULL
 * is fine. */
void follower_destroy(struct follower *follower);

/* follower_configure(follower, config): when health is stale, and what then. */
void follower_configure(
    struct follower *follower, const struct server_config *config);

/*
 * follower_follow(follower, path, checked): follow the state database ${path};
 * nothing happens when that is followed already.  NULL: follow none, and say so
 * by changed().  What is known stays known.  Unless something is ${checked}, no
 * program has to have made the file yet, and that it is not there is no
 * trouble.
 */
void follower_follow(struct follower *follower, const char *path, bool checked);

/*
 * status = follower_adopt(follower, policy): keep what is said of the endpoints
 * of ${policy} from now on, and read the database again in full.  0, or -1
 * without memory; going back to the policy before then always works.
 */
int follower_adopt(struct follower *follower, const struct policy *policy);

/*
 * follower_tick(follower): look at what changes without any news: staleness,
 * and a reader that could not be started.  To be called a few times a second.
 */
void follower_tick(struct follower *follower);

/* live = follower_live(follower, policy): what is usable now of ${policy},
 * which was adopted; the caller owns it.  NULL without memory. */
struct live *follower_live(
    const struct follower *follower, const struct policy *policy);

/* follower_report(follower, out): health now.  Its vantages and nodes, and what
 * is laid over it, are to be shared if they are to be kept. */
void follower_report(
    const struct follower *follower, struct health_report *out);

#endif
