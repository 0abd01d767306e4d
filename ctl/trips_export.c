/*
 * meridianctl latency export: the round trips that count, as a file that import
 * reads, line by line as they come.  Called by trips.c; changes nothing.
 */
#include "ctl/trips.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "ctl/command.h"

static const struct options_usage usage = {
    .program = "meridianctl latency export",
    .synopsis = "meridianctl [-c FILE] latency export",
    .about = "Prints the round trips of the state database that count, as "
	     "lines that\n\"latency import\" reads.  Status: 0 done, 1 the "
	     "database cannot be read.\n",
};

static void
print_row(void *context, const struct state_latency *row)
{
	(void)context;
	/* One that is too old counts no more. */
	if (row->rtt_us >= 0)
		printf("%s,%s,%" PRId64 ".%03" PRId64 ",%" PRIu32 "\n",
		    row->client, row->region, row->rtt_us / 1000,
		    row->rtt_us % 1000, row->samples);
}

int
trips_export(const char *path, int argc, char **argv)
{
	int status = command_no_words(&usage, argc, argv);
	struct errbuf *eb = malloc(sizeof(*eb));
	struct server_config *config = NULL;

	if (status >= 0 || eb == NULL) {
		free(eb);
		return status >= 0 ? status : CTL_FAILED;
	}
	errbuf_init(eb);
	config = server_config_load(path, eb);
	if (config != NULL) {
		puts("prefix|country|asn,region,milliseconds,samples");
		status = trips_read(config, print_row, NULL, eb);
		server_config_destroy(config);
	}
	command_print_messages(eb);
	free(eb);
	if (config == NULL || status != 0)
		return CTL_FAILED;
	/* A pipe that ended, or a full disk, left half of a table. */
	if (fflush(stdout) != 0 || ferror(stdout) != 0) {
		fputs("not all of it could be written\n", stderr);
		return CTL_FAILED;
	}
	return CTL_OK;
}
