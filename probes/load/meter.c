/*
 * From samples to load.  Called by the daemon; does nothing but arithmetic.
 */
#include "probes/load/meter.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "config/load_field.h"

/* Of the last ten generations or so. */
#define BUSY_WEIGHT 0.1

static const double unknown = (double)NAN;

void
meter_init(struct meter *meter)
{
	memset(meter, 0, sizeof(*meter));
	for (size_t i = 0; i < LOAD_FIELDS; i++)
		meter->value[i] = meter->counter[i] = unknown;
	meter->saturation = meter->busy = unknown;
	meter->source = "";
}

/* --- single values --- */

static void
set(struct meter *meter, enum load_field field, double value, int64_t mono_ms)
{
	meter->value[field] = value;
	meter->at_ms[field] = mono_ms;
}

/* ${metric} is ${value}, as ${teller} says: kept; or, out of its range,
 * refused, and that is said. */
static void
take(struct meter *meter, const char *teller, const struct load_metric *metric,
    double value, int64_t mono_ms)
{
	if (isnan(value))
		return;
	if (value >= metric->min && value <= metric->max)
		set(meter, metric->field, value, mono_ms);
	else
		snprintf(meter->reason, sizeof(meter->reason),
		    "%s%s: %g is outside %g to %g", teller,
		    load_fields[metric->field].name, value, metric->min,
		    metric->max);
}

/* --- what grows --- */

/* How much it grew since the sample before; NaN where that is not known: there
 * was none, or it began anew. */
static double
growth(struct meter *meter, enum load_field field, double value)
{
	double before = meter->counter[field];

	meter->counter[field] = value;
	return value >= before ? value - before : unknown;
}

/* The value below which a share ${q} of the ${h} lies, on a line inside its
 * bucket, which is the first that has so many; NaN when nothing was counted. In
 * the last bucket, which has no end, it is where that begins. */
static double
quantile(const struct sample_histogram *h, double q)
{
	double total = h->n > 0 ? h->count[h->n - 1] : 0, rank = q * total;
	double low, below;
	size_t i = 0;

	if (!(total > 0))
		return unknown;
	while (i < h->n - 1 && h->count[i] < rank)
		i++;
	low = i > 0 ? h->le[i - 1] : 0;
	below = i > 0 ? h->count[i - 1] : 0;
	if (isinf(h->le[i]))
		return low;
	return low + (h->le[i] - low) * (rank - below) / (h->count[i] - below);
}

/* What ${now} has more than ${before}; nothing where they do not fit. */
static struct sample_histogram
increase(
    const struct sample_histogram *before, const struct sample_histogram *now)
{
	struct sample_histogram more = *now;

	for (size_t i = 0; i < now->n; i++) {
		bool fits = before->n == now->n &&
		    !(before->le[i] < now->le[i]) &&
		    !(before->le[i] > now->le[i]) &&
		    before->count[i] <= now->count[i];

		if (!fits) {
			more.n = 0;
			break;
		}
		more.count[i] -= before->count[i];
	}
	return more;
}

/* --- a sample --- */

static void
take_counter(
    struct meter *meter, const struct sample_name *name, int64_t mono_ms)
{
	int64_t passed = mono_ms - meter->counted_ms;
	double more = growth(meter, name->metric->field, sample_value(name));

	if (passed > 0)
		take(meter, "", name->metric, more * 1000 / (double)passed,
		    mono_ms);
}

static void
take_quantile(struct meter *meter, const struct load_metric *metric,
    const struct sample_histogram *more, int64_t mono_ms)
{
	double q = metric->field == LOAD_FIRST_TOKEN_95 ? 0.95 : 0.5;

	take(meter, "", metric, quantile(more, q) * metric->scale, mono_ms);
}

static void
take_histograms(
    struct meter *meter, const struct sample *sample, int64_t mono_ms)
{
	static const enum load_field fields[METER_HISTOGRAMS] = {
	    LOAD_FIRST_TOKEN, LOAD_FIRST_TOKEN_95, LOAD_TOKEN_TIME};

	for (size_t i = 0; i < METER_HISTOGRAMS; i++) {
		const struct sample_name *name = sample_find(sample, fields[i]);
		struct sample_histogram now = {.n = 0}, more;

		if (name != NULL && name->is.histogram != NULL) {
			now = *name->is.histogram;
			more = increase(&meter->histogram[i], &now);
			take_quantile(meter, name->metric, &more, mono_ms);
		}
		meter->histogram[i] = now;
	}
}

/* --- how full --- */

static bool
is_fresh(const struct meter *meter, const struct load_config *load,
    enum load_field field, int64_t mono_ms)
{
	return !isnan(meter->value[field]) &&
	    mono_ms - meter->at_ms[field] <= (int64_t)load->stale_ms;
}

static double
fresh(const struct meter *meter, const struct load_config *load,
    enum load_field field, int64_t mono_ms)
{
	return is_fresh(meter, load, field, mono_ms) ? meter->value[field]
						     : unknown;
}

void
meter_parts(const struct meter *meter, const struct load_config *load,
    int64_t mono_ms, struct saturation_parts *out)
{
	*out = (struct saturation_parts){
	    .waiting = fresh(meter, load, LOAD_WAITING, mono_ms),
	    .running = fresh(meter, load, LOAD_RUNNING, mono_ms),
	    .max_running = fresh(meter, load, LOAD_MAX_RUNNING, mono_ms),
	    .kv_cache = fresh(meter, load, LOAD_KV_CACHE, mono_ms),
	    .preemptions = fresh(meter, load, LOAD_PREEMPTIONS, mono_ms),
	    .utilization = fresh(meter, load, LOAD_UTILIZATION, mono_ms),
	    .queue_limit = load->queue_limit,
	    .kv_limit = load->kv_limit};
	if (load->max_running > 0)
		out->max_running = load->max_running;
}

