/*
 * Groups of clients for system tests: networks inside networks, the region that
 * each address belongs to, and 500 clients on both sides of every edge.
 * Included by tests only; fails the test when the table makes no sense.
 */
#ifndef TESTS_SYSTEM_GROUPS_H
#define TESTS_SYSTEM_GROUPS_H

#include <stdint.h>

#include "base/address.h"

#define GROUPS_CLIENTS 500
#define GROUPS_NETWORKS 28
#define GROUPS_REGIONS 8

struct group_network {
	const char *prefix;
	int region;
};
extern const struct group_network group_networks[GROUPS_NETWORKS];

/* Which network counts where several match: the first, or the longest. */
enum group_rule { GROUP_FENCED, GROUP_RANKED };

struct group_client {
	struct prefix self; /* all its bits */
	char text[ADDRESS_TEXT];
};

struct groups {
	struct prefix networks[GROUPS_NETWORKS];
	struct group_client clients[GROUPS_CLIENTS];
	uint64_t random;
};

/* groups_init(g, family): clients of 127.0.0.0/8 (4) or 2001:db8::/32 (6); the
 * same ones every time. */
void groups_init(struct groups *g, int family);

/* n = groups_draw(g, below): 0 to ${below} - 1, the same run every time. */
uint32_t groups_draw(struct groups *g, uint32_t below);

/* groups_shuffle(g, order, n): 0 to ${n} - 1 in an order by chance. */
void groups_shuffle(struct groups *g, int *order, int n);

/* i = groups_run(i): the first network of the run of one region in the table
 * that number ${i} is in: one fence rule is made of each run. */
int groups_run(int i);

/* region = groups_region(g, rule, a): whom no network holds is of region 0. */
int groups_region(
    const struct groups *g, enum group_rule rule, const struct address *a);

/* p = groups_leaf(g, rule, a): the widest prefix around ${a} that is all one
 * class: one region, by whichever networks. */
struct prefix groups_leaf(
    const struct groups *g, enum group_rule rule, const struct address *a);

/* a = group_client_told(client, limit): what a resolver that tells ${limit}
 * bits says of it. */
struct address group_client_told(
    const struct group_client *client, unsigned limit);

/* n = groups_distinct(list, n, p): add ${p} to the ${n} of ${list} unless it is
 * among them; how many there are then. */
int groups_distinct(struct prefix *list, int n, const struct prefix *p);

/* n = groups_leaves(g, rule, limit, sticky): how many answers a resolver needs
 * for all clients that tells ${limit} bits, when a hash over ${sticky} bits (0:
 * none) divides further. */
int groups_leaves(const struct groups *g, enum group_rule rule, unsigned limit,
    unsigned sticky);

#endif
