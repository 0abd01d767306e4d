/*
 * Looks names up without ever waiting: A and AAAA by recursive resolvers, on
 * the loop.  Only this and what reads the answers (resolver_answer.h) know
 * c-ares.
 *
 * Threads: all calls are made on the thread of the loop.
 * Security: answers are not trusted; of each at most 64 KB are read, of a
 * family at most RESOLVER_ADDRESSES (resolver_answer.h).  What they may say is
 * the caller's to judge.
 */
#ifndef PROBES_NAMES_RESOLVER_H
#define PROBES_NAMES_RESOLVER_H

#include <stdbool.h>
#include <stddef.h>
#include <uv.h>

#include "base/address.h"

/* Lookups under way at once; others wait for their turn.  A resolver that
 * answers in 50 ms serves 5,000 names a second so. */
#define RESOLVER_LOOKUPS 256

struct resolver;
struct resolver_lookup;

struct resolver_settings {
	/* The resolvers; none: those of the file ${resolv_conf}. */
	const struct endpoint_address *servers;
	size_t n;
	const char *resolv_conf;
	unsigned timeout_ms; /* of the first try at each, twice that later */
	uint16_t port;       /* of those of the file */
};

/* What is known of a name by one lookup. */
struct resolver_answer {
	/* By family, IPv4 and IPv6: why nothing is known of it: "SERVFAIL",
	 * "NXDOMAIN", "timeout", ...; NULL: it has the addresses below, and may
	 * have none.  Of a family that was not asked for it is NULL. */
	const char *failed[2];
	const struct address *addresses; /* in no order, each may come twice */
	size_t n;
	uint32_t ttl_s; /* the least of all that was read */
	/* The names that it leads to, by CNAMEs, as they were written. */
	const char *const *names;
	size_t n_names;
};

typedef void (*resolver_done)(
    void *context, const struct resolver_answer *answer);

/* settings = resolver_settings_of(config): what a node says of resolvers. */
struct server_config;
struct resolver_settings resolver_settings_of(
    const struct server_config *config);

/* resolver = resolver_create(loop, settings): copies ${settings}.  NULL without
 * memory. */
struct resolver *resolver_create(
    uv_loop_t *loop, const struct resolver_settings *settings);

/*
 * resolver_set(resolver, settings): use others from now on.  Lookups that are
 * under way begin anew.  0, or -1 without memory, and nothing is changed.
 */
int resolver_set(
    struct resolver *resolver, const struct resolver_settings *settings);

/* resolver_close(resolver): end it and free it; no lookup may be left.  Handles
 * it closes stay on the loop for a turn.  NULL is fine. */
void resolver_close(struct resolver *resolver);

/*
 * lookup = resolver_ask(resolver, name, ipv4, ipv6, done, context): look up
 * ${name} for the families that are wanted.  ${done} is called once, later,
 * unless the lookup is cancelled; the answer lives until it returns.  NULL
 * without memory.
 */
struct resolver_lookup *resolver_ask(struct resolver *resolver,
    const char *name, bool ipv4, bool ipv6, resolver_done done, void *context);

/* resolver_cancel(lookup): end it, without done(). */
void resolver_cancel(struct resolver_lookup *lookup);

#endif
