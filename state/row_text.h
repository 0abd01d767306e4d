/*
 * A row as a line of text that a person can read, by the descriptor of its
 * table: NAME=VALUE for each column but its sequence, which is of one file.
 * For the mirror alone.
 */
#ifndef STATE_ROW_TEXT_H
#define STATE_ROW_TEXT_H

#include "base/text.h"
#include "state/table.h"

/* row_text_add(t, table, row): append " NAME=VALUE ..."; what is NULL is left
 * out.  Texts are in quotes, in which a backslash goes before each quote and
 * backslash. */
void row_text_add(struct text *t, const struct table *table, const void *row);

/*
 * row_text_read(text, len, table, row): fill ${row} from the ${len} characters
 * of ${text}, which may be anything.  Names that ${table} has not are left out,
 * as a later release may have them.  0, or -1 when a value makes no sense or
 * one is lacking.
 */
int row_text_read(
    const char *text, size_t len, const struct table *table, void *row);

#endif
