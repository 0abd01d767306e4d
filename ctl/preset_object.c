/*
 * Makes JSON of a preset.  Called by meridianctl preset; reads no file.
 */
#include "ctl/preset_object.h"

#include <stdio.h>
#include <string.h>

#include "config/check_defaults.h"
#include "config/load_field.h"

static json_t *
text_or_null(const char *text)
{
	return text != NULL ? json_string(text) : json_null();
}

static json_t *
number_or_null(double number)
{
	return number > 0 ? json_real(number) : json_null();
}

json_t *
preset_object_line(const struct preset *preset, bool replaces)
{
	return json_pack("{ss ss so sb}", "preset", preset->name, "about",
	    preset->about, "file", text_or_null(preset->file),
	    "replaces_shipped", replaces);
}

/* --- steps --- */

static json_t *
codes(const struct code_range *ranges, size_t n)
{
	json_t *list = json_array();
	char text[16];

	for (size_t i = 0; i < n; i++) {
		if (ranges[i].first == ranges[i].last)
			snprintf(text, sizeof(text), "%u", ranges[i].first);
		else
			snprintf(text, sizeof(text), "%u-%u", ranges[i].first,
			    ranges[i].last);
		json_array_append_new(list, json_string(text));
	}
	return list;
}

static json_t *
headers(const struct check_step *step)
{
	json_t *object = json_object();

	for (size_t i = 0; i < step->n_headers; i++)
		json_object_set_new(object, step->headers[i].name,
		    json_string(step->headers[i].value));
	return object;
}

static json_t *
texts(const char *const *list, size_t n)
{
	json_t *array = json_array();

	for (size_t i = 0; i < n; i++)
		json_array_append_new(array, json_string(list[i]));
	return array;
}

static json_t *
rules(const struct check_step *step)
{
	json_t *array = json_array();

	for (size_t i = 0; i < step->n_json; i++) {
		const struct json_rule *rule = &step->json[i];

		json_array_append_new(array,
		    json_pack("{ss so so so}", "path", rule->path, "is",
			text_or_null(rule->negated ? NULL : rule->is), "is_not",
			text_or_null(rule->negated ? rule->is : NULL), "words",
			text_or_null(rule->words)));
	}
	return array;
}

/* {path} and {models_path} begin the path of a step, if it has them. */
static json_t *
filled_path(const struct preset *preset, const char *path)
{
	static const char own[] = "{path}", models[] = "{models_path}";
	char text[2048];

	if (strncmp(path, own, strlen(own)) == 0)
		snprintf(text, sizeof(text), "%s%s", preset->path,
		    path + strlen(own));
	else if (strncmp(path, models, strlen(models)) == 0)
		snprintf(text, sizeof(text), "%s%s", preset->models_path,
		    path + strlen(models));
	else
		snprintf(text, sizeof(text), "%s", path);
	return json_string(text);
}

static json_t *
step_object(const struct preset *preset, const struct preset_step *from)
{
	static const char *const kinds[] = {[STEP_HTTP] = "http",
	    [STEP_TCP] = "tcp",
	    [STEP_TLS] = "tls",
	    [STEP_GRPC] = "grpc",
	    [STEP_EXEC] = "exec"};
	const struct check_step *step = &from->step;
	bool own = step->n_expect > 0;
	json_t *object =
	    json_pack("{ss so sb}", "kind", kinds[step->kind], "name",
		text_or_null(step->name), "only_with_model", from->with_model);

	if (step->kind != STEP_HTTP)
		return object;
	json_object_set_new(object, "method",
	    json_string(step->method != NULL ? step->method : "GET"));
	json_object_set_new(object, "path", filled_path(preset, step->path));
	json_object_set_new(object, "headers", headers(step));
	json_object_set_new(object, "request_body", text_or_null(step->body));
	json_object_set_new(object, "expect",
	    own ? codes(step->expect, step->n_expect)
		: codes(preset->expect, preset->n_expect));
	json_object_set_new(object, "busy", codes(step->busy, step->n_busy));
	json_object_set_new(
	    object, "busy_retry_after", json_boolean(step->busy_retry_after));
	json_object_set_new(object, "has", texts(step->has, step->n_has));
	json_object_set_new(object, "lacks", texts(step->lacks, step->n_lacks));
	json_object_set_new(
	    object, "loading", texts(step->loading, step->n_loading));
	json_object_set_new(object, "json", rules(step));
	return object;
}

