/*
 * meridianctl report: a period of traffic, availability, failovers and canaries
 * as text, CSV, JSON or one HTML file.  Collects facts and prints tables of
 * them; changes nothing.
 */
#include <stdlib.h>
#include <string.h>

#include "ctl/command.h"
#include "ctl/period.h"
#include "ctl/progress.h"
#include "ctl/report_table.h"
#include "ctl/simulate_output.h"

#define LAST_MS (7 * ADVICE_DAY_MS)

enum { FROM = 256, TO, LAST, CSV, HTML };

static const struct option_row rows[] = {
    {LAST, "last", "LENGTH", "the last 90m, 24h or 30d (7d)"},
    {FROM, "from", "TIME", "from then: 2026-11-01 or 2026-11-01T06:00Z"},
    {TO, "to", "TIME", "until then (now)"},
    {CSV, "csv", NULL, "print it as CSV, with all rows"},
    {'j', "json", NULL, "print it as one JSON object, with all rows"},
    {HTML, "html", "FILE", "write it to FILE as one HTML page with plots"},
    {0},
};

static const struct options_usage usage = {
    .program = "meridianctl report",
    .synopsis = "meridianctl [-c FILE] report [SERVICE]\n"
		"         [--last LENGTH | --from TIME [--to TIME]]\n"
		"         [--csv | --json] [--html FILE]",
    .about = "Reports a period: traffic, availability and what cost it, "
	     "failovers, canaries,\nlatency to expect, resolver caches.  "
	     "Status: 0 done, 1 it could not be said.\n",
    .rows = rows,
};

struct wish {
	const char *service, *html;
	struct period period;
	bool csv, json;
};

static int
write_html(const struct report *report, const char *path)
{
	struct simulate_output out;
	FILE *to;
	int status = simulate_output_open(&out, path);

	if (status == 0) {
		to = simulate_output_begin(&out);
		if (to != NULL)
			report_html(report, to);
		status = simulate_output_keep(&out);
	}
	simulate_output_drop(&out);
	return status;
}

static int
print(const struct report *report, const struct wish *wish)
{
	if (wish->html != NULL && write_html(report, wish->html) != 0)
		return -1;
	if (wish->csv)
		report_csv(report, stdout);
	else if (wish->json)
		report_json(report, stdout);
	else if (wish->html == NULL)
		report_text(report, stdout);
	return 0;
}

static int
make(const struct generation *g, void *context, struct errbuf *eb)
{
	const struct wish *wish = context;
	struct progress progress;
	const struct facts_wish wanted = {.from_ms = wish->period.from_ms,
	    .to_ms = wish->period.to_ms,
	    .service = wish->service,
	    .progress = &progress};
	struct report report;
	struct facts facts;
	int status;

	progress_begin(&progress, stderr, wish->json || wish->csv);
	status = facts_collect(&facts, g, &wanted, eb);
	progress_end(&progress);

	if (status == 0) {
		status = report_make(&report, &facts);
		if (status != 0)
			errbuf_error(eb, NULL, "no memory");
		else
			status = print(&report, wish);
		report_finish(&report);
	}
	facts_finish(&facts);
	return status;
}

static int
read_option(struct wish *wish, struct options *o, int key)
{
	if (key == LAST)
		return period_last(o, &wish->period);
	if (key == FROM)
		return period_from(o, &wish->period);
	if (key == TO)
		return period_to(o, &wish->period);
	if (key == HTML)
		wish->html = o->value;
	wish->csv |= key == CSV;
	wish->json |= key == 'j';
	return -1;
}

static int
read_words(struct wish *wish, int argc, char **argv)
{
	struct options o;
	int key, status = -1;

	options_begin(&o, &usage, argc, argv);
	while (status < 0 && (key = options_next(&o)) >= 0)
		status = read_option(wish, &o, key);
	if (status >= 0 || o.status >= 0)
		return status >= 0 ? status : o.status;
	if (wish->csv && wish->json)
		return options_refuse(&o, "--csv or --json, not both");
	return period_finish(&o, &wish->period, LAST_MS, &wish->service);
}

static int
run(const char *path, int argc, char **argv)
{
	struct wish wish = {.csv = false};
	int status = read_words(&wish, argc, argv);

	return status >= 0 ? status : command_on_files(path, make, &wish);
}

const struct command command_report = {
    "report", "a period of traffic, availability, failovers and canaries", run};
