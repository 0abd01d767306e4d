/*
 * meridianctl undrain: ends a drain of the same kind and target.  Reads its
 * command line; override_say.c does the rest.
 */
#include "ctl/command.h"
#include "ctl/override_say.h"

#define FORM "undrain KIND TARGET"

static const struct options_usage usage = {
    .program = "meridianctl undrain",
    .synopsis =
	"meridianctl [-c FILE] undrain KIND TARGET [--reason TEXT]\n"
	"         [--author NAME] [--force-anyway] [--dry-run] [--json]",
    .about = "Ends a drain: KIND and TARGET are those that it was said "
	     "with.\n" OVERRIDE_STATUS,
    .rows =
	(const struct option_row[]){
	    OVERRIDE_ROWS_ALL,
	    {0},
	},
};

static int
run(const char *path, int argc, char **argv)
{
	struct override_wish wish;
	struct options o;
	int status =
	    override_words_read(&wish, &o, &usage, "undrain", argc, argv);

	if (status < 0)
		status = override_words_target(&wish, &o, 0, FORM);
	return status >= 0 ? status : override_say(path, &wish);
}

const struct command command_undrain = {
    .name = "undrain",
    .summary = "end a drain",
    .run = run,
};