static json_int_t
first_said(uint64_t said, uint64_t otherwise)
{
	return (json_int_t)(said != 0 ? said : otherwise);
}

static json_t *
plan_object(const struct preset *preset, const struct preset_plan *plan)
{
	bool deep = plan == &preset->deep;
	json_t *steps = json_array();

	if (plan->n_steps == 0) {
		json_decref(steps);
		return json_null();
	}
	for (size_t i = 0; i < plan->n_steps; i++)
		json_array_append_new(
		    steps, step_object(preset, &plan->steps[i]));
	return json_pack("{sI sI si si so}", "every_ms",
	    first_said(plan->every_ms, deep ? DEEP_EVERY_MS : CHECK_EVERY_MS),
	    "timeout_ms",
	    first_said(
		plan->timeout_ms, deep ? DEEP_TIMEOUT_MS : CHECK_TIMEOUT_MS),
	    "fall", deep ? DEEP_FALL : CHECK_FALL, "rise",
	    deep ? DEEP_RISE : CHECK_RISE, "steps", steps);
}

/* --- load --- */

static json_t *
name_object(const struct metric_name *name)
{
	json_t *labels = json_object();

	for (size_t i = 0; i < name->n_labels; i++)
		json_object_set_new(labels, name->labels[i].name,
		    json_string(name->labels[i].value));
	return json_pack("{ss so so}", "name", name->name, "labels", labels,
	    "divide_by", text_or_null(name->divide_by));
}

static json_t *
metric_object(const struct load_metric *metric)
{
	static const char *const kinds[] = {[METRIC_GAUGE] = "gauge",
	    [METRIC_COUNTER] = "counter",
	    [METRIC_HISTOGRAM] = "histogram"};
	static const char *const overs[] = {[OVER_SUM] = "sum",
	    [OVER_MAX] = "max",
	    [OVER_MEAN] = "mean",
	    [OVER_MIN] = "min"};
	json_t *names = json_array();

	for (size_t i = 0; i < metric->n_names; i++)
		json_array_append_new(names, name_object(&metric->names[i]));
	return json_pack("{ss ss ss ss sf sf sf so}", "field",
	    load_fields[metric->field].name, "unit",
	    load_fields[metric->field].unit, "kind", kinds[metric->kind],
	    "over", overs[metric->over], "scale", metric->scale, "min",
	    metric->min, "max", metric->max, "names", names);
}

static json_t *
load_object(const struct load_config *load)
{
	json_t *object, *metrics;

	if (load->n_metrics == 0 || load->path == NULL)
		return json_null();
	metrics = json_array();
	for (size_t i = 0; i < load->n_metrics; i++)
		json_array_append_new(
		    metrics, metric_object(&load->metrics[i]));
	object = json_pack("{ss sI sI sI sI so so so so}", "path", load->path,
	    "every_ms", first_said(load->every_ms, LOAD_EVERY_MS), "timeout_ms",
	    first_said(load->timeout_ms, LOAD_TIMEOUT_MS), "stale_ms",
	    first_said(load->stale_ms, LOAD_STALE_MS), "smooth_ms",
	    (json_int_t)load->smooth_ms, "max_running",
	    number_or_null(load->max_running), "queue_limit",
	    number_or_null(load->queue_limit), "kv_limit",
	    number_or_null(load->kv_limit), "metrics", metrics);
	json_object_set_new(object, "port",
	    load->port != 0 ? json_integer(load->port) : json_null());
	json_object_set_new(object, "format",
	    json_string(load->format == LOAD_JSON ? "json" : "prometheus"));
	return object;
}

/* --- the whole --- */

json_t *
preset_object(const struct preset *preset, bool replaces)
{
	static const char *const models[] = {[MODEL_NONE] = "none",
	    [MODEL_OPTIONAL] = "optional",
	    [MODEL_REQUIRED] = "required"};
	json_t *object = preset_object_line(preset, replaces);

	json_object_set_new(object, "port",
	    preset->port != 0 ? json_integer(preset->port) : json_null());
	json_object_set_new(object, "path", text_or_null(preset->path));
	json_object_set_new(
	    object, "models_path", text_or_null(preset->models_path));
	json_object_set_new(
	    object, "model", json_string(models[preset->model]));
	json_object_set_new(object, "plan", plan_object(preset, &preset->plan));
	json_object_set_new(object, "deep", plan_object(preset, &preset->deep));
	json_object_set_new(object, "load", load_object(&preset->load));
	return object;
}
