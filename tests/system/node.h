/*
 * A node for system tests: the files of one, with a zone, on loopback ports,
 * and its daemons.  Built on the harness; included by tests only.
 */
#ifndef TESTS_SYSTEM_NODE_H
#define TESTS_SYSTEM_NODE_H

#include <stdint.h>
#include <sys/types.h>

#include "tests/system/ask.h"
#include "tests/system/harness.h"

#define NODE_STANDINS 4

struct node {
	struct harness *h;
	uint16_t port, http;
	pid_t server, probe;
	uint16_t standin_port[NODE_STANDINS];
	pid_t standin[NODE_STANDINS];
};

/* The master file that every node has: SOA, NS, www and a wildcard. */
extern const char node_zone[];

/* node_init(node, h): choose ports, start nothing. */
void node_init(struct node *node, struct harness *h);

/*
 * node_config(node, extra): write meridian.yaml for the zone inference.example
 * with inference.zone and inference.yaml, the shipped geography, and the lines
 * of ${extra}.
 */
void node_config(struct node *node, const char *extra);

/* node_records(node, text), node_steering(node, fmt, ...): write the zone's
 * two files. */
void node_records(struct node *node, const char *text);
void node_steering(struct node *node, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/*
 * node_pair(node, extra, check): write the files of a node with one service,
 * one.inference.example, of two endpoints: us in us-east, 192.0.2.1, checked at
 * stand-in 0, and eu in eu-west, 192.0.2.2, at stand-in 1; ${extra} as for
 * node_config(), ${check} is the rest of their vllm check.
 * n = node_pair_answer(node): which one a client near eu-west gets: 1, 2, or 0
 * for no answer.
 */
void node_pair(struct node *node, const char *extra, const char *check);
int node_pair_answer(struct node *node);

/* node_serve(node): start meridiand and wait until it answers. */
void node_serve(struct node *node);

/* node_check(node): start meridian-probe. */
void node_check(struct node *node);

/* node_standins(node): start NODE_STANDINS stand-in servers on 127.0.0.1. */
void node_standins(struct node *node);

/* node_standin(node, i): start number ${i} (again), and wait for it. */
void node_standin(struct node *node, int i);

/* node_order(node, i, order): an order to stand-in ${i}, "health=down". */
void node_order(struct node *node, int i, const char *order);

/* data = node_ask(node, name, type, subnet): the first record's data, "" when
 * there is none; lives until the next call. */
const char *node_ask(
    struct node *node, const char *name, const char *type, const char *subnet);

/* answered = node_reply(node, name, type, subnet, reply): the whole answer. */
bool node_reply(struct node *node, const char *name, const char *type,
    const char *subnet, struct reply *reply);

/* body = node_page(node, path): of meridiand's HTTP; "" when there is none. */
const char *node_page(struct node *node, const char *path);

/* text = node_unwrap(out): what meridianctl explain printed, each of its lines
 * in one: they are broken to fit 80 columns.  Valid until the next call. */
const char *node_unwrap(const char *out);

/* text = node_words(out): the words of what was printed, a blank between two,
 * wherever its lines end.  Valid until the next call. */
const char *node_words(const char *out);

/* value = node_metric(node, name): the value of a metric, labels and all as
 * they stand in the page; -1 when it is not there. */
double node_metric(struct node *node, const char *name);

/* status = node_ctl(node, out, argument, ..., NULL): run meridianctl. */
#define node_ctl(node, out, ...)                         \
	harness_run((node)->h, out, "meridianctl", "-c", \
	    harness_path((node)->h, "meridian.yaml"), __VA_ARGS__, NULL)

/* node_sql(node, sql): run ${sql} on the state database; its output. */
const char *node_sql(struct node *node, const char *sql);

#endif
