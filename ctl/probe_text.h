/*
 * A check by hand as text for a person; called by meridianctl probe.
 */
#ifndef CTL_PROBE_TEXT_H
#define CTL_PROBE_TEXT_H

#include <jansson.h>

/* probe_text_print(root): what --json prints, as text to stdout. */
void probe_text_print(const json_t *root);

#endif
