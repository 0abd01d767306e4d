/* Whom a comparison asks: the nodes that share with this one, as the state
 * database has them, or the name servers of the command line. */
#ifndef CTL_COMPARE_NODES_H
#define CTL_COMPARE_NODES_H

#include "config/server.h"
#include "ctl/compare_ask.h"

/* Begins as all zero. */
struct compare_nodes {
	struct compare_node node[COMPARE_NODES_MAX];
	char *name[COMPARE_NODES_MAX]; /* their names */
	size_t n;
};

/* status = compare_nodes_add(nodes, text): the name server of the command line
 * "192.0.2.53" or "192.0.2.53:5300".  0, or -1: it is none, or one too many. */
int compare_nodes_add(struct compare_nodes *nodes, const char *text);

/*
 * status = compare_nodes_find(nodes, config, names): unless name servers were
 * added: all nodes, or those of ${names}, with commas between.  0, or -1 with
 * why on standard error: fewer than two, no such node, one without an address.
 */
int compare_nodes_find(struct compare_nodes *nodes,
    const struct server_config *config, const char *names);

/* n = compare_nodes_left(nodes): that are not silent. */
size_t compare_nodes_left(const struct compare_nodes *nodes);

/* compare_nodes_finish(nodes): free what they hold. */
void compare_nodes_finish(struct compare_nodes *nodes);

#endif
