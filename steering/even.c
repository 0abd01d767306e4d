/*
 * The law of factors inside a region.  Called by meridian-probe and by the
 * simulator, from one thread each; reads no clock and no file.
 */
#include "steering/even.h"

#include <math.h>

/* How full an endpoint is counts on average over so long: as many requests as
 * it works on at a time are chance too. */
#define HEAT_S 120.0

/*
 * When an endpoint sinks: when that brings it nearer to the mean, by this much;
 * but at the latest when it is so much fuller, whatever its factor: an endpoint
 * that is too full harms more than one that is too idle.  It rises when that
 * makes it no fuller than the mean, so that it does not sink again for less
 * than a tenth.
 */
#define SINKS_BEYOND 0.03
#define SINKS_AT 1.15

/* And so full at most the coolest may get that rises in place of another. */
#define RISES_TO 1.1

/* So many times the clients that an endpoint of its weight has on average one
 * may have, as networks are uneven; what is fuller is slow. */
#define CLIENTS_MOST 2.0

/*
 * A network may have more clients than there is room for anywhere: it makes
 * full whoever it is picked for, moves on, and makes that one full.  So a round
 * that has not helped makes the next ones twice as seldom, up to this, and one
 * that has, or a minute without need, makes them that much less seldom.
 */
#define PATIENCE_MOST 32.0
#define PATIENCE_LESS 0.5

/* A region for the time of one step. */
struct round {
	struct even_endpoint *endpoints;
	size_t n;
	double weight; /* of those in use, with their factors */
	size_t full;   /* of those in use have all of their weight */
	double left;   /* part of the clients that may still move */
	size_t moved;
};

void
even_init(struct even *even)
{
	*even = (struct even){.patience = 1, .spread = NAN};
}

void
even_endpoint_init(struct even_endpoint *e, uint32_t sixteenths)
{
	if (sixteenths < EVEN_LEAST)
		sixteenths = EVEN_LEAST;
	if (sixteenths > EVEN_FULL)
		sixteenths = EVEN_FULL;
	*e = (struct even_endpoint){.saturation = NAN,
	    .sixteenths = sixteenths,
	    .felt = sixteenths,
	    .heat = NAN,
	    .busy = NAN};
}

/* What is smoothed over ${constant_s} goes so far to its goal in ${step_s}. */
static double
part(double step_s, double constant_s)
{
	return constant_s > 0 ? 1 - exp(-step_s / constant_s) : 1;
}

static bool
is_known(const struct even_endpoint *e)
{
	return e->usable && !isnan(e->heat);
}

/* What is known of it and what clients feel, a step later. */
static void
watch(struct even_endpoint *e, const struct even_settings *s, uint32_t step_s)
{
	double lag_s = s->ttl_s / 2.0 + s->held_s + s->smooth_s, full;

	e->felt += (e->sixteenths - e->felt) * part(step_s, lag_s);
	e->busy = NAN;
	e->stepped = false;
	if (!e->usable || !(e->saturation >= 0) || isinf(e->saturation)) {
		e->heat = NAN;
		e->known_s = 0;
		return;
	}
	full = e->saturation * EVEN_FULL / e->felt;
	if (isnan(e->heat)) {
		e->heat = full;
		return;
	}
	e->heat += (full - e->heat) * part(step_s, HEAT_S);
	e->known_s = e->known_s + step_s < EVEN_LEARN_S ? e->known_s + step_s
							: EVEN_LEARN_S;
}

/* How full it will be when all have followed. */
static double
forecast(const struct even_endpoint *e)
{
	return e->heat * e->sixteenths / EVEN_FULL;
}

/* Set how busy each is; false when the region is to be left as it is. */
static bool
compare(struct round *r)
{
	size_t usable = 0, known = 0;
	double sum = 0;

	for (size_t i = 0; i < r->n; i++) {
		usable += r->endpoints[i].usable;
		if (is_known(&r->endpoints[i])) {
			known++;
			sum += forecast(&r->endpoints[i]);
		}
	}
	if (known < 2 || 2 * known < usable || sum < EVEN_IDLE * (double)known)
		return false;
	for (size_t i = 0; i < r->n; i++)
		if (is_known(&r->endpoints[i]))
			r->endpoints[i].busy =
			    forecast(&r->endpoints[i]) * (double)known / sum;
	return true;
}

/* So full it sinks. */
static double
sinks_at(const struct even_endpoint *e)
{
	double nearer = 2.0 * e->sixteenths / (2.0 * e->sixteenths - 1);

	return fmin(nearer + SINKS_BEYOND, SINKS_AT);
}

/* How full it would be a sixteenth higher. */
static double
risen(const struct even_endpoint *e)
{
	return e->busy * (e->sixteenths + 1) / e->sixteenths;
}

static bool
may_step(const struct even_endpoint *e)
{
	return !isnan(e->busy) && !e->stepped && e->known_s >= EVEN_LEARN_S;
}

