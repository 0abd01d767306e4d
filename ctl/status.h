/* The status of a node, between what collects it and what prints it. */
#ifndef CTL_STATUS_H
#define CTL_STATUS_H

#include <jansson.h>

/* status_print(root): the object of `status --json` as a table. */
void status_print(const json_t *root);

#endif
