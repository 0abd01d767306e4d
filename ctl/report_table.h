/*
 * A report as tables of text, so that each is made once and written as text,
 * CSV or HTML.  Filled by the files report_*; prints nothing.
 */
#ifndef CTL_REPORT_TABLE_H
#define CTL_REPORT_TABLE_H

#include <stdio.h>

#include "ctl/facts.h"

#define REPORT_COLUMNS 9
#define REPORT_TABLES 16

/* Rows of a table that nobody would read more of; what is left out is said.
 * CSV has all of them. */
#define REPORT_SHOWN 50
#define REPORT_MAX_ROWS 1000000

struct report_column {
	const char *name, *key; /* for people; for CSV */
	bool number;            /* it stands at the right */
};

struct report_row {
	const char *cell[REPORT_COLUMNS]; /* "": not known */
};

struct report_table {
	const char *name, *key;
	const char *about; /* a sentence */
	const char *empty; /* what is said when it has no rows */
	struct report_column columns[REPORT_COLUMNS];
	size_t n_columns;
	struct report_row *rows;
	size_t n, size;
};

/* Answers of a region over time, for a plot. */
struct report_line {
	const char *region;
	double *rate; /* answers a second by step; NaN: not counted */
};

struct report {
	struct facts *facts;
	struct report_table tables[REPORT_TABLES];
	size_t n_tables;
	/* The plot: steps of ${step_ms} from ${from_ms}. */
	struct report_line *lines;
	size_t n_lines, n_steps;
	int64_t from_ms, step_ms;
};

/* status = report_make(report, facts): all tables and lines of ${facts}, which
 * must live as long.  0, or -1 without memory.  report_finish(report) is needed
 * in either case. */
int report_make(struct report *report, struct facts *facts);
void report_finish(struct report *report);

/* table = report_table(report): a new one, to be filled.  row =
 * report_row(report, table): a new row of empty cells; NULL without memory. */
struct report_table *report_table(struct report *report);
struct report_row *report_row(
    struct report *report, struct report_table *table);

/* text = report_cell(report, fmt, ...): a cell; "" without memory. */
const char *report_cell(struct report *report, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* known = report_number(cell, &n): the number that a cell of a number column
 * stands for: "29.62 %" is 0.2962, and a scope, "/19.7", 19.7.  False, and
 * nothing written: it is not known. */
bool report_number(const char *cell, double *n);

/* Each adds its tables; lines are read from the history once more. */
void report_traffic(struct report *report);
void report_health(struct report *report);
void report_canaries(struct report *report);
void report_caches(struct report *report);
void report_lines(struct report *report);

/* Each prints all of it. */
void report_text(const struct report *report, FILE *to);
void report_csv(const struct report *report, FILE *to);
void report_html(const struct report *report, FILE *to);
void report_json(const struct report *report, FILE *to);

#define REPORT_DAYS 128

/* words = report_days(facts, out): of which whole days that is what is counted
 * by days, where that is another period; else "".  Returns out. */
const char *report_days(const struct facts *facts, char out[REPORT_DAYS]);

/* report_plot_lines(report, to), report_plot_spells(report, to): an SVG element
 * each, of answers by region and of what was down when. */
void report_plot_lines(const struct report *report, FILE *to);
void report_plot_spells(const struct report *report, FILE *to);

#endif
