/*
 * Writes a report as one HTML file that needs nothing else: style and plots are
 * in it.  Called by meridianctl report.
 */
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "ctl/report_table.h"
#include "ctl/svg.h"

static const char style[] =
    "<style>\n"
    ":root{color-scheme:light dark;--ink:#222;--soft:#666;--back:#fff;"
    "--line:#ddd}\n"
    "@media screen and (prefers-color-scheme:dark){:root{--ink:#d8dbe0;"
    "--soft:#9aa0a8;--back:#14171c;--line:#33383f}}\n"
    "body{font:15px/1.45 system-ui,sans-serif;color:var(--ink);"
    "background:var(--back);max-width:70rem;margin:0 auto;padding:1rem}\n"
    "h1{font-size:1.5rem}h2{font-size:1.15rem;margin:2.2rem 0 .2rem}\n"
    "p{margin:.2rem 0 .6rem;color:var(--soft);max-width:48rem}\n"
    ".missing{border-left:3px solid #c96a00;padding-left:.7rem;"
    "color:var(--ink)}\n"
    ".wide{overflow-x:auto}\n"
    "table{border-collapse:collapse;font-variant-numeric:tabular-nums}\n"
    "th,td{text-align:left;padding:.2rem .8rem .2rem 0;"
    "border-bottom:1px solid var(--line);white-space:nowrap}\n"
    ".n{text-align:right}\n"
    "svg{max-width:100%;height:auto}\n"
    "svg text{font:12px system-ui,sans-serif;fill:var(--ink)}\n"
    "svg .y{text-anchor:end}svg .x{text-anchor:middle}\n"
    "svg line,svg path{fill:none;stroke-width:1}\n"
    "svg .grid{stroke:#888;stroke-opacity:.25}svg .base{stroke:#888}\n"
    "svg .s{stroke-width:2;stroke-linejoin:round}\n"
    "svg .c0{stroke:#2f7cc4}svg .c1{stroke:#c96a00}"
    "svg .c2{stroke:#25875f}svg .c3{stroke:#b8458a}"
    "svg .c4{stroke:#8465cf}svg .c5{stroke:#98790a}"
    "svg .c6{stroke:#2a8ba3}svg .c7{stroke:#7a7a7a}\n"
    "svg .d1{stroke-dasharray:9 3}svg .d2{stroke-dasharray:3 2}"
    "svg .d3{stroke-dasharray:10 3 2 3}svg .d4{stroke-dasharray:14 3 4 3}\n"
    "svg .down{fill:#c22}\n"
    "@media print{body{max-width:none}.wide{overflow:visible}}\n"
    "</style>\n";

static void
print_row(FILE *to, const struct report_table *t, const char *tag,
    const struct report_row *row)
{
	fputs("<tr>", to);
	for (size_t c = 0; c < t->n_columns; c++) {
		fprintf(to, "<%s%s%s>", tag,
		    row == NULL ? " scope=\"col\"" : "",
		    t->columns[c].number ? " class=\"n\"" : "");
		svg_escape(to, row == NULL ? t->columns[c].name : row->cell[c]);
		fprintf(to, "</%s>", tag);
	}
	fputs("</tr>\n", to);
}

static void
print_paragraph(FILE *to, const char *class, const char *text)
{
	fprintf(to, "<p%s>", class);
	svg_escape(to, text);
	fputs("</p>\n", to);
}

static void
print_table(FILE *to, const struct report_table *t)
{
	char more[64];

	if (t->n == 0) {
		print_paragraph(to, "", t->empty);
		return;
	}
	fputs("<div class=\"wide\" tabindex=\"0\"><table>\n<thead>", to);
	print_row(to, t, "th", NULL);
	fputs("</thead>\n<tbody>\n", to);
	for (size_t i = 0; i < t->n && i < REPORT_SHOWN; i++)
		print_row(to, t, "td", &t->rows[i]);
	fputs("</tbody>\n</table></div>\n", to);
	if (t->n <= REPORT_SHOWN)
		return;
	snprintf(more, sizeof(more), "and %zu more: --csv has all",
	    t->n - REPORT_SHOWN);
	print_paragraph(to, "", more);
}

static void
print_section(const struct report *report, FILE *to, size_t i)
{
	const struct report_table *t = &report->tables[i];

	fputs("<section><h2>", to);
	svg_escape(to, t->name);
	fputs("</h2>\n", to);
	print_paragraph(to, "", t->about);
	if (strcmp(t->key, "regions") == 0)
		report_plot_lines(report, to);
	if (strcmp(t->key, "downs") == 0)
		report_plot_spells(report, to);
	print_table(to, t);
	fputs("</section>\n", to);
}

void
report_html(const struct report *report, FILE *to)
{
	const struct advice_facts *a = &report->facts->advice;
	char from[CLOCK_TEXT], until[CLOCK_TEXT], now[CLOCK_TEXT];
	char line[FACTS_WORDS + 32], days[REPORT_DAYS];

	fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n"
	      "<meta charset=\"utf-8\">\n"
	      "<meta name=\"viewport\" "
	      "content=\"width=device-width, initial-scale=1\">\n"
	      "<title>Meridian report</title>\n",
	    to);
	fputs(style, to);
	fputs("</head>\n<body>\n<main>\n<h1>Meridian report</h1>\n", to);
	snprintf(line, sizeof(line), "%zu service%s, %s to %s. Made %s.",
	    a->n_services, text_plural(a->n_services),
	    clock_format(a->from_ms, from), clock_format(a->to_ms, until),
	    clock_format(a->now_ms, now));
	print_paragraph(to, "", line);
	if (*report_days(report->facts, days) != '\0')
		print_paragraph(to, "", days);
	for (size_t i = 0; i < report->facts->n_missing; i++) {
		snprintf(line, sizeof(line), "Not known: %s",
		    report->facts->missing[i]);
		print_paragraph(to, " class=\"missing\"", line);
	}
	for (size_t i = 0; i < report->n_tables; i++)
		print_section(report, to, i);
	fputs("</main>\n</body>\n</html>\n", to);
}
