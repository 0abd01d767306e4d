/* Finds whom to compare.  Called by meridianctl compare; asks nobody. */
#include "ctl/compare_nodes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/command.h"
#include "ctl/nodes_read.h"

#define DNS_PORT 53

static int
add(struct compare_nodes *nodes, const char *name, const char *address)
{
	struct compare_node *node = &nodes->node[nodes->n];

	if (nodes->n == COMPARE_NODES_MAX ||
	    endpoint_address_parse(address, DNS_PORT, &node->at) != 0)
		return -1;
	nodes->name[nodes->n] = strdup(name);
	if (nodes->name[nodes->n] == NULL)
		return -1;
	node->name = nodes->name[nodes->n++];
	return 0;
}

int
compare_nodes_add(struct compare_nodes *nodes, const char *text)
{
	return add(nodes, text, text);
}

/* ${name} is one of ${names}, with commas between; all are when that is NULL.
 */
static bool
is_named(const char *names, const char *name)
{
	size_t len = strlen(name);

	if (names == NULL)
		return true;
	for (const char *at = names;; at += strcspn(at, ",") + 1) {
		if (strcspn(at, ",") == len && memcmp(at, name, len) == 0)
			return true;
		if (at[strcspn(at, ",")] == '\0')
			return false;
	}
}

static size_t
count_names(const char *names)
{
	size_t n = 1;

	for (; *names != '\0'; names++)
		n += *names == ',';
	return n;
}

static int
add_known(struct compare_nodes *nodes, const struct nodes_read *known,
    const char *names)
{
	size_t wanted = names != NULL ? count_names(names) : 0, found = 0;

	for (size_t i = 0; i < known->n; i++) {
		const struct state_node *node = &known->node[i];

		if (!is_named(names, node->name))
			continue;
		found++;
		if (add(nodes, node->name, node->address) == 0)
			continue;
		fprintf(stderr,
		    "meridianctl compare: it is not known where node %s is "
		    "asked: write share: {address: ...} in its file, or name "
		    "all with --server\n",
		    node->name);
		return -1;
	}
	if (found >= wanted)
		return 0;
	fprintf(stderr,
	    "meridianctl compare: not all of %s are nodes: see meridianctl "
	    "status --all\n",
	    names);
	return -1;
}

int
compare_nodes_find(struct compare_nodes *nodes,
    const struct server_config *config, const char *names)
{
	static struct errbuf eb;
	struct nodes_read known = {0};
	int status = 0;

	errbuf_init(&eb);
	if (nodes->n == 0) {
		status = nodes_read(config->state, &known, &eb);
		if (status != 0)
			command_print_messages(&eb);
		else
			status = add_known(nodes, &known, names);
	}
	nodes_read_finish(&known);
	if (status == 0 && nodes->n < 2) {
		fprintf(stderr,
		    "meridianctl compare: two nodes are needed: this one "
		    "knows of %zu; name them with --server\n",
		    nodes->n);
		status = -1;
	}
	return status;
}

size_t
compare_nodes_left(const struct compare_nodes *nodes)
{
	size_t left = 0;

	for (size_t i = 0; i < nodes->n; i++)
		left += !nodes->node[i].silent;
	return left;
}

void
compare_nodes_finish(struct compare_nodes *nodes)
{
	for (size_t i = 0; i < nodes->n; i++)
		free(nodes->name[i]);
}
