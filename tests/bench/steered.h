/*
 * A zone that is steered as an operator would steer it, loaded by the code that
 * loads it in meridiand, with every endpoint up; and the answers and scopes
 * that its services give: for the benchmarks of scopes and of hits.
 */
#ifndef TESTS_BENCH_STEERED_H
#define TESTS_BENCH_STEERED_H

#include <stddef.h>
#include <stdint.h>

#include "steering/ladder.h"

#define STEERED_MAX_REGIONS 12
/* Endpoints of one pool in one region, and of all, at most. */
#define STEERED_MAX_PICKS 12
#define STEERED_MAX_ENDPOINTS \
	(STEERED_MAX_REGIONS * (2 * STEERED_MAX_PICKS + 4))

struct steered;

/*
 * steered = steered_create(geo, regions, services): a zone with 2, 4 or 12
 * ${regions} over ${geo}, which must live as long.  ${services} is the text of
 * the file below "services:".  Its pools are v1 and v2, with an endpoint in
 * each region, p2 and p12, with 2 and 12 in each, and sites, an edge pool of 12
 * in each with a spread of 3.  What cannot be loaded
 * ends the program.
 */
struct steered *steered_create(
    const struct geography *geo, size_t regions, const char *services);

/* steered_destroy(steered): free it.  NULL is fine. */
void steered_destroy(struct steered *steered);

/* steered_ask(steered, service, network, out): what a resolver that sends the
 * /24 number ${network} as client subnet is answered by service number
 * ${service}. */
void steered_ask(const struct steered *steered, size_t service,
    uint32_t network, struct decision *out);

/* steered_ask_name(steered, service, owner, len, network, out): the same for
 * the name ${owner} in wire form, ${len} octets, of a service that is a
 * wildcard. */
void steered_ask_name(const struct steered *steered, size_t service,
    const uint8_t *owner, uint8_t len, uint32_t network, struct decision *out);

/* length = steered_length(decision): bits of the prefix that a resolver keeps
 * that answer for, when it sent a /24. */
unsigned steered_length(const struct decision *decision);

/*
 * region = steered_first(steered, service, network, length): the region that
 * clients of the /24 ${network} are sent to first; ${length} is of a prefix
 * around it that is all one leaf of the map.  Regions that none of them may be
 * sent to do not count, and a private block has a region of its own.
 */
uint8_t steered_first(const struct steered *steered, size_t service,
    uint32_t network, unsigned *length);

/* n = steered_leaves(steered, service): of its map. */
size_t steered_leaves(const struct steered *steered, size_t service);

#endif
