/*
 * The steps of a check, as its preset has them.  Called by an attempt with
 * answers of servers that are not trusted; sends nothing.
 */
#include "probes/step.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

bool
step_request(
    const struct check_config *check, unsigned step, struct step_request *out)
{
	const struct preset_step *of;

	if (step >= check->preset->n_steps)
		return false;
	of = &check->preset->steps[step];
	if (of->list != NULL && check->model == NULL)
		return false;
	out->path = of->path != NULL ? of->path : check->path;
	out->keep = of->keep;
	return true;
}

bool
step_expects(const struct check_config *check, unsigned step, unsigned status)
{
	const struct code_range *own = &check->preset->steps[step].expect;
	/* What the operator expects is said of his path, not of ours. */
	const struct code_range *list = own->first > 0 ? own : check->expect;
	size_t n = own->first > 0 ? 1 : check->n_expect;

	for (size_t i = 0; i < n; i++)
		if (status >= list[i].first && status <= list[i].last)
			return true;
	return false;
}

/* Whether an object of ${array} has ${text} as its ${member}. */
static bool
lists(const json_t *array, const char *member, const char *text)
{
	for (size_t i = 0; i < json_array_size(array); i++) {
		const char *has = json_string_value(
		    json_object_get(json_array_get(array, i), member));

		if (has != NULL && strcmp(has, text) == 0)
			return true;
	}
	return false;
}

bool
step_judge(const struct check_config *check, unsigned step, const char *body,
    size_t len, char reason[STATE_REASON])
{
	const struct preset_step *of = &check->preset->steps[step];
	const char *why = NULL;
	json_t *root, *list;

	if (of->list == NULL)
		return true;
	/* jansson bounds how deep it nests, and the caller how much there is.
	 */
	root = json_loadb(body, len, 0, NULL);
	list = json_object_get(root, of->list);
	if (root == NULL)
		why = "body: not JSON";
	else if (!json_is_array(list))
		why = "body: no list of models";
	else if (!lists(list, of->member, check->model))
		why = "body: model not listed";
	json_decref(root);
	if (why != NULL)
		snprintf(reason, STATE_REASON, "%s", why);
	return why == NULL;
}
