/* Smooths what was counted, and says what moved.  Called by the sharer. */
#include "share/own_demand.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "share/block.h"
#include "state/schema.h"

/* Pools of one node that are controlled by load, and classes of one. */
#define POOLS_MAX 4096
#define CLASSES_MAX 1024

/*
 * Windows are smoothed over so long.  The controller smooths over ten minutes,
 * so that this adds little to what it waits for; and a class of one answer a
 * second is known within 9 % then, of the 32 % that one window gives.
 */
#define SMOOTH_MS 120000

/* What moves by less, of all answers of the pool, is not worth a write: the
 * controller has a dead band of 2 %, and one node is a part of the demand. */
#define MATTERS 0.05
/* Chance alone moves the sum of the classes by more than that many times its
 * deviation less than once in some hundred windows. */
#define CHANCE 2

/* A class with less of the answers is left out of what is said. */
#define LITTLE 0.0001

/* It is looked so often whether a pool is due. */
#define LOOK_MS 1000

/* Answers are said as if counted in so long. */
#define SAID_WINDOW_MS 10000

struct counted {
	char *class;    /* its regions, with spaces */
	double answers; /* a second: in the last window that told of it */
	int64_t window_ms, at_ms;
	double now, said; /* a second, smoothed; as it was said */
};

struct counted_pool {
	char zone[STATE_ZONE], pool[STATE_NAME];
	struct counted *of;
	size_t n, size;
	int64_t change_ms; /* the latest window of this change; 0: none */
	int64_t at_ms;     /* the last window, by the wall clock in the rows */
	int64_t heard_ms;  /* monotonic: when that came; 0: never */
	unsigned windows;
	bool unknown, lost; /* in the last window; a class, for want of room */
	int64_t looked_ms;  /* monotonic: whether it is due; 0: never */
	/* What was said: monotonic, when; 0: nothing. */
	int64_t said_ms;
	bool said_unknown, said_nothing;
};

struct own_demand {
	char node[STATE_NAME];
	struct counted_pool *pools;
	size_t n, size;
};

struct own_demand *
own_demand_create(const char *node)
{
	struct own_demand *d = calloc(1, sizeof(*d));

	if (d != NULL)
		(void)snprintf(d->node, sizeof(d->node), "%s", node);
	return d;
}

void
own_demand_destroy(struct own_demand *d)
{
	if (d == NULL)
		return;
	for (size_t i = 0; i < d->n; i++) {
		for (size_t j = 0; j < d->pools[i].n; j++)
			free(d->pools[i].of[j].class);
		free(d->pools[i].of);
	}
	free(d->pools);
	free(d);
}

/* --- windows --- */

static struct counted_pool *
obtain_pool(struct own_demand *d, const char *zone, const char *pool)
{
	struct counted_pool *grown;

	for (size_t i = 0; i < d->n; i++)
		if (strcmp(d->pools[i].pool, pool) == 0 &&
		    strcmp(d->pools[i].zone, zone) == 0)
			return &d->pools[i];
	grown = array_grow(d->pools, d->n, &d->size, sizeof(*grown), POOLS_MAX);
	if (grown == NULL)
		return NULL;
	d->pools = grown;
	grown = &d->pools[d->n++];
	memset(grown, 0, sizeof(*grown));
	(void)snprintf(grown->zone, sizeof(grown->zone), "%s", zone);
	(void)snprintf(grown->pool, sizeof(grown->pool), "%s", pool);
	return grown;
}

static struct counted *
obtain_class(struct counted_pool *p, const char *class)
{
	struct counted *grown;
	char *copy;

	for (size_t i = 0; i < p->n; i++)
		if (strcmp(p->of[i].class, class) == 0)
			return &p->of[i];
	grown = array_grow(p->of, p->n, &p->size, sizeof(*grown), CLASSES_MAX);
	if (grown == NULL)
		return NULL;
	p->of = grown;
	copy = strdup(class);
	if (copy == NULL)
		return NULL;
	grown = &p->of[p->n++];
	*grown = (struct counted){.class = copy};
	return grown;
}

void
own_demand_begin(struct own_demand *d)
{
	for (size_t i = 0; i < d->n; i++)
		d->pools[i].change_ms = 0;
}

