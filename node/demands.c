/* From counters of classes to rows of table demand.  Called by control.c. */
#include "node/demands.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "state/endpoint_key.h"
#include "state/recorder.h"

struct demands {
	uv_loop_t *loop;
	struct outcomes *outcomes;
	struct state_recorder *recorder;
	char *path, *node; /* that it writes to, as whom */
	bool ready, said;  /* rows can be written; that they cannot, was said */
	int64_t began_ms;  /* the window; -1: none has */
	/* By slot: what was counted when the window began, and whether the last
	 * one had any. */
	uint64_t counted[COUNTER_DEMAND];
	bool told[COUNTER_DEMAND];
};

struct demands *
demands_create(uv_loop_t *loop)
{
	struct demands *d = calloc(1, sizeof(*d));

	if (d == NULL)
		return NULL;
	d->loop = loop;
	d->began_ms = -1;
	d->outcomes = outcomes_create(COUNTER_DEMAND, 1);
	if (d->outcomes != NULL)
		return d;
	free(d);
	return NULL;
}

void
demands_destroy(struct demands *d)
{
	if (d == NULL)
		return;
	outcomes_destroy(d->outcomes);
	free(d->path);
	free(d->node);
	free(d);
}

struct outcomes *
demands_outcomes(struct demands *d)
{
	return d->outcomes;
}

/* --- the process that writes --- */

static void
on_ready(void *context)
{
	struct demands *d = context;

	d->ready = true;
}

static void
on_trouble(void *context, const char *why)
{
	struct demands *d = context;

	d->ready = d->ready && why == NULL;
	if (why != NULL)
		log_warn("demand cannot be written to %s: %s; it is not known "
			 "to who controls by load",
		    d->path, why);
	else
		log_info("demand is written to %s again", d->path);
}

static const struct state_recorder_calls calls = {
    .ready = on_ready, .trouble = on_trouble};

void
demands_stop(struct demands *d)
{
	state_recorder_stop(d->recorder);
	d->recorder = NULL;
	d->ready = false;
}

static bool
same(const char *a, const char *b)
{
	return a != NULL && b != NULL && strcmp(a, b) == 0;
}

/* Any pool of the policy is counted. */
static bool
is_wanted(const struct demands *d)
{
	struct outcome_name name;

	for (uint32_t i = 0; i < outcomes_count(d->outcomes); i++)
		if (outcomes_name(d->outcomes, i, &name))
			return true;
	return false;
}

void
demands_follow(struct demands *d, const char *path, const char *node)
{
	bool wanted = is_wanted(d);

	if (d->recorder != NULL && wanted && same(d->path, path) &&
	    same(d->node, node))
		return;
	demands_stop(d);
	if (!wanted)
		return;
	free(d->path);
	free(d->node);
	d->path = strdup(path);
	d->node = strdup(node);
	if (d->path != NULL && d->node != NULL)
		d->recorder =
		    state_recorder_start(d->loop, d->path, "", &calls, d);
	if (d->recorder == NULL)
		log_warn("demand: cannot start the process that writes it to "
			 "%s: it is not known; a reload tries again",
		    path);
}

/* --- windows --- */

bool
demands_due(const struct demands *d, int64_t mono_ms)
{
	return d->recorder != NULL &&
	    (d->began_ms < 0 || mono_ms - d->began_ms >= DEMANDS_WINDOW_MS);
}

/* It is of the pool of the one before: a pool's are asked for together. */
static bool
is_begun(const struct outcome_name *name, const struct outcome_name *before)
{
	return before->service != NULL &&
	    strcmp(name->service, before->service) == 0 &&
	    strcmp(name->pool, before->pool) == 0;
}

static void
put(struct demands *d, const struct outcome_name *name, double answers,
    int64_t window_ms, int64_t wall_ms)
{
	struct state_demand row = {
	    .answers = answers, .window_ms = window_ms, .at_ms = wall_ms};

	snprintf(row.node, sizeof(row.node), "%s", d->node);
	snprintf(row.zone, sizeof(row.zone), "%s", name->service);
	endpoint_key_fold(row.zone);
	snprintf(row.pool, sizeof(row.pool), "%s", name->pool);
	snprintf(row.class, sizeof(row.class), "%s", name->region);
	state_recorder_put(d->recorder, TABLE_DEMAND, &row);
}

/* Where a class has no counter all are not known, which is said once. */
static bool
is_known(struct demands *d)
{
	size_t missing = outcomes_uncounted(d->outcomes);

	if (missing > 0 && !d->said)
		log_warn("demand is not known to who controls by load: %zu "
			 "classes of clients are not counted, there are "
			 "counters for %u",
		    missing, (unsigned)COUNTER_DEMAND);
	d->said = missing > 0;
	return missing == 0;
}

/* A class is written while it has answers, and once when it has none any more;
 * the first of each pool always, so that a pool that nobody asks for is no node
 * that is silent. */
void
demands_write(struct demands *d, const struct server *server, int64_t mono_ms)
{
	int64_t window_ms = mono_ms - d->began_ms, wall_ms = clock_wall_ms();
	bool first = d->began_ms < 0, known = is_known(d);
	struct outcome_name name, before = {0};

	d->began_ms = mono_ms;
	for (uint32_t i = 0; i < outcomes_count(d->outcomes); i++) {
		uint64_t all = server_sum_demand(server, i);
		uint64_t n = all - d->counted[i];

		d->counted[i] = all;
		if (!outcomes_name(d->outcomes, i, &name))
			continue;
		if (!first && d->ready &&
		    (n > 0 || d->told[i] || !is_begun(&name, &before)))
			put(d, &name, known ? (double)n : (double)NAN,
			    window_ms, wall_ms);
		d->told[i] = n > 0;
		before = name;
	}
	state_recorder_commit(d->recorder);
}
