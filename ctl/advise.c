/*
 * meridianctl advise: what an operator may improve, with evidence, gain and the
 * line to change.  Collects facts, lets the rules of advice look at them and
 * prints what they find; changes nothing.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "advice/advice.h"
#include "base/clock.h"
#include "base/text.h"
#include "ctl/columns.h"
#include "ctl/command.h"
#include "ctl/facts.h"
#include "ctl/period.h"
#include "ctl/progress.h"
#include "node/page_json.h"

#define LAST_MS (30 * ADVICE_DAY_MS)

enum { LAST = 256 };

static const struct option_row rows[] = {
    {LAST, "last", "LENGTH", "look at the last 24h, 7d or 30d (30d)"},
    {'j', "json", NULL, "print one JSON object"},
    {0},
};

static const struct options_usage usage = {
    .program = "meridianctl advise",
    .synopsis = "meridianctl [-c FILE] advise [SERVICE] [--last LENGTH] "
		"[--json]",
    .about = "Says what may be improved, from the files, the state database "
	     "and the history\nof the traffic: each with its evidence, the "
	     "expected gain and the line to\nchange.  The rules and how to "
	     "silence them are in meridian-advise(7).  Status: 0\ndone, 1 it "
	     "could not be said.\n",
    .rows = rows,
};

struct wish {
	const char *service;
	struct period period;
	bool json;
};

/* --- text --- */

static void
print_edit(const struct advice_edit *edit)
{
	if (edit->file == NULL)
		return;
	if (edit->line > 0)
		printf("  change    %s:%u%s\n", edit->file, edit->line,
		    edit->old[0] == '\0' ? ", below it" : "");
	else
		printf("  change    %s\n", edit->file);
	if (edit->old[0] != '\0')
		printf("          - %s\n", edit->old);
	printf("          + %*s%s\n", (int)edit->indent, "", edit->new);
}

static void
print_finding(const struct advice_finding *f)
{
	printf("\n%s: %s: %s\n", advice_severity_name(f->severity),
	    advise_rules[f->rule].name, f->subject);
	printf("  evidence  ");
	columns_wrap(stdout, 12, 12, f->evidence);
	printf("  gain      ");
	columns_wrap(stdout, 12, 12, f->gain);
	print_edit(&f->edit);
}

static void
print_text(const struct facts *facts, const struct advice *advice)
{
	const struct advice_facts *a = &facts->advice;
	char from[CLOCK_TEXT], to[CLOCK_TEXT];

	printf("%zu service%s, %s to %s", a->n_services,
	    text_plural(a->n_services), clock_format(a->from_ms, from),
	    clock_format(a->to_ms, to));
	if (facts->sample > 0)
		printf("; countries from 1 answer in %" PRIu32, facts->sample);
	putchar('\n');
	if (advice->n == 0)
		printf("nothing to advise%s\n",
		    facts->n_missing > 0 ? " by what is known" : "");
	for (size_t i = 0; i < advice->n; i++)
		print_finding(&advice->findings[i]);
	if (advice->n > 0 || facts->n_missing > 0)
		putchar('\n');
	for (size_t i = 0; i < facts->n_missing; i++)
		printf("not known: %s\n", facts->missing[i]);
	if (advice->few > 0)
		printf("%zu not said: too few samples (advise.samples)\n",
		    advice->few);
	if (advice->silenced > 0)
		printf("%zu silenced (advise.silence of %s)\n",
		    advice->silenced, a->path);
}

/* --- JSON --- */

static json_t *
edit_object(const struct advice_edit *edit)
{
	if (edit->file == NULL)
		return json_null();
	return json_pack("{so so so so sI}", "file",
	    page_json_string(edit->file), "line",
	    edit->line > 0 ? json_integer((json_int_t)edit->line) : json_null(),
	    "old",
	    edit->old[0] != '\0' ? page_json_string(edit->old) : json_null(),
	    "new", page_json_string(edit->new), "indent",
	    (json_int_t)edit->indent);
}

static json_t *
finding_object(
    const struct advice_finding *f, const struct advise_config *config)
{
	const struct advise_rule_row *row = &advise_rules[f->rule];

	return json_pack("{ss ss so sf sf ss sf so so so}", "rule", row->name,
	    "severity", advice_severity_name(f->severity), "subject",
	    page_json_string(f->subject), "value", f->value, "threshold",
	    config->threshold[f->rule], "unit", row->unit, "samples",
	    f->samples, "evidence", page_json_string(f->evidence), "gain",
	    page_json_string(f->gain), "change", edit_object(&f->edit));
}

static void
print_json(const struct facts *facts, const struct advice *advice)
{
	const struct advice_facts *a = &facts->advice;
	char from[CLOCK_TEXT], to[CLOCK_TEXT];
	json_t *findings = json_array(), *missing = json_array(), *root;

	for (size_t i = 0; i < advice->n; i++)
		json_array_append_new(findings,
		    finding_object(
			&advice->findings[i], &facts->g->config->advise));
	for (size_t i = 0; i < facts->n_missing; i++)
		json_array_append_new(
		    missing, page_json_string(facts->missing[i]));
	root = json_pack("{ss ss so so sI sI so}", "from",
	    clock_format(a->from_ms, from), "to", clock_format(a->to_ms, to),
	    "sample",
	    facts->sample > 0 ? json_integer((json_int_t)facts->sample)
			      : json_null(),
	    "findings", findings, "silenced", (json_int_t)advice->silenced,
	    "too_few_samples", (json_int_t)advice->few, "missing", missing);
	command_print_object(root);
	json_decref(root);
}

/* --- all --- */

static int
advise(const struct generation *g, void *context, struct errbuf *eb)
{
	const struct wish *wish = context;
	struct progress progress;
	const struct facts_wish wanted = {.from_ms = wish->period.from_ms,
	    .to_ms = wish->period.to_ms,
	    .service = wish->service,
	    .spots = true,
	    .progress = &progress};
	struct advice advice;
	struct facts facts;
	int status;

	progress_begin(&progress, stderr, wish->json);
	status = facts_collect(&facts, g, &wanted, eb);
	progress_end(&progress);

	if (status == 0) {
		advice_find(&facts.advice, &g->config->advise, &advice);
		if (advice.failed)
			status = errbuf_error(eb, NULL, "no memory");
		else if (wish->json)
			print_json(&facts, &advice);
		else
			print_text(&facts, &advice);
		advice_finish(&advice);
	}
	facts_finish(&facts);
	return status;
}

static int
read_words(struct wish *wish, int argc, char **argv)
{
	struct options o;
	int key, status = -1;

	options_begin(&o, &usage, argc, argv);
	while (status < 0 && (key = options_next(&o)) >= 0) {
		if (key == LAST)
			status = period_last(&o, &wish->period);
		else
			wish->json = true;
	}
	if (status >= 0 || o.status >= 0)
		return status >= 0 ? status : o.status;
	return period_finish(&o, &wish->period, LAST_MS, &wish->service);
}

static int
run(const char *path, int argc, char **argv)
{
	struct wish wish = {.json = false};
	int status = read_words(&wish, argc, argv);

	return status >= 0 ? status : command_on_files(path, advise, &wish);
}

const struct command command_advise = {"advise",
    "what may be improved, with evidence and the line to change", run};
