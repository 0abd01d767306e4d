/*
 * Traffic: what the workers counted of services, minute by minute.  A thread of
 * its own sums the counters that changed, looks up where the clients of the
 * samples are, and makes batches for the history and sums for the pages.
 * Never keeps an address, never writes a file, and no worker waits for it.
 *
 * Threads: control.c calls all of it but traffic_countries(), which is for the
 * thread of the pages.  Nobody waits for all counters to be summed, but for the
 * few of one slot; traffic_settle() sums itself those of slots that change
 * hands.
 */
#ifndef NODE_TRAFFIC_H
#define NODE_TRAFFIC_H

#include <stdbool.h>
#include <stdint.h>

#include "config/server.h"
#include "dns/serve/server.h"
#include "node/board.h"
#include "state/history/batch.h"
#include "steering/outcomes.h"

/* Countries are told of so long, to the step. */
#define TRAFFIC_WINDOW_MS 300000
#define TRAFFIC_STEP_MS 30000

struct traffic;

/*
 * traffic = traffic_create(outcomes, scopes, board): counts nothing yet.
 * ${outcomes} name the counters of outcomes, ${scopes} those of scopes;
 * ${board} has the geography.  All must live as long.  NULL without memory.
 */
struct traffic *traffic_create(
    struct outcomes *outcomes, struct outcomes *scopes, struct board *board);

/* traffic_destroy(traffic): free it.  NULL is fine. */
void traffic_destroy(struct traffic *traffic);

/* traffic_configure(traffic, config, node): what the node's file says by now of
 * the history, and as whom it counts.  What was counted by then is a batch of
 * its own, which the thread makes at once. */
void traffic_configure(struct traffic *traffic,
    const struct history_config *config, const char *node);

/*
 * status = traffic_start(traffic, server): the workers of ${server} count from
 * now on.  0, or -1: there is no thread.
 * traffic_stop(traffic): before they are stopped: what they counted last is in
 * the last batch.
 */
int traffic_start(struct traffic *traffic, const struct server *server);
void traffic_stop(struct traffic *traffic);

/* traffic_settle(traffic): slots are about to be given to others
 * (outcomes_adopt()): count what was counted so far in these under the names of
 * now. */
void traffic_settle(struct traffic *traffic);

/*
 * traffic_changed(traffic, policy, before, now, wall_ms): endpoints of
 * ${policy} that are in the answers of ${before} and not of ${now}, or the
 * other way round: no worker sees ${before} any more since ${wall_ms}.
 */
void traffic_changed(struct traffic *traffic, const struct policy *policy,
    const struct live *before, const struct live *now, int64_t wall_ms);

/*
 * batch = traffic_take(traffic): the oldest batch that is ready, or NULL; to be
 * given to traffic_free().  At most TRAFFIC_WAITING wait; then the oldest is
 * given up.
 */
#define TRAFFIC_WAITING 4
const struct history_batch *traffic_take(struct traffic *traffic);
void traffic_free(const struct history_batch *batch);

/* What is known of where clients are. */
struct traffic_look {
	uint32_t sample;   /* one answer in so many; 0: nothing is known */
	int64_t window_ms; /* that samples are of; 0: none are yet */
	int64_t age_ms;    /* of the last ones */
};

/*
 * traffic_countries(traffic, look, row, context): samples of the last
 * TRAFFIC_WINDOW_MS by service, country and region, in no order, to ${row}();
 * a row may come several times.  Without memory there are none.
 */
struct traffic_place;
void traffic_countries(struct traffic *traffic, struct traffic_look *look,
    void (*row)(void *context, const struct traffic_place *place),
    void *context);

/* n = traffic_lost(traffic): samples that were not looked up, for want of
 * memory, and batches that nobody took. */
uint64_t traffic_lost(struct traffic *traffic);

#endif
