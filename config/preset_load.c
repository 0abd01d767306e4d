/*
 * The `load` of presets and checks: where load is read, how often, and when
 * it is full.  Called by the readers of both; asks no server.
 */
#include "config/check_keys.h"
#include "config/json_path.h"
#include "config/load_field.h"
#include "config/preset_parts.h"
#include "config/scalar.h"

#define JSON_NAMES_MAX 64

static const struct schema_word formats[] = {
    {"prometheus", LOAD_PROMETHEUS}, {"json", LOAD_JSON}, {NULL, 0}};

/* Of requests: nothing is full of none. */
static void
read_limit(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *number)
{
	double x = 0;

	(void)key;
	if (!preset_is_number(value, &x) || !(x > 0))
		schema_expected(s, value, "a number above 0 (256)");
	else
		*(double *)number = x;
}

static void
read_full_share(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *number)
{
	uint32_t ppm = 1;

	scalar_share(s, value, key, &ppm);
	if (ppm == 0)
		schema_expected(s, value, "a share above 0 (0.9, 90%%)");
	else
		*(double *)number = ppm / 1e6;
}

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
	.read = read_limit,
	.offset = offsetof(struct load_config, max_running)},
    {.name = "queue_limit",
	.read = read_limit,
	.offset = offsetof(struct load_config, queue_limit)},
    {.name = "kv_limit",
	.read = read_full_share,
	.offset = offsetof(struct load_config, kv_limit)},
    {.name = "metrics", .read = preset_read_metrics},
};

/* In JSON, names are paths. */
static void
check_paths(struct schema *s, const struct yaml_node *value,
    const struct load_config *load)
{
	struct json_path path;
	size_t n = 0;

	for (size_t i = 0; i < load->n_metrics; i++) {
		if (load->metrics[i].n_names > 0 &&
		    load->metrics[i].kind == METRIC_HISTOGRAM)
			schema_error(s, value,
			    "%s: a histogram is nothing in JSON: write what "
			    "its number is ({names: ..., kind: gauge})",
			    load_fields[load->metrics[i].field].name);
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
