/*
 * The steps of a preset as text: what is sent, and what counts as what.  Called
 * by the printer of presets.
 */
#ifndef CTL_PRESET_PLAN_H
#define CTL_PRESET_PLAN_H

#include <jansson.h>

#include "config/scalar.h"

/* preset_plan_print(plan, title): to stdout; nothing of null. */
void preset_plan_print(const json_t *plan, const char *title);

/* text = preset_plan_ms(object, key, out): a duration, or "off". */
const char *preset_plan_ms(
    const json_t *object, const char *key, char out[SCALAR_MS_TEXT]);

#endif
