/* Tables of a report and their cells.  Called by the files report_*. */
#include "ctl/report_table.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/clock.h"

#define CELL 512

struct report_table *
report_table(struct report *report)
{
	return &report->tables[report->n_tables++];
}

struct report_row *
report_row(struct report *report, struct report_table *table)
{
	struct report_row *grown = array_grow(table->rows, table->n,
	    &table->size, sizeof(*grown), REPORT_MAX_ROWS);

	if (grown == NULL) {
		report->facts->failed = true;
		return NULL;
	}
	table->rows = grown;
	for (size_t i = 0; i < REPORT_COLUMNS; i++)
		grown[table->n].cell[i] = "";
	return &grown[table->n++];
}

const char *
report_cell(struct report *report, const char *fmt, ...)
{
	char text[CELL];
	const char *copy;
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	copy = arena_strdup(report->facts->arena, text);
	if (copy != NULL)
		return copy;
	report->facts->failed = true;
	return "";
}

const char *
report_days(const struct facts *facts, char out[REPORT_DAYS])
{
	const struct advice_facts *a = &facts->advice;
	char from[CLOCK_TEXT], to[CLOCK_TEXT];

	out[0] = '\0';
	if (facts->days_from_ms < facts->days_to_ms &&
	    (facts->days_from_ms != a->from_ms ||
		facts->days_to_ms != a->to_ms))
		snprintf(out, REPORT_DAYS,
		    "countries, scopes and client subnets: of whole days, %s "
		    "to %s",
		    clock_format(facts->days_from_ms, from),
		    clock_format(facts->days_to_ms, to));
	return out;
}

int
report_make(struct report *report, struct facts *facts)
{
	*report = (struct report){.facts = facts};
	report_traffic(report);
	report_health(report);
	report_canaries(report);
	report_caches(report);
	report_lines(report);
	return facts->failed ? -1 : 0;
}

void
report_finish(struct report *report)
{
	for (size_t i = 0; i < report->n_tables; i++)
		free(report->tables[i].rows);
}

bool
report_number(const char *cell, double *n)
{
	const char *digits = cell[0] == '/' ? cell + 1 : cell;
	char *end;
	double found = strtod(digits, &end);

	if (end == digits)
		return false;
	*n = strcmp(end, " %") == 0 ? found / 100 : found;
	return true;
}
