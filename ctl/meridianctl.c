/*
 * meridianctl: looks at a node, and makes it reload.  Reads its command line
 * and calls one of the subcommands; keeps no state of its own.
 */
#include <stdbool.h>
#include <string.h>

#include "base/options.h"
#include "ctl/command.h"

static const struct command *const commands[] = {&command_check, &command_diff,
    &command_fingerprint, &command_compare, &command_explain, &command_preset,
    &command_probe, &command_status, &command_top, &command_reload,
    &command_drain, &command_undrain, &command_force, &command_weight,
    &command_freeze, &command_canary, &command_drill, &command_overrides,
    &command_forget, &command_latency, &command_events, &command_history,
    &command_simulate, &command_replay, &command_advise, &command_report,
    &command_backup, &command_restore};

#define COUNT (sizeof(commands) / sizeof(commands[0]))

/*
 * The node's file may be named behind the command, too, where many look for it:
 * take it out of the words, since subcommands do not know it.
 */
static int
take_path(struct options *options, const char **path)
{
	char **word = options->words;
	int n = options->n_words, kept = 1;

	for (int i = 1; i < n; i++) {
		bool alone = strcmp(word[i], "-c") == 0 ||
		    strcmp(word[i], "--config") == 0;

		if (alone && i + 1 == n)
			return options_refuse(
			    options, "--config needs a value: --config FILE");
		if (alone)
			*path = word[++i];
		else if (strncmp(word[i], "--config=", 9) == 0)
			*path = word[i] + 9;
		else
			word[kept++] = word[i];
	}
	word[kept] = NULL;
	options->n_words = kept;
	return -1;
}

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

/* A full disk under what was printed is no success. */
static int
end_output(int status)
{
	bool failed = ferror(stdout) != 0;

	failed |= fflush(stdout) != 0;
	if (!failed)
		return status;
	fprintf(stderr,
	    "meridianctl: not all that was printed could be written: make room "
	    "where it goes to, and try again\n");
	return status == CTL_OK ? CTL_FAILED : status;
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
	if (take_path(&options, &path) >= 0)
		return OPTIONS_WRONG;
	return end_output(run(&options, path));
}
