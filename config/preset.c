/*
 * The table of presets.  Read by the reader of steering files and by the
 * probes; asks and judges nothing itself.
 */
#include "config/preset.h"

#include <string.h>

#define STEPS(array) \
	.steps = (array), .n_steps = sizeof(array) / sizeof(*(array))

static const struct preset_step http_steps[] = {
    {.path = NULL},
};

/* vLLM answers /health with 200 once its engine runs, and lists the models that
 * it serves in the form of OpenAI's API. */
static const struct preset_step vllm_steps[] = {
    {.path = NULL},
    {.path = "/v1/models",
	.expect = {200, 200},
	.list = "data",
	.member = "id"},
};

static const struct preset presets[] = {
    {.name = "http", .path = "/", .expect = {200, 399}, STEPS(http_steps)},
    {.name = "vllm",
	.port = 8000, /* of `vllm serve` */
	.path = "/health",
	.expect = {200, 200},
	.takes_model = true,
	STEPS(vllm_steps)},
};

#define N_PRESETS (sizeof(presets) / sizeof(presets[0]))

const struct preset *
preset_at(size_t index)
{
	return index < N_PRESETS ? &presets[index] : NULL;
}

const struct preset *
preset_find(const char *name)
{
	for (size_t i = 0; i < N_PRESETS; i++)
		if (strcmp(presets[i].name, name) == 0)
			return &presets[i];
	return NULL;
}
