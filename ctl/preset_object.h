/*
 * A preset as JSON: what a check that names it asks, what counts as what, and
 * what it has where the check says nothing.  Called by meridianctl preset.
 */
#ifndef CTL_PRESET_OBJECT_H
#define CTL_PRESET_OBJECT_H

#include <jansson.h>
#include <stdbool.h>

#include "config/preset.h"

/* object = preset_object_line(preset, replaces): name, what it is for and the
 * file that it is of, which ${replaces} one that ships. */
json_t *preset_object_line(const struct preset *preset, bool replaces);

/* object = preset_object(preset, replaces): all of it. */
json_t *preset_object(const struct preset *preset, bool replaces);

#endif