void
own_demand_row(struct own_demand *d, const struct state_demand *row)
{
	struct counted_pool *p;
	struct counted *c;

	if (strcmp(row->node, d->node) != 0)
		return;
	p = obtain_pool(d, row->zone, row->pool);
	if (p == NULL)
		return;
	if (row->at_ms > p->change_ms)
		p->change_ms = row->at_ms;
	c = obtain_class(p, row->class);
	if (c == NULL) {
		p->lost = true;
		return;
	}
	c->at_ms = row->at_ms;
	c->window_ms = row->window_ms;
	c->answers = row->window_ms > 0
	    ? row->answers * 1000 / (double)row->window_ms
	    : (double)NAN;
}

/* Classes of which nothing is left make room. */
static void
forget_classes(struct counted_pool *p)
{
	size_t n = 0;

	for (size_t i = 0; i < p->n; i++) {
		struct counted *c = &p->of[i];

		if (i == 0 || c->at_ms == p->at_ms || c->said > 0 ||
		    c->now * OWN_DEMAND_MOST_MS > 1)
			p->of[n++] = *c;
		else
			free(c->class);
	}
	p->n = n;
}

/* The window that ended at ${p->change_ms}: what has no row of it got none. */
static void
smooth(struct counted_pool *p)
{
	int64_t window_ms = 0;
	double part;

	p->unknown = p->lost;
	p->lost = false;
	for (size_t i = 0; i < p->n; i++) {
		const struct counted *c = &p->of[i];

		if (c->at_ms != p->change_ms)
			continue;
		p->unknown |= isnan(c->answers);
		if (c->window_ms > window_ms)
			window_ms = c->window_ms;
	}
	p->at_ms = p->change_ms;
	/* Begins anew after what is not known. */
	p->windows = p->unknown ? 0 : p->windows + 1;
	if (p->unknown)
		return;
	part = fmax(1.0 / p->windows, 1 - exp(-(double)window_ms / SMOOTH_MS));
	for (size_t i = 0; i < p->n; i++) {
		struct counted *c = &p->of[i];
		double got = c->at_ms == p->at_ms ? c->answers : 0;

		c->now += part * (got - c->now);
	}
	forget_classes(p);
}

void
own_demand_commit(struct own_demand *d, int64_t mono_ms)
{
	for (size_t i = 0; i < d->n; i++) {
		struct counted_pool *p = &d->pools[i];

		/* One that is known is read again, as after a reopening. */
		if (p->change_ms == 0 || p->change_ms == p->at_ms)
			continue;
		smooth(p);
		p->heard_ms = mono_ms;
	}
}

/* --- what is due --- */

static bool
is_silent(const struct counted_pool *p, int64_t mono_ms)
{
	return p->heard_ms == 0 || mono_ms - p->heard_ms > OWN_DEMAND_SILENT_MS;
}

/* How far it is from what was said: all of it; and what is chance. */
static double
moved(const struct counted_pool *p, double *chance, double *most)
{
	double apart = 0, now = 0, said = 0;

	*chance = 0;
	for (size_t i = 0; i < p->n; i++) {
		const struct counted *c = &p->of[i];

		apart += fabs(c->now - c->said);
		now += c->now;
		said += c->said;
		/* Of a count that is smoothed over T with a rate of r the
		 * variance is r / 2T. */
		*chance += sqrt(fmax(c->now, c->said) * 1000 / (2 * SMOOTH_MS));
	}
	*most = fmax(now, said);
	return apart;
}

static bool
is_due(const struct counted_pool *p, int64_t mono_ms)
{
	int64_t since_ms = mono_ms - p->said_ms;
	double apart, chance, most;

	if (is_silent(p, mono_ms))
		return p->said_ms != 0 && !p->said_nothing;
	if (p->said_ms == 0 || p->said_nothing || p->said_unknown != p->unknown)
		return p->said_ms == 0 || since_ms >= OWN_DEMAND_LEAST_MS;
	if (p->unknown || since_ms < OWN_DEMAND_LEAST_MS)
		return false;
	apart = moved(p, &chance, &most);
	return apart > MATTERS * most + CHANCE * chance ||
	    (since_ms >= OWN_DEMAND_MOST_MS && apart > MATTERS / 10 * most);
}

/* --- values --- */

/* The first ${places} regions of a class. */
static size_t
cut(const char *class, unsigned places)
{
	size_t len = 0;

	while (places-- > 0 && class[len] != '\0') {
		len += class[len] == ' ';
		len += strcspn(class + len, " ");
	}
	return len;
}

