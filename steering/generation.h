/*
 * A generation: all that the operator's files say, read, checked and compiled
 * at one moment.  What a reload makes, what `meridianctl check` makes and
 * throws away, what explain looks at.  All or nothing.
 */
#ifndef STEERING_GENERATION_H
#define STEERING_GENERATION_H

#include <stdbool.h>
#include <stddef.h>

#include "base/errbuf.h"
#include "config/server.h"
#include "config/steering.h"
#include "dns/zoneset.h"
#include "steering/geography.h"
#include "steering/map.h"
#include "steering/policy.h"

struct generation {
	struct server_config *config;
	size_t n_zones;                    /* as in config */
	struct steering_config **steering; /* NULL where a zone has none */
	const struct zone **zone;
	struct zone_set *zones;
	struct map_set *maps;
	struct policy *policy;
	struct geography *geography; /* only when it was to be kept */
};

/*
 * generation = generation_load(path, targets, keep_geography, eb): read the
 * node's file ${path} and all that it names.  Geography is thrown away once the
 * maps are made, unless it is to be kept for explain.  NULL with every error
 * found in ${eb}; the caller owns the generation.
 */
struct generation *generation_load(const char *path,
    const struct policy_targets *targets, bool keep_geography,
    struct errbuf *eb);

/* generation_destroy(generation): free it and all it holds.  NULL is fine. */
void generation_destroy(struct generation *generation);

#endif
