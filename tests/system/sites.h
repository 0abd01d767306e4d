/*
 * Three regions, each with a node (meridiand, meridian-probe, meridian-share),
 * a member of etcd, a stand-in for its endpoints, and somebody who asks its
 * node all the while; see network.h for what is between them.  Called by system
 * tests.
 */
#ifndef TESTS_SYSTEM_SITES_H
#define TESTS_SYSTEM_SITES_H

#include "tests/system/asker.h"
#include "tests/system/etcd.h"
#include "tests/system/network.h"
#include "tests/system/node.h"

#define SITES NETWORK_REGIONS

/* What runs in a region. */
enum site_part {
	SITE_SERVER,
	SITE_PROBE,
	SITE_SHARE,
	SITE_STANDIN,
	SITE_PARTS
};

struct sites {
	struct harness *h;
	struct network network;
	struct etcd_cluster etcd;
	struct etcd_places places;
	struct site {
		const char *name; /* of the region, its node and its vantage */
		uint16_t port, http, standin;
		pid_t pid[SITE_PARTS]; /* 0: does not run */
		struct asker *asker;
	} site[SITES];
	/* Clocks of regions can be set: see sites_clock(). */
	bool clocks;
};

/*
 * sites_begin(s): all of it runs, each node knows the verdicts of each vantage,
 * and askers ask for one.inference.example, whose client 5.N.7.0/24 is nearest
 * to region N: it is given 192.0.2.(10 N + 1) to (10 N + 2).
 * sites_end(s): askers are stopped, no answer was lost, all is taken down.
 */
void sites_begin(struct sites *s);
void sites_end(struct sites *s);

/* sites_run(s, i, part), sites_kill(s, i, part): start it, which must not run;
 * kill -9.  The asker of a server that is killed is excused until it has been
 * started again and answered. */
void sites_run(struct sites *s, int i, enum site_part part);
void sites_kill(struct sites *s, int i, enum site_part part);

/* sites_serve(s, i): start its meridiand, and wait until it answers. */
void sites_serve(struct sites *s, int i);

/* region = sites_given(s, i, client): where the node of region ${i} sent client
 * number ${client} last, by what its asker was told; -1: nowhere. */
int sites_given(struct sites *s, int i, int client);

/* sites_order(s, i, order): an order to the stand-in of region ${i}:
 * "health=down". */
void sites_order(struct sites *s, int i, const char *order);

/* text = sites_sql(s, i, query): of the state database of node ${i}. */
const char *sites_sql(struct sites *s, int i, const char *query);

/* status = sites_ctl(s, i, out, ...): meridianctl at node ${i}. */
#define sites_ctl(s, i, out, ...)                             \
	(network_enter(&(s)->network, i),                     \
	    sites_left(s,                                     \
		harness_run((s)->h, out, "meridianctl", "-c", \
		    harness_path((s)->h, sites_file(i)), __VA_ARGS__, NULL)))
int sites_left(struct sites *s, int status);
const char *sites_file(int i);

/* sites_clock(s, i, ms): the wall clock of region ${i} differs from the
 * machine's by ${ms} from now on, for its three programs. */
void sites_clock(struct sites *s, int i, int64_t ms);

/* same = sites_same(s): the state databases of all nodes have the same picture:
 * verdicts, vantages, nodes, none of them cut off, the trail, and who controls
 * what.  sites_tell(s): print what each has.
 * up = sites_all_up(s): they have, and all vantages find all endpoints up. */
bool sites_same(struct sites *s);
bool sites_all_up(struct sites *s);

/* same = sites_keep_same(s): what regions keep of their load is the same for
 * all nodes, within the steps in which it comes to them. */
bool sites_keep_same(struct sites *s);
void sites_tell(struct sites *s);

/* ms = sites_settle(s, ms): wait until they are the same, at most ${ms}, and
 * say how long it took. */
int64_t sites_settle(struct sites *s, int ms);

/* n = sites_differing(s, n): ask each node for the services as ${n} clients all
 * over the world, the same ones each time; to how many a node answered
 * otherwise than the first one.  Times to live are not compared. */
size_t sites_differing(struct sites *s, size_t n);

/* SITES_WAIT(s, ms, condition): as HARNESS_WAIT, and says how nodes differ. */
#define SITES_WAIT(s, ms, condition)                              \
	do {                                                      \
		int64_t end_ = harness_ms() + (ms);               \
		while (!(condition)) {                            \
			if (harness_ms() > end_) {                \
				sites_tell(s);                    \
				ck_abort_msg("not within %d ms: " \
					     "%s",                \
				    (int)(ms), #condition);       \
			}                                         \
			sites_pause();                            \
		}                                                 \
	} while (0)
void sites_pause(void);

#endif
