/*
 * A UDP worker: receives queries in batches, answers each with respond(), sends
 * the batch.  Runs in a thread of its own on a socket of its own; shares
 * nothing that it writes.
 */
#ifndef DNS_SERVE_UDP_H
#define DNS_SERVE_UDP_H

#include <stdatomic.h>

#include "base/publish.h"
#include "dns/answer/respond.h"
#include "dns/serve/listeners.h"
#include "dns/tap/tap.h"

/*
 * udp_serve(listener, snapshot, counters, tap, stop): answer what comes until
 * ${stop} is set; ${tap}, which may be NULL, takes messages.  Joins and leaves
 * publishing by itself.  Blocks only where it receives, and there holds nothing
 * that it read.
 */
void udp_serve(const struct listener *listener,
    const struct published *snapshot, struct counters *counters,
    struct tap *tap, const atomic_bool *stop);

#endif
