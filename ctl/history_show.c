/*
 * Rows of a history for a person, a spreadsheet or a program.  Called by
 * history.c.
 */
#include "ctl/csv.h"
#include "ctl/history_show.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/clock.h"
#include "ctl/columns.h"
#include "node/page_json.h"

#define ROWS_MAX 5000000
#define CELL 64

struct list {
	struct history_row *row;
	size_t n, size;
	uint64_t answers; /* of all */
	bool failed;
};

struct table {
	const struct history_show *show;
	struct history_question question;
	struct history_answer answer;
	struct list list;
};

/* A column: its bit of what is asked for; 0: always there. */
struct column {
	unsigned by;
	const char *name; /* in CSV and JSON */
	const char *title;
	bool number;
};

static const struct column columns[] = {
    {HISTORY_TIME, "at", "from", false},
    {HISTORY_SERVICE, "service", "service", false},
    {HISTORY_POOL, "pool", "pool", false},
    {HISTORY_REGION, "region", "region", false},
    {HISTORY_REASON, "reason", "reason", false},
    {HISTORY_COUNTRY, "country", "country", false},
    {HISTORY_AS, "as", "AS number", false},
    {HISTORY_SCOPE, "family", "family", false},
    {HISTORY_SCOPE, "length", "scope", true},
    {HISTORY_COUNTRY | HISTORY_AS, "samples", "samples", true},
    {HISTORY_SHOW_SUBNET, "subnets", "with subnet", true},
    {0, "answers", "answers", true},
};

#define N_COLUMNS (sizeof(columns) / sizeof(columns[0]))

static bool
is_shown(const struct table *t, size_t column)
{
	unsigned by = columns[column].by;

	return by == 0 || (t->show->question.by & by) != 0 ||
	    (t->question.by & by) != 0;
}

/* What a cell says; a place that is not known by name is "". */
static const char *
cell(const struct history_row *row, size_t column, char out[CELL])
{
	const char *const texts[] = {NULL, row->service, row->pool, row->region,
	    row->reason, row->country};

	out[0] = '\0';
	switch (column) {
	case 0:
		return clock_format(row->at_ms, out);
	case 6:
		if (row->asn == HISTORY_OTHER_AS)
			return HISTORY_OTHER_COUNTRY;
		(void)snprintf(out, CELL, "%" PRIu32, row->asn);
		return out;
	case 7:
		return row->family == 6 ? "6" : "4";
	case 8:
		(void)snprintf(out, CELL, "%u", row->length);
		return out;
	case 9:
	case 10:
	case 11:
		(void)snprintf(out, CELL, "%" PRIu64,
		    column == 9        ? row->samples
			: column == 10 ? row->subnets
				       : row->answers);
		return out;
	default:
		return texts[column] != NULL ? texts[column] : "";
	}
}

static const char *
every_name(enum history_every every)
{
	return every == HISTORY_MINUTE ? "minute"
	    : every == HISTORY_HOUR    ? "hour"
				       : "day";
}

/* --- reading --- */

static void
take(void *context, const struct history_row *row)
{
	struct list *list = context;
	struct history_row *grown = array_grow(
	    list->row, list->n, &list->size, sizeof(*grown), ROWS_MAX);

	list->failed = list->failed || grown == NULL;
	if (grown == NULL)
		return;
	list->row = grown;
	grown[list->n++] = *row;
	list->answers += row->answers;
}

/* The most first, where no time orders them. */
static int
by_answers(const void *a, const void *b)
{
	const struct history_row *one = a, *other = b;

	return (one->answers < other->answers) -
	    (one->answers > other->answers);
}

static int
read_rows(struct history_reader *reader, struct table *t, struct errbuf *eb)
{
	const struct history_show *show = t->show;

	t->question = show->question;
	t->question.by &= ~HISTORY_SHOW_SUBNET;
	if ((show->question.by & HISTORY_SHOW_SUBNET) != 0)
		t->question.every = HISTORY_DAY;
	else if ((show->question.by & ~(unsigned)HISTORY_TIME) == 0)
		t->question.by |= show->wanted != NULL
		    ? (unsigned)HISTORY_REGION
		    : (unsigned)HISTORY_SERVICE;
	if (history_sum(reader, &t->question, &t->answer, take, &t->list, eb) !=
	    0)
		return -1;
	if (t->list.failed)
		return errbuf_error(eb, NULL, "no memory");
	if ((t->question.by & HISTORY_TIME) == 0 && t->list.n > 0)
		qsort(t->list.row, t->list.n, sizeof(*t->list.row), by_answers);
	return 0;
}

