/*
 * A node with 60,000 endpoints, 500 services and one that is watched: what
 * tests of large nodes have in common.  Built on the node; included by tests
 * only.
 */
#ifndef TESTS_SYSTEM_LARGE_H
#define TESTS_SYSTEM_LARGE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "tests/system/node.h"

/* Each has a service of its own. */
#define LARGE_POOLS 500
#define LARGE_POOL_ENDPOINTS 120
#define LARGE_ENDPOINTS (LARGE_POOLS * LARGE_POOL_ENDPOINTS)

/* A change of health is in the answers so soon after it was written. */
#if defined(__SANITIZE_ADDRESS__)
/* Rows are read, judged and compared five times slower, by a process and a
 * thread that share two cores with all clients. */
#define LARGE_SEEN_MS 1250
#else
#define LARGE_SEEN_MS 250
#endif

/* large_steering(node): write its steering file. */
void large_steering(struct node *node);

/* large_start(node, h): the node serves, and knows the rows of its endpoints:
 * they come in one change. */
void large_start(struct node *node, struct harness *h);

/* fd = large_connect(port, type): a socket to a port of loopback, that waits
 * for 10 s; -1: nobody takes it. */
int large_connect(uint16_t port, int type);

/* A client that asks all the time, and knows when the answer changed. */
struct large_watcher {
	pthread_t thread;
	uint16_t port;
	atomic_bool *stop;
	atomic_int last;         /* octet of the address */
	atomic_llong changed_ms; /* wall clock */
};

/* large_watch(watcher, node, stop): start it; it ends when ${stop} is true. */
void large_watch(
    struct large_watcher *watcher, struct node *node, atomic_bool *stop);

/* ms = large_change(node, watcher, expect): turn the health of the watched
 * endpoint; ms until the answer had changed to ${expect}, 1 or 2. */
long long large_change(
    struct node *node, struct large_watcher *watcher, int expect);

#endif
