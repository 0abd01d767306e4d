/*
 * The stage of the tests of controllers that nodes share: two nodes, "a" and
 * "b", with one etcd; a pool whose region us-east is twice as full as it can
 * be, and a service with a ramp.
 */
#ifndef TESTS_SYSTEM_LOCKED_H
#define TESTS_SYSTEM_LOCKED_H

#include "tests/system/etcd.h"
#include "tests/system/node.h"

/* How long a silent node counts. */
#define LOCKED_LEASE_MS 3000

/* What a region keeps moves by no more than this each second. */
#define LOCKED_STEP 0.01

struct locked_node {
	char name; /* 'a' or 'b' */
	uint16_t port, http;
	pid_t server, probe, share;
};

struct locked {
	struct harness *h;
	struct node files; /* of both: zone and steering, and stand-ins */
	struct etcd_cluster etcd;
	struct locked_node node[2];
};

/* locked_start(l): all of it, until both nodes have the same holder of the lock
 * of the pool v1.  locked_stop(l): its end; a probe that is 0 was killed. */
void locked_start(struct locked *l);
void locked_stop(struct locked *l);

/* locked_steer(l, spill): write the steering file, ${spill} being that of the
 * pool v1, with its name; "": none. */
void locked_steer(struct locked *l, const char *spill);

/* locked_share(l, i), locked_probe(l, i): start that program of node ${i}. */
void locked_share(struct locked *l, int i);
void locked_probe(struct locked *l, int i);

/* out = locked_sql(l, i, query): of the state database of node ${i}. */
const char *locked_sql(struct locked *l, int i, const char *query);

/* i = locked_holder(l, i, pool): who holds the lock of ${pool} as node ${i}
 * knows it, 0 or 1; -1: nobody. */
int locked_holder(struct locked *l, int i, const char *pool);

/* keep = locked_kept(l, i): what us-east keeps of pool v1 at node ${i}; -1:
 * nothing is stored. */
double locked_kept(struct locked *l, int i);

/* status = locked_ctl(l, i, out, argument, ..., NULL): run meridianctl of node
 * ${i}. */
#define locked_ctl(l, i, out, ...)                                             \
	harness_run((l)->h, out, "meridianctl", "-c",                          \
	    harness_path((l)->h, (i) == 0 ? "a.yaml" : "b.yaml"), __VA_ARGS__, \
	    NULL)

#endif
