/*
 * meridianctl status: how a node is, worst first: services, endpoints, what
 * each vantage says of them.  Collects, narrows, judges and prints by the files
 * status_*; its exit status is the verdict.
 */
#include <stdio.h>

#include "ctl/command.h"
#include "ctl/status_collect.h"
#include "ctl/status_nodes.h"
#include "ctl/status_select.h"
#include "ctl/status_text.h"
#include "ctl/status_verdict.h"

/* Options without a letter. */
enum { DOWN = 256, ALL };

static const struct options_usage usage = {
    .program = "meridianctl status",
    .synopsis = "meridianctl [-c FILE] status [NAME] [--down] [--json]\n"
		"meridianctl [-c FILE] status --all [--json]",
    .about = "Shows how the services, endpoints and vantages are, worst first. "
	     " NAME\n"
	     "narrows it to a service, zone, pool, region or endpoint.  --all "
	     "shows the nodes\n"
	     "that share with this one, and which of them would answer "
	     "differently.  Exit\n"
	     "status: 0 well, 1 degraded, 2 last resort, stale, or no server; "
	     "with --all, 2\n"
	     "when this node does not share.\n",
    .rows =
	(const struct option_row[]){
	    {DOWN, "down", NULL, "only what is not well"},
	    {ALL, "all", NULL, "all nodes, in place of what this one serves"},
	    {'j', "json", NULL, "print one JSON object"},
	    {0},
	},
};

/* The narrowed status, judged and printed. */
static int
show(json_t *root, const char *name, bool down, bool json)
{
	const json_t *files =
	    json_object_get(json_object_get(root, "server"), "files");
	const char *near;
	int status;

	/* Without a server and good files there are no names. */
	if (name != NULL && !json_is_false(files) &&
	    !status_select_name(root, name, &near)) {
		fprintf(stderr,
		    "meridianctl status: there is no service, zone, pool, "
		    "region or endpoint \"%s\"",
		    name);
		if (near != NULL)
			fprintf(stderr, ", did you mean %s?", near);
		fputc('\n', stderr);
		return OPTIONS_WRONG;
	}
	status = status_verdict(root);
	if (down)
		status_select_down(root);
	if (json)
		command_print_object(root);
	else
		status_text_print(root);
	return status;
}

static int
run(const char *path, int argc, char **argv)
{
	bool all = false, down = false, json = false;
	struct options o;
	json_t *root;
	int key, status;

	options_begin(&o, &usage, argc, argv);
	while ((key = options_next(&o)) >= 0) {
		all |= key == ALL;
		down |= key == DOWN;
		json |= key == 'j';
	}
	if (o.status >= 0)
		return o.status;
	if (o.n_words > 1)
		return options_refuse(&o, "one name at most");
	if (all && (down || o.n_words > 0))
		return options_refuse(&o, "--all takes no name and no --down");
	if (all)
		return status_nodes(path, json);
	root = status_collect(path);
	if (root == NULL) {
		fputs("meridianctl: no memory\n", stderr);
		return STATUS_BAD;
	}
	status = show(root, o.n_words == 1 ? o.words[0] : NULL, down, json);
	json_decref(root);
	return status;
}

const struct command command_status = {
    .name = "status",
    .summary = "how services and endpoints are, worst first",
    .run = run,
};
