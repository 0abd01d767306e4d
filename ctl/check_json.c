/* Prints what check found as one object.  Changes nothing. */
#include "ctl/check_json.h"

#include <jansson.h>
#include <stdio.h>

#include "ctl/command.h"

static json_t *
counts_object(const struct check_counts *c)
{
	if (c == NULL)
		return json_null();
	return json_pack("{sI sI sI sI sI sI}", "zones", (json_int_t)c->zones,
	    "records", (json_int_t)c->records, "services",
	    (json_int_t)c->services, "pools", (json_int_t)c->pools, "endpoints",
	    (json_int_t)c->endpoints, "networks", (json_int_t)c->networks);
}

void
check_json_print(const struct check_counts *counts, int64_t ms,
    const struct errbuf *files, const struct errbuf *machine)
{
	json_t *messages = command_messages(files->text);
	json_t *more = command_messages(machine->text), *root;

	json_array_extend(messages, more);
	json_decref(more);
	root = json_pack("{sb sI sI sI so so so}", "ok", counts != NULL,
	    "errors", (json_int_t)files->errors + machine->errors, "warnings",
	    (json_int_t)files->warnings + machine->warnings, "lost",
	    (json_int_t)files->lost + machine->lost, "messages", messages,
	    "counts", counts_object(counts), "loaded_ms",
	    counts != NULL ? json_integer((json_int_t)ms) : json_null());
	command_print_object(root);
	json_decref(root);
}
