/*
 * Where in the text of a YAML file a key and its value are, below a place of
 * it.  Knows mappings and lists in braces and by indentation, quoted texts and
 * comments; reads text alone.
 */
#ifndef ADVICE_OUTLINE_H
#define ADVICE_OUTLINE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/errbuf.h"

/* The text of a file. */
struct advice_text {
	const char *text;
	size_t len;
};

/* A part of the text. */
struct span {
	const char *at, *end;
};

enum outline_kind {
	OUTLINE_NONE,  /* nothing that has keys or items */
	OUTLINE_FLOW,  /* in braces or brackets */
	OUTLINE_BLOCK, /* by indentation */
};

/* A mapping or a list. */
struct outline {
	enum outline_kind kind;
	/* In braces: what is between them.  By indentation: from the first key
	 * or item to the end of the last line. */
	struct span in;
	size_t indent;      /* of its keys or items, by indentation */
	const char *header; /* in the line of its own key; NULL: not known */
};

/* outline = outline_at(text, at): the mapping whose key is at ${at}, or which
 * begins there; line 0 stands for the whole file. */
struct outline outline_at(
    const struct advice_text *text, const struct mark *at);

/* value = outline_find(text, outline, key, len): the value of the key of ${len}
 * characters, without blanks around it; NULL when it is not there. */
struct span outline_find(const struct advice_text *text,
    const struct outline *outline, const char *key, size_t len);

/* outline = outline_in(text, value): the mapping or list that is ${value}. */
struct outline outline_in(const struct advice_text *text, struct span value);

/* line = outline_line(text, at): the line that ${at} is in.
 * n = outline_line_number(text, at): its number, from 1 on.
 * n = outline_indent(line): the blanks that a line begins with. */
struct span outline_line(const struct advice_text *text, const char *at);
unsigned outline_line_number(const struct advice_text *text, const char *at);
size_t outline_indent(struct span line);

#endif
