/*
 * A simulated world while it runs, shared by the files that run it (world.c,
 * world_ask.c, world_change.c, world_live.c, world_say.c).  No other file
 * includes it.
 */
#ifndef STEERING_SIMULATE_WORLD_PRIVATE_H
#define STEERING_SIMULATE_WORLD_PRIVATE_H

#include "steering/live.h"
#include "steering/overlay.h"
#include "steering/simulate/cache.h"
#include "steering/simulate/draw.h"
#include "steering/simulate/pilot.h"
#include "steering/simulate/servers.h"
#include "steering/simulate/wheel.h"
#include "steering/simulate/world.h"

/* Clients are nowhere. */
#define WORLD_NOWHERE UINT32_MAX

/* A network of the population, as it is now. */
struct world_network {
	int64_t demand;  /* of POPULATION_WHOLE */
	uint32_t server; /* where it is */
	uint32_t asked;  /* queries so far, for turns */
};

enum world_change_of { CHANGE_DEMAND, CHANGE_CANARY };

/* Something that takes its time, as it goes on. */
struct world_change {
	struct scenario_event event;
	enum world_change_of of;
	double from; /* the value before it */
};

struct world {
	const struct world_config *config;
	struct wheel wheel; /* events are networks that ask */
	struct world_network *networks;
	struct cache *caches; /* by resolver */
	uint16_t *classes;    /* by network and pool of the pilot */
	struct servers servers;
	struct pilot pilot;
	struct live *live;
	bool stale; /* live is not what it should be */
	struct draw draw;
	uint32_t now_s;
	uint8_t *owner; /* the service's name in wire form */
	uint8_t owner_len;
	/* What is laid over health, and how often something was said. */
	struct overlay *overlay;
	uint64_t said;
	uint32_t due_s;        /* live changes by itself then */
	char zone[STATE_ZONE]; /* as it is stored */
	/* Demand of the clients near each region beside its usual one, and the
	 * share of each member of the split, once a scenario set it. */
	double factor[STEERING_MAX_REGIONS], share[STEERING_MAX_SPLIT];
	struct world_change changes[STEERING_MAX_REGIONS + STEERING_MAX_SPLIT];
	size_t n_changes, next_event;
	struct scenario_event wave; /* value 0: none */
	int64_t demand;             /* of all */
	/* Since the last second. */
	int64_t moved, moved_endpoint;
	uint64_t queries;
};

/* world_ask(world, network, now_ms): a client of ${network} wants to know where
 * to go, and its answer is over.  0, or -1 without memory. */
int world_ask(struct world *world, uint32_t network, int64_t now_ms);

/* world_add(world, network, demand): so much more comes from it to where it is.
 */
void world_add(struct world *world, uint32_t network, int64_t demand);

/* ms = world_mono_ms(world): now, of a monotonic clock. */
int64_t world_mono_ms(const struct world *world);

/*
 * world_say_drain(world, region, drained, over_s), world_say_canary(world,
 * member, share): said by hand.  world_tell(world): what the controllers have
 * come to is stored.
 */
void world_say_drain(
    struct world *world, uint32_t region, bool drained, uint32_t over_s);
void world_say_canary(struct world *world, unsigned member, double share);
void world_tell(struct world *world);

/* status = world_live(world): make what is live anew.  0, or -1 without memory.
 */
int world_live(struct world *world);

/* status = world_change(world): what the scenario says of this second.  0, or
 * -1 without memory. */
int world_change(struct world *world);

#endif
