/*
 * The control thread of meridiand: loads and reloads in the background, follows
 * the state database, publishes what queries read, serves pages.  Everything in
 * struct control belongs to its thread, but for what a reload's worker fills.
 */
#ifndef NODE_CONTROL_H
#define NODE_CONTROL_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "base/errbuf.h"
#include "base/publish.h"
#include "node/http.h"
#include "dns/serve/listeners.h"
#include "dns/serve/server.h"
#include "state/watch.h"
#include "node/generation.h"
#include "steering/health.h"
#include "steering/live.h"
#include "steering/outcomes.h"

/* How the last reload went, for status and metrics. */
struct reload_report {
	uint64_t done;   /* reloads that ended, the first load not counted */
	uint64_t failed; /* of them */
	bool ok;         /* the last one: no errors */
	bool adopted;    /* what it loaded is served */
	int64_t at_ms;   /* wall clock; of the first load at the start */
	int64_t took_ms;
	/* Zones that were read, and that were taken over because their files
	 * were the same; whether geography was.  0 after a failed one. */
	size_t zones_read, zones_kept;
	size_t zones_held; /* because their records have errors */
	bool geography_kept;
	struct errbuf messages; /* errors and warnings of the last one */
};

struct control {
	uv_loop_t loop;
	uv_signal_t hangup, terminate, interrupt;
	uv_timer_t tick;          /* staleness moves on without any news */
	uv_timer_t first;         /* an end to waiting for the first health */
	const char *path;         /* of meridian.yaml */
	uint32_t connection_room; /* TCP connections that there is room for */
	int64_t started_ms;       /* wall clock */

	struct generation *generation;
	struct outcomes *outcomes;
	struct policy_outcomes slots; /* outcomes, as policy_build() wants it */
	struct health *health;
	struct live *live;
	struct snapshot *snapshot;
	struct published published; /* what workers follow */
	/* The cookies of a node that has no file of secrets. */
	struct cookie_secrets secrets;
	int64_t rolled_ms; /* monotonic clock */
	struct rrl *rrl;   /* lives on while its settings do */
	uint64_t live_changes;
	bool stale; /* no vantage is fresh, and that was said */

	struct listener *listeners; /* the caller's */
	size_t n_listen, copies;
	struct server *server; /* NULL until the first health is known */
	struct http_server *http;
	struct counters *sum; /* room for the pages to add up */

	struct state_watch *watch;
	bool trouble; /* the state database cannot be read */
	char trouble_text[256];

	uv_work_t reload;
	bool reloading, again;
	struct generation *loaded; /* by the reload under way */
	int64_t reload_began_ms;   /* monotonic clock */
	struct errbuf reload_messages;
	struct reload_report report;

	struct errbuf start_messages;
	bool stopping, failed;
};

/*
 * control = control_create(path, connection_room, eb): load all that ${path}
 * names; whatever that says, no more than ${connection_room} TCP connections are
 * taken.  NULL with
 * errors in ${eb}; warnings may be in it in either case.
 */
struct control *control_create(
    const char *path, uint32_t connection_room, struct errbuf *eb);

/*
 * status = control_run(control, listeners, n, copies): serve until SIGTERM or
 * SIGINT; reload on SIGHUP.  0, or -1 when it could not start (logged).
 */
int control_run(struct control *control, struct listener *listeners, size_t n,
    size_t copies);

/* control_destroy(control): free it and the generation it serves.  NULL is
 * fine. */
void control_destroy(struct control *control);

#endif
