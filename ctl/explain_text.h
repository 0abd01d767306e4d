/* An explanation as text for a person. */
#ifndef CTL_EXPLAIN_TEXT_H
#define CTL_EXPLAIN_TEXT_H

#include <jansson.h>

/* explain_text_print(root): the object of `explain --json`, to standard output;
 * an error of it to standard error. */
void explain_text_print(const json_t *root);

#endif
