/*
 * A network of a test's own: regions in network namespaces, each with one link
 * to a bridge between them: it is slow, loses a little and can be cut.  Where
 * no namespace may be made, loopback addresses stand in for it, and nothing can
 * be cut.  Called by tests/system/sites.c; knows nothing of what runs there.
 */
#ifndef TESTS_SYSTEM_NETWORK_H
#define TESTS_SYSTEM_NETWORK_H

#include "tests/system/harness.h"

#define NETWORK_REGIONS 3

/* A region has an address of its own for each thing that runs there, so that
 * the way to one of them can be lost alone. */
enum network_part {
	NETWORK_ETCD,
	NETWORK_STANDIN,
	NETWORK_NODE,
	NETWORK_PARTS
};

struct network {
	struct harness *h;
	bool spaces;                             /* false: loopback addresses */
	bool netem;                              /* links are slow by tc */
	int hub, region[NETWORK_REGIONS];        /* open namespaces */
	struct slow_link *link[NETWORK_REGIONS]; /* or by themselves */
	char address[NETWORK_REGIONS][NETWORK_PARTS][32];
};

/*
 * network_create(n, h): make it.  It says what it could not do here in a line
 * "measured: ".  With the environment variable LOOPBACK set it makes no
 * namespaces.  network_finish(n) closes it.
 */
void network_create(struct network *n, struct harness *h);
void network_finish(struct network *n);

/* network_enter(n, i): what the test opens and starts from now on is in
 * region ${i}; -1: outside of all of them, where it reaches each that is not
 * cut.  By itself it is outside. */
void network_enter(const struct network *n, int i);

/* network_cut(n, i), network_join(n, i): nothing goes into or out of region
 * ${i}; and again all does, but what network_hide() took away.  Whoever sends
 * notices nothing but silence. */
void network_cut(const struct network *n, int i);
void network_join(const struct network *n, int i);

/* network_hide(n, i, part, hidden): what runs as ${part} in other regions
 * cannot be reached from region ${i}; or it can again. */
void network_hide(
    const struct network *n, int i, enum network_part part, bool hidden);

#endif
