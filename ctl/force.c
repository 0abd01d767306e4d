/*
 * meridianctl force: makes something count as up or down, whatever its checks
 * find, until it is ended or a length is over.  Reads its command line;
 * override_say.c does the rest.
 */
#include <stdio.h>
#include <string.h>

#include "ctl/command.h"
#include "ctl/override_say.h"

#define FORM "force KIND TARGET up|down|off"

static const struct options_usage usage = {
    .program = "meridianctl force",
    .synopsis =
	"meridianctl [-c FILE] force KIND TARGET up|down|off [--for LENGTH]\n"
	"         [--reason TEXT] [--author NAME] [--force-anyway]\n"
	"         [--dry-run] [--json]",
    .about = "Makes what TARGET names count as up, or as down, whatever its "
	     "checks find; off\n"
	     "lets them count again.  KIND is region, pool, endpoint or "
	     "service.  No fence\n"
	     "is left for it, and what is drained stays "
	     "drained.\n" OVERRIDE_STATUS,
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
	const char *value;
	int status =
	    override_words_read(&wish, &o, &usage, "force", argc, argv);

	if (status < 0)
		status = override_words_target(&wish, &o, 1, FORM);
	if (status >= 0)
		return status;
	value = o.words[2];
	if (strcmp(value, "up") != 0 && strcmp(value, "down") != 0 &&
	    strcmp(value, "off") != 0)
		return options_refuse(
		    &o, "\"%s\" is neither up, down nor off: " FORM, value);
	(void)snprintf(wish.row.value, sizeof(wish.row.value), "%s", value);
	return override_say(path, &wish);
}

const struct command command_force = {
    .name = "force",
    .summary = "make something count as up, or as down",
    .run = run,
};
