/* The status of a node as text for a person. */
#ifndef CTL_STATUS_TEXT_H
#define CTL_STATUS_TEXT_H

#include <jansson.h>

/* status_text_print(root): the object of `status --json`, in 80 columns. */
void status_text_print(const json_t *root);

/* status_text_findings(list): what is wrong, the worst first, in capitals where
 * it is, each with what to do. */
void status_text_findings(const json_t *list);

#endif
