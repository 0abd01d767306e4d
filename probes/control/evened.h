/*
 * One pool while its endpoints are evened out: the factors of each region, and
 * what is stored of them.  Called by control.c; knows no database and decides
 * nothing that even.h does not.
 */
#ifndef PROBES_CONTROL_EVENED_H
#define PROBES_CONTROL_EVENED_H

#include "probes/control/sights.h"
#include "steering/even.h"

/* The law is told of loads so often; its steps are a minute apart. */
#define EVENED_STEP_S 5

/* An endpoint of the pool. */
struct evened_endpoint {
	uint32_t number; /* in the plan */
	/* Since when clients are sent to it; -1: they are not.  INT64_MIN: that
	 * began before we did. */
	int64_t up_ms;
	uint32_t stored; /* sixteenths, as far as we know; 0: nothing is */
	bool told;       /* since we control */
};

struct evened_region {
	struct even even;
	size_t first, n; /* of the endpoints */
};

struct evened {
	const struct control_pool *pool;
	size_t number; /* in the plan */
	bool controls; /* we do */
	int64_t due_ms;
	/* By region; the law's of each at the same place. */
	struct evened_endpoint *endpoints;
	struct even_endpoint *laws;
	struct evened_region regions[STEERING_MAX_REGIONS];
};

/* evened = evened_create(pool, number): of number ${number} of a plan; NULL
 * without memory.  evened_destroy(evened): free it; NULL is fine. */
struct evened *evened_create(const struct control_pool *pool, size_t number);
void evened_destroy(struct evened *evened);

/* evened_forget(evened), evened_factor(evened, row): nothing is stored, and
 * what is. */
void evened_forget(struct evened *evened);
void evened_factor(struct evened *evened, const struct state_factor *row);

/*
 * evened_step(evened, sights, held, frozen, now_ms): make a step if it is due,
 * the first from what is stored.  Of an endpoint of which ${held}, in the order
 * of the plan, is true, as somebody said what it is to get, the factor stays,
 * and all do in the regions of ${frozen} (bit set).
 * evened_leave(evened): another one controls it.  evened_again(evened): what
 * was stored may be lost.
 */
void evened_step(struct evened *evened, const struct sights *sights,
    const bool *held, uint64_t frozen, int64_t now_ms);
void evened_leave(struct evened *evened);
void evened_again(struct evened *evened);

/*
 * moved = evened_row(evened, i, row, why): the factor of endpoint ${i}, below
 * pool->n, is not what is stored, and ${row} is to be; from now on it is taken
 * to be.  ${why} is for the log, "" where there is no news.
 */
bool evened_row(struct evened *evened, size_t i, struct state_factor *row,
    char why[STATE_REASON]);

#endif
