/*
 * Fuzz target: any text as the preset "a".  What is accepted can be made a
 * check of; what is not must say why.
 */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "config/json_path.h"
#include "config/preset.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
const char *__lsan_default_suppressions(void);

/* As of the target of steering files: libfyaml loses what it had of a quoted
 * text with a row of quotes. */
const char *
__lsan_default_suppressions(void)
{
	return "leak:libfyaml";
}

static void
require(bool holds)
{
	if (!holds)
		abort();
}

static void
check_codes(const struct code_range *codes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		require(
		    codes[i].first >= 100 && codes[i].first <= codes[i].last);
}

static void
check_plan(const struct preset_plan *plan)
{
	struct json_path path;

	require(plan->n_steps <= PRESET_MAX_STEPS);
	for (size_t i = 0; i < plan->n_steps; i++) {
		const struct check_step *step = &plan->steps[i].step;

		require((step->path != NULL) == (step->kind == STEP_HTTP));
		check_codes(step->expect, step->n_expect);
		check_codes(step->busy, step->n_busy);
		for (size_t k = 0; k < step->n_json; k++)
			require(
			    json_path_parse(step->json[k].path, &path) == NULL);
	}
}

static void
check_load(const struct load_config *load)
{
	struct json_path path;

	for (size_t i = 0; i < load->n_metrics; i++) {
		const struct load_metric *metric = &load->metrics[i];

		require(metric->n_names > 0 && metric->field < LOAD_FIELDS);
		require(!isnan(metric->scale) && !isnan(metric->min) &&
		    !isnan(metric->max));
		for (size_t k = 0; k < metric->n_names; k++)
			require(metric->names[k].name != NULL &&
			    (load->format != LOAD_JSON ||
				json_path_parse(metric->names[k].name, &path) ==
				    NULL));
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct errbuf eb;
	struct preset *preset;

	errbuf_init(&eb);
	preset = preset_parse(
	    "a", "/nonexistent/a.yaml", (const char *)data, size, &eb);
	require((preset == NULL) == (eb.errors > 0));
	require(eb.errors == 0 || eb.len > 0);
	if (preset != NULL) {
		require(preset->about != NULL && preset->n_expect > 0);
		require(preset->plan.n_steps > 0);
		check_codes(preset->expect, preset->n_expect);
		check_plan(&preset->plan);
		check_plan(&preset->deep);
		check_load(&preset->load);
	}
	preset_destroy(preset);
	return 0;
}
