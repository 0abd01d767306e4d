/*
 * A node whose regions can be drilled, a drill of one, and queries meanwhile.
 * For system tests of meridianctl drill, backup and restore.
 */
#ifndef TESTS_SYSTEM_DRILL_H
#define TESTS_SYSTEM_DRILL_H

#include <pthread.h>
#include <stdatomic.h>

#include "tests/system/node.h"

/* The service: in eu-west, us-east and ap-south, in this order. */
#define DRILL_NAME "chat.inference.example."

/* Queries, one after the other. */
struct drill_load {
	struct node *node;
	pthread_t thread;
	atomic_bool ends;
	atomic_uint asked, lost;
	int fd;
};

/* drill_begin_load(load, node): ask until drill_end_load(load), which fails
 * when a query had no answer. */
void drill_begin_load(struct drill_load *load, struct node *node);
void drill_end_load(struct drill_load *load);

/* drill_start(node, h): the node with stand-ins 0, 1 and 2 in us-east, eu-west
 * and ap-south, 192.0.2.1, .2 and .3, once all are up. */
void drill_start(struct node *node, struct harness *h);

/* pid = drill_begin(node, length, option): drill eu-west for ${length};
 * ${option} may be NULL.  drill_log(node) is what it says. */
pid_t drill_begin(struct node *node, const char *length, const char *option);
const char *drill_log(struct node *node);

/* A client gets the next region, or eu-west again. */
bool drill_is_on(struct node *node);
bool drill_is_over(struct node *node);

#endif
