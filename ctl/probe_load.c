/*
 * Reads the load of one endpoint by hand, with the code that the probe daemon
 * has.  Called by meridianctl probe; keeps nothing of it.
 */
#include "ctl/probe_load.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <uv.h>

#include "base/clock.h"
#include "config/load_field.h"
#include "probes/load/meter.h"
#include "probes/load/scrape.h"

/* A reading under way. */
struct reading {
	const struct load_config *load;
	json_t *object;
	enum probe_load_outcome outcome;
	bool done;
};

/* --- one field --- */

static json_t *
number(double value)
{
	return isfinite(value) ? json_real(value) : json_null();
}

/* Of a histogram how much it has counted in all. */
static double
observations(const struct sample_name *found)
{
	const struct sample_histogram *h = found->is.histogram;

	return h != NULL && h->n > 0 ? h->count[h->n - 1] : 0;
}

static json_t *
names_of(const struct load_metric *metric)
{
	json_t *names = json_array();

	for (size_t i = 0; i < metric->n_names; i++)
		json_array_append_new(
		    names, json_string(metric->names[i].name));
	return names;
}

/* What was found of the field of ${metric}, and whether it makes sense. */
static json_t *
field_object(const struct sample *sample, const struct load_metric *metric)
{
	static const char *const kinds[] = {[METRIC_GAUGE] = "gauge",
	    [METRIC_COUNTER] = "counter",
	    [METRIC_HISTOGRAM] = "histogram"};
	const struct sample_name *found = sample_find(sample, metric->field);
	bool gauge = metric->kind == METRIC_GAUGE;
	double value = (double)NAN;
	json_t *object = json_pack("{ss ss ss so so sI}", "field",
	    load_fields[metric->field].name, "unit",
	    load_fields[metric->field].unit, "kind", kinds[metric->kind],
	    "names", names_of(metric), "found",
	    found != NULL ? json_string(found->name->name) : json_null(),
	    "series", (json_int_t)(found != NULL ? found->is.n : 0));

	if (found != NULL && metric->kind == METRIC_HISTOGRAM)
		value = observations(found);
	else if (found != NULL)
		value = sample_value(found);
	json_object_set_new(object, "value", number(value));
	json_object_set_new(object, "refused",
	    json_boolean(gauge && !isnan(value) &&
		(value < metric->min || value > metric->max)));
	json_object_set_new(object, "min", number(metric->min));
	json_object_set_new(object, "max", number(metric->max));
	return object;
}

/* --- all of them --- */

/* How full it is by this one reading: nothing is smoothed. */
static void
set_saturation(struct reading *r, const struct sample *sample)
{
	int64_t now = clock_mono_ms();
	struct saturation_parts parts;
	struct meter meter;
	char words[256];
	double full;

	meter_init(&meter);
	meter_take(&meter, r->load, sample, clock_wall_ms(), now);
	meter_parts(&meter, r->load, now, &parts);
	full = saturation_of(&parts, NULL);
	saturation_say(&parts, words, sizeof(words));
	json_object_set_new(r->object, "saturation", number(full));
	json_object_set_new(r->object, "saturation_of", json_string(words));
	json_object_set_new(r->object, "reason",
	    meter.reason[0] != '\0' ? json_string(meter.reason) : json_null());
	r->outcome = isnan(full) || meter.reason[0] != '\0' ? PROBE_LOAD_LACKING
							    : PROBE_LOAD_KNOWN;
}

static void
on_sample(void *context, const struct sample *sample, const char *reason)
{
	struct reading *r = context;
	json_t *fields = json_array();

	r->done = true;
	r->outcome = PROBE_LOAD_UNREAD;
	json_object_set_new(r->object, "read", json_boolean(sample != NULL));
	json_object_set_new(r->object, "fields", fields);
	if (sample == NULL) {
		json_object_set_new(r->object, "reason", json_string(reason));
		return;
	}
	for (size_t i = 0; i < r->load->n_metrics; i++)
		json_array_append_new(
		    fields, field_object(sample, &r->load->metrics[i]));
	set_saturation(r, sample);
}

/* Where the daemon reads it, or else where the check is made first. */
static struct endpoint_address
address_of(const struct probe_target *t, const struct target_check *c)
{
	struct endpoint_address at = c->addresses[0];

	if (t->target->load_at != NULL)
		return *t->target->load_at;
	at.port = c->check->load.port;
	return at;
}

static void
await(uv_loop_t *loop, struct http_checker *checker,
    const struct check_config *check, const struct endpoint_address *at,
    struct reading *r)
{
	int64_t began = clock_mono_ms();

	if (scrape_start(checker, check, at, on_sample, r) == NULL)
		return;
	while (!r->done)
		uv_run(loop, UV_RUN_ONCE);
	json_object_set_new(
	    r->object, "took_ms", json_integer(clock_mono_ms() - began));
}

enum probe_load_outcome
probe_load_read(const struct probe_target *t, json_t *root)
{
	const struct target_check *c = probe_target_load(t);
	const struct load_config *load = &c->check->load;
	const struct endpoint_address at = address_of(t, c);
	struct reading r = {.load = load, .outcome = PROBE_LOAD_UNMADE};
	struct http_checker *checker;
	char address[ADDRESS_TEXT];
	uv_loop_t loop;

	r.object = json_pack("{ss ss ss ss}", "at",
	    endpoint_address_format(&at, address), "scheme",
	    load->https ? "https" : "http", "path", load->path, "format",
	    load->format == LOAD_JSON ? "json" : "prometheus");
	json_object_set_new(root, "load", r.object);
	if (uv_loop_init(&loop) != 0)
		return r.outcome;
	checker = http_checker_create(&loop);
	if (checker != NULL)
		await(&loop, checker, c->check, &at, &r);
	http_checker_close(checker);
	uv_run(&loop, UV_RUN_DEFAULT);
	uv_loop_close(&loop);
	if (!r.done)
		json_object_set_new(
		    r.object, "reason", json_string("probe: no memory"));
	return r.outcome;
}
