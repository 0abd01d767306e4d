/*
 * The controller of one pool of one zone: from the load of its endpoints, from
 * which of its regions can take clients and from what its clients asked, which
 * part of the clients that come to it each region is to keep.  It steps the
 * control law (law.h) and sees to what that does not know: loads that nobody
 * measures any more, demand that nobody counts, regions that went and came
 * back, and a start.  Pure: no clock, no file; run by meridian-probe and by the
 * simulator alike.
 */
#ifndef STEERING_CONTROLLER_H
#define STEERING_CONTROLLER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "state/rows.h"
#include "steering/demand.h"

/* What a region that went keeps at its return: so much that its caches warm up
 * and that its load can be measured. */
#define CONTROLLER_START 0.1

/* Without demand that was counted within so long load alone counts: as long as
 * what was counted before is still much the same. */
#define CONTROLLER_DEMAND_MS 120000

/* It learns for so long at most before it moves anything. */
#define CONTROLLER_LEARN_S 120

struct controller_settings {
	double target;     /* share of its capacity up to which none sheds */
	double keep_min;   /* a region keeps so much in any case */
	uint32_t ttl_s;    /* resolvers keep an answer so long */
	uint32_t held_s;   /* a request is worked on so long, about */
	uint32_t smooth_s; /* saturations are smoothed so long */
	uint32_t step_s;   /* between two steps */
	/* A load that is not known for so long says nothing any more: what its
	 * region keeps goes back to all within as long again. */
	uint32_t fade_s;
	/* What each region passes on in any case, by hand: 0 to 1. */
	double passed[STEERING_MAX_REGIONS];
};

/* An endpoint that is up and may be picked. */
struct controller_endpoint {
	uint8_t region;
	double capacity;   /* in one unit for all of the pool */
	double saturation; /* 1 is full; NAN: not known, or too old to count */
	int64_t age_ms;    /* of that */
};

/* All that is known now. */
struct controller_input {
	const struct controller_endpoint *endpoints;
	size_t n_endpoints;
	uint64_t usable; /* regions that may take clients (bit set) */
	uint64_t frozen; /* regions of which somebody said so: nothing moves */
	/* What each class got since the last step, in any unit that is the same
	 * each time; NULL: that is not known. */
	const struct demand_row *demand;
	size_t n_demand;
};

/* Why a region keeps what it keeps. */
enum controller_why {
	CONTROLLER_KEEPS,    /* all, or what its load lets it */
	CONTROLLER_SHEDS,    /* it is to keep less */
	CONTROLLER_RETURNS,  /* it is to keep more */
	CONTROLLER_LEARNS,   /* a start: loads are not those of now yet */
	CONTROLLER_FROZEN,   /* by hand */
	CONTROLLER_STALE,    /* its load is not known: as it was */
	CONTROLLER_FADES,    /* that for long: back to all */
	CONTROLLER_AWAY,     /* it cannot take clients */
	CONTROLLER_UNLIMITED /* it has no capacity */
};

struct controller_region {
	double keep; /* 0 to 1 */
	double load; /* in the unit of capacity, the last that is known; NAN */
	double capacity;
	enum controller_why why;
	int64_t unknown_ms; /* how long its load is not known; 0: it is */
};

/* controller_settings_of(config, pool, out): what ${config} says of its pool
 * number ${pool}. */
void controller_settings_of(const struct steering_config *config, uint32_t pool,
    struct controller_settings *out);

struct controller;

/*
 * controller = controller_create(settings, now_ms): every region keeps all.
 * ${now_ms} is of a monotonic clock, as in controller_step().  NULL without
 * memory.  controller_destroy(controller): free it; NULL is fine.
 */
struct controller *controller_create(
    const struct controller_settings *settings, int64_t now_ms);
void controller_destroy(struct controller *controller);

/* controller_set(controller, settings): what the file says now. */
void controller_set(
    struct controller *controller, const struct controller_settings *settings);

/* controller_resume(controller, region, keep): before the first step: what the
 * region kept when a controller before this one ended. */
void controller_resume(
    struct controller *controller, uint8_t region, double keep);

/* controller_step(controller, now_ms, input): make a step, each step_s. */
void controller_step(struct controller *controller, int64_t now_ms,
    const struct controller_input *input);

/* controller_region(controller, region, out): what it came to. */
void controller_region(const struct controller *controller, uint8_t region,
    struct controller_region *out);

/* full = controller_full(controller): load by capacity of all regions that may
 * take some and whose load is known; NAN: none is.  counted =
 * controller_counted(controller): demand takes part. */
double controller_full(const struct controller *controller);
bool controller_counted(const struct controller *controller);

/* controller_say(controller, region, text): why, in words: "92 % of its
 * capacity, target 85 %: sheds". */
void controller_say(const struct controller *controller, uint8_t region,
    char text[STATE_REASON]);

#endif
