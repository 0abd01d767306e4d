/*
 * meridianctl freeze: keeps what moves by itself, spill and ramps, where it is,
 * until it is ended or a length is over.  Reads its command line;
 * override_say.c does the rest.
 */
#include <stdio.h>
#include <string.h>

#include "ctl/command.h"
#include "ctl/override_say.h"

#define FORM "freeze pool|service|region TARGET [off]"

static const struct options_usage usage = {
    .program = "meridianctl freeze",
    .synopsis = "meridianctl [-c FILE] freeze pool|service|region TARGET "
		"[off]\n"
		"         [--for LENGTH] [--reason TEXT] [--author NAME]\n"
		"         [--dry-run] [--json]",
    .about = "Keeps what moves by itself where it is: what regions keep of "
	     "their clients, the\n"
	     "factors of endpoints, the ramp of a service; off lets it move "
	     "again.  Health\n"
	     "goes on to count.\n" OVERRIDE_STATUS,
    .rows =
	(const struct option_row[]){
	    OVERRIDE_ROW_FOR,
	    OVERRIDE_ROWS_ALL,
	    {0},
	},
};

static int
run(const char *path, int argc, char **argv)
{
	struct override_wish wish;
	struct options o;
	bool off;
	int status =
	    override_words_read(&wish, &o, &usage, "freeze", argc, argv);

	if (status >= 0)
		return status;
	off = o.n_words == 3 && strcmp(o.words[2], "off") == 0;
	if (o.n_words == 3 && !off)
		return options_refuse(
		    &o, "\"%s\" is not off: " FORM, o.words[2]);
	status = override_words_target(&wish, &o, off, FORM);
	if (status >= 0)
		return status;
	if (strcmp(wish.row.kind, "endpoint") == 0)
		return options_refuse(&o,
		    "an endpoint cannot be frozen, as nothing of it alone "
		    "moves by itself: freeze its pool: " FORM);
	(void)snprintf(
	    wish.row.value, sizeof(wish.row.value), "%s", off ? "off" : "on");
	return override_say(path, &wish);
}

const struct command command_freeze = {
    .name = "freeze",
    .summary = "keep what moves by itself where it is",
    .run = run,
};
