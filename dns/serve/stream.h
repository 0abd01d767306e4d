/*
 * A stream worker: DNS over TCP (RFC 7766) on a libuv loop of its own thread.
 * Answers pipelined queries in order, one write for all that are ready, each
 * client in its turn; one that does not read or does not finish its query costs
 * a bounded buffer and is closed.
 */
#ifndef DNS_SERVE_STREAM_H
#define DNS_SERVE_STREAM_H

#include <stddef.h>

#include "base/publish.h"
#include "dns/answer/respond.h"
#include "dns/serve/crowd.h"
#include "dns/serve/listeners.h"
#include "dns/tap/tap.h"

struct stream_worker;

/*
 * worker = stream_create(listeners, n, snapshot, counters, tap, clients,
 * n_workers): take over the TCP sockets of ${n} listeners (their tcp becomes
 * -1), as one of ${n_workers} that share the limits of the snapshot and the
 * count of ${clients}.  ${tap}, which may be NULL, takes messages.  NULL when
 * that fails.
 */
struct stream_worker *stream_create(struct listener *listeners, size_t n,
    const struct published *snapshot, struct counters *counters,
    struct tap *tap, struct crowd_total *clients, size_t n_workers);

/* stream_serve(worker): serve until stream_stop(); the thread's main. */
void stream_serve(struct stream_worker *worker);

/* stream_stop(worker): end stream_serve(), from any thread. */
void stream_stop(struct stream_worker *worker);

/* stream_destroy(worker): free it, once stream_serve() has returned.  NULL is
 * fine. */
void stream_destroy(struct stream_worker *worker);

#endif
