/*
 * meridianctl weight: lets endpoints have a part of their weights, until it is
 * ended or a length is over.  Reads its command line; override_say.c does the
 * rest.
 */
#include <stdio.h>
#include <string.h>

#include "config/scalar.h"
#include "ctl/command.h"
#include "ctl/override_say.h"

#define FORM "weight KIND TARGET 50%|off"

/* Less takes it out, which is what drain is for; more is nothing that anybody
 * can want. */
#define LEAST_PPM 10000
#define MOST_PPM (100 * UINT32_C(1000000))

/* Of a number without %: whoever writes 50 may mean 50 %. */
#define MOST_PLAIN_PPM UINT32_C(1000000)

static const struct options_usage usage = {
    .program = "meridianctl weight",
    .synopsis =
	"meridianctl [-c FILE] weight KIND TARGET 50%|off [--for LENGTH]\n"
	"         [--ramp LENGTH] [--reason TEXT] [--author NAME]\n"
	"         [--force-anyway] [--dry-run] [--json]",
    .about = "Lets the endpoints that TARGET names have so much of their "
	     "weights, 1% to\n"
	     "10000%; off gives them back.  KIND is region, pool, endpoint or "
	     "service.\n" OVERRIDE_STATUS,
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
	const char *value;
	uint32_t ppm = 0;
	int status =
	    override_words_read(&wish, &o, &usage, "weight", argc, argv);

	if (status < 0)
		status = override_words_target(&wish, &o, 1, FORM);
	if (status >= 0)
		return status;
	value = o.words[2];
	if (strcmp(value, "off") == 0) {
		(void)snprintf(wish.row.value, sizeof(wish.row.value), "off");
		return override_say(path, &wish);
	}
	if (scalar_parse_share(value,
		strchr(value, '%') != NULL ? MOST_PPM : MOST_PLAIN_PPM,
		&ppm) != 0 ||
	    ppm < LEAST_PPM)
		return options_refuse(&o,
		    "a weight is 1%% to 10000%% of what the file says, or off, "
		    "not \"%s\"; to take something out, drain it: %s",
		    value, FORM);
	(void)snprintf(wish.row.value, sizeof(wish.row.value), "%g%%",
	    (double)ppm / 10000);
	return override_say(path, &wish);
}

const struct command command_weight = {
    .name = "weight",
    .summary = "give endpoints a part of their weights, or more",
    .run = run,
};
