/*
 * The OpenMetrics text format 1.0.0, as another form of pages of metrics, which
 * are written in the Prometheus text format.
 */
#ifndef WEB_OPENMETRICS_H
#define WEB_OPENMETRICS_H

#include "web/form.h"

/* Content-Type of metrics in the Prometheus text format. */
#define METRICS_TYPE "text/plain; version=0.0.4; charset=utf-8"

/* For pages whose pieces end with whole lines, whose counters, and nothing
 * else, have names that end with _total, and whose bounds are written as
 * metrics_bound() does. */
extern const struct http_form openmetrics_form;

#endif
