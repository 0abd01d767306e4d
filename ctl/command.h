/*
 * The subcommands of meridianctl, one file each, and what they share: the
 * node's files and the state, loaded as meridiand would.  Keeps no state.
 */
#ifndef CTL_COMMAND_H
#define CTL_COMMAND_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/errbuf.h"
#include "base/options.h"
#include "node/generation.h"
#include "steering/health.h"

/* Exit statuses: done; refused or not found.  Used wrongly is OPTIONS_WRONG. */
enum { CTL_OK = 0, CTL_FAILED = 1 };

/* A subcommand; its usage is in its own file, with what it does. */
struct command {
	const char *name;
	const char *summary; /* in a line, for the list of all */
	/*
	 * status = run(path, argc, argv): run it for the node's file ${path};
	 * ${argv}[0] is its name.  The exit status of the program.
	 */
	int (*run)(const char *path, int argc, char **argv);
};

extern const struct command command_check, command_diff, command_explain,
    command_preset, command_probe, command_status, command_reload,
    command_latency, command_events, command_simulate, command_drain,
    command_undrain, command_force, command_weight, command_freeze,
    command_canary, command_overrides, command_backup, command_restore,
    command_drill, command_history, command_advise, command_report,
    command_replay, command_top, command_fingerprint, command_compare,
    command_forget;

/*
 * generation = command_load(path): load all files; messages go
 * to standard error.  NULL when there are errors.
 * command_load_quietly(path): the same, for who has something else to tell: of
 * warnings nothing is said.
 */
struct generation *command_load(const char *path);
struct generation *command_load_quietly(const char *path);

/* generation = command_load_into(path, eb): the same, with all messages in
 * ${eb}, and none printed. */
struct generation *command_load_into(const char *path, struct errbuf *eb);

/* generation = command_load_counted(path, outcomes): as command_load(), with
 * slots for what is decided. */
struct generation *command_load_counted(
    const char *path, const struct policy_outcomes *outcomes);

/*
 * status = command_on_files(path, run, context): load all files quietly and
 * call ${run}, 0 or -1; messages go to standard error.  The exit status.
 * command_on_node(path, run, context): the same with what can be read of the
 * node's file, whatever is in the others.
 */
int command_on_files(const char *path,
    int (*run)(
	const struct generation *generation, void *context, struct errbuf *eb),
    void *context);
int command_on_node(const char *path,
    int (*run)(
	const struct server_config *config, void *context, struct errbuf *eb),
    void *context);

/* live = command_all_up(policy): everything of it is up; the caller's.  NULL
 * without memory. */
struct live *command_all_up(const struct policy *policy);

/*
 * status = command_no_words(usage, argc, argv): read the command line of a
 * subcommand that takes no option and no word.  -1 to go on; else the exit
 * status.
 */
int command_no_words(const struct options_usage *usage, int argc, char **argv);

/* command_print_messages(eb): all messages to standard error. */
void command_print_messages(const struct errbuf *eb);

/* list = command_messages(text): each message of the text of an errbuf, with
 * severity, file, line, column and text. */
json_t *command_messages(const char *text);

/* command_print_object(object): to standard output, for scripts, its members in
 * the order they were added. */
void command_print_object(const json_t *object);

/* text = command_text(object, key): the text at ${key} for a person to read:
 * "-" when there is none, or an empty one. */
const char *command_text(const json_t *object, const char *key);

/* n = command_number(object, key): the whole number at ${key}, 0 when there is
 * none.  command_is_true(object, key): it is true there. */
long long command_number(const json_t *object, const char *key);
bool command_is_true(const json_t *object, const char *key);

/*
 * health = command_health(generation, eb): what the state database says now of
 * the endpoints of ${generation}.  With a database that cannot be read: empty,
 * and why in ${eb}.  NULL without memory.
 */
struct health *command_health(
    const struct generation *generation, struct errbuf *eb);

/* health = command_health_found(generation, eb): the same of what checks found
 * alone, and nothing laid over it. */
struct health *command_health_found(
    const struct generation *generation, struct errbuf *eb);

/*
 * object = command_health_object(config, health, eb): how old ${health} is, by
 * the wall clocks, and the trouble in ${eb} that there was with it, as the page
 * of a server has it.  NULL without memory.
 */
json_t *command_health_object(const struct server_config *config,
    const struct health *health, const struct errbuf *eb);

#endif
