/*
 * meridianctl diff: what a change moves before it is loaded.  Compares what the
 * running server serves with its files, or two configurations, over the whole
 * address space; loads, reports and prints by the files diff_*.
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/command.h"
#include "ctl/diff_report.h"
#include "ctl/diff_served.h"
#include "ctl/diff_text.h"
#include "ctl/progress.h"
#include "node/page_json.h"

/* Exit statuses, as those of diff(1). */
enum { DIFF_NONE, DIFF_SOME, DIFF_FAILED };

/* Options without a letter. */
enum { SERVICE = 256 };

static const struct options_usage usage = {
    .program = "meridianctl diff",
    .synopsis = "meridianctl [-c FILE] diff [OLD NEW] [--service NAME] "
		"[--json]",
    .about =
	"Says what a change moves before it is loaded: how many addresses, of "
	"which\n"
	"countries, get another region, pool or endpoint.  Compares what the "
	"running\n"
	"server serves with its files as they are now; or OLD with NEW, files "
	"of a node.\n"
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

/* The report of both; NULL with what is wrong on standard error. */
static json_t *
compare(
    const struct policy *old, const struct generation *new, const char *service)
{
	struct live *before = command_all_up(old),
		    *after = command_all_up(new->policy);
	const struct diff_input from = {old, before};
	const struct diff_input to = {new->policy, after};
	struct progress progress;
	json_t *report = NULL;

	progress_begin(&progress, stderr, false);
	if (before != NULL && after != NULL)
		report =
		    diff_report(&from, &to, new->geography, service, &progress);
	progress_end(&progress);
	if (report == NULL)
		fputs("meridianctl: no memory\n", stderr);
	live_destroy(before);
	live_destroy(after);
	return report;
}

/* Add what is compared: ${old} and ${new} are given up. */
static void
add_sources(json_t *report, json_t *old, json_t *new)
{
	json_object_update_new(
	    report, json_pack("{so so}", "old", old, "new", new));
}

static json_t *
file_source(const char *path)
{
	return json_pack("{so}", "path", page_json_string(path));
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
	if (wishes->json)
		command_print_object(report);
	else
		diff_text_print(report);
	return command_is_true(report, "differs") ? DIFF_SOME : DIFF_NONE;
}

/* The files OLD and NEW. */
static json_t *
diff_files(const struct wishes *wishes)
{
	struct generation *old = command_load(wishes->old);
	struct generation *new = command_load(wishes->new);
	json_t *report = NULL;

	if (old != NULL && new != NULL)
		report = compare(old->policy, new, wishes->service);
	if (report != NULL)
		add_sources(
		    report, file_source(wishes->old), file_source(wishes->new));
	generation_release(old);
	generation_release(new);
	return report;
}

/* What the server serves, and ${new}, which the files are now. */
static json_t *
diff_server(const char *path, const struct generation *new, const char *service)
{
	static struct errbuf eb;
	struct diff_served *old;
	json_t *report = NULL;

	errbuf_init(&eb);
	old = diff_served_load(new, &eb);
	/* Of what it serves the server has warned when it loaded that. */
	if (old == NULL)
		command_print_messages(&eb);
	else
		report = compare(old->policy, new, service);
	if (report != NULL)
		add_sources(
		    report, json_incref(old->source), file_source(path));
	diff_served_destroy(old);
	return report;
}

static int
diff(const char *path, const struct wishes *wishes)
{
	struct generation *new = NULL;
	json_t *report = NULL;
	int status = DIFF_FAILED;

	if (wishes->old != NULL) {
		report = diff_files(wishes);
	} else {
		new = command_load(path);
		if (new != NULL)
			report = diff_server(path, new, wishes->service);
		generation_release(new);
	}
	if (report != NULL)
		status = show(report, wishes);
	json_decref(report);
	return status;
}

static int
run(const char *path, int argc, char **argv)
{
	struct wishes wishes = {.json = false};
	struct options o;
	int key;

	options_begin(&o, &usage, argc, argv);
	while ((key = options_next(&o)) >= 0) {
		if (key == SERVICE)
			wishes.service = o.value;
		else
			wishes.json = true;
	}
	if (o.status >= 0)
		return o.status;
	if (o.n_words != 0 && o.n_words != 2)
		return options_refuse(&o,
		    "two files are compared, or without any the running server "
		    "with its files");
	if (o.n_words == 2) {
		wishes.old = o.words[0];
		wishes.new = o.words[1];
	}
	return diff(path, &wishes);
}

const struct command command_diff = {
    .name = "diff",
    .summary = "what a change moves, before it is loaded",
    .run = run,
};
