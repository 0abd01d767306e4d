/*
 * Prints fields of CSV.  Called by subcommands; keeps nothing.
 */
#include "ctl/csv.h"

#include <string.h>

void
csv_field(FILE *to, const char *text)
{
	if (strpbrk(text, ",\"\r\n") == NULL) {
		fputs(text, to);
		return;
	}
	putc('"', to);
	for (; *text != '\0'; text++) {
		if (*text == '"')
			putc('"', to);
		putc(*text, to);
	}
	putc('"', to);
}
