/*
 * The steps of a check, as its preset has them.  Called by an attempt with
 * answers of servers that are not trusted; sends nothing.
 */
#include "probes/step.h"

#include <stdio.h>

bool
step_request(
    const struct check_config *check, unsigned *step, struct step_request *out)
{
	const struct preset *preset = check->preset;
	const struct preset_step *of;

	while (*step < preset->n_steps && check->model == NULL &&
	    preset->steps[*step].list != NULL)
		(*step)++;
	if (*step >= preset->n_steps)
		return false;
	of = &preset->steps[*step];
	out->path = of->path != NULL ? of->path : check->path;
	out->list = of->list;
	out->member = of->member;
	return true;
}

bool
step_expects(const struct check_config *check, unsigned step, unsigned status)
{
	const struct code_range *own = &check->preset->steps[step].expect;
	/* The operator's `expect` applies to `path`; steps with a path of the
	 * preset bring their own. */
	const struct code_range *list = own->first > 0 ? own : check->expect;
	size_t n = own->first > 0 ? 1 : check->n_expect;

	for (size_t i = 0; i < n; i++)
		if (status >= list[i].first && status <= list[i].last)
			return true;
	return false;
}

bool
step_judge(struct model_list *list, char reason[STATE_REASON])
{
	const char *why = "body: not JSON";

	switch (model_list_end(list)) {
	case MODEL_LIST_NAMED:
		return true;
	case MODEL_LIST_NOT_NAMED:
		why = "body: model not listed";
		break;
	case MODEL_LIST_NONE:
		why = "body: no list of models";
		break;
	case MODEL_LIST_NOT_JSON:
		break;
	}
	snprintf(reason, STATE_REASON, "%s", why);
	return false;
}
