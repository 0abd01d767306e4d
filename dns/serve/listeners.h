/*
 * The sockets of the server, opened before privileges are dropped: one set a
 * core for each listen address, shared by SO_REUSEPORT so that the kernel
 * spreads clients over them.
 */
#ifndef DNS_SERVE_LISTENERS_H
#define DNS_SERVE_LISTENERS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/address.h"
#include "base/errbuf.h"

/* How long the kernel sends answers that no client acknowledges, also on a
 * connection that we have closed: longer than routing takes to heal, shorter
 * than the 15 minutes that are its default. */
#define LISTENERS_PATIENCE_MS 30000

struct listener {
	struct endpoint_address at;
	bool wildcard; /* answers need the address that was asked */
	int udp, tcp;
};

/*
 * listeners = listeners_open(at, n, copies, eb): ${copies} times the ${n}
 * addresses, copy by copy: n * copies listeners.  NULL with an error that names
 * the address in ${eb}; the caller passes it to listeners_close().
 */
struct listener *listeners_open(const struct endpoint_address *at, size_t n,
    size_t copies, struct errbuf *eb);

/* listeners_close(listeners, n): close and free ${n} listeners. */
void listeners_close(struct listener *listeners, size_t n);

#endif
