/*
 * What a walk counted, as JSON: by region and by pool, with what moves between
 * them and from which countries.
 */
#ifndef CTL_DIFF_COUNTS_H
#define CTL_DIFF_COUNTS_H

#include <jansson.h>

#include "steering/diff_walk.h"

/* In place of a region or pool: the zone file's own records, SERVFAIL, and a
 * policy that does not have the service. */
#define DIFF_COUNTS_RECORDS "(records)"
#define DIFF_COUNTS_SERVFAIL "(servfail)"
#define DIFF_COUNTS_ABSENT "(none)"

/*
 * counts = diff_counts_object(old, new, tally): the object "counts" of
 * meridianctl diff --json for a service, one of ${old} and ${new} NULL when
 * that does not have it.  NULL without memory.
 */
json_t *diff_counts_object(const struct policy_service *old,
    const struct policy_service *new, const struct diff_tally *tally);

#endif
