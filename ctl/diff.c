/*
 * meridianctl diff: what a change would move before it is loaded.  Compares two
 * configurations over the whole address space; loads, reports and prints by the
 * files diff_*.
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/command.h"
#include "ctl/diff_report.h"
#include "ctl/diff_text.h"

/* Exit statuses, as those of diff(1). */
enum { DIFF_NONE, DIFF_SOME, DIFF_FAILED };

/* Options without a letter. */
enum { SERVICE = 256 };

static const struct options_usage usage = {
    .program = "meridianctl diff",
    .synopsis = "meridianctl diff OLD NEW [--service NAME] [--json]",
    .about =
	"Says what a change moves: how many addresses, of which countries, "
	"get\n"
	"another region, pool or endpoint.  OLD and NEW are files of a node.\n"
	"Status: 0 nothing, 1 something, 2 it could not be said.\n",
    .rows =
	(const struct option_row[]){
	    {SERVICE, "service", "NAME", "this service alone"},
	    {'j', "json", NULL, "print one JSON object"},
	    {0},
	},
};

struct wishes {
	const char *old, *new, *service;
	bool json;
};

/* Everything up. */
static struct live *
all_up(const struct policy *policy)
{
	struct live *live = live_create(policy);

	if (live == NULL)
		return NULL;
	memset(live->endpoint, USABLE_YES, policy->n_endpoints);
	live_judge(live, policy);
	return live;
}

/* The report of both; NULL with what is wrong on standard error. */
static json_t *
compare(const struct generation *old, const struct generation *new,
    const char *service)
{
	struct live *before = all_up(old->policy), *after = all_up(new->policy);
	const struct diff_input from = {old->policy, before};
	const struct diff_input to = {new->policy, after};
	json_t *report = NULL;

	if (before != NULL && after != NULL)
		report = diff_report(&from, &to, new->geography, service);
	if (report == NULL)
		fputs("meridianctl: no memory\n", stderr);
	live_destroy(before);
	live_destroy(after);
	return report;
}

static int
show(const json_t *report, const struct wishes *wishes)
{
	if (!command_is_true(report, "found")) {
		fprintf(stderr,
		    "meridianctl diff: there is no service \"%s\"\n",
		    wishes->service);
		return OPTIONS_WRONG;
	}
	if (wishes->json) {
		json_dumpf(
		    report, stdout, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
		putchar('\n');
	} else {
		diff_text_print(report);
	}
	return command_is_true(report, "differs") ? DIFF_SOME : DIFF_NONE;
}

static int
diff(const struct wishes *wishes)
{
	struct generation *old = command_load(wishes->old);
	struct generation *new = command_load(wishes->new);
	json_t *report = NULL;
	int status = DIFF_FAILED;

	if (old != NULL && new != NULL)
		report = compare(old, new, wishes->service);
	if (report != NULL)
		status = show(report, wishes);
	json_decref(report);
	generation_release(old);
	generation_release(new);
	return status;
}

static int
run(const char *path, int argc, char **argv)
{
	struct wishes wishes = {.json = false};
	struct options o;
	int key;

	(void)path;
	options_begin(&o, &usage, argc, argv);
	while ((key = options_next(&o)) >= 0) {
		if (key == SERVICE)
			wishes.service = o.value;
		else
			wishes.json = true;
	}
	if (o.status >= 0)
		return o.status;
	if (o.n_words != 2)
		return options_refuse(&o, "the files of two nodes are needed");
	wishes.old = o.words[0];
	wishes.new = o.words[1];
	return diff(&wishes);
}

const struct command command_diff = {
    .name = "diff",
    .summary = "what a change moves, before it is loaded",
    .run = run,
};