/* The fullest that is to sink, or NULL. */
static struct even_endpoint *
find_fullest(const struct round *r)
{
	struct even_endpoint *found = NULL, *e;

	for (e = r->endpoints; e < r->endpoints + r->n; e++)
		if (may_step(e) && e->sixteenths > EVEN_LEAST &&
		    e->busy > sinks_at(e) &&
		    (found == NULL || e->busy > found->busy))
			found = e;
	return found;
}

/* The coolest that is no fuller than ${at_most} after it has risen, or NULL. */
static struct even_endpoint *
find_coolest(const struct round *r, double at_most)
{
	struct even_endpoint *found = NULL, *e;

	for (e = r->endpoints; e < r->endpoints + r->n; e++)
		if (may_step(e) && e->sixteenths < EVEN_FULL &&
		    risen(e) <= at_most &&
		    (found == NULL || risen(e) < risen(found)))
			found = e;
	return found;
}

/* Of those in use. */
static void
sum_weights(struct round *r)
{
	r->weight = 0;
	r->full = 0;
	for (size_t i = 0; i < r->n; i++) {
		const struct even_endpoint *e = &r->endpoints[i];

		if (!e->usable)
			continue;
		r->weight += (double)e->weight * e->sixteenths;
		r->full += e->sixteenths == EVEN_FULL;
	}
}

/*
 * Step ${e} to ${sixteenths}, if as many may still move as do then: with a
 * weighted rendezvous those alone by which its share changes.  The first step
 * of a round is made in any case.
 */
static bool
step_to(struct round *r, struct even_endpoint *e, uint32_t sixteenths)
{
	double old = (double)e->weight * e->sixteenths;
	double new = (double)e->weight *sixteenths;
	double moves = fabs(new / (r->weight - old + new) - old / r->weight);

	/* It may be as full as it is because it has more clients. */
	if (sixteenths < e->sixteenths)
		moves *= fmin(fmax(e->busy, 1), CLIENTS_MOST);

	if (r->moved > 0 && moves > r->left)
		return false;
	r->left -= moves;
	r->moved++;
	e->busy *= (double)sixteenths / e->sixteenths;
	e->sixteenths = sixteenths;
	e->stepped = true;
	sum_weights(r);
	return true;
}

/* The step that does most good now; false when there is none. */
static bool
step_one(struct round *r)
{
	struct even_endpoint *fullest = find_fullest(r), *coolest;
	double at_most = 1;

	if (r->full == 0)
		at_most = INFINITY;
	else if (fullest != NULL && fullest->sixteenths == EVEN_FULL &&
	    r->full == 1)
		at_most = RISES_TO; /* in its place */
	coolest = find_coolest(r, at_most);
	if (coolest != NULL &&
	    (fullest == NULL || at_most > 1 ||
		1 - coolest->busy > fullest->busy - 1))
		return step_to(r, coolest, coolest->sixteenths + 1);
	if (fullest == NULL ||
	    (fullest->sixteenths == EVEN_FULL && r->full == 1))
		return false;
	return step_to(r, fullest, fullest->sixteenths - 1);
}

/* How uneven it is: the mean square of how far each is from the mean. */
static double
find_spread(const struct round *r)
{
	double sum = 0, n = 0;

	for (size_t i = 0; i < r->n; i++) {
		if (isnan(r->endpoints[i].busy))
			continue;
		sum += (r->endpoints[i].busy - 1) * (r->endpoints[i].busy - 1);
		n++;
	}
	return sum / n;
}

/* A round that is due. */
static void
make_round(struct even *even, struct round *r, uint32_t step_s)
{
	double spread = find_spread(r);

	sum_weights(r);
	while (step_one(r))
		;
	if (r->moved == 0) {
		even->patience = fmax(
		    even->patience - PATIENCE_LESS * step_s / EVEN_ROUND_S, 1);
		even->spread = NAN;
		return;
	}
	even->patience = spread > even->spread
	    ? fmin(even->patience * 2, PATIENCE_MOST)
	    : fmax(even->patience - PATIENCE_LESS, 1);
	even->spread = spread;
	even->wait_s = EVEN_ROUND_S * even->patience *
	    fmax(1, (EVEN_MOVED - r->left) / EVEN_MOVED);
}

size_t
even_step(struct even *even, const struct even_settings *settings,
    struct even_endpoint *endpoints, size_t n, uint32_t step_s, bool frozen)
{
	struct round r = {.endpoints = endpoints, .n = n, .left = EVEN_MOVED};

	for (size_t i = 0; i < n; i++)
		watch(&endpoints[i], settings, step_s);
	even->wait_s = fmax(even->wait_s - step_s, 0);
	if (!compare(&r) || frozen || even->wait_s > 0)
		return 0;
	make_round(even, &r, step_s);
	return r.moved;
}
