/*
 * meridianctl: looks at a node, and makes it reload.  Reads its command line
 * and calls one of the subcommands; keeps no state of its own.
 */
#include <string.h>

#include "base/options.h"
#include "ctl/command.h"

static const struct command *const commands[] = {
    &command_check, &command_explain, &command_status, &command_reload};

#define COUNT (sizeof(commands) / sizeof(commands[0]))

static int
run(const struct options *options, const char *path)
{
	const char *name = options->words[0];

	for (size_t i = 0; i < COUNT; i++)
		if (strcmp(name, commands[i]->name) == 0)
			return commands[i]->run(
			    path, options->n_words, options->words);
	return options_no_command(options, name);
}

int
main(int argc, char **argv)
{
	static const struct option_row rows[] = {
	    {'c', "config", "FILE",
		"the node's file (" SERVER_DEFAULT_PATH ")"},
	    {0},
	};
	struct option_command list[COUNT + 1] = {{0}};
	const struct options_usage usage = {.program = "meridianctl",
	    .synopsis = "meridianctl [-c FILE] COMMAND ...",
	    .about = "Looks at a Meridian node and makes it reload.  "
		     "COMMAND --help says more\nof each of:\n",
	    .rows = rows,
	    .commands = list};
	const char *path = SERVER_DEFAULT_PATH;
	struct options options;

	for (size_t i = 0; i < COUNT; i++)
		list[i] = (struct option_command){
		    commands[i]->name, commands[i]->summary};
	options_begin(&options, &usage, argc, argv);
	while (options_next(&options) >= 0)
		path = options.value;
	if (options.status >= 0)
		return options.status;
	if (options.n_words == 0)
		return options_refuse(&options, "a command is needed");
	return run(&options, path);
}
