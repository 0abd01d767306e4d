/*
 * The `metrics` of presets and checks: under which names a server tells its
 * load.  Called by the reader of `load`; asks no server.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/nearest.h"
#include "config/load_field.h"
#include "config/preset_parts.h"
#include "config/scalar.h"
#include "config/shown.h"

#define METRICS_MAX 64
#define NAMES_MAX 16
#define LABELS_MAX 8

static const struct schema_word kinds[] = {{"gauge", METRIC_GAUGE},
    {"counter", METRIC_COUNTER}, {"histogram", METRIC_HISTOGRAM}, {NULL, 0}};

static const struct schema_word overs[] = {{"sum", OVER_SUM}, {"max", OVER_MAX},
    {"mean", OVER_MEAN}, {"min", OVER_MIN}, {NULL, 0}};

bool
preset_is_number(const struct yaml_node *value, double *number)
{
	char *end = NULL;

	if (value->kind != YAML_SCALAR || yaml_empty(value))
		return false;
	*number = strtod(value->text, &end);
	return end != value->text && *end == '\0' && isfinite(*number) &&
	    fabs(*number) <= LOAD_NUMBER_MAX;
}

static void
read_number(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *number)
{
	double x = 0;

	(void)key;
	if (!preset_is_number(value, &x))
		schema_expected(s, value, "a number (0.001)");
	else
		*(double *)number = x;
}

/* By 0, whatever a server says would be 0, which is not what it said. */
static void
read_scale(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *number)
{
	double x = 0;

	(void)key;
	if (!preset_is_number(value, &x) || !(x > 0))
		schema_expected(s, value, "a number above 0 (0.001)");
	else
		*(double *)number = x;
}

static void
read_labels(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *out)
{
	struct metric_name *name = out;
	struct metric_label *labels;
	size_t n = 0;

	(void)key;
	if (value->kind != YAML_MAP || value->n == 0 || value->n > LABELS_MAX) {
		schema_expected(s, value,
		    "1 to %d labels with their values ({type: waiting})",
		    LABELS_MAX);
		return;
	}
	labels = schema_array(s, value->n, sizeof(*labels));
	for (const struct yaml_node *child = value->first;
	     labels != NULL && child != NULL; child = child->next) {
		if (child->kind != YAML_SCALAR) {
			schema_expected(s, child, "the value of the label");
			continue;
		}
		labels[n].name = schema_strdup(s, child->key);
		labels[n++].value = schema_strdup(s, child->text);
	}
	name->labels = labels;
	name->n_labels = n;
}

static const struct schema_key name_keys[] = {
    {.name = "name",
	.read = scalar_text,
	.offset = offsetof(struct metric_name, name),
	.required = true},
    {.name = "labels", .read = read_labels},
    {.name = "divide_by",
	.read = scalar_text,
	.offset = offsetof(struct metric_name, divide_by)},
};

/* A name alone, or with labels. */
static void
read_metric_name(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *out)
{
	struct metric_name *name = out;

	if (value->kind == YAML_MAP)
		schema_map(s, value, name_keys,
		    sizeof(name_keys) / sizeof(name_keys[0]), name);
	else
		scalar_text(s, value, key, &name->name);
}

static const struct schema_key a_name = {.read = read_metric_name};

struct metric_reading {
	struct load_metric metric;
	unsigned kind, over;
};

static const struct schema_key metric_keys[] = {
    {.name = "names",
	SCHEMA_LIST(struct metric_reading, metric.names, metric.n_names,
	    &a_name, NAMES_MAX),
	.required = true},
    {.name = "kind",
	.read = scalar_word,
	.offset = offsetof(struct metric_reading, kind),
	.words = kinds},
    {.name = "over",
	.read = scalar_word,
	.offset = offsetof(struct metric_reading, over),
	.words = overs},
    {.name = "scale",
	.read = read_scale,
	.offset = offsetof(struct metric_reading, metric.scale)},
    {.name = "min",
	.read = read_number,
	.offset = offsetof(struct metric_reading, metric.min)},
    {.name = "max",
	.read = read_number,
	.offset = offsetof(struct metric_reading, metric.max)},
};

/* -1 with an error that names the nearest. */
static int
find_field(struct schema *s, const struct yaml_node *value)
{
	struct nearest nearest;
	char shown[SHOWN_SIZE];

	nearest_init(&nearest, value->key);
	for (int i = 0; i < LOAD_FIELDS; i++) {
		if (strcmp(load_fields[i].name, value->key) == 0)
			return i;
		nearest_offer(&nearest, load_fields[i].name);
	}
	shown_text(value->key, shown);
	if (nearest.best != NULL)
		return errbuf_error(s->eb, &value->key_at,
		    "unknown field of load %s, did you mean \"%s\"?", shown,
		    nearest.best);
	return errbuf_error(s->eb, &value->key_at,
	    "unknown field of load %s, known are: waiting, running, "
	    "max_running, kv_cache, utilization, preemptions, requests, "
	    "errors, tokens, first_token, first_token_95, token_time",
	    shown);
}

/* Without these nothing would ever be known of the field. */
static void
check_metric(struct schema *s, const struct yaml_node *value,
    const struct load_metric *metric)
{
	if (metric->min > metric->max)
		schema_error(s, value,
		    "no value is within %g (\"min\") to %g (\"max\")",
		    metric->min, metric->max);
	if (metric->kind == METRIC_HISTOGRAM &&
	    load_fields[metric->field].kind != METRIC_HISTOGRAM)
		schema_error(s, value,
		    "only first_token, first_token_95 and token_time can be "
		    "a histogram: write \"kind: gauge\" or \"kind: "
		    "counter\"");
}

static void
read_metric(
    struct schema *s, const struct yaml_node *value, struct load_metric *out)
{
	int field = find_field(s, value);
	struct metric_reading reading;

	if (field < 0)
		return;
	reading = (struct metric_reading){.kind = load_fields[field].kind,
	    .over = load_fields[field].over,
	    .metric = {.field = (enum load_field)field,
		.scale = 1,
		.max = load_fields[field].max}};
	if (value->kind == YAML_MAP)
		schema_map(s, value, metric_keys,
		    sizeof(metric_keys) / sizeof(metric_keys[0]), &reading);
	else
		reading.metric.names = schema_values(s, value, NAMES_MAX,
		    sizeof(struct metric_name), &a_name,
		    &reading.metric.n_names);
	reading.metric.kind = (enum metric_kind)reading.kind;
	reading.metric.over = (enum metric_over)reading.over;
	check_metric(s, value, &reading.metric);
	*out = reading.metric;
}

void
preset_read_metrics(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *out)
{
	struct load_config *load = out;
	struct load_metric *metrics;

	(void)key;
	if (!schema_named(s, value, METRICS_MAX))
		return;
	metrics = schema_array(s, value->n, sizeof(*metrics));
	if (metrics == NULL)
		return;
	for (const struct yaml_node *child = value->first; child != NULL;
	     child = child->next)
		read_metric(s, child, &metrics[child->index]);
	load->metrics = metrics;
	load->n_metrics = value->n;
}
