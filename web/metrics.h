/*
 * Lines of the Prometheus text format, for the pages of both daemons.  Every
 * name begins with "meridian_".
 */
#ifndef WEB_METRICS_H
#define WEB_METRICS_H

#include "base/text.h"

/* metrics_head(t, name, type, help): what the format wants once a metric. */
void metrics_head(
    struct text *t, const char *name, const char *type, const char *help);

/* metrics_label(t, name, value): NAME="VALUE"; backslash, quote and newline are
 * escaped. */
void metrics_label(struct text *t, const char *name, const char *value);

/* metrics_bound(t, bound): le="BOUND" of a histogram, with a point in whole
 * numbers below a million, as OpenMetrics wants it (Canonical Numbers). */
void metrics_bound(struct text *t, double bound);

/* metrics_single(t, name, type, help, value): a metric of one series. */
void metrics_single(struct text *t, const char *name, const char *type,
    const char *help, double value);

#endif
