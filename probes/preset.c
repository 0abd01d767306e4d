/*
 * What each preset asks and accepts.  Called by an attempt with answers from
 * servers that are not trusted.
 */
#include "probes/preset.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

/* Some two hundred models; a server with more is none that we know. */
#define MODELS_MAX ((size_t)64 << 10)

bool
preset_request(
    const struct check_config *check, unsigned step, struct preset_request *out)
{
	if (step == 0) {
		out->path = check->path;
		out->keep = 0;
		return true;
	}
	if (step == 1 && check->preset == PRESET_VLLM && check->model != NULL) {
		out->path = "/v1/models";
		out->keep = MODELS_MAX;
		return true;
	}
	return false;
}

bool
preset_expects(const struct check_config *check, unsigned step, unsigned status)
{
	size_t i;

	/* What the operator expects is said of his path, not of ours. */
	if (step > 0)
		return status == 200;
	for (i = 0; i < check->n_expect; i++)
		if (status >= check->expect[i].first &&
		    status <= check->expect[i].last)
			return true;
	return false;
}

static bool
lists(const json_t *models, const char *model)
{
	size_t i;

	for (i = 0; i < json_array_size(models); i++) {
		const char *id = json_string_value(
		    json_object_get(json_array_get(models, i), "id"));

		if (id != NULL && strcmp(id, model) == 0)
			return true;
	}
	return false;
}

bool
preset_judge(const struct check_config *check, unsigned step, const char *body,
    size_t len, char reason[STATE_REASON])
{
	const char *why = NULL;
	json_t *root, *models;

	if (step == 0)
		return true;
	/* jansson bounds how deep it nests, and the caller how much there is.
	 */
	root = json_loadb(body, len, 0, NULL);
	models = json_object_get(root, "data");
	if (root == NULL)
		why = "body: not JSON";
	else if (!json_is_array(models))
		why = "body: no list of models";
	else if (!lists(models, check->model))
		why = "body: model not listed";
	json_decref(root);
	if (why != NULL)
		snprintf(reason, STATE_REASON, "%s", why);
	return why == NULL;
}
