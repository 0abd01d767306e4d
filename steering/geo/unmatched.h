/*
 * Rules that have no client because no database knows what they ask for: AS
 * numbers without a database of them, subdivisions and cities without one of
 * cities, and names that are misspelt.  Called when files are loaded.
 */
#ifndef STEERING_GEO_UNMATCHED_H
#define STEERING_GEO_UNMATCHED_H

#include "base/errbuf.h"
#include "config/steering.h"
#include "steering/geo/geography.h"

/* unmatched_warn(geo, config, eb): a warning in ${eb} for each list of the
 * clients of a rule of ${config} that matches nobody in ${geo}. */
void unmatched_warn(const struct geography *geo,
    const struct steering_config *config, struct errbuf *eb);

#endif
