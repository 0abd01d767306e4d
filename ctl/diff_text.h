/*
 * What a change moves as text for a person.
 */
#ifndef CTL_DIFF_TEXT_H
#define CTL_DIFF_TEXT_H

#include <jansson.h>

/* diff_text_print(root): print the object of meridianctl diff --json. */
void diff_text_print(const json_t *root);

#endif
