/*
 * The line of a YAML file that a piece of advice would change, as it is and as
 * it would be.  Called by the rules; reads the text that it is given and
 * changes no file.
 */
#ifndef ADVICE_EDIT_H
#define ADVICE_EDIT_H

#include <stddef.h>

#include "advice/outline.h"

#define ADVICE_LINE 1024

struct advice_edit {
	const char *file;      /* NULL: there is no line to change */
	unsigned line;         /* that changes, or that the new one follows */
	unsigned indent;       /* blanks before a new line that is added */
	char old[ADVICE_LINE]; /* without the blanks around it; "": none, the
				  new one is added */
	char new[ADVICE_LINE];
};

/*
 * advice_edit_value(edit, text, at, key, value): give ${key} of the mapping at
 * ${at}, which outline_at() knows, the ${value}.  A key of a mapping inside is
 * "ttl.max".  Where the key is not there, it is added: in the braces, or as a
 * line.
 */
void advice_edit_value(struct advice_edit *edit, const struct advice_text *text,
    const struct mark *at, const char *key, const char *value);

/* advice_edit_item(edit, text, at, key, fmt, ...): add an item to the end of
 * the list that is ${key} of the mapping at ${at}. */
void advice_edit_item(struct advice_edit *edit, const struct advice_text *text,
    const struct mark *at, const char *key, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));

/* advice_edit_add(edit, at, fmt, ...): a line for a person, a comment, to be
 * read after that of ${at}. */
void advice_edit_add(struct advice_edit *edit, const struct mark *at,
    const char *fmt, ...) __attribute__((format(printf, 3, 4)));

#endif
