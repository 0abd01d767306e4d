/*
 * What a server says of its load at one moment, added up over all series that
 * a preset names.  Pure; fed by a scrape, read by a meter.
 */
#ifndef PROBES_LOAD_SAMPLE_H
#define PROBES_LOAD_SAMPLE_H

#include <stdbool.h>
#include <stddef.h>

#include "config/check.h"
#include "probes/load/exposition.h"
#include "probes/ask/json_paths.h"

/* Buckets of a histogram that are kept: servers have at most thirty. */
#define SAMPLE_BUCKETS 64

/* Cumulative, by rising bounds, the last of which is infinite. */
struct sample_histogram {
	double le[SAMPLE_BUCKETS], count[SAMPLE_BUCKETS];
	size_t n;
};

struct sample_sum {
	double sum, max, min;
	size_t n;                           /* series; 0: none was there */
	struct sample_histogram *histogram; /* or NULL */
};

/* One name of one metric, and what it is divided by. */
struct sample_name {
	const struct load_metric *metric;
	const struct metric_name *name;
	struct sample_sum is, by;
};

struct sample {
	const struct load_config *load;
	struct sample_name *names;
	size_t n;
};

/* sample = sample_create(load): nothing was told yet; ${load} must live as
 * long.  NULL without memory. */
struct sample *sample_create(const struct load_config *load);

/* sample_destroy(sample): free it.  NULL is fine. */
void sample_destroy(struct sample *sample);

/* sample_series(sample, series): one of the text format. */
void sample_series(
    struct sample *sample, const struct exposition_series *series);

/* sample_number(sample, name, value): a number at the path of name number
 * ${name}, in JSON. */
void sample_number(struct sample *sample, size_t name, double value);

/*
 * name = sample_find(sample, field): what is told of ${field}, by the
 * first of its names that is there; NULL where none is.
 */
const struct sample_name *sample_find(
    const struct sample *sample, enum load_field field);

/* value = sample_value(name): of a gauge or a counter, scaled; NaN: it cannot
 * be divided. */
double sample_value(const struct sample_name *name);

#endif
