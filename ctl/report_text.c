/* Writes a report as text and as CSV.  Called by meridianctl report. */
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "ctl/csv.h"
#include "ctl/report_table.h"

static size_t
width_of(const struct report_table *t, size_t column)
{
	size_t width = strlen(t->columns[column].name);

	for (size_t i = 0; i < t->n && i < REPORT_SHOWN; i++)
		if (strlen(t->rows[i].cell[column]) > width)
			width = strlen(t->rows[i].cell[column]);
	return width;
}

static void
print_cell(FILE *to, const struct report_column *c, const char *text,
    size_t width, bool last)
{
	if (c->number)
		fprintf(to, "%*s", (int)width, text);
	else if (last)
		fputs(text, to);
	else
		fprintf(to, "%-*s", (int)width, text);
	fputs(last ? "\n" : "  ", to);
}

static void
print_table(const struct report_table *t, FILE *to)
{
	size_t width[REPORT_COLUMNS];

	fprintf(to, "\n%s\n%s\n", t->name, t->about);
	if (t->n == 0) {
		fprintf(to, "  %s\n", t->empty);
		return;
	}
	for (size_t c = 0; c < t->n_columns; c++)
		width[c] = width_of(t, c);
	fputs("  ", to);
	for (size_t c = 0; c < t->n_columns; c++)
		print_cell(to, &t->columns[c], t->columns[c].name, width[c],
		    c + 1 == t->n_columns);
	for (size_t i = 0; i < t->n && i < REPORT_SHOWN; i++) {
		fputs("  ", to);
		for (size_t c = 0; c < t->n_columns; c++)
			print_cell(to, &t->columns[c], t->rows[i].cell[c],
			    width[c], c + 1 == t->n_columns);
	}
	if (t->n > REPORT_SHOWN)
		fprintf(
		    to, "  and %zu more: --csv has all\n", t->n - REPORT_SHOWN);
}

void
report_text(const struct report *report, FILE *to)
{
	const struct advice_facts *a = &report->facts->advice;
	char from[CLOCK_TEXT], until[CLOCK_TEXT], line[REPORT_DAYS];
	const char *days = report_days(report->facts, line);

	fprintf(to, "%zu service%s, %s to %s\n", a->n_services,
	    text_plural(a->n_services), clock_format(a->from_ms, from),
	    clock_format(a->to_ms, until));
	if (days[0] != '\0')
		fprintf(to, "%s\n", days);
	for (size_t i = 0; i < report->facts->n_missing; i++)
		fprintf(to, "not known: %s\n", report->facts->missing[i]);
	for (size_t i = 0; i < report->n_tables; i++)
		print_table(&report->tables[i], to);
}

/* --- CSV --- */

/* All tables in one file: the first column names the table, and each begins
 * with its header. */
static void
csv_cell(FILE *to, const struct report_column *column, const char *cell)
{
	double n;

	/* 9 digits, as in JSON: more than a share or a duration has. */
	if (column->number && report_number(cell, &n))
		fprintf(to, strpbrk(cell, ".%") == NULL ? "%.0f" : "%.9g", n);
	else
		csv_field(to, cell);
}

void
report_csv(const struct report *report, FILE *to)
{
	for (size_t i = 0; i < report->n_tables; i++) {
		const struct report_table *t = &report->tables[i];

		fputs("table", to);
		for (size_t c = 0; c < t->n_columns; c++)
			fprintf(to, ",%s", t->columns[c].key);
		fputs("\r\n", to);
		for (size_t r = 0; r < t->n; r++) {
			fputs(t->key, to);
			for (size_t c = 0; c < t->n_columns; c++) {
				putc(',', to);
				csv_cell(
				    to, &t->columns[c], t->rows[r].cell[c]);
			}
			fputs("\r\n", to);
		}
	}
	for (size_t i = 0; i < report->facts->n_missing; i++) {
		fputs("missing,", to);
		csv_field(to, report->facts->missing[i]);
		fputs("\r\n", to);
	}
}
