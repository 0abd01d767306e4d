/*
 * What a change moves: two policies compared, as one JSON object, which is
 * printed as it is or as text.
 */
#ifndef CTL_DIFF_REPORT_H
#define CTL_DIFF_REPORT_H

#include <jansson.h>

#include "ctl/progress.h"
#include "steering/geo/geography.h"
#include "steering/live.h"
#include "steering/policy.h"

/* One of the two. */
struct diff_input {
	const struct policy *policy;
	const struct live *live;
};

/*
 * report = diff_report(old, new, geography, service, progress): compare, all
 * services or the one named ${service} (not NULL); countries are those of
 * ${geography}.  ${progress} shows how far it is.
 * Its "differs" says whether there is any difference; "found" is false when no
 * policy has such a service.  NULL without memory.
 */
json_t *diff_report(const struct diff_input *old, const struct diff_input *new,
    const struct geography *geography, const char *service,
    struct progress *progress);

#endif
