/*
 * Adds up what a server says of its load.  Called by scrapes and meters; knows
 * no time.
 */
#include "probes/load/sample.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define BUCKET "_bucket"

struct sample *
sample_create(const struct load_config *load)
{
	struct sample *sample = calloc(1, sizeof(*sample));
	size_t n = 0;

	if (sample == NULL)
		return NULL;
	for (size_t i = 0; i < load->n_metrics; i++)
		n += load->metrics[i].n_names;
	sample->load = load;
	sample->names = calloc(n + 1, sizeof(*sample->names));
	if (sample->names == NULL) {
		free(sample);
		return NULL;
	}
	for (size_t i = 0; i < load->n_metrics; i++)
		for (size_t k = 0; k < load->metrics[i].n_names; k++)
			sample->names[sample->n++] =
			    (struct sample_name){.metric = &load->metrics[i],
				.name = &load->metrics[i].names[k]};
	return sample;
}

void
sample_destroy(struct sample *sample)
{
	if (sample == NULL)
		return;
	for (size_t i = 0; i < sample->n; i++)
		free(sample->names[i].is.histogram);
	free(sample->names);
	free(sample);
}

static void
add(struct sample_sum *sum, double value)
{
	if (isnan(value))
		return;
	sum->sum += value;
	sum->max = sum->n == 0 || value > sum->max ? value : sum->max;
	sum->min = sum->n == 0 || value < sum->min ? value : sum->min;
	sum->n++;
}

/* --- histograms --- */

static void
add_bucket(struct sample_sum *sum, const char *bound, double count)
{
	struct sample_histogram *h = sum->histogram;
	char *end;
	double le = strtod(bound, &end);
	size_t at = 0;

	if (end == bound || *end != '\0' || isnan(le) || !isfinite(count))
		return;
	if (h == NULL)
		h = sum->histogram = calloc(1, sizeof(*h));
	if (h == NULL)
		return;
	while (at < h->n && h->le[at] < le)
		at++;
	if (at == h->n || h->le[at] > le) {
		if (h->n == SAMPLE_BUCKETS)
			return;
		memmove(
		    &h->le[at + 1], &h->le[at], (h->n - at) * sizeof(h->le[0]));
		memmove(&h->count[at + 1], &h->count[at],
		    (h->n - at) * sizeof(h->count[0]));
		h->le[at] = le;
		h->count[at] = 0;
		h->n++;
	}
	h->count[at] += count;
	sum->n++;
}

/* "x_bucket" is of the histogram "x". */
static bool
is_bucket_of(const char *series, const char *name)
{
	size_t len = strlen(name);

	return strncmp(series, name, len) == 0 &&
	    strcmp(series + len, BUCKET) == 0;
}

/* --- series --- */

static bool
has_labels(
    const struct exposition_series *series, const struct metric_name *name)
{
	for (size_t i = 0; i < name->n_labels; i++) {
		const char *value =
		    exposition_label(series, name->labels[i].name);

		if (value == NULL || strcmp(value, name->labels[i].value) != 0)
			return false;
	}
	return true;
}

static void
take_bucket(struct sample_name *n, const struct exposition_series *series)
{
	const char *bound;

	if (!is_bucket_of(series->name, n->name->name) ||
	    !has_labels(series, n->name))
		return;
	bound = exposition_label(series, "le");
	if (bound != NULL)
		add_bucket(&n->is, bound, series->value);
}

/* In OpenMetrics a counter has "_total" behind the name of its family. */
static bool
is_named(const char *series, const char *name)
{
	size_t len = strlen(name);

	return strcmp(series, name) == 0 ||
	    (strncmp(series, name, len) == 0 &&
		strcmp(series + len, "_total") == 0);
}

void
sample_series(struct sample *sample, const struct exposition_series *series)
{
	for (size_t i = 0; i < sample->n; i++) {
		struct sample_name *n = &sample->names[i];
		const char *by = n->name->divide_by;

		if (n->metric->kind == METRIC_HISTOGRAM)
			take_bucket(n, series);
		else if (is_named(series->name, n->name->name) &&
		    has_labels(series, n->name))
			add(&n->is, series->value);
		if (by != NULL && strcmp(series->name, by) == 0)
			add(&n->by, series->value);
	}
}

void
sample_number(struct sample *sample, size_t name, double value)
{
	if (name < sample->n)
		add(&sample->names[name].is, value);
}

/* --- what came of it --- */

const struct sample_name *
sample_find(const struct sample *sample, enum load_field field)
{
	for (size_t i = 0; i < sample->n; i++)
		if (sample->names[i].metric->field == field &&
		    sample->names[i].is.n > 0 &&
		    (sample->names[i].name->divide_by == NULL ||
			sample->names[i].by.n > 0))
			return &sample->names[i];
	return NULL;
}

double
sample_value(const struct sample_name *name)
{
	const struct sample_sum *s = &name->is;
	double value = s->sum;

	switch (name->metric->over) {
	case OVER_MAX:
		value = s->max;
		break;
	case OVER_MIN:
		value = s->min;
		break;
	case OVER_MEAN:
		value = s->sum / (double)s->n;
		break;
	case OVER_SUM:
		break;
	}
	if (name->name->divide_by != NULL)
		value = name->by.sum > 0 ? s->sum / name->by.sum : (double)NAN;
	return value * name->metric->scale;
}
