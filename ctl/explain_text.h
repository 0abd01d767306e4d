/* An explanation as text for a person. */
#ifndef CTL_EXPLAIN_TEXT_H
#define CTL_EXPLAIN_TEXT_H

#include <jansson.h>
#include <stdbool.h>

/* explain_text_print(root): the object of `explain --json`, to standard output;
 * an error of it to standard error. */
void explain_text_print(const json_t *root);

/*
 * good = explain_text_begin(root, whom): its first lines: what it was decided
 * from and, for ${whom} or for the client of ${root} when that is NULL, the
 * question.  False after an error.
 */
bool explain_text_begin(const json_t *root, const char *whom);

#endif