static double
saturation_now(
    const struct meter *meter, const struct load_config *load, int64_t mono_ms)
{
	struct saturation_parts parts;

	meter_parts(meter, load, mono_ms, &parts);
	return saturation_of(&parts, NULL);
}

/* Towards what is now, by how much time has passed. */
static void
smooth(struct meter *meter, const struct load_config *load, int64_t mono_ms)
{
	double now = saturation_now(meter, load, mono_ms), weight = 1;
	double passed = (double)(mono_ms - meter->smoothed_ms);

	if (isnan(now))
		return;
	if (!isnan(meter->saturation) && load->smooth_ms > 0 &&
	    passed <= (double)load->stale_ms)
		weight = 1 - exp(-passed / (double)load->smooth_ms);
	if (isnan(meter->saturation))
		meter->saturation = now;
	meter->saturation += weight * (now - meter->saturation);
	meter->smoothed_ms = mono_ms;
}

/* ${source} has told what it knows: what came of it? */
static void
conclude(struct meter *meter, const struct load_config *load,
    const char *source, int64_t wall_ms, int64_t mono_ms)
{
	bool any = false;

	for (int i = 0; i < LOAD_FIELDS; i++)
		any = any ||
		    (!isnan(meter->value[i]) && meter->at_ms[i] == mono_ms);
	if (!any)
		return;
	meter->measured_ms = wall_ms;
	meter->source = source;
	smooth(meter, load, mono_ms);
}

/* --- the calls --- */

void
meter_take(struct meter *meter, const struct load_config *load,
    const struct sample *sample, int64_t wall_ms, int64_t mono_ms)
{
	bool any = false;

	meter->reason[0] = '\0';
	for (int i = 0; i < LOAD_FIELDS; i++) {
		const struct sample_name *name =
		    sample_find(sample, (enum load_field)i);

		any = any || name != NULL;
		if (name == NULL)
			meter->counter[i] = unknown;
		else if (name->metric->kind == METRIC_GAUGE)
			take(meter, "", name->metric, sample_value(name),
			    mono_ms);
		else if (name->metric->kind == METRIC_COUNTER)
			take_counter(meter, name, mono_ms);
	}
	take_histograms(meter, sample, mono_ms);
	meter->counted_ms = mono_ms;
	if (!any) {
		meter_miss(meter, "metrics: none of those that are looked for");
		return;
	}
	conclude(meter, load, load->format == LOAD_JSON ? "json" : "metrics",
	    wall_ms, mono_ms);
}

void
meter_miss(struct meter *meter, const char *reason)
{
	snprintf(meter->reason, sizeof(meter->reason), "%s", reason);
}

void
meter_tell(struct meter *meter, const struct load_config *load,
    const double value[LOAD_FIELDS], int64_t wall_ms, int64_t mono_ms)
{
	/* That a scrape has failed is still so. */
	if (strncmp(meter->reason, METER_ORCA, strlen(METER_ORCA)) == 0)
		meter->reason[0] = '\0';
	for (int i = 0; i < LOAD_FIELDS; i++) {
		const struct load_metric metric = {
		    .field = (enum load_field)i, .max = load_fields[i].max};

		take(meter, METER_ORCA, &metric, value[i], mono_ms);
	}
	conclude(meter, load, "orca", wall_ms, mono_ms);
}

void
meter_busy(struct meter *meter, bool refused)
{
	double now = refused ? 1 : 0;

	if (isnan(meter->busy))
		meter->busy = now;
	meter->busy += BUSY_WEIGHT * (now - meter->busy);
}

static int64_t
as_us(double seconds)
{
	return isnan(seconds) ? -1 : llround(seconds * 1e6);
}

void
meter_row(const struct meter *meter, const struct load_config *load,
    int64_t mono_ms, struct state_load *row)
{
	bool known = false;

	for (int i = 0; i < LOAD_FIELDS; i++)
		known =
		    known || is_fresh(meter, load, (enum load_field)i, mono_ms);
	row->measured_ms = meter->measured_ms;
	row->saturation = isnan(saturation_now(meter, load, mono_ms))
	    ? unknown
	    : meter->saturation;
	row->waiting = fresh(meter, load, LOAD_WAITING, mono_ms);
	row->running = fresh(meter, load, LOAD_RUNNING, mono_ms);
	row->max_running = load->max_running > 0
	    ? load->max_running
	    : fresh(meter, load, LOAD_MAX_RUNNING, mono_ms);
	row->kv_cache = fresh(meter, load, LOAD_KV_CACHE, mono_ms);
	row->utilization = fresh(meter, load, LOAD_UTILIZATION, mono_ms);
	row->preemptions = fresh(meter, load, LOAD_PREEMPTIONS, mono_ms);
	row->requests = fresh(meter, load, LOAD_REQUESTS, mono_ms);
	row->errors = fresh(meter, load, LOAD_ERRORS, mono_ms);
	row->tokens = fresh(meter, load, LOAD_TOKENS, mono_ms);
	row->busy = meter->busy;
	row->first_token_us =
	    as_us(fresh(meter, load, LOAD_FIRST_TOKEN, mono_ms));
	row->first_token_95_us =
	    as_us(fresh(meter, load, LOAD_FIRST_TOKEN_95, mono_ms));
	row->token_us = as_us(fresh(meter, load, LOAD_TOKEN_TIME, mono_ms));
	snprintf(
	    row->source, sizeof(row->source), "%s", known ? meter->source : "");
	snprintf(row->reason, sizeof(row->reason), "%s", meter->reason);
}
