/*
 * The report of a drill.  Called at its end; asks nobody.
 */
#include "ctl/drill_report.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "config/scalar.h"
#include "ctl/columns.h"
#include "ctl/override_text.h"

static const char *const words[] = {
    [DRILL_COMPLETE] = "complete",
    [DRILL_UNDONE] = "undone",
    [DRILL_INTERRUPTED] = "interrupted",
    [DRILL_BLIND] = "undone",
};

static const char *
load_text(double load, char out[16])
{
	if (isnan(load))
		snprintf(out, 16, "-");
	else
		snprintf(out, 16, "%.0f%%", load * 100);
	return out;
}

static void
print_regions(const struct drill_watch *w)
{
	char name[COLUMNS_CUT], load[16];

	puts("\nregion                    answers/s:  before    during     "
	     "after   peak load");
	for (size_t i = 0; i < w->n; i++) {
		const struct drill_region *region = &w->region[i];

		if (!drill_watch_has(region))
			continue;
		printf("%-32s  %8.1f  %8.1f  %8.1f  %10s\n",
		    columns_cut(region->name, 32, name),
		    drill_watch_rate(w, region, DRILL_BEFORE),
		    drill_watch_rate(w, region, DRILL_DURING),
		    drill_watch_rate(w, region, DRILL_AFTER),
		    load_text(region->peak, load));
	}
}

static void
print_last(const struct drill_watch *w)
{
	if (strcmp(w->row->kind, "region") != 0)
		puts("answers are counted by region: when the last one named "
		     "it is not known");
	else if (w->named_ms < 0)
		puts("no answer named it since it was drained");
	else
		printf("the last answer that named it: %.1f s after it was "
		       "drained\n",
		    (double)w->named_ms / 1000);
}

void
drill_report_text(
    const struct drill_watch *w, const struct drill_outcome *outcome)
{
	struct text t;

	text_init(&t, 16384);
	text_add(&t, "drill %s: %s %s, after %.1f s", words[outcome->end],
	    w->row->kind, w->row->target, (double)outcome->lasted_ms / 1000);
	if (outcome->why[0] != '\0') {
		text_add(&t, ": ");
		override_text_add(&t, outcome->why);
	}
	putchar('\n');
	columns_wrap(stdout, 0, 4, t.data != NULL ? t.data : "");
	text_finish(&t);
	print_regions(w);
	putchar('\n');
	print_last(w);
	for (size_t i = 0; i < w->n_events; i++) {
		text_init(&t, 1024);
		text_add(&t, "%+8.1f s  ", (double)w->event[i].at_ms / 1000);
		override_text_add(&t, w->event[i].text);
		columns_wrap(stdout, 0, 12, t.data != NULL ? t.data : "");
		text_finish(&t);
	}
	if (w->n_events == 0)
		puts("nothing else changed");
}

static json_t *
real(double value)
{
	return isnan(value) ? json_null() : json_real(value);
}

static json_t *
list_regions(const struct drill_watch *w)
{
	json_t *list = json_array();

	for (size_t i = 0; i < w->n; i++) {
		const struct drill_region *region = &w->region[i];

		if (!drill_watch_has(region))
			continue;
		json_array_append_new(list,
		    json_pack("{ss sb s{so so so} so sI sI}", "region",
			region->name, "drilled", (int)region->drilled,
			"answers_per_second", "before",
			real(drill_watch_rate(w, region, DRILL_BEFORE)),
			"during",
			real(drill_watch_rate(w, region, DRILL_DURING)),
			"after", real(drill_watch_rate(w, region, DRILL_AFTER)),
			"peak_load", real(region->peak), "endpoints",
			(json_int_t)region->endpoints, "up",
			(json_int_t)region->up));
	}
	return list;
}

static json_t *
list_events(const struct drill_watch *w)
{
	json_t *list = json_array();

	for (size_t i = 0; i < w->n_events; i++)
		json_array_append_new(list,
		    json_pack("{sI ss}", "after_ms",
			(json_int_t)w->event[i].at_ms, "event",
			w->event[i].text));
	return list;
}

void
drill_report_json(
    const struct drill_watch *w, const struct drill_outcome *outcome)
{
	json_t *root = json_pack("{ss ss* ss ss sI sI so so so}", "outcome",
	    words[outcome->end], "why",
	    outcome->why[0] != '\0' ? outcome->why : NULL, "kind", w->row->kind,
	    "target", w->row->target, "override", (json_int_t)w->row->number,
	    "lasted_ms", (json_int_t)outcome->lasted_ms, "last_answer_after_ms",
	    w->named_ms >= 0 ? json_integer(w->named_ms) : json_null(),
	    "regions", list_regions(w), "events", list_events(w));

	if (root != NULL)
		json_dumpf(root, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(root);
}
