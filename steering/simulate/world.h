/*
 * A simulated world: resolvers with caches, clients with requests that are held
 * for a while, regions with capacity, metrics that are late; decided by the
 * ladder of the server over a live of its own, and controlled by the code that
 * controls in meridian-probe, or by a rival.  Called by meridianctl simulate
 * and by tests.  Reads no clock and no file; from one seed it is the same on
 * every machine.
 *
 * - A resolver answers from its cache while it has an entry whose scope holds
 *   the client (RFC 7871, 7.3.1), and asks when the first request comes after
 *   that is over.  Requests of a network come by chance, as many as it has.
 * - Demand flows: of a network it goes where its resolver was answered last,
 *   and is load there for as long as requests are held.
 * - What the servers are asked is counted as they count it, with noise on top.
 */
#ifndef STEERING_SIMULATE_WORLD_H
#define STEERING_SIMULATE_WORLD_H

#include "steering/simulate/world_config.h"

/* world_config_init(config): what is usual: 20 % of noise, metrics every 5 s, 5
 * s late, requests held 20 s, 85 % of capacity, 45 minutes of which 15 settle.
 */
void world_config_init(struct world_config *config);

/*
 * status = world_run(config, out, eb): live through it and write what it came
 * to to ${out}.  0; -1 with an error in ${eb}: a region has no capacity,
 * nothing can be controlled, no memory.  When the sample's function ends it,
 * ${out} has what was until then.
 */
int world_run(
    const struct world_config *config, struct tally *out, struct errbuf *eb);

#endif
