/*
 * Endpoints of a status that are not as they should be, and not down either:
 * degraded ones, those that cannot be judged, and those whose certificates are
 * about to end.  Called by status_verdict.c and status_text.c.
 */
#ifndef CTL_STATUS_WEAK_H
#define CTL_STATUS_WEAK_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"

/* Days that a certificate should be good for: those that renew themselves do so
 * a month before. */
#define STATUS_CERTIFICATE_DAYS 14

/* any = status_weak_degraded(t, root): name in ${t} the endpoints of the status
 * ${root} that are degraded, and why. */
bool status_weak_degraded(struct text *t, const json_t *root);

/* unjudged = status_weak_is_unjudged(reason): ${reason} says that the vantage
 * could not make the check: the health of the endpoint is what it was. */
bool status_weak_is_unjudged(const char *reason);

/* any = status_weak_unjudged(t, root): name in ${t} the endpoints that a
 * vantage which counts cannot judge now, and why. */
bool status_weak_unjudged(struct text *t, const json_t *root);

/* any = status_weak_certificates(t, root, now_ms): the same of those whose
 * first certificate ends soon, or has ended. */
bool status_weak_certificates(
    struct text *t, const json_t *root, int64_t now_ms);

#endif
