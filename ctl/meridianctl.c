/*
 * meridianctl: looks at a node, and makes it reload.  Reads its command line
 * and calls one of the subcommands; keeps no state of its own.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ctl/command.h"

static const struct {
	const char *name;
	int (*run)(const char *path, int argc, char **argv);
} commands[] = {
    {"check", command_check},
    {"explain", command_explain},
    {"status", command_status},
    {"reload", command_reload},
};

#define DEFAULT_PATH "/etc/meridian/meridian.yaml"

static void
usage(FILE *to)
{
	fputs("usage: meridianctl [-c FILE] COMMAND\n"
	      "  check                              read all files as a reload "
	      "would\n"
	      "  explain NAME [TYPE] --client PREFIX [--json]\n"
	      "                                     which answer, and why\n"
	      "  status [--json]                    endpoints and their "
	      "health\n"
	      "  reload                             make meridiand reload, and "
	      "wait\n"
	      "  -c FILE  the node's file (" DEFAULT_PATH ")\n"
	      "  -V       print the version\n",
	    to);
}

int
main(int argc, char **argv)
{
	const char *path = DEFAULT_PATH;
	int option;

	/* "+": options after the command are the command's. */
	while ((option = getopt(argc, argv, "+c:Vh")) != -1) {
		switch (option) {
		case 'c':
			path = optarg;
			break;
		case 'V':
			puts("meridianctl " MERIDIAN_VERSION);
			return CTL_OK;
		case 'h':
			usage(stdout);
			return CTL_OK;
		default:
			usage(stderr);
			return CTL_USAGE;
		}
	}
	for (size_t i = 0;
	     optind < argc && i < sizeof(commands) / sizeof(commands[0]); i++)
		if (strcmp(argv[optind], commands[i].name) == 0)
			return commands[i].run(
			    path, argc - optind, argv + optind);
	if (optind < argc)
		fprintf(
		    stderr, "meridianctl: no command \"%s\"\n", argv[optind]);
	usage(stderr);
	return CTL_USAGE;
}
