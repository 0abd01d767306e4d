/*
 * The `load` of presets and checks: where load is read, and under which names
 * a server tells it.  Called by the readers of both; asks no server.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/nearest.h"
#include "config/check_keys.h"
#include "config/json_path.h"
#include "config/load_field.h"
#include "config/preset_parts.h"
#include "config/scalar.h"
#include "config/shown.h"

#define METRICS_MAX 64
#define NAMES_MAX 16
#define LABELS_MAX 8
#define JSON_NAMES_MAX 64

static const struct schema_word formats[] = {
    {"prometheus", LOAD_PROMETHEUS}, {"json", LOAD_JSON}, {NULL, 0}};

static const struct schema_word kinds[] = {{"gauge", METRIC_GAUGE},
    {"counter", METRIC_COUNTER}, {"histogram", METRIC_HISTOGRAM}, {NULL, 0}};

static const struct schema_word overs[] = {{"sum", OVER_SUM}, {"max", OVER_MAX},
    {"mean", OVER_MEAN}, {"min", OVER_MIN}, {NULL, 0}};

static void
read_number(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *number)
{
	char *end = NULL;
	double x = value->kind == YAML_SCALAR ? strtod(value->text, &end) : 0;

	(void)key;
	if (value->kind != YAML_SCALAR || yaml_empty(value) || *end != '\0' ||
	    !isfinite(x) || fabs(x) > LOAD_NUMBER_MAX)
		schema_expected(s, value, "a number (0.001)");
	else
		*(double *)number = x;
}

/* --- metrics --- */

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
	.read = read_number,
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
	*out = reading.metric;
}

static void
read_metrics(struct schema *s, const struct yaml_node *value,
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

/* --- where load is read --- */

static void
read_format(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *format)
{
	unsigned word = *(enum load_format *)format;

	scalar_word(s, value, key, &word);
	*(enum load_format *)format = (enum load_format)word;
}

static const struct schema_key load_keys[] = {
    {.name = "format",
	.read = read_format,
	.offset = offsetof(struct load_config, format),
	.words = formats},
    {.name = "port",
	.read = scalar_u16,
	.offset = offsetof(struct load_config, port),
	.min = 1,
	.max = 65535},
    {.name = "path",
	.read = check_read_path,
	.offset = offsetof(struct load_config, path),
	.max = 1024},
    {.name = "every",
	.read = scalar_ms,
	.offset = offsetof(struct load_config, every_ms),
	.min = 1000,
	.max = 3600 * 1000},
    {.name = "timeout",
	.read = scalar_ms,
	.offset = offsetof(struct load_config, timeout_ms),
	.min = 10,
	.max = 3600 * 1000},
    {.name = "stale",
	.read = scalar_ms,
	.offset = offsetof(struct load_config, stale_ms),
	.min = 1000,
	.max = 24 * 3600 * 1000},
    {.name = "smooth",
	.read = scalar_ms_or_off,
	.offset = offsetof(struct load_config, smooth_ms),
	.min = 1000,
	.max = 3600 * 1000},
    {.name = "max_running",
	.read = read_number,
	.offset = offsetof(struct load_config, max_running)},
    {.name = "queue_limit",
	.read = read_number,
	.offset = offsetof(struct load_config, queue_limit)},
    {.name = "kv_limit",
	.read = read_number,
	.offset = offsetof(struct load_config, kv_limit)},
    {.name = "metrics", .read = read_metrics},
};

/* In JSON, names are paths. */
static void
check_paths(struct schema *s, const struct yaml_node *value,
    const struct load_config *load)
{
	struct json_path path;
	size_t n = 0;

	for (size_t i = 0; i < load->n_metrics; i++)
		for (size_t k = 0; k < load->metrics[i].n_names; k++) {
			const char *name = load->metrics[i].names[k].name;

			n++;
			if (name != NULL &&
			    json_path_parse(name, &path) != NULL)
				schema_error(s, value,
				    "%s is no path of a value in JSON "
				    "(loads[*].num_running_reqs)",
				    name);
		}
	if (n > JSON_NAMES_MAX)
		schema_error(s, value, "at most %d names are looked for",
		    JSON_NAMES_MAX);
}

void
preset_read_load(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *load_config)
{
	(void)key;
	schema_map(s, value, load_keys,
	    sizeof(load_keys) / sizeof(load_keys[0]), load_config);
	if (((struct load_config *)load_config)->format == LOAD_JSON)
		check_paths(s, value, load_config);
}
