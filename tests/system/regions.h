/*
 * Five regions around the world with an endpoint and clients each, all well:
 * for system tests that ask all the while whether a client is sent to another
 * region than its own.
 */
#ifndef TESTS_SYSTEM_REGIONS_H
#define TESTS_SYSTEM_REGIONS_H

#include "tests/system/node.h"

/* The regions of the file, and with one that may come later. */
#define REGIONS 5
#define REGIONS_ALL 6

/* Where clients of the sixth region go while it is not checked. */
#define REGIONS_NEXT_TO_SIXTH 3

/* How often the tests check, but for one. */
#define REGIONS_EVERY "every: 5s, timeout: 2s"

/* regions_steering(node, n, pool, every): write the steering file with ${n}
 * regions, whose endpoints are in ${pool} and checked ${every}. */
void regions_steering(
    struct node *node, int n, const char *pool, const char *every);

/* regions_prepare(node, h, extra): a node with the files of REGIONS regions and
 * the pool "v1", and their servers; ${extra} as in node_config(). */
void regions_prepare(struct node *node, struct harness *h, const char *extra);

/* regions_run(node): start the server and its probe; all is judged. */
void regions_run(struct node *node);

/* region = regions_ask(node, i): a client of region ${i} asks: the region whose
 * endpoint it is given; -1 without an answer. */
int regions_ask(struct node *node, int i);

/* regions_ask_all(node, began): the clients of the first REGIONS ask: each is
 * given its own region, or nothing yet; else the test fails and says how long
 * after ${began}. */
void regions_ask_all(struct node *node, int64_t began);

/* n = regions_count(node, usable): endpoints of which the status page says so,
 * "up". */
int regions_count(struct node *node, const char *usable);

/* regions_ask_until(node, n, ms): ask on until ${n} endpoints are up, and for
 * ${ms} longer. */
void regions_ask_until(struct node *node, int n, int64_t ms);

#endif
