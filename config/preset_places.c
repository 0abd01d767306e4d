/*
 * Whether the places in the steps of a preset, {path}, {models_path} and
 * {model}, can be filled for every check that names it.  Called by the reader
 * of presets; fills none.
 */
#include <string.h>

#include "config/preset_parts.h"

static bool
has_place(const char *text, const char *place)
{
	return text != NULL && strstr(text, place) != NULL;
}

/* The place that ${text}, which begins with a brace, is; NULL: none. */
static const char *
place_at(const char *text)
{
	static const char *const places[] = {
	    "{path}", "{models_path}", "{model}"};

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		if (strncmp(text, places[i], strlen(places[i])) == 0)
			return places[i];
	return NULL;
}

bool
preset_check_path(struct schema *s, const struct yaml_node *value)
{
	const char *text = value->text, *brace = text, *place;

	if (value->kind != YAML_SCALAR)
		return true; /* which has an error of its own */
	while ((brace = strchr(brace, '{')) != NULL) {
		place = place_at(brace);
		if (place == NULL)
			return schema_expected(s, value,
				   "no other places than {path}, {models_path} "
				   "and {model} "
				   "(\"/v2/models/{model}/ready\")") == 0;
		if (brace != text && strcmp(place, "{model}") != 0)
			return schema_error(s, value,
				   "%s begins with a slash: it is nothing but "
				   "the beginning of a path (\"%s/ready\")",
				   place, place) == 0;
		brace++;
	}
	return true;
}

/* In any text of the step that a check fills. */
static bool
names_model(const struct check_step *step)
{
	static const char place[] = "{model}";
	bool has = has_place(step->path, place) || has_place(step->body, place);

	for (size_t i = 0; i < step->n_headers; i++)
		has = has || has_place(step->headers[i].value, place);
	for (size_t i = 0; i < step->n_has; i++)
		has = has || has_place(step->has[i], place);
	for (size_t i = 0; i < step->n_lacks; i++)
		has = has || has_place(step->lacks[i], place);
	for (size_t i = 0; i < step->n_loading; i++)
		has = has || has_place(step->loading[i], place);
	for (size_t i = 0; i < step->n_json; i++)
		has = has || has_place(step->json[i].is, place) ||
		    has_place(step->json[i].words, place);
	return has;
}

static void
check_step_places(struct schema *s, const struct yaml_node *value,
    const struct preset *preset, const struct preset_step *step)
{
	if (preset->path == NULL && has_place(step->step.path, "{path}"))
		schema_error(s, value,
		    "{path} needs the key \"path\" of the preset, for checks "
		    "that name none (path: /health)");
	if (preset->models_path == NULL &&
	    has_place(step->step.path, "{models_path}"))
		schema_error(s, value,
		    "{models_path} needs the key \"models_path\" of the "
		    "preset (models_path: /v1/models)");
	if (preset->model == MODEL_NONE &&
	    (step->with_model || names_model(&step->step)))
		schema_error(s, value,
		    "checks of this preset name no model: write \"model: "
		    "optional\" or \"model: required\" of the preset");
}

/* Each step of the plan, with its place in the file. */
static void
check_plan_places(struct schema *s, const struct yaml_node *list,
    const struct preset *preset, struct preset_plan *plan)
{
	const struct yaml_node *value = list;

	if (list != NULL && list->kind == YAML_LIST)
		value = list->first;
	for (size_t i = 0; i < plan->n_steps && value != NULL; i++) {
		check_step_places(s, value, preset, &plan->steps[i]);
		plan->names_model =
		    plan->names_model || names_model(&plan->steps[i].step);
		value = value->next;
	}
}

/* A check without a model asks what is left. */
static void
check_without_model(struct schema *s, const struct yaml_node *list,
    const struct preset_plan *plan)
{
	const struct yaml_node *value = list;
	bool left = false;

	if (list->kind == YAML_LIST)
		value = list->first;
	for (size_t i = 0; i < plan->n_steps && value != NULL; i++) {
		const struct preset_step *step = &plan->steps[i];

		left = left || !step->with_model;
		if (!step->with_model && names_model(&step->step))
			schema_error(s, value,
			    "{model} is not known of a check that names none: "
			    "write \"only_with: model\", or \"model: "
			    "required\" of the preset");
		value = value->next;
	}
	if (!left && plan->n_steps > 0)
		schema_error(s, list,
		    "a check without a model would ask nothing: write a step "
		    "without \"only_with\", or \"model: required\"");
}

void
preset_check_places(
    struct schema *s, const struct yaml_node *root, struct preset *preset)
{
	const struct yaml_node *steps = yaml_find(root, "steps");
	const struct yaml_node *deep = yaml_find(root, "deep");

	check_plan_places(s, steps, preset, &preset->plan);
	if (deep != NULL)
		check_plan_places(
		    s, yaml_find(deep, "steps"), preset, &preset->deep);
	if (preset->model == MODEL_OPTIONAL && steps != NULL)
		check_without_model(s, steps, &preset->plan);
}
