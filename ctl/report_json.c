/*
 * A report as one JSON object, for scripts.  Called by report.c; prints alone.
 */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "ctl/report_table.h"
#include "node/page_json.h"

static json_t *
number(const char *cell)
{
	double n;

	if (!report_number(cell, &n))
		return json_null();
	return strpbrk(cell, ".%") == NULL ? json_integer((json_int_t)n)
					   : json_real(n);
}

static json_t *
row_object(const struct report_table *t, const struct report_row *row)
{
	json_t *object = json_object();

	for (size_t c = 0; c < t->n_columns; c++)
		json_object_set_new(object, t->columns[c].key,
		    t->columns[c].number ? number(row->cell[c])
					 : page_json_string(row->cell[c]));
	return object;
}

void
report_json(const struct report *report, FILE *to)
{
	const struct facts *facts = report->facts;
	json_t *tables = json_object(), *missing = json_array(), *root;

	for (size_t i = 0; i < report->n_tables; i++) {
		const struct report_table *t = &report->tables[i];
		json_t *rows = json_array();

		for (size_t r = 0; r < t->n; r++)
			json_array_append_new(rows, row_object(t, &t->rows[r]));
		json_object_set_new(tables, t->key, rows);
	}
	for (size_t i = 0; i < facts->n_missing; i++)
		json_array_append_new(
		    missing, page_json_string(facts->missing[i]));
	root = json_pack("{so so so so sI so so}", "from",
	    page_json_time(facts->advice.from_ms), "to",
	    page_json_time(facts->advice.to_ms), "days_from",
	    page_json_time(facts->days_from_ms), "days_to",
	    page_json_time(facts->days_to_ms), "sample",
	    (json_int_t)facts->sample, "tables", tables, "missing", missing);
	json_dumpf(root, to,
	    JSON_INDENT(1) | JSON_PRESERVE_ORDER | JSON_REAL_PRECISION(9));
	putc('\n', to);
	json_decref(root);
}
