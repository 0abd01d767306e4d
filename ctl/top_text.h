/*
 * A look of meridianctl top as lines of 80 columns.
 */
#ifndef CTL_TOP_TEXT_H
#define CTL_TOP_TEXT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct top_screen {
	FILE *to;
	size_t lines; /* that there is room for; 0: no terminal, and enough */
	bool colour;  /* states in colour, too; they are words all the same */
};

/* top_text_print(screen, root): print ${root} of top_read(), what is not
 * healthy first.  On a terminal over what was there. */
void top_text_print(const struct top_screen *screen, json_t *root);

/* top_text_trouble(screen, why): that nothing could be read, and ${why}. */
void top_text_trouble(const struct top_screen *screen, const char *why);

#endif
