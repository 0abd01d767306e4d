/*
 * Fields of CSV, for a spreadsheet or a program.  For subcommands.
 */
#ifndef CTL_CSV_H
#define CTL_CSV_H

#include <stdio.h>

/* csv_field(to, text): print it; in quotes, doubled inside, where it has a
 * comma, a quote or an end of a line. */
void csv_field(FILE *to, const char *text);

#endif