/* Why there is nothing. */
static int
say_nothing(
    struct history_reader *reader, const struct table *t, struct errbuf *eb)
{
	char from[CLOCK_TEXT], to[CLOCK_TEXT];
	struct history_bounds b;

	if (history_bounds(reader, &b, eb) != 0)
		return -1;
	if (b.first_ms < 0)
		return errbuf_error(eb, NULL,
		    "the history is empty: meridiand writes its first minute "
		    "soon after it began");
	if (t->answer.to_ms > b.first_ms && t->answer.every == HISTORY_MINUTE &&
	    t->answer.to_ms <= b.first_minute_ms)
		return errbuf_error(eb, NULL,
		    "minutes are kept %d days, from %s on: ask with --every "
		    "hour or day",
		    HISTORY_MINUTES_DAYS,
		    clock_format(b.first_minute_ms, from));
	if (t->answer.to_ms > b.first_ms && t->answer.every == HISTORY_HOUR &&
	    t->answer.to_ms <= b.first_hour_ms)
		return errbuf_error(eb, NULL,
		    "hours are kept %d days, from %s on: ask with --every day",
		    HISTORY_HOURS_DAYS, clock_format(b.first_hour_ms, from));
	return errbuf_error(eb, NULL,
	    "nothing was counted in this period: the history has what was "
	    "answered from %s to %s",
	    clock_format(b.first_ms, from), clock_format(b.last_ms, to));
}

/* --- printing --- */

static size_t
width_of(const struct table *t, size_t column)
{
	size_t width = strlen(columns[column].title);
	char out[CELL];

	for (size_t i = 0; i < t->list.n; i++) {
		size_t len = strlen(cell(&t->list.row[i], column, out));

		width = len > width ? len : width;
	}
	return width < COLUMNS / 2 ? width : COLUMNS / 2;
}

static void
print_cell(const struct column *column, size_t width, const char *text)
{
	char cut[COLUMNS_CUT];

	printf(column->number ? "%*s  " : "%-*s  ", (int)width,
	    columns_cut(
		text[0] != '\0' ? text : "-", width < 8 ? 8 : width, cut));
}

/* Answers a second of a row: of the minutes that were counted, or of its step.
 */
static double
rate_of(const struct table *t, const struct history_row *row)
{
	uint64_t minutes = t->answer.counted_minutes;

	if ((t->question.by & HISTORY_TIME) != 0)
		minutes = t->answer.every == HISTORY_MINUTE ? 1
		    : t->answer.every == HISTORY_HOUR       ? 60
							    : 1440;
	return minutes > 0 ? (double)row->answers / 60.0 / (double)minutes : 0;
}

static void
print_head(const struct table *t)
{
	const struct history_answer *a = &t->answer;
	uint64_t minutes = (uint64_t)(a->to_ms - a->from_ms) / 60000;
	char from[CLOCK_TEXT], to[CLOCK_TEXT];

	printf("%s to %s, by %s\n", clock_format(a->from_ms, from),
	    clock_format(a->to_ms, to), every_name(a->every));
	printf("%" PRIu64 " of %" PRIu64 " minutes were counted\n",
	    a->counted_minutes, minutes);
	if ((t->question.by & (HISTORY_COUNTRY | HISTORY_AS)) != 0)
		printf("estimated from a sample of one answer in %" PRIu32 "\n",
		    a->sample);
	putchar('\n');
}

static void
print_text(const struct table *t)
{
	size_t width[N_COLUMNS];
	char out[CELL];

	print_head(t);
	for (size_t c = 0; c < N_COLUMNS; c++) {
		width[c] = is_shown(t, c) ? width_of(t, c) : 0;
		if (is_shown(t, c))
			print_cell(&columns[c], width[c], columns[c].title);
	}
	printf("%7s  %s\n", "share", "a second");
	for (size_t i = 0; i < t->list.n; i++) {
		const struct history_row *row = &t->list.row[i];

		for (size_t c = 0; c < N_COLUMNS; c++)
			if (is_shown(t, c))
				print_cell(
				    &columns[c], width[c], cell(row, c, out));
		printf("%5.1f %%  %8.2f\n",
		    100.0 * (double)row->answers / (double)t->list.answers,
		    rate_of(t, row));
	}
}

