/*
 * Presets as text for a person; called by meridianctl preset.
 */
#ifndef CTL_PRESET_TEXT_H
#define CTL_PRESET_TEXT_H

#include <jansson.h>

/* preset_text_list(presets): a line each, by where they come from, to stdout.
 * Those that ship have no "file". */
void preset_text_list(const json_t *presets);

/* preset_text_print(preset): all of one, as preset_object() makes it. */
void preset_text_print(const json_t *preset);

#endif