/* What is said of ${p} with ${places} regions a class, to ${rows}; how many
 * they are, or SIZE_MAX: more than a block has. */
static size_t
fill(const struct counted_pool *p, double all, unsigned places,
    struct state_demand *rows)
{
	size_t n = 0;

	for (size_t i = 0; i < p->n; i++) {
		const struct counted *c = &p->of[i];
		size_t len = cut(c->class, places), j = 0;

		if (i > 0 && c->now <= LITTLE * all)
			continue;
		while (j < n &&
		    (strncmp(rows[j].class, c->class, len) != 0 ||
			rows[j].class[len] != '\0'))
			j++;
		if (j == BLOCK_ROWS)
			return SIZE_MAX;
		if (j == n) {
			rows[n] = (struct state_demand){.answers = 0};
			(void)snprintf(rows[n].class, sizeof(rows[n].class),
			    "%.*s", (int)len, c->class);
			n++;
		}
		rows[j].answers += c->now * SAID_WINDOW_MS / 1000;
	}
	return n;
}

/* Where there are more classes than a block has rows the last regions of their
 * orders are left out, as many as it needs: few clients get so far. */
static size_t
make_rows(const struct counted_pool *p, struct state_demand *rows)
{
	unsigned places = STATE_ZONE;
	double all = 0;
	size_t n;

	for (size_t i = 0; i < p->n; i++)
		all += p->of[i].now;
	while ((n = fill(p, all, places, rows)) == SIZE_MAX && places > 1)
		places = places > 32 ? 32 : places - 1;
	return n == SIZE_MAX ? 0 : n;
}

static void
note_said(struct counted_pool *p, int64_t mono_ms, bool nothing)
{
	p->said_ms = mono_ms > 0 ? mono_ms : 1;
	p->said_nothing = nothing;
	p->said_unknown = p->unknown;
	for (size_t i = 0; i < p->n; i++)
		p->of[i].said = p->of[i].now;
}

static void
say(const struct own_demand *d, struct counted_pool *p, int64_t mono_ms,
    int64_t wall_ms, struct text *value)
{
	static struct state_demand rows[BLOCK_ROWS];
	const void *list[BLOCK_ROWS];
	bool silent = is_silent(p, mono_ms);
	size_t n = 0;

	if (!silent && p->n > 0)
		n = p->unknown ? 1 : make_rows(p, rows);
	if (!silent && p->unknown && n > 0) {
		rows[0] = (struct state_demand){.answers = (double)NAN};
		(void)snprintf(
		    rows[0].class, sizeof(rows[0].class), "%s", p->of[0].class);
	}
	for (size_t i = 0; i < n; i++) {
		/* More digits say nothing. */
		rows[i].answers = round(rows[i].answers * 1000) / 1000;
		rows[i].window_ms = SAID_WINDOW_MS;
		rows[i].at_ms = wall_ms;
		memcpy(rows[i].node, d->node, sizeof(rows[i].node));
		memcpy(rows[i].zone, p->zone, sizeof(rows[i].zone));
		memcpy(rows[i].pool, p->pool, sizeof(rows[i].pool));
		list[i] = &rows[i];
	}
	block_write(schema_table(TABLE_DEMAND), list, n, wall_ms, value);
	note_said(p, mono_ms, silent);
}

bool
own_demand_next(struct own_demand *d, int64_t mono_ms, int64_t wall_ms,
    struct key *key, struct text *value)
{
	for (size_t i = 0; i < d->n; i++) {
		struct counted_pool *p = &d->pools[i];

		if (p->looked_ms != 0 && mono_ms - p->looked_ms < LOOK_MS)
			continue;
		p->looked_ms = mono_ms > 0 ? mono_ms : 1;
		if (!is_due(p, mono_ms))
			continue;
		*key = (struct key){.kind = KEY_DEMAND};
		(void)snprintf(
		    key->name[0], sizeof(key->name[0]), "%s", d->node);
		(void)snprintf(
		    key->name[1], sizeof(key->name[1]), "%s", p->zone);
		(void)snprintf(
		    key->name[2], sizeof(key->name[2]), "%s", p->pool);
		say(d, p, mono_ms, wall_ms, value);
		return true;
	}
	return false;
}
