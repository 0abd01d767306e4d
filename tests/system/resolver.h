/*
 * A resolver in front of a node: unbound, which sends client subnets, for
 * system tests that ask it as 500 clients of groups.h.  Included by tests only;
 * fails the test when something does not start.
 */
#ifndef TESTS_SYSTEM_RESOLVER_H
#define TESTS_SYSTEM_RESOLVER_H

#include "base/text.h"
#include "tests/system/groups.h"
#include "tests/system/node.h"

#define RESOLVER_STEERING 16384 /* octets, as node_steering() takes */

struct resolver {
	struct harness *h;
	struct node node;
	uint16_t port;
	pid_t unbound; /* 0: not started */
	struct groups groups;
	int asked; /* questions to unbound */
};

/* w = resolver_create(family, extra): a node whose meridian.yaml is there, and
 * clients of ${family}; ${extra} as in node_config(). */
struct resolver *resolver_create(int family, const char *extra);

/* resolver_finish(w): the test passed: stop what runs, remove all. */
void resolver_finish(struct resolver *w);

/*
 * resolver_places(t): add to a steering file the networks, each at the place of
 * its region, and one of whom no other has: without one their addresses, which
 * are private, would say nothing.  Then the regions.
 * resolver_pools(t, more, moved): add two pools, v1 and v2, with an endpoint in
 * each region; ${more} are other keys of each; that of the region ${moved} has
 * another address, of none when it is -1.
 * resolver_write(w, t): write the steering file; ${t} is given up.
 */
void resolver_places(struct text *t);
void resolver_pools(struct text *t, const char *more, int moved);
void resolver_write(struct resolver *w, struct text *t);

/* resolver_unbound(w, ipv4, ipv6, extra): start unbound, which tells so many
 * bits of a client; ${extra} are lines of its configuration. */
void resolver_unbound(
    struct resolver *w, unsigned ipv4, unsigned ipv6, const char *extra);

/* n = resolver_arrived(w): queries that meridiand has had over UDP. */
int resolver_arrived(struct resolver *w);

/* reply = resolver_ask(w, client, name, type): ask unbound as ${client}, from
 * its address; an IPv6 client is behind a forwarder that says who asks.  Lives
 * until the next call. */
const struct reply *resolver_ask(struct resolver *w,
    const struct group_client *client, const char *name, const char *type);

/*
 * Each endpoint of the two pools is a bit: of region r in pool v1 bit r, in v2
 * bit 8 + r.
 * resolver_health(w): write the rows of one vantage, of which all is up.  The
 * probe makes the database, and is not there to check.
 * resolver_set(w, down): all of ${down} are down from now on, the others up.
 * resolver_change(w, down): the same, and meridiand knows it.
 * known = resolver_known(w, down): whether it does.
 */
void resolver_health(struct resolver *w);
void resolver_set(struct resolver *w, unsigned down);
void resolver_change(struct resolver *w, unsigned down);
bool resolver_known(struct resolver *w, unsigned down);

#endif
