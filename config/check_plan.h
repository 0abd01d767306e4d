/*
 * From a preset to the plan of a check: what the check says fills the places
 * that the preset leaves.  Called by the reader of checks.
 */
#ifndef CONFIG_CHECK_PLAN_H
#define CONFIG_CHECK_PLAN_H

#include "config/preset.h"
#include "config/schema.h"

/* What goes to the places of a preset. */
struct plan_words {
	const char *path, *models_path;
	const char *model; /* NULL: steps that need one are left out */
	/* Of steps that expect nothing of their own. */
	const struct code_range *expect;
	size_t n_expect;
};

/*
 * steps = check_plan_steps(s, plan, words, n): the steps of ${plan}, with
 * nothing of the preset left in them.  {model} is percent-encoded in a path
 * (RFC 3986, 2.1) and escaped in a body and a JSON value (RFC 8259, 7).  NULL
 * without memory.
 */
const struct check_step *check_plan_steps(struct schema *s,
    const struct preset_plan *plan, const struct plan_words *words, size_t *n);

#endif
