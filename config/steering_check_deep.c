/*
 * How results of a check are counted: generations, and what flaps.  Called by
 * the reader of checks; sends nothing.
 */
#include "config/check_defaults.h"
#include "config/check_keys.h"
#include "config/check_plan.h"
#include "config/scalar.h"
#include "config/steering_check.h"

/* --- flap --- */

#define FLAP_CHANGES 4
#define FLAP_WITHIN_MS (10 * 60 * 1000)
#define FLAP_HOLD_MS (60 * 1000)
#define FLAP_MAX_MS (30 * 60 * 1000)

static const struct schema_key flap_keys[] = {
    {.name = "changes",
	.read = scalar_unsigned,
	.offset = offsetof(struct damping_config, changes),
	.min = 2,
	.max = 32},
    {.name = "within",
	.read = scalar_ms,
	.offset = offsetof(struct damping_config, within_ms),
	.min = 1000,
	.max = 24 * 3600 * 1000},
    {.name = "hold",
	.read = scalar_ms,
	.offset = offsetof(struct damping_config, hold_ms),
	.min = 1000,
	.max = 24 * 3600 * 1000},
    {.name = "max",
	.read = scalar_ms,
	.offset = offsetof(struct damping_config, max_hold_ms),
	.min = 1000,
	.max = 24 * 3600 * 1000},
};

void
steering_read_flap(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *reading)
{
	struct damping_config *flap =
	    &((struct check_reading *)reading)->check.damping;

	(void)key;
	*flap = (struct damping_config){
	    FLAP_CHANGES, FLAP_WITHIN_MS, FLAP_HOLD_MS, FLAP_MAX_MS};
	if (value->kind != YAML_MAP || value->n == 0) {
		schema_expected(s, value,
		    "a mapping ({changes: 4, within: 10m, hold: 1m, max: "
		    "30m})");
		return;
	}
	schema_map(s, value, flap_keys,
	    sizeof(flap_keys) / sizeof(flap_keys[0]), flap);
	if (flap->hold_ms > flap->max_hold_ms)
		schema_error(s, value, "\"hold\" is longer than \"max\"");
}

/* --- deep --- */

static const struct schema_key deep_keys[] = {
    {.name = "every",
	.read = scalar_ms,
	.offset = offsetof(struct check_plan, every_ms),
	.min = 1000,
	.max = 24 * 3600 * 1000},
    {.name = "timeout",
	.read = scalar_ms,
	.offset = offsetof(struct check_plan, timeout_ms),
	.min = 100,
	.max = 3600 * 1000},
    {.name = "fall",
	.read = scalar_unsigned,
	.offset = offsetof(struct check_plan, fall),
	.min = 1,
	.max = 100},
    {.name = "rise",
	.read = scalar_unsigned,
	.offset = offsetof(struct check_plan, rise),
	.min = 1,
	.max = 100},
};

/* "true", "false", or when and how. */
void
steering_read_deep(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *out)
{
	struct check_reading *reading = out;
	bool wanted = true;

	(void)key;
	reading->check.deep.fall = DEEP_FALL;
	reading->check.deep.rise = DEEP_RISE;
	if (value->kind == YAML_MAP)
		schema_map(s, value, deep_keys,
		    sizeof(deep_keys) / sizeof(deep_keys[0]),
		    &reading->check.deep);
	else if (check_read_wanted(
		     s, value, "{every: 60s, timeout: 20s}", &wanted) != 0)
		return;
	reading->deep = wanted ? value : NULL;
}

static uint64_t
first_said(uint64_t a, uint64_t b, uint64_t c)
{
	if (a != 0)
		return a;
	return b != 0 ? b : c;
}

void
steering_check_deep(struct schema *s, struct check_reading *reading)
{
	const struct preset_plan *plan = &reading->preset->deep;
	struct check_config *check = &reading->check;
	struct check_plan *deep = &check->deep;
	const struct plan_words words = {.path = check->path,
	    .models_path = reading->models_path,
	    .model = check->model,
	    .expect = check->expect,
	    .n_expect = check->n_expect};

	if (reading->deep == NULL)
		return;
	deep->every_ms =
	    first_said(deep->every_ms, plan->every_ms, DEEP_EVERY_MS);
	deep->timeout_ms =
	    first_said(deep->timeout_ms, plan->timeout_ms, DEEP_TIMEOUT_MS);
	if (plan->n_steps == 0)
		schema_error(s, reading->deep,
		    "the preset %s has no generation: write another one "
		    "(preset: vllm), or one of your own",
		    reading->preset->name);
	else if (check->model == NULL && plan->names_model)
		schema_error(s, reading->deep,
		    "needs the key \"model\": a generation is of one");
	else if (deep->timeout_ms > deep->every_ms)
		schema_error(s, reading->deep,
		    "its timeout is longer than its \"every\"");
	else
		deep->steps = check_plan_steps(s, plan, &words, &deep->n_steps);
}
