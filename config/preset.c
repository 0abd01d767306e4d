/*
 * Reads a preset: its steps and what a steering file need not write.  Called by
 * the reader of checks; makes no check of it, and opens no file.
 */
#include "config/preset.h"

#include <stdio.h>
#include <string.h>

#include "config/check_defaults.h"
#include "config/check_keys.h"
#include "config/preset_parts.h"
#include "config/scalar.h"

static const struct schema_word kinds[] = {{"http", STEP_HTTP},
    {"tcp", STEP_TCP}, {"tls", STEP_TLS}, {"grpc", STEP_GRPC}, {NULL, 0}};

static const struct schema_word models[] = {{"none", MODEL_NONE},
    {"optional", MODEL_OPTIONAL}, {"required", MODEL_REQUIRED}, {NULL, 0}};

static const struct schema_word only_with[] = {{"model", true}, {NULL, 0}};

/* A path of a step may begin with {path} or {models_path}. */
static void
read_step_path(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *path)
{
	if (!preset_check_path(s, value))
		return;
	if (value->text[0] == '{')
		scalar_text(s, value, key, path);
	else
		check_read_path(s, value, key, path);
}

static void
read_headers(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *out)
{
	struct check_step *step = out;

	(void)key;
	step->headers = check_read_headers(s, value, &step->n_headers);
}

struct step_reading {
	struct check_step step;
	unsigned kind, with_model;
};

static const struct schema_key step_keys[] = {
    {.name = "kind",
	.read = scalar_word,
	.offset = offsetof(struct step_reading, kind),
	.words = kinds},
    {.name = "name",
	.read = scalar_text,
	.offset = offsetof(struct step_reading, step.name),
	.max = 40},
    {.name = "only_with",
	.read = scalar_word,
	.offset = offsetof(struct step_reading, with_model),
	.words = only_with},
    {.name = "method",
	.read = check_read_method,
	.offset = offsetof(struct step_reading, step.method)},
    {.name = "path",
	.read = read_step_path,
	.offset = offsetof(struct step_reading, step.path),
	.max = 1024},
    {.name = "headers", .read = read_headers},
    {.name = "request_body",
	.read = check_read_body_text,
	.offset = offsetof(struct step_reading, step.body)},
    {.name = "expect",
	SCHEMA_LIST(struct step_reading, step.expect, step.n_expect,
	    &check_code, CHECK_MAX_CODES)},
    {.name = "busy",
	SCHEMA_LIST(struct step_reading, step.busy, step.n_busy, &check_code,
	    CHECK_MAX_CODES)},
    {.name = "busy_retry_after",
	.read = scalar_bool,
	.offset = offsetof(struct step_reading, step.busy_retry_after)},
    {.name = "body", .read = check_read_body},
};

/* Keys that are of HTTP alone. */
static const char *const of_http[] = {"method", "path", "headers",
    "request_body", "expect", "busy", "busy_retry_after", "body"};

static void
read_step(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *out)
{
	struct step_reading reading = {.kind = STEP_HTTP};
	struct preset_step *step = out;
	const struct yaml_node *other;

	(void)key;
	if (value->kind != YAML_MAP) {
		schema_expected(s, value, "a step ({path: /health})");
		return;
	}
	schema_map(s, value, step_keys,
	    sizeof(step_keys) / sizeof(step_keys[0]), &reading);
	step->step = reading.step;
	step->step.kind = (enum step_kind)reading.kind;
	step->with_model = reading.with_model;
	for (size_t i = 0; reading.kind != STEP_HTTP &&
	     i < sizeof(of_http) / sizeof(of_http[0]);
	     i++) {
		other = yaml_find(value, of_http[i]);
		if (other != NULL)
			schema_error(s, other, "only a step of http has it");
	}
	if (reading.kind == STEP_HTTP && step->step.path == NULL &&
	    yaml_find(value, "path") == NULL)
		schema_error(
		    s, value, "a step of http needs a path (path: /health)");
}

static const struct schema_key a_step = {.read = read_step};

static const struct schema_key deep_keys[] = {
    {.name = "every",
	.read = scalar_ms,
	.offset = offsetof(struct preset_plan, every_ms),
	.min = 1000,
	.max = 24 * 3600 * 1000},
    {.name = "timeout",
	.read = scalar_ms,
	.offset = offsetof(struct preset_plan, timeout_ms),
	.min = 100,
	.max = 3600 * 1000},
    {.name = "steps",
	SCHEMA_LIST(
	    struct preset_plan, steps, n_steps, &a_step, PRESET_MAX_STEPS),
	.required = true},
};

struct preset_reading {
	struct preset preset;
	const char *name;
	unsigned model;
};

