/*
 * meridianctl drain: takes a region, pool, endpoint or service out of the
 * answers, until it is undrained or a length is over.  Reads its command line;
 * override_say.c does the rest.
 */
#include "ctl/command.h"
#include "ctl/override_say.h"

#define FORM "drain KIND TARGET"

static const struct options_usage usage = {
    .program = "meridianctl drain",
    .synopsis = "meridianctl [-c FILE] drain KIND TARGET [--for LENGTH]\n"
		"         [--ramp LENGTH] [--reason TEXT] [--author NAME]\n"
		"         [--force-anyway] [--dry-run] [--json]",
    .about =
	"Takes what TARGET names out of the answers; its checks go on.  KIND "
	"is region,\n"
	"pool, endpoint or service; TARGET is a name, or a glob in quotes "
	"('eu-*').\n" OVERRIDE_STATUS,
    .rows =
	(const struct option_row[]){
	    OVERRIDE_ROW_FOR,
	    OVERRIDE_ROW_RAMP,
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
	    override_words_read(&wish, &o, &usage, "drain", argc, argv);

	if (status < 0)
		status = override_words_target(&wish, &o, 0, FORM);
	return status >= 0 ? status : override_say(path, &wish);
}

const struct command command_drain = {
    .name = "drain",
    .summary = "take something out of the answers",
    .run = run,
};
