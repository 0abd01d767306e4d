/*
 * The line of a YAML file that a piece of advice would change, as it is and as
 * it would be.  Called by the rules; reads the text that it is given and
 * changes no file.
 */
#ifndef ADVICE_EDIT_H
#define ADVICE_EDIT_H

#include <stddef.h>

#include "base/errbuf.h"

#define ADVICE_LINE 256

struct advice_edit {
	const char *file;      /* NULL: there is no line to change */
	unsigned line;         /* that changes, or that the new one follows */
	char old[ADVICE_LINE]; /* without the blanks around it; "": none, the
				  new one is added */
	char new[ADVICE_LINE];
};

/* The text of a file, and where in it something begins. */
struct advice_text {
	const char *text;
	size_t len;
};

/*
 * advice_edit_value(edit, text, at, key, value): give ${key} of what begins at
 * ${at} the ${value}.  A key of a mapping inside is "ttl.max".  The place is
 * the line of ${at} and what is indented deeper after it, or the braces there.
 * Where the key is not found, "KEY: VALUE" is to be added.
 */
void advice_edit_value(struct advice_edit *edit, const struct advice_text *text,
    const struct mark *at, const char *key, const char *value);

/* advice_edit_add(edit, at, fmt, ...): a line to be added after that of ${at}.
 */
void advice_edit_add(struct advice_edit *edit, const struct mark *at,
    const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* at = advice_edit_section(text, file, name): where the key ${name} is at the
 * beginning of a line; line 1 when it is nowhere. */
struct mark advice_edit_section(
    const struct advice_text *text, const char *file, const char *name);

#endif