static const struct schema_key preset_keys[] = {
    {.name = "preset",
	.read = scalar_name,
	.offset = offsetof(struct preset_reading, name),
	.required = true},
    {.name = "about",
	.read = scalar_text,
	.offset = offsetof(struct preset_reading, preset.about),
	.required = true},
    {.name = "port",
	.read = scalar_u16,
	.offset = offsetof(struct preset_reading, preset.port),
	.min = 1,
	.max = 65535},
    {.name = "path",
	.read = check_read_path,
	.offset = offsetof(struct preset_reading, preset.path),
	.max = 1024},
    {.name = "models_path",
	.read = check_read_path,
	.offset = offsetof(struct preset_reading, preset.models_path),
	.max = 1024},
    {.name = "expect",
	SCHEMA_LIST(struct preset_reading, preset.expect, preset.n_expect,
	    &check_code, CHECK_MAX_CODES)},
    {.name = "model",
	.read = scalar_word,
	.offset = offsetof(struct preset_reading, model),
	.words = models},
    {.name = "steps",
	SCHEMA_LIST(struct preset_reading, preset.plan.steps,
	    preset.plan.n_steps, &a_step, PRESET_MAX_STEPS),
	.required = true},
    {.name = "deep",
	SCHEMA_KEYS(deep_keys),
	.offset = offsetof(struct preset_reading, preset.deep),
	.form = "{every: 60s, timeout: 20s, steps: [...]}"},
    {.name = "load",
	.read = preset_read_load,
	.offset = offsetof(struct preset_reading, preset.load)},
};

/* What is expected where neither the preset nor the check says it. */
static const struct code_range plain_ok = {200, 200};

/* A step that is still asked when its turn comes again would never be over. */
static void
check_times(
    struct schema *s, const struct yaml_node *root, const struct preset *preset)
{
	const struct preset_plan *deep = &preset->deep;
	uint64_t every = deep->every_ms != 0 ? deep->every_ms : DEEP_EVERY_MS;

	if (deep->timeout_ms > every)
		schema_error(s, yaml_find(root, "deep"),
		    "its timeout is longer than its \"every\"");
}

static void
check_load(
    struct schema *s, const struct yaml_node *root, const struct preset *preset)
{
	const struct yaml_node *load = yaml_find(root, "load");

	if (load == NULL || load->kind != YAML_MAP)
		return;
	if (yaml_find(load, "path") == NULL)
		schema_error(
		    s, load, "needs the key \"path\" (path: /metrics)");
	if (yaml_find(load, "metrics") == NULL)
		schema_error(s, load,
		    "needs the key \"metrics\" ({waiting: queue_length})");
	if (preset->load.every_ms != 0 &&
	    preset->load.timeout_ms > preset->load.every_ms)
		schema_error(
		    s, load, "its timeout is longer than its \"every\"");
}

static void *
fill(struct schema *s, const struct yaml_node *root)
{
	struct preset_reading reading = {
	    .preset.load.smooth_ms = LOAD_SMOOTH_MS};
	const struct yaml_node *name = yaml_find(root, "preset");
	struct preset *preset = schema_array(s, 1, sizeof(*preset));

	if (preset == NULL)
		return NULL;
	schema_map(s, root, preset_keys,
	    sizeof(preset_keys) / sizeof(preset_keys[0]), &reading);
	*preset = reading.preset;
	preset->name = reading.name;
	preset->at = name != NULL ? name->at : root->at;
	preset->model = (enum preset_model)reading.model;
	if (preset->n_expect == 0) {
		preset->expect = &plain_ok;
		preset->n_expect = 1;
	}
	preset->arena = s->arena;
	preset->hash = yaml_hash(root);
	preset_check_places(s, root, preset);
	check_times(s, root, preset);
	check_load(s, root, preset);
	return preset;
}

/* A preset is found by the name of its file. */
static bool
is_named(const struct preset *preset, const char *name, struct errbuf *eb)
{
	if (strcmp(preset->name, name) == 0)
		return true;
	errbuf_error(eb, &preset->at,
	    "preset: the name of the file makes it \"%s\", and it says \"%s\"",
	    name, preset->name);
	return false;
}

struct preset *
preset_parse(const char *name, const char *path, const char *text, size_t len,
    struct errbuf *eb)
{
	struct mark at = {.file = path};
	struct preset *preset;

	if (len > PRESET_MAX_BYTES) {
		errbuf_error(eb, &at, "a preset has at most %zu octets",
		    PRESET_MAX_BYTES);
		return NULL;
	}
	preset = schema_parse(path, text, len, NULL, eb, fill);
	if (preset == NULL || is_named(preset, name, eb))
		return preset;
	preset_destroy(preset);
	return NULL;
}

void
preset_destroy(struct preset *preset)
{
	if (preset != NULL)
		arena_destroy(preset->arena);
}
