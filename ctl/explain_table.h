/* Explanations of many clients as tables of 80 columns. */
#ifndef CTL_EXPLAIN_TABLE_H
#define CTL_EXPLAIN_TABLE_H

#include <jansson.h>

/* explain_table_countries(root): the object of explain --countries --json, to
 * standard output; an error of it to standard error. */
void explain_table_countries(const json_t *root);

/*
 * row = explain_table_row(root, line, client): the row of the ${client} in the
 * line number ${line} of a list, from its explanation.  NULL without memory.
 */
json_t *explain_table_row(
    const json_t *root, unsigned long line, const char *client);

/* explain_table_head(): the line above all rows.  explain_table_print(row): the
 * line of one. */
void explain_table_head(void);
void explain_table_print(const json_t *row);

#endif
