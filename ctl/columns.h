/*
 * Text of any length in lines of 80 columns, and without what a terminal takes
 * for an order.
 */
#ifndef CTL_COLUMNS_H
#define CTL_COLUMNS_H

#include <stddef.h>
#include <stdio.h>

#define COLUMNS 80
/* A blank that no line ends at (U+00A0). */
#define COLUMNS_JOIN "\xc2\xa0"
/* The widest column that a text may be cut to, with the NUL. */
#define COLUMNS_CUT (COLUMNS + 1)

/*
 * out = columns_cut(text, width, out): ${text} in at most ${width} columns, of
 * which there are 8 or more: of a longer one the beginning and the end with
 * ".." between, for names that differ tend to differ there.  Returns out.
 */
const char *columns_cut(const char *text, size_t width, char out[COLUMNS_CUT]);

/*
 * columns_wrap(to, used, indent, text): print ${text} where ${used} columns of
 * the line are taken already, words whole, and end the line; what does not fit
 * goes on in the next lines, ${indent} columns to the right.  COLUMNS_JOIN
 * holds two words together, and is printed as a blank.
 */
void columns_wrap(FILE *to, size_t used, size_t indent, const char *text);

/* text = columns_ago(ms, out): "3 s", "12 min", "4 h", "9 d"; returns out. */
const char *columns_ago(long long ms, char out[32]);

#endif
