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
#include "node/generation.h"
#include "steering/health.h"

/* Exit statuses: done; refused or not found; used wrongly. */
enum { CTL_OK = 0, CTL_FAILED = 1, CTL_USAGE = 2 };

/*
 * status = command_check(path, argc, argv), …: run a subcommand for the node's
 * file ${path}; ${argv}[0] is its name.  The exit status of the program.
 */
int command_check(const char *path, int argc, char **argv);
int command_explain(const char *path, int argc, char **argv);
int command_status(const char *path, int argc, char **argv);
int command_reload(const char *path, int argc, char **argv);

/*
 * generation = command_load(path): load all files; messages go
 * to standard error.  NULL when there are errors.
 */
struct generation *command_load(const char *path);

/* command_print_messages(eb): all messages to standard error. */
void command_print_messages(const struct errbuf *eb);

/* text = command_text(object, key): the text at ${key} for a person to read:
 * "-" when there is none, or an empty one. */
const char *command_text(const json_t *object, const char *key);

/*
 * health = command_health(config, eb): what the state database says now.  With
 * a database that cannot be read: empty, and why in ${eb}.  NULL without
 * memory.
 */
struct health *command_health(
    const struct server_config *config, struct errbuf *eb);

#endif
