/*
 * The threads that serve: for each core a stream worker, and for each core and
 * listen address a UDP worker.  Started and stopped by main().
 */
#ifndef DNS_SERVE_SERVER_H
#define DNS_SERVE_SERVER_H

#include <stddef.h>

#include "base/errbuf.h"
#include "base/publish.h"
#include "dns/answer/respond.h"
#include "dns/serve/listeners.h"
#include "dns/tap/tap.h"

struct server;

/* n = server_workers(n, copies): threads that server_start() starts, each of
 * which answers. */
size_t server_workers(size_t n, size_t copies);

/*
 * server = server_start(listeners, n, copies, snapshot, taps, eb): serve
 * ${copies} times ${n} listeners (as listeners_open() ordered them) from what
 * is published at ${snapshot}, which must be set.  Each worker has one of
 * ${taps}, server_workers() of them, or all have none: NULL.  NULL with an
 * error in ${eb}.  The listeners and the taps stay the caller's until
 * server_stop().
 */
struct server *server_start(struct listener *listeners, size_t n, size_t copies,
    const struct published *snapshot, struct tap *taps, struct errbuf *eb);

/* server_stop(server): end all threads, wait for them, free.  NULL is fine. */
void server_stop(struct server *server);

/*
 * server_sum(server, out): the sum of all workers' counters, but for the tables
 * at their end, from any one thread at a time.  ${out} is overwritten.
 * server_sum_outcome(server, slot, out), server_sum_scope(server, slot, out):
 * the COUNTER_CELLS and COUNTER_SCOPES counters of one slot.
 * n = server_sum_demand(server, slot): the same of its one counter.
 * From any thread.  Of a ${server} that is NULL, as it has not started, all is
 * 0.
 */
void server_sum(const struct server *server, struct counters *out);
void server_sum_outcome(
    const struct server *server, uint32_t slot, uint64_t out[COUNTER_CELLS]);
void server_sum_scope(
    const struct server *server, uint32_t slot, uint64_t out[COUNTER_SCOPES]);
uint64_t server_sum_demand(const struct server *server, uint32_t slot);

/* ring = server_samples(server, i): the samples of worker number ${i} (struct
 * sample), for one reader; NULL after the last. */
struct ring *server_samples(const struct server *server, size_t i);

#endif
