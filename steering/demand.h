/*
 * Demand: how many answers the clients of each class got from a pool, so that
 * its controller knows from where its load comes.  Pure: called by who counts
 * answers, by who sums what several nodes counted, and by the simulator; knows
 * no map, no clock and no file.
 */
#ifndef STEERING_DEMAND_H
#define STEERING_DEMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/intern.h"
#include "config/steering.h"
#include "state/rows.h"
#include "steering/geo/client_class.h"

/* Regions of a class: what so many do not keep is kept by none. */
#define DEMAND_DEPTH 32

/*
 * Classes of one pool.  The nearest of 8 regions make some hundred orders of
 * the cities there are, those of 40 regions some thousand; each of these is a
 * row, and so many the controller works through in some milliseconds.
 */
#define DEMAND_CLASSES 1024

/* Clients that try the regions of a pool in one order, best first, as the
 * zone's file numbers them; what is not used is 0. */
struct demand_class {
	uint8_t n;
	uint8_t region[DEMAND_DEPTH];
};

/* What one class got. */
struct demand_row {
	struct demand_class class;
	double answers;
};

/* Of one pool. */
struct demand {
	struct intern classes; /* struct demand_class */
	double answers[DEMAND_CLASSES];
	bool unknown; /* there were more classes than that */
};

/* Of what pool clients are classes: its regions (bit set), of the file, and how
 * many places of an order tell two classes apart, at most DEMAND_DEPTH. */
struct demand_pool {
	const struct steering_config *config;
	uint64_t regions;
	unsigned depth;
};

/*
 * demand_class_of(class, pool, out): what clients of ${class} are for ${pool}:
 * the first regions of their order that are among its own and inside their
 * fence, as many as tell them apart.  They end where the names of more would
 * not fit into a row of the state database, so that no two classes have one
 * row.
 */
void demand_class_of(const struct client_class *class,
    const struct demand_pool *pool, struct demand_class *out);

/* demand_class_write(class, config, text): the names of its regions with spaces
 * between them. */
void demand_class_write(const struct demand_class *class,
    const struct steering_config *config, char text[STATE_ZONE]);

/*
 * ok = demand_class_read(config, text, out): the other way.  A region that the
 * file does not have (any more) is left out; false when none is left.
 */
bool demand_class_read(const struct steering_config *config, const char *text,
    struct demand_class *out);

/* demand_init(demand): nothing was counted.  demand_finish(demand): free what
 * it holds. */
void demand_init(struct demand *demand);
void demand_finish(struct demand *demand);

/*
 * demand_pool_init(pool, config, regions, classes, n): so many places of their
 * order tell the ${n} classes of a map apart that they are no more than
 * DEMAND_CLASSES: what of the clients goes farther than that is little.  With
 * one they are no more than there are regions.
 */
void demand_pool_init(struct demand_pool *pool,
    const struct steering_config *config, uint64_t regions,
    const struct client_class *classes, size_t n);

/* number = demand_number(demand, class): the number of ${class}, a new one at
 * the first call; INTERN_NONE past DEMAND_CLASSES, or without memory. */
uint32_t demand_number(struct demand *demand, const struct demand_class *class);

/*
 * demand_add(demand, class, answers): clients of ${class} got ${answers} more.
 * Past DEMAND_CLASSES, or without memory, the demand is not known.
 */
void demand_add(
    struct demand *demand, const struct demand_class *class, double answers);

/*
 * known = demand_take(demand, rows, n): write what was counted, a row a class,
 * to the DEMAND_CLASSES ${rows} and how many they are to ${n}, and begin anew
 * with the same classes.  False when it is not known: then classes are
 * forgotten, too.
 */
bool demand_take(struct demand *demand, struct demand_row *rows, size_t *n);

#endif
