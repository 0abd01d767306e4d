/* The load of an endpoint in words, for meridianctl status and explain. */
#ifndef CTL_LOAD_TEXT_H
#define CTL_LOAD_TEXT_H

#include <jansson.h>

#include "base/text.h"

/* load_text_say(t, load): add what is known of it, as in "load 80 %, 3
 * waiting"; nothing of null. */
void load_text_say(struct text *t, const json_t *load);

#endif
