/*
 * Answers by region over the period, for the plot: read from the history in as
 * many steps as a plot shows.  Called by report_table.c; reads only.
 */
#include <math.h>
#include <string.h>

#include "ctl/report_table.h"

/* Regions with a line; what is more is not told apart by colour. */
#define MAX_LINES 64

#define MINUTE_MS INT64_C(60000)
#define HOUR_MS INT64_C(3600000)

static struct report_line *
line_of(struct report *report, const char *region)
{
	struct report_line *line;

	for (size_t i = 0; i < report->n_lines; i++)
		if (strcmp(report->lines[i].region, region) == 0)
			return &report->lines[i];
	if (report->n_lines == MAX_LINES)
		return NULL;
	line = &report->lines[report->n_lines];
	line->region = report_cell(report, "%s", region);
	line->rate =
	    facts_array(report->facts, report->n_steps, sizeof(line->rate[0]));
	if (line->rate == NULL)
		return NULL;
	report->n_lines++;
	return line;
}

static void
take(void *context, const struct history_row *row)
{
	struct report *report = context;
	struct report_line *line;
	int64_t step = (row->at_ms - report->from_ms) / report->step_ms;

	if (row->region[0] == '\0' || row->at_ms < report->from_ms ||
	    step >= (int64_t)report->n_steps)
		return;
	line = line_of(report, row->region);
	if (line != NULL)
		line->rate[step] +=
		    1000.0 * (double)row->answers / (double)report->step_ms;
}

/* What was not counted at all breaks the lines. */
static void
take_gap(void *context, int64_t from_ms, int64_t to_ms)
{
	struct report *report = context;

	for (size_t i = 0; i < report->n_steps; i++) {
		int64_t at = report->from_ms + (int64_t)i * report->step_ms;

		if (from_ms > at || to_ms < at + report->step_ms)
			continue;
		for (size_t l = 0; l < report->n_lines; l++)
			report->lines[l].rate[i] = NAN;
	}
}

static void
pass_over(void *context, const struct history_row *row)
{
	(void)context;
	(void)row;
}

/* By the steps by which the tables of traffic are read: the finest of which a
 * plot can show each, as far as the history has them.  0, or -1. */
static int
choose_steps(struct report *report, struct history_reader *reader,
    struct history_question *question)
{
	const struct advice_facts *a = &report->facts->advice;
	struct history_question whole = {
	    .from_ms = a->from_ms, .to_ms = a->to_ms};
	struct history_answer answer;
	static struct errbuf eb;

	errbuf_init(&eb);
	if (history_sum(reader, &whole, &answer, pass_over, NULL, &eb) != 0)
		return -1;
	question->every = answer.every;
	report->step_ms = answer.every == HISTORY_MINUTE ? MINUTE_MS
	    : answer.every == HISTORY_HOUR               ? HOUR_MS
							 : ADVICE_DAY_MS;
	/* Part of a step at either end would look like a fall. */
	report->from_ms = (a->from_ms + report->step_ms - 1) / report->step_ms *
	    report->step_ms;
	report->n_steps = a->to_ms > report->from_ms
	    ? (size_t)((a->to_ms - report->from_ms) / report->step_ms)
	    : 0;
	question->from_ms = report->from_ms;
	return 0;
}

void
report_lines(struct report *report)
{
	const struct advice_facts *a = &report->facts->advice;
	struct history_question question = {
	    .to_ms = a->to_ms, .by = HISTORY_TIME | HISTORY_REGION};
	struct history_reader *reader;
	struct history_answer answer;
	static struct errbuf eb;

	report->lines =
	    facts_array(report->facts, MAX_LINES, sizeof(report->lines[0]));
	errbuf_init(&eb);
	/* What cannot be read was said when the facts were. */
	reader = report->lines != NULL && report->facts->counted_minutes > 0
	    ? history_reader_open(report->facts->g->config->history.file, &eb)
	    : NULL;
	if (reader == NULL)
		return;
	if (a->n_services == 1)
		question.service = a->services[0].name;
	if (choose_steps(report, reader, &question) == 0 &&
	    report->n_steps > 0 &&
	    (history_sum(reader, &question, &answer, take, report, &eb) != 0 ||
		history_gaps(reader, report->from_ms, a->to_ms, take_gap,
		    report, &eb) != 0))
		report->n_lines = 0;
	history_reader_close(reader);
}
