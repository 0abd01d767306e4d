/* Sums of demand.  Called by control.c. */
#include "probes/control/census.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"

/* Name servers of one zone, and their classes. */
#define NODES_MAX 1024
#define ROWS_MAX ((size_t)4 * DEMAND_CLASSES)

struct node {
	char name[STATE_NAME];
	int64_t at_ms;    /* its wall clock: the end of its last window */
	int64_t heard_ms; /* ours */
};

struct counted {
	uint32_t node;
	struct demand_class class;
	double rate; /* answers a second; NAN: not known */
	int64_t at_ms;
};

struct census {
	struct node *nodes;
	size_t n_nodes, size_nodes;
	struct counted *rows;
	size_t n, size;
	bool lost; /* a row, for want of room */
	struct demand sum;
};

struct census *
census_create(void)
{
	struct census *c = calloc(1, sizeof(*c));

	if (c != NULL)
		demand_init(&c->sum);
	return c;
}

void
census_destroy(struct census *c)
{
	if (c == NULL)
		return;
	demand_finish(&c->sum);
	free(c->nodes);
	free(c->rows);
	free(c);
}

static struct node *
find_node(struct census *c, const char *name)
{
	struct node *grown;

	for (size_t i = 0; i < c->n_nodes; i++)
		if (strcmp(c->nodes[i].name, name) == 0)
			return &c->nodes[i];
	grown = array_grow(
	    c->nodes, c->n_nodes, &c->size_nodes, sizeof(*c->nodes), NODES_MAX);
	if (grown == NULL)
		return NULL;
	c->nodes = grown;
	grown = &c->nodes[c->n_nodes++];
	*grown = (struct node){.at_ms = INT64_MIN};
	snprintf(grown->name, sizeof(grown->name), "%s", name);
	return grown;
}

static struct counted *
find_row(struct census *c, uint32_t node, const struct demand_class *class)
{
	struct counted *grown;

	for (size_t i = 0; i < c->n; i++)
		if (c->rows[i].node == node &&
		    memcmp(&c->rows[i].class, class, sizeof(*class)) == 0)
			return &c->rows[i];
	grown = array_grow(c->rows, c->n, &c->size, sizeof(*c->rows), ROWS_MAX);
	if (grown == NULL)
		return NULL;
	c->rows = grown;
	grown = &c->rows[c->n++];
	*grown = (struct counted){.node = node, .class = *class};
	return grown;
}

/*
 * The window that ended at ${at_ms} is the last of ${node}, of which the row
 * told of that at ${before_ms} until now, or is new (0).  An earlier one is
 * what is read again after a reconnection, or new where the clock of the node
 * was put back: then a row that is known tells of it.
 */
static void
hear(struct node *node, int64_t before_ms, int64_t at_ms, int64_t now_ms,
    int64_t wall_ms)
{
	if (at_ms == node->at_ms ||
	    (at_ms < node->at_ms && (before_ms == 0 || before_ms == at_ms)))
		return;
	node->heard_ms = now_ms;
	/* One that is read at a start may be of any age. */
	if (node->at_ms == INT64_MIN && wall_ms > at_ms)
		node->heard_ms -= wall_ms - at_ms;
	node->at_ms = at_ms;
}

void
census_take(struct census *c, const struct steering_config *file,
    const struct state_demand *row, int64_t now_ms, int64_t wall_ms)
{
	struct node *node = find_node(c, row->node);
	struct demand_class class;
	struct counted *counted;

	if (node == NULL || !demand_class_read(file, row->class, &class)) {
		c->lost = c->lost || node == NULL;
		return;
	}
	counted = find_row(c, (uint32_t)(node - c->nodes), &class);
	hear(node, counted != NULL ? counted->at_ms : 0, row->at_ms, now_ms,
	    wall_ms);
	if (counted == NULL) {
		c->lost = true;
		return;
	}
	counted->at_ms = row->at_ms;
	counted->rate = row->window_ms > 0
	    ? row->answers * 1000 / (double)row->window_ms
	    : (double)NAN;
}

/* Rows of nodes that are gone for good make room. */
static bool
is_gone(const struct node *node, int64_t now_ms)
{
	return now_ms - node->heard_ms > CENSUS_GONE_MS;
}

bool
census_sum(struct census *c, int64_t now_ms, struct demand_row *rows, size_t *n)
{
	bool known = !c->lost, any = false;

	c->lost = false;
	for (size_t i = 0; i < c->n_nodes; i++) {
		const struct node *node = &c->nodes[i];

		if (is_gone(node, now_ms))
			continue;
		any = true;
		known = known && now_ms - node->heard_ms <= CENSUS_SILENT_MS;
	}
	for (size_t i = 0; i < c->n; i++) {
		const struct counted *row = &c->rows[i];
		const struct node *node = &c->nodes[row->node];

		if (is_gone(node, now_ms) || row->at_ms != node->at_ms)
			continue;
		known = known && !isnan(row->rate);
		demand_add(&c->sum, &row->class, row->rate);
	}
	return demand_take(&c->sum, rows, n) && known && any;
}