static void
print_csv(const struct table *t)
{
	char out[CELL];
	bool first = true;

	for (size_t c = 0; c < N_COLUMNS; c++) {
		if (!is_shown(t, c))
			continue;
		printf("%s%s", first ? "" : ",", columns[c].name);
		first = false;
	}
	putchar('\n');
	for (size_t i = 0; i < t->list.n; i++) {
		first = true;
		for (size_t c = 0; c < N_COLUMNS; c++) {
			if (!is_shown(t, c))
				continue;
			if (!first)
				putchar(',');
			first = false;
			csv_field(stdout, cell(&t->list.row[i], c, out));
		}
		putchar('\n');
	}
}

static json_t *
row_object(const struct table *t, const struct history_row *row)
{
	json_t *object = json_object();
	char out[CELL];

	for (size_t c = 0; c < N_COLUMNS; c++) {
		const char *text = cell(row, c, out);

		if (!is_shown(t, c))
			continue;
		json_object_set_new(object, columns[c].name,
		    columns[c].number
			? json_integer((json_int_t)strtoull(text, NULL, 10))
			: page_json_string(text));
	}
	return object;
}

static int
print_object(json_t *object)
{
	char *text = json_dumps(object, JSON_INDENT(1));

	json_decref(object);
	if (text == NULL)
		return -1;
	puts(text);
	free(text);
	return 0;
}

static int
print_json(const struct table *t)
{
	const struct history_answer *a = &t->answer;
	json_t *list = json_array(), *object;

	for (size_t i = 0; i < t->list.n; i++)
		json_array_append_new(list, row_object(t, &t->list.row[i]));
	object =
	    json_pack("{so so ss sI sI so}", "from", page_json_time(a->from_ms),
		"to", page_json_time(a->to_ms), "every", every_name(a->every),
		"counted_minutes", (json_int_t)a->counted_minutes, "sample",
		(json_int_t)a->sample, "rows", list);
	return print_object(object);
}

/* --- failovers --- */

struct failovers {
	const struct history_show *show;
	json_t *list;
	size_t n;
};

static void
print_csv_failover(const struct history_failover *f, const char *at)
{
	const char *const texts[] = {at, f->service, f->pool, f->endpoint};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		csv_field(stdout, texts[i]);
		putchar(',');
	}
	printf("%d\n", (int)f->back);
}

static void
print_failover(void *context, const struct history_failover *f)
{
	struct failovers *of = context;
	const char *what = f->back ? "came back" : "left";
	char at[CLOCK_TEXT];

	(void)clock_format(f->wall_ms, at);
	if (of->show->json)
		json_array_append_new(of->list,
		    json_pack("{ss sI so so so sb}", "at", at, "at_ms",
			(json_int_t)f->wall_ms, "service",
			page_json_string(f->service), "pool",
			page_json_string(f->pool), "endpoint",
			page_json_string(f->endpoint), "back", (int)f->back));
	else if (of->show->csv)
		print_csv_failover(f, at);
	else
		printf("%s  %s: %s of pool %s %s%s\n", at, f->service,
		    f->endpoint, f->pool, what, f->back ? "" : " the answers");
	of->n++;
}

static int
show_failovers(struct history_reader *reader, const struct history_show *show,
    struct errbuf *eb)
{
	const struct history_question *q = &show->question;
	struct failovers of = {.show = show, .list = json_array()};
	int status;

	if (show->csv)
		puts("at,service,pool,endpoint,back");
	status = history_failovers(
	    reader, q->from_ms, q->to_ms, q->service, print_failover, &of, eb);
	if (status == 0 && show->json)
		return print_object(json_pack("{so}", "failovers", of.list));
	json_decref(of.list);
	if (status == 0 && of.n == 0 && !show->csv)
		puts("no endpoint left the answers in this period");
	return status;
}

int
history_show(struct history_reader *reader, const struct history_show *show,
    struct errbuf *eb)
{
	struct table t = {.show = show};
	int status;

	if (show->failovers)
		return show_failovers(reader, show, eb);
	status = read_rows(reader, &t, eb);
	if (status == 0 && t.list.n == 0 && !show->json)
		status = say_nothing(reader, &t, eb);
	else if (status == 0 && show->json)
		status = print_json(&t);
	else if (status == 0 && show->csv)
		print_csv(&t);
	else if (status == 0)
		print_text(&t);
	free(t.list.row);
	return status;
}
