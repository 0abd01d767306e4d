/*
 * How old databases of geography are, and which are older than the operator
 * wants them (geo_max_age).  Looks at what was loaded and at no file.
 */
#ifndef NODE_GEO_AGE_H
#define NODE_GEO_AGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/errbuf.h"
#include "config/server.h"
#include "steering/geo/geography.h"

/* ms = geo_age_ms(database, now_ms): since it was built, by the wall clock; -1
 * when it does not say when.  One built in the future is new. */
int64_t geo_age_ms(const struct geography_database *database, int64_t now_ms);

/* old = geo_age_is_old(config, database, now_ms): it is older than the
 * geo_max_age of ${config}. */
bool geo_age_is_old(const struct server_config *config,
    const struct geography_database *database, int64_t now_ms);

/* n = geo_age_count_old(config, geography, now_ms): how many are. */
size_t geo_age_count_old(const struct server_config *config,
    const struct geography *geography, int64_t now_ms);

/* geo_age_warn(config, geography, eb): add a warning for each that is old now,
 * at its place in the file of ${config}, which named them. */
void geo_age_warn(const struct server_config *config,
    const struct geography *geography, struct errbuf *eb);

#endif
