/* The status of a node as a table for a person. */
#ifndef CTL_STATUS_TEXT_H
#define CTL_STATUS_TEXT_H

#include <jansson.h>

/* status_text_print(root): the object of `status --json` as a table. */
void status_text_print(const json_t *root);

#endif
