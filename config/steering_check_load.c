/*
 * Where the load of endpoints is read.  Called by the reader of checks; reads
 * no load.
 */
#include <string.h>

#include "config/check_defaults.h"
#include "config/check_keys.h"
#include "config/preset_parts.h"
#include "config/scalar.h"
#include "config/steering_check.h"

/* Its metrics are those of the preset, unless it says its own. */
void
steering_read_load(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *out)
{
	struct check_reading *reading = out;
	struct load_config *load = &reading->check.load;
	bool wanted = true;

	/* 0 is a value of it. */
	if (reading->preset != NULL)
		load->smooth_ms = reading->preset->load.smooth_ms;
	if (value->kind == YAML_MAP)
		preset_read_load(s, value, key, load);
	else if (check_read_wanted(
		     s, value, "{every: 10s, max_running: 256}", &wanted) != 0)
		return;
	reading->load = wanted ? value : NULL;
}

static uint64_t
first_said(uint64_t a, uint64_t b, uint64_t c)
{
	if (a != 0)
		return a;
	return b != 0 ? b : c;
}

static double
first_number(double a, double b)
{
	return a > 0 ? a : b;
}

static bool
has_metric(const struct load_config *load, enum load_field field)
{
	for (size_t i = 0; i < load->n_metrics; i++)
		if (load->metrics[i].field == field)
			return true;
	return false;
}

/* How full an endpoint is follows from how much it can hold; headers of its
 * answers (ORCA) may say it, too, but that is seen only then. */
static bool
has_saturation(const struct load_config *load)
{
	return load->max_running > 0 || has_metric(load, LOAD_MAX_RUNNING) ||
	    has_metric(load, LOAD_UTILIZATION) ||
	    (load->queue_limit > 0 && has_metric(load, LOAD_WAITING));
}

void
steering_check_load(struct schema *s, struct check_reading *reading)
{
	const struct load_config *preset = &reading->preset->load;
	struct check_config *check = &reading->check;
	struct load_config *load = &check->load;
	bool elsewhere;

	if (reading->load == NULL)
		return;
	if (load->path == NULL)
		load->path = preset->path;
	if (load->n_metrics == 0) {
		load->metrics = preset->metrics;
		load->n_metrics = preset->n_metrics;
		load->format = preset->format;
	}
	load->port = load->port != 0 ? load->port : preset->port;
	elsewhere = load->port != 0 && load->port != check->port;
	load->port = load->port != 0 ? load->port : check->port;
	/* Ports of metrics alone have no certificate. */
	load->https = check->https && !elsewhere;
	load->every_ms =
	    first_said(load->every_ms, preset->every_ms, LOAD_EVERY_MS);
	load->timeout_ms = first_said(load->timeout_ms, preset->timeout_ms,
	    load->every_ms < LOAD_TIMEOUT_MS ? load->every_ms
					     : LOAD_TIMEOUT_MS);
	/* One reading may fail, and another. */
	load->stale_ms = first_said(load->stale_ms, preset->stale_ms,
	    load->every_ms * 3 > LOAD_STALE_MS ? load->every_ms * 3
					       : LOAD_STALE_MS);
	load->max_running =
	    first_number(load->max_running, preset->max_running);
	load->queue_limit =
	    first_number(load->queue_limit, preset->queue_limit);
	load->kv_limit = first_number(load->kv_limit, preset->kv_limit);
	load->wanted = true;
	/* The preset is gone when the file is read. */
	if (check_keep_load(s->arena, load) != 0)
		schema_error(s, reading->load, "memory is out");
	if (load->n_metrics == 0 || load->path == NULL)
		schema_error(s, reading->load,
		    "the preset %s knows no metrics: write a path and metrics, "
		    "or another preset (preset: vllm)",
		    reading->preset->name);
	else if (load->timeout_ms > load->every_ms)
		schema_error(s, reading->load,
		    "its timeout is longer than its \"every\"");
	else if (load->stale_ms < load->every_ms)
		schema_error(s, reading->load,
		    "its \"stale\" is shorter than its \"every\": it would "
		    "not be known most of the time");
	else if (schema_ok(s) && !has_saturation(load))
		errbuf_warn(s->eb, &reading->load->at,
		    "how full an endpoint is will not be known: its metrics "
		    "do not say how many requests it works on at most; write "
		    "load: {max_running: N}, or queue_limit: N (no need for "
		    "either where its answers have ORCA headers)");
}
