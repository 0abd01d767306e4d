/*
 * One pool "pool" of the zone "test.example" that is controlled, and vantages
 * that tell what they find of it.  Included by tests of controllers only.
 */
#ifndef TESTS_UNIT_SIGHTS_FIXTURE_H
#define TESTS_UNIT_SIGHTS_FIXTURE_H

#include <math.h>
#include <stdio.h>

#include "probes/control/sights.h"
#include "tests/unit/judged_fixture.h"

#define SIGHTS_ZONE "test.example"
#define SIGHTS_POOL "pool"

/* A change in which ${vantage} of ${region} lives; its rows come next, and then
 * sights_commit(). */
static inline void
sights_hear(struct sights *sights, const char *vantage, const char *region,
    int64_t now_ms)
{
	struct state_vantage row = {
	    .heartbeat_ms = now_ms, .lease_until_ms = 1};

	snprintf(row.name, sizeof(row.name), "%s", vantage);
	snprintf(row.region, sizeof(row.region), "%s", region);
	sights_begin(sights, false);
	sights_vantage(sights, &row, now_ms, now_ms);
}

/* It finds ${endpoint} as ${health} has it, and measures ${saturation}; NAN:
 * nothing. */
static inline void
sights_tell(struct sights *sights, const char *vantage, const char *endpoint,
    enum state_health health, double saturation, int64_t now_ms)
{
	struct state_endpoint row = {
	    .zone = SIGHTS_ZONE, .pool = SIGHTS_POOL, .health = health};
	struct state_load load = {.zone = SIGHTS_ZONE,
	    .pool = SIGHTS_POOL,
	    .measured_ms = now_ms,
	    .saturation = saturation};

	snprintf(row.vantage, sizeof(row.vantage), "%s", vantage);
	snprintf(row.endpoint, sizeof(row.endpoint), "%s", endpoint);
	snprintf(load.vantage, sizeof(load.vantage), "%s", vantage);
	snprintf(load.endpoint, sizeof(load.endpoint), "%s", endpoint);
	sights_endpoint(sights, &row);
	if (!isnan(saturation))
		sights_load(sights, &load, now_ms, now_ms);
}

#endif
